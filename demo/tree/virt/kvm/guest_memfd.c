// SPDX-License-Identifier: MIT
/*
 * guest_memfd: memory of a guest as a file.
 */
#include <linux/kvm_host.h>
#include <linux/pagemap.h>
#include <linux/slab.h>

/* One file, bound to the memory slots of one VM. */
struct kvm_gmem {
	struct kvm *kvm;
	struct xarray bindings;
	struct list_head entry;
};

void kvm_mmu_invalidate_begin(struct kvm *kvm);
void kvm_mmu_invalidate_end(struct kvm *kvm);

static pgoff_t kvm_gmem_get_index(struct kvm_memory_slot *slot, gfn_t gfn)
{
	return gfn - slot->base_gfn + slot->gmem.pgoff;
}

static void kvm_gmem_mark_prepared(struct folio *folio)
{
	folio_mark_uptodate(folio);
}

/* Zeroes what the guest has never seen. */
static void kvm_gmem_prepare_folio(struct folio *folio)
{
	long nr = folio_nr_pages(folio);
	long i;

	if (folio_test_uptodate(folio))
		return;

	for (i = 0; i < nr; i++)
		clear_highpage(folio_page(folio, i));
	kvm_gmem_mark_prepared(folio);
}

/* The folio of a page of the file, locked, with a reference. */
static struct folio *kvm_gmem_get_folio(struct inode *inode, pgoff_t index)
{
	return filemap_grab_folio(inode->i_mapping, index);
}

static void kvm_gmem_invalidate_begin(struct kvm_gmem *gmem, pgoff_t start, pgoff_t end)
{
	struct kvm_memory_slot *slot;
	unsigned long index;
	bool found = false;

	xa_for_each_range(&gmem->bindings, index, slot, start, end - 1) {
		if (!found) {
			kvm_mmu_invalidate_begin(gmem->kvm);
			found = true;
		}
	}
}

static void kvm_gmem_invalidate_end(struct kvm_gmem *gmem, pgoff_t start, pgoff_t end)
{
	unsigned long index = start;

	if (xa_find(&gmem->bindings, &index, end - 1, XA_PRESENT))
		kvm_mmu_invalidate_end(gmem->kvm);
}

static long kvm_gmem_punch_hole(struct inode *inode, loff_t offset, loff_t len)
{
	struct list_head *gmem_list = &inode->i_mapping->i_private_list;
	pgoff_t start = offset >> PAGE_SHIFT;
	pgoff_t end = (offset + len) >> PAGE_SHIFT;
	struct kvm_gmem *gmem;

	filemap_invalidate_lock(inode->i_mapping);

	list_for_each_entry(gmem, gmem_list, entry)
		kvm_gmem_invalidate_begin(gmem, start, end);

	truncate_inode_pages_range(inode->i_mapping, offset, offset + len - 1);

	list_for_each_entry(gmem, gmem_list, entry)
		kvm_gmem_invalidate_end(gmem, start, end);

	filemap_invalidate_unlock(inode->i_mapping);
	return 0;
}

static long kvm_gmem_allocate(struct inode *inode, loff_t offset, loff_t len)
{
	pgoff_t start, index, end;
	long ret = 0;

	if (offset + len > i_size_read(inode))
		return -EINVAL;

	filemap_invalidate_lock_shared(inode->i_mapping);

	start = offset >> PAGE_SHIFT;
	end = (offset + len) >> PAGE_SHIFT;
	for (index = start; index < end;) {
		struct folio *folio;

		folio = kvm_gmem_get_folio(inode, index);
		if (IS_ERR(folio)) {
			ret = PTR_ERR(folio);
			break;
		}
		index = folio_next_index(folio);
		folio_unlock(folio);
		folio_put(folio);
		cond_resched();
	}

	filemap_invalidate_unlock_shared(inode->i_mapping);
	return ret;
}

static long kvm_gmem_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	if (!(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	if (!PAGE_ALIGNED(offset) || !PAGE_ALIGNED(len))
		return -EINVAL;

	if (mode & FALLOC_FL_PUNCH_HOLE)
		return kvm_gmem_punch_hole(file_inode(file), offset, len);
	return kvm_gmem_allocate(file_inode(file), offset, len);
}

/* A page for a fault of the guest: its frame, locked no longer, referenced. */
int kvm_gmem_get_pfn(struct kvm_memory_slot *slot, gfn_t gfn, struct page **page)
{
	pgoff_t index = kvm_gmem_get_index(slot, gfn);
	struct file *file = slot->gmem.file;
	struct folio *folio;

	if (!file)
		return -EFAULT;

	folio = kvm_gmem_get_folio(file_inode(file), index);
	if (IS_ERR(folio))
		return PTR_ERR(folio);

	if (folio_test_hwpoison(folio)) {
		folio_unlock(folio);
		folio_put(folio);
		return -EHWPOISON;
	}

	kvm_gmem_prepare_folio(folio);
	*page = folio_file_page(folio, index);
	folio_unlock(folio);
	return 0;
}

static const struct address_space_operations kvm_gmem_aops = {
	.dirty_folio = noop_dirty_folio,
};

static const struct file_operations kvm_gmem_fops = {
	.fallocate = kvm_gmem_fallocate,
};
