/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_TYPES_H
#define _LINUX_TYPES_H

/* Basic types of the demo kernel: x86-64, LP64. */

#define NULL ((void *)0)

typedef _Bool bool;

enum { false, true };

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
typedef long long s64;

typedef unsigned long size_t;
typedef long ssize_t;
typedef long long loff_t;
typedef unsigned long pgoff_t;
typedef unsigned int gfp_t;
typedef unsigned short umode_t;
typedef unsigned int vm_fault_t;
typedef u64 gfn_t;
typedef u64 kvm_pfn_t;
typedef unsigned long blkcnt_t;

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	long counter;
} atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};

#define LLONG_MAX ((long long)(~0ULL >> 1))

#endif
