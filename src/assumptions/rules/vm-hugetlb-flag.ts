/** Uses of the VMA flag that makes a VMA a hugetlb VMA. */
import type { Rule } from '../rule';

export const vmHugetlbFlag: Rule = {
  id: 'vm-hugetlb-flag',
  title: 'The flag VM_HUGETLB is tested or set',
  kind: 'vma-test',
  symbols: [
    {
      name: 'VM_HUGETLB',
      does: 'The bit in `vm_flags` that hugetlbfs sets when a file of its own is mapped.',
      source: 'include/linux/mm.h',
    },
  ],
  assumes:
    'A test takes the bit to stand for everything that a hugetlb VMA is (page size, accounting, locking, no THP, no KSM); a place that sets it promises all of that to the rest of mm.',
  ask: 'If the memory is huge without the bit, does this mask still keep out (or let in) what it is meant to?',
  examples: {
    fires: [
      'bool f(struct vm_area_struct *vma)\n{\n\treturn !(vma->vm_flags & (VM_IO | «VM_HUGETLB»));\n}\n',
      '#define NO_MERGE (VM_SPECIAL | \\\n\t\t  «VM_HUGETLB»)\n',
      'void g(struct vm_area_struct *vma)\n{\n\tvm_flags_set(vma, «VM_HUGETLB» | VM_DONTEXPAND);\n}\n',
    ],
    silent: [
      '#define VM_HUGETLB 0x00400000 /* huge */\nint x = VM_HUGETLB_GROUP;\n',
      'enum names { VM_HUGETLB = 1, OTHER };\n',
      '#if defined(VM_HUGETLB) && VM_HUGETLB\n#undef VM_HUGETLB\n#endif\n',
    ],
  },
};
