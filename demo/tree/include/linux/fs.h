/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_FS_H
#define _LINUX_FS_H

#include <linux/mm.h>
#include <linux/xarray.h>

#define FALLOC_FL_KEEP_SIZE	0x01
#define FALLOC_FL_PUNCH_HOLE	0x02

struct inode;
struct super_block;

struct address_space_operations {
	bool (*dirty_folio)(struct address_space *mapping, struct folio *folio);
	void (*free_folio)(struct folio *folio);
};

struct address_space {
	struct inode *host;
	struct xarray i_pages;
	struct rw_semaphore invalidate_lock;
	gfp_t gfp_mask;
	unsigned long nrpages;
	const struct address_space_operations *a_ops;
	unsigned long flags;
	struct list_head i_private_list;
	void *i_private_data;
};

struct inode {
	umode_t i_mode;
	struct super_block *i_sb;
	struct address_space *i_mapping;
	loff_t i_size;
	spinlock_t i_lock;
	u8 i_blkbits;
	blkcnt_t i_blocks;
	atomic_t i_count;
	struct address_space i_data;
	void *i_private;
};

struct file {
	atomic_long_t f_count;
	const struct file_operations *f_op;
	struct address_space *f_mapping;
	struct inode *f_inode;
	void *private_data;
};

struct file_operations {
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	long (*fallocate)(struct file *file, int mode, loff_t offset, loff_t len);
	int (*release)(struct inode *inode, struct file *file);
};

struct super_operations {
	void (*evict_inode)(struct inode *inode);
};

struct super_block {
	const struct super_operations *s_op;
};

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline loff_t i_size_read(const struct inode *inode)
{
	return inode->i_size;
}

bool noop_dirty_folio(struct address_space *mapping, struct folio *folio);

#endif
