/* SPDX-License-Identifier: MIT */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H

/*
 * Assertions.  A warning goes on, a bug does not.  Each gives back its
 * condition so that it can stand in an if.
 */
#define WARN_ON(condition) ({ int __warned = !!(condition); __warned; })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, format...) WARN_ON(condition)
#define BUG_ON(condition) do { if (condition) __builtin_trap(); } while (0)
#define VM_BUG_ON_FOLIO(condition, folio) BUG_ON(condition)
#define VM_BUG_ON_PAGE(condition, page) BUG_ON(condition)
#define VM_WARN_ON_ONCE_FOLIO(condition, folio) WARN_ON(condition)

void pr_warn_ratelimited(const char *format, ...);

#endif
