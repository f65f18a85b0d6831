/** TLB flushes of ranges mapped by huge entries. */
import type { Rule } from '../rule';

export const hugetlbTlbFlush: Rule = {
  id: 'hugetlb-tlb-flush',
  title: 'A range of huge translations is flushed',
  kind: 'vma-operation',
  symbols: [
    {
      name: 'flush_hugetlb_tlb_range',
      does: 'Flushes a range in steps of the huge page size where the architecture has a way to do so.',
      source: 'include/linux/hugetlb.h',
    },
  ],
  assumes:
    'Every translation in the range is of the hstate’s size; one of a smaller page in between may be left in the TLB on architectures that step by that size.',
  ask: 'Can the range hold small translations, from before the memory was put together again?',
  examples: {
    fires: ['void f(struct vm_area_struct *vma)\n{\n\t«flush_hugetlb_tlb_range»(vma, vma->vm_start, vma->vm_end);\n}\n'],
    silent: [
      '#define flush_hugetlb_tlb_range(vma, addr, end)\tflush_tlb_range(vma, addr, end)\n',
      'void f(struct vm_area_struct *vma)\n{\n\tflush_tlb_range(vma, 0, 1);\n}\n',
    ],
  },
};
