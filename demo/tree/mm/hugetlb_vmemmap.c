// SPDX-License-Identifier: MIT
/*
 * HugeTLB vmemmap optimisation: what can be saved for a huge page.
 *
 * A huge page of order n has 2^n struct pages.  All but those of its first
 * vmemmap page say the same, so one page can stand for the rest, read-only.
 */
#include <linux/hugetlb.h>

#define HUGETLB_VMEMMAP_RESERVE_SIZE PAGE_SIZE

static bool vmemmap_optimize_enabled = true;

/* Bytes of vmemmap that describe one huge page. */
unsigned long hugetlb_vmemmap_size(const struct hstate *h)
{
	return pages_per_huge_page(h) * sizeof(struct page);
}

/* Bytes of it that can be given back. */
static unsigned long hugetlb_vmemmap_optimizable_size(const struct hstate *h)
{
	unsigned long size = hugetlb_vmemmap_size(h);

	if (size <= HUGETLB_VMEMMAP_RESERVE_SIZE)
		return 0;
	return size - HUGETLB_VMEMMAP_RESERVE_SIZE;
}

bool hugetlb_vmemmap_optimizable(const struct hstate *h)
{
	return vmemmap_optimize_enabled && hugetlb_vmemmap_optimizable_size(h) > 0;
}
