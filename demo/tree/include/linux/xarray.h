/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_XARRAY_H
#define _LINUX_XARRAY_H

#include <linux/err.h>
#include <linux/lock.h>

#define XA_CHUNK_SIZE 64

/* An array of pointers by unsigned long, kept as a tree of nodes. */
struct xarray {
	spinlock_t xa_lock;
	gfp_t xa_flags;
	void *xa_head;
};

struct xa_node {
	unsigned char shift;
	unsigned char offset;
	unsigned char count;
	unsigned char nr_values;
	struct xa_node *parent;
	struct xarray *array;
	struct list_head private_list;
	void *slots[XA_CHUNK_SIZE];
	unsigned long tags[3];
};

typedef unsigned int xa_mark_t;
#define XA_PRESENT ((xa_mark_t)8U)

void xa_init(struct xarray *xa);
void *xa_load(struct xarray *xa, unsigned long index);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter);
void xa_destroy(struct xarray *xa);
bool xa_empty(const struct xarray *xa);

/* A small number as an entry: bit 0 tells it from a pointer. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

/* An errno as an entry: bit 1 without bit 0, in the last page. */
static inline int xa_err(void *entry)
{
	unsigned long value = (unsigned long)entry;

	if ((value & 3) == 2 && value >= (unsigned long)(-MAX_ERRNO * 4L))
		return (long)value >> 2;
	return 0;
}

#define xa_for_each_range(xa, index, entry, start, last)			\
	for (index = start, entry = xa_find(xa, &index, last, XA_PRESENT);	\
	     entry;								\
	     entry = xa_find_after(xa, &index, last, XA_PRESENT))

#endif
