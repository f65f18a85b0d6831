/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_KVM_HOST_H
#define _LINUX_KVM_HOST_H

#include <linux/fs.h>
#include <linux/list.h>

#define KVM_MEM_GUEST_MEMFD		(1U << 2)
#define KVM_GUEST_MEMFD_HUGETLB		(1ULL << 1)

struct kvm {
	rwlock_t mmu_lock;
	struct mutex slots_lock;
	unsigned long users_count;
};

struct kvm_memory_slot {
	gfn_t base_gfn;
	unsigned long npages;
	u32 flags;
	struct {
		struct file *file;
		pgoff_t pgoff;
	} gmem;
};

#endif
