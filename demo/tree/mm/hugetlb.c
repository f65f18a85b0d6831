// SPDX-License-Identifier: MIT
/*
 * A pool of huge pages: reservations, subpools, free lists.
 */
#include <linux/hugetlb.h>

struct hstate hstates[HUGE_MAX_HSTATE];
unsigned int hugetlb_max_hstate = 1;
unsigned int default_hstate_idx;

/* Guards the lists and counters of every hstate. */
spinlock_t hugetlb_lock;

static bool subpool_is_free(struct hugepage_subpool *spool)
{
	if (spool->count)
		return false;
	if (spool->max_hpages != -1)
		return spool->used_hpages == 0;
	if (spool->min_hpages != -1)
		return spool->rsv_hpages == spool->min_hpages;
	return true;
}

/*
 * Takes pages out of a subpool.  Gives how many of them must come from the
 * global reservation, or -ENOMEM when the subpool is used up.
 */
long hugepage_subpool_get_pages(struct hugepage_subpool *spool, long delta)
{
	long ret = delta;

	if (!spool)
		return ret;

	spin_lock_irq(&spool->lock);

	if (spool->max_hpages != -1) {
		if (spool->used_hpages + delta > spool->max_hpages) {
			ret = -ENOMEM;
			goto unlock_ret;
		}
		spool->used_hpages += delta;
	}

	if (spool->min_hpages != -1 && spool->rsv_hpages) {
		if (delta > spool->rsv_hpages) {
			ret = delta - spool->rsv_hpages;
			spool->rsv_hpages = 0;
		} else {
			ret = 0;
			spool->rsv_hpages -= delta;
		}
	}

unlock_ret:
	spin_unlock_irq(&spool->lock);
	return ret;
}

/*
 * Puts pages back.  Gives how many of them the global reservation gets back:
 * those that the subpool does not keep for itself.
 */
long hugepage_subpool_put_pages(struct hugepage_subpool *spool, long delta)
{
	long ret = delta;

	if (!spool)
		return delta;

	spin_lock_irq(&spool->lock);

	if (spool->max_hpages != -1)
		spool->used_hpages -= delta;

	if (spool->min_hpages != -1 && spool->used_hpages < spool->min_hpages) {
		if (spool->rsv_hpages + delta <= spool->min_hpages)
			ret = 0;
		else
			ret = spool->rsv_hpages + delta - spool->min_hpages;

		spool->rsv_hpages += delta;
		if (spool->rsv_hpages > spool->min_hpages)
			spool->rsv_hpages = spool->min_hpages;
	}

	spin_unlock_irq(&spool->lock);

	if (subpool_is_free(spool))
		kfree(spool);
	return ret;
}

static void enqueue_hugetlb_folio(struct hstate *h, struct folio *folio)
{
	lockdep_assert_held(&hugetlb_lock);
	VM_BUG_ON_FOLIO(folio_ref_count(folio), folio);

	list_move(&folio->lru, &h->hugepage_freelists[0]);
	h->free_huge_pages++;
	h->free_huge_pages_node[0]++;
	folio_set_hugetlb_freed(folio);
}

static struct folio *dequeue_hugetlb_folio(struct hstate *h)
{
	struct folio *folio;

	lockdep_assert_held(&hugetlb_lock);
	list_for_each_entry(folio, &h->hugepage_freelists[0], lru) {
		if (folio_test_hwpoison(folio))
			continue;

		list_move(&folio->lru, &h->hugepage_activelist);
		folio_set_count(folio, 1);
		folio_clear_hugetlb_freed(folio);
		h->free_huge_pages--;
		h->free_huge_pages_node[0]--;
		return folio;
	}
	return NULL;
}

static unsigned long available_huge_pages(struct hstate *h)
{
	return h->free_huge_pages - h->resv_huge_pages;
}

/*
 * Takes a folio from the pool, with one reference.  With use_reservation it
 * is one that was promised before; else there must be one that nobody was
 * promised.
 */
struct folio *hugetlb_alloc_folio(struct hstate *h, bool use_reservation)
{
	struct folio *folio = NULL;

	spin_lock_irq(&hugetlb_lock);
	if (use_reservation || available_huge_pages(h))
		folio = dequeue_hugetlb_folio(h);
	if (folio && use_reservation) {
		folio_set_hugetlb_restore_reserve(folio);
		h->resv_huge_pages--;
	}
	spin_unlock_irq(&hugetlb_lock);
	return folio;
}

/* The last reference is gone. */
void free_huge_folio(struct folio *folio)
{
	struct hugepage_subpool *spool = folio->_hugetlb_subpool;
	struct hstate *h = &hstates[default_hstate_idx];
	bool restore_reserve;

	VM_BUG_ON_FOLIO(folio_ref_count(folio), folio);
	VM_BUG_ON_FOLIO(folio_mapcount(folio), folio);

	folio->_hugetlb_subpool = NULL;
	folio->mapping = NULL;
	restore_reserve = folio_test_hugetlb_restore_reserve(folio);
	folio_clear_hugetlb_restore_reserve(folio);

	if (!restore_reserve && hugepage_subpool_put_pages(spool, 1) == 0)
		restore_reserve = true;

	spin_lock_irq(&hugetlb_lock);
	if (restore_reserve)
		h->resv_huge_pages++;
	enqueue_hugetlb_folio(h, folio);
	spin_unlock_irq(&hugetlb_lock);
}
