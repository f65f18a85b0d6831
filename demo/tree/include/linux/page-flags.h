/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PAGE_FLAGS_H
#define _LINUX_PAGE_FLAGS_H

#include <linux/mm_types.h>

enum pageflags {
	PG_locked,
	PG_writeback,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,
	PG_waiters,
	PG_active,
	PG_workingset,
	PG_owner_priv_1,
	PG_owner_2,
	PG_arch_1,
	PG_reserved,
	PG_private,
	PG_private_2,
	PG_reclaim,
	PG_swapbacked,
	PG_unevictable,
	PG_mlocked,
	PG_hwpoison,
	PG_young,
	PG_idle,
	PG_swapcache = PG_owner_priv_1,
	PG_anon_exclusive = PG_owner_2,
};

/* Shares its word with the mapcount: only what is not mapped has a type. */
enum pagetype {
	PGTY_buddy = 0xf0,
	PGTY_table = 0xf2,
	PGTY_hugetlb = 0xf4,
};

bool folio_test_hugetlb(const struct folio *folio);
void __folio_set_hugetlb(struct folio *folio);
void __folio_clear_hugetlb(struct folio *folio);
bool folio_test_large(const struct folio *folio);
bool folio_test_uptodate(const struct folio *folio);
void folio_mark_uptodate(struct folio *folio);
void folio_clear_uptodate(struct folio *folio);
void folio_clear_dirty(struct folio *folio);
bool folio_mark_dirty(struct folio *folio);
bool folio_test_hwpoison(const struct folio *folio);
void __folio_set_head(struct folio *folio);
void __folio_clear_head(struct folio *folio);
void set_compound_head(struct page *page, struct page *head);
void clear_compound_head(struct page *page);
struct folio *page_folio(struct page *page);

static inline int PageHuge(const struct page *page)
{
	return folio_test_hugetlb(page_folio((struct page *)page));
}

#endif
