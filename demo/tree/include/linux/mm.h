/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_MM_H
#define _LINUX_MM_H

#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/page-flags.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_ALIGNED(x)	IS_ALIGNED((unsigned long)(x), PAGE_SIZE)

void folio_get(struct folio *folio);
void folio_put(struct folio *folio);
void folio_lock(struct folio *folio);
bool folio_trylock(struct folio *folio);
void folio_unlock(struct folio *folio);
void __folio_set_locked(struct folio *folio);
void __folio_clear_locked(struct folio *folio);
int folio_ref_count(const struct folio *folio);
void folio_set_count(struct folio *folio, int count);
void set_page_refcounted(struct page *page);
int page_ref_freeze(struct page *page, int count);
void folio_set_order(struct folio *folio, unsigned int order);
int folio_mapcount(const struct folio *folio);
bool folio_mapped(const struct folio *folio);
void clear_highpage(struct page *page);
void folio_zero_segment(struct folio *folio, size_t start, size_t end);
void atomic_set(atomic_t *v, int i);
int atomic_read(const atomic_t *v);

/* A folio's size as an order: 0 for one page. */
static inline unsigned int folio_order(const struct folio *folio)
{
	if (!folio_test_large(folio))
		return 0;
	return folio->_flags_1 & 0xff;
}

static inline long folio_nr_pages(const struct folio *folio)
{
	if (!folio_test_large(folio))
		return 1;
	return folio->_folio_nr_pages;
}

static inline size_t folio_size(const struct folio *folio)
{
	return PAGE_SIZE << folio_order(folio);
}

#define folio_page(folio, n) (&(folio)->page + (n))

static inline struct page *folio_file_page(struct folio *folio, pgoff_t index)
{
	return folio_page(folio, index & (folio_nr_pages(folio) - 1));
}

static inline pgoff_t folio_next_index(struct folio *folio)
{
	return folio->index + folio_nr_pages(folio);
}

static inline bool is_vm_hugetlb_page(struct vm_area_struct *vma)
{
	return !!(vma->vm_flags & VM_HUGETLB);
}

#endif
