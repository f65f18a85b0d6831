/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_HUGETLB_H
#define _LINUX_HUGETLB_H

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>

#define MAX_NUMNODES 1
#define HUGE_MAX_HSTATE 2

/* Bits of a HugeTLB folio's private word. */
enum hugetlb_page_flags {
	HPG_restore_reserve,
	HPG_migratable,
	HPG_temporary,
	HPG_freed,
	HPG_vmemmap_optimized,
	HPG_raw_hwp_unreliable,
};

/* The huge pages of one size. */
struct hstate {
	unsigned int order;
	unsigned int demote_order;
	unsigned long mask;
	unsigned long max_huge_pages;
	unsigned long nr_huge_pages;
	unsigned long free_huge_pages;
	unsigned long resv_huge_pages;
	unsigned long surplus_huge_pages;
	unsigned long nr_overcommit_huge_pages;
	struct list_head hugepage_activelist;
	struct list_head hugepage_freelists[MAX_NUMNODES];
	unsigned int max_huge_pages_node[MAX_NUMNODES];
	unsigned int nr_huge_pages_node[MAX_NUMNODES];
	unsigned int free_huge_pages_node[MAX_NUMNODES];
	unsigned int surplus_huge_pages_node[MAX_NUMNODES];
};

/* A share of the huge pages: at most max, at least min kept for it. */
struct hugepage_subpool {
	spinlock_t lock;
	long count;
	long max_hpages;
	long used_hpages;
	struct hstate *hstate;
	long min_hpages;
	long rsv_hpages;
};

extern struct hstate hstates[HUGE_MAX_HSTATE];
extern spinlock_t hugetlb_lock;

bool folio_test_hugetlb_restore_reserve(struct folio *folio);
void folio_set_hugetlb_restore_reserve(struct folio *folio);
void folio_clear_hugetlb_restore_reserve(struct folio *folio);
bool folio_test_hugetlb_freed(struct folio *folio);
void folio_set_hugetlb_freed(struct folio *folio);
void folio_clear_hugetlb_freed(struct folio *folio);

long hugepage_subpool_get_pages(struct hugepage_subpool *spool, long delta);
long hugepage_subpool_put_pages(struct hugepage_subpool *spool, long delta);
struct folio *hugetlb_alloc_folio(struct hstate *h, bool use_reservation);
void free_huge_folio(struct folio *folio);

/* vmemmap: the struct pages of a huge page's tails are alike and can share. */
int hugetlb_vmemmap_restore_folio(const struct hstate *h, struct folio *folio);
void hugetlb_vmemmap_optimize_folio(const struct hstate *h, struct folio *folio);
unsigned long hugetlb_vmemmap_size(const struct hstate *h);
bool hugetlb_vmemmap_optimizable(const struct hstate *h);

/* Only for the VMAs of hugetlbfs files: their lock hangs off the VMA. */
struct hstate *hstate_vma(struct vm_area_struct *vma);
bool hugetlb_vma_trylock_write(struct vm_area_struct *vma);
void hugetlb_vma_unlock_write(struct vm_area_struct *vma);

static inline unsigned int huge_page_order(const struct hstate *h)
{
	return h->order;
}

static inline unsigned long huge_page_size(const struct hstate *h)
{
	return PAGE_SIZE << h->order;
}

static inline unsigned long pages_per_huge_page(const struct hstate *h)
{
	return 1UL << h->order;
}

static inline unsigned long blocks_per_huge_page(const struct hstate *h)
{
	return huge_page_size(h) / 512;
}

#endif
