/** The lock that hugetlb keeps for each VMA. */
import type { Rule } from '../rule';

const source = 'mm/hugetlb.c';

export const hugetlbVmaLock: Rule = {
  id: 'hugetlb-vma-lock',
  title: 'The hugetlb lock of a VMA is taken, dropped or checked',
  kind: 'vma-operation',
  symbols: [
    { name: 'hugetlb_vma_lock_read', does: 'Takes the hugetlb VMA lock for reading: page tables stay shared as they are.', source },
    { name: 'hugetlb_vma_unlock_read', does: 'Drops the hugetlb VMA lock taken for reading.', source },
    { name: 'hugetlb_vma_lock_write', does: 'Takes the hugetlb VMA lock for writing, as unsharing a PMD table needs it.', source },
    { name: 'hugetlb_vma_unlock_write', does: 'Drops the hugetlb VMA lock taken for writing.', source },
    {
      name: 'hugetlb_vma_trylock_write',
      does: 'Tries to take the hugetlb VMA lock for writing; 1 where there is no lock to take.',
      source,
    },
    { name: 'hugetlb_vma_assert_locked', does: 'Tells lockdep that the hugetlb VMA lock is held.', source },
    { name: 'hugetlb_vma_lock_alloc', does: 'Hangs a new lock into `vm_private_data` of a shareable VMA.', source },
    { name: 'hugetlb_vma_lock_free', does: 'Takes the lock out of `vm_private_data` and drops its reference.', source },
    { name: 'hugetlb_vma_lock_release', does: 'Frees a lock whose last reference is gone.', source },
  ],
  assumes:
    '`vm_private_data` of the VMA is hugetlb’s: a `struct hugetlb_vma_lock` where `VM_MAYSHARE` is set, else the reservation map. Whatever another driver keeps there is locked as if it were a semaphore.',
  ask: 'Is every VMA that comes here a hugetlb one by what was tested before, on every path?',
  examples: {
    fires: [
      'void f(struct vm_area_struct *vma)\n{\n\t«hugetlb_vma_lock_read»(vma);\n\twork(vma);\n\t«hugetlb_vma_unlock_read»(vma);\n}\n',
      'void g(struct vm_area_struct *vma)\n{\n\tif (vma)\n\t\tgo();\n\telse\n\t\t«hugetlb_vma_assert_locked»(vma);\n\tfor_each_thing(vma)\n\t\t«hugetlb_vma_lock_write»(vma);\n}\n',
    ],
    silent: [
      'void hugetlb_vma_lock_read(struct vm_area_struct *vma);\nint\nhugetlb_vma_trylock_write(struct vm_area_struct *);\n',
      'static inline void hugetlb_vma_unlock_read(struct vm_area_struct *vma) { }\n',
    ],
  },
};
