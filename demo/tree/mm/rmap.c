// SPDX-License-Identifier: MIT
/*
 * Reverse mapping: from a folio to the page tables that map it.
 */
#include <linux/hugetlb.h>
#include <linux/mm.h>

/* One mapping of a folio that a walk has come to. */
struct page_vma_mapped_walk {
	struct folio *folio;
	struct vm_area_struct *vma;
	unsigned long address;
	unsigned long *pte;
};

#define PTE_PRESENT 1UL

bool page_vma_mapped_walk(struct page_vma_mapped_walk *pvmw);
void page_vma_mapped_walk_done(struct page_vma_mapped_walk *pvmw);
void flush_cache_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void update_hiwater_rss(struct vm_area_struct *vma);
unsigned long huge_ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, unsigned long *pte);
unsigned long ptep_clear_flush(struct vm_area_struct *vma, unsigned long address, unsigned long *pte);

struct rmap_walk_control {
	void *arg;
	bool (*rmap_one)(struct folio *folio, struct vm_area_struct *vma,
			 unsigned long address, void *arg);
};

void rmap_walk(struct folio *folio, struct rmap_walk_control *rwc);

static void folio_remove_rmap(struct folio *folio)
{
	VM_BUG_ON_FOLIO(!folio_mapped(folio), folio);
	atomic_set(&folio->_mapcount, atomic_read(&folio->_mapcount) - 1);
}

/*
 * Takes one mapping of the folio away.  Gives false when the walk must stop:
 * a lock could not be had, and the caller tries again later.
 */
static bool try_to_unmap_one(struct folio *folio, struct vm_area_struct *vma,
			     unsigned long address, void *arg)
{
	struct page_vma_mapped_walk pvmw = {
		.folio = folio,
		.vma = vma,
		.address = address,
	};
	unsigned long pteval;
	bool ret = true;

	while (page_vma_mapped_walk(&pvmw)) {
		address = pvmw.address;

		if (is_vm_hugetlb_page(vma)) {
			/* Page tables of hugetlbfs may be shared: keep them. */
			if (!hugetlb_vma_trylock_write(vma)) {
				page_vma_mapped_walk_done(&pvmw);
				ret = false;
				break;
			}
			flush_cache_range(vma, address, address + huge_page_size(hstate_vma(vma)));
			pteval = huge_ptep_clear_flush(vma, address, pvmw.pte);
			hugetlb_vma_unlock_write(vma);
		} else {
			flush_cache_range(vma, address, address + PAGE_SIZE);
			pteval = ptep_clear_flush(vma, address, pvmw.pte);
		}

		if (pteval & PTE_PRESENT) {
			update_hiwater_rss(vma);
			folio_remove_rmap(folio);
			folio_put(folio);
		}
	}
	return ret;
}

/* Takes away every mapping of a locked folio. */
void try_to_unmap(struct folio *folio)
{
	struct rmap_walk_control rwc = {
		.rmap_one = try_to_unmap_one,
	};

	rmap_walk(folio, &rwc);
}
