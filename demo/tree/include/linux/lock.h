/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_LOCK_H
#define _LINUX_LOCK_H

#include <linux/types.h>

typedef struct {
	unsigned int value;
} spinlock_t;

typedef struct {
	unsigned int value;
} rwlock_t;

struct mutex {
	atomic_long_t owner;
};

struct rw_semaphore {
	atomic_long_t count;
	atomic_long_t owner;
};

void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
void lockdep_assert_held(const void *lock);
void cond_resched(void);

#endif
