/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_PAGEMAP_H
#define _LINUX_PAGEMAP_H

#include <linux/fs.h>

int __filemap_add_folio(struct address_space *mapping, struct folio *folio,
			pgoff_t index, gfp_t gfp, void **shadowp);
void filemap_remove_folio(struct folio *folio);
struct folio *filemap_lock_folio(struct address_space *mapping, pgoff_t index);
struct folio *filemap_get_folio(struct address_space *mapping, pgoff_t index);
struct folio *filemap_grab_folio(struct address_space *mapping, pgoff_t index);
void truncate_inode_pages_range(struct address_space *mapping, loff_t start, loff_t end);
void truncate_inode_pages_final(struct address_space *mapping);
void unmap_mapping_range(struct address_space *mapping, loff_t const begin,
			 loff_t const len, int even_cows);
void filemap_invalidate_lock(struct address_space *mapping);
void filemap_invalidate_unlock(struct address_space *mapping);
void filemap_invalidate_lock_shared(struct address_space *mapping);
void filemap_invalidate_unlock_shared(struct address_space *mapping);

#endif
