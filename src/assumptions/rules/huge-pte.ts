/** Reads and writes of huge page-table entries. */
import type { Rule } from '../rule';

const generic = 'include/asm-generic/hugetlb.h';

export const hugePte: Rule = {
  id: 'huge-pte',
  title: 'A huge page-table entry is read or written',
  kind: 'vma-operation',
  symbols: [
    { name: 'huge_ptep_get', does: 'Reads the entry that maps a huge page, at whatever level it stands.', source: generic },
    { name: 'huge_ptep_get_and_clear', does: 'Clears the entry of a huge page and gives what it was.', source: generic },
    { name: 'huge_ptep_clear_flush', does: 'Clears the entry of a huge page and flushes its translation.', source: generic },
    { name: 'huge_ptep_set_wrprotect', does: 'Makes the entry of a huge page read-only.', source: generic },
    { name: 'huge_ptep_set_access_flags', does: 'Sets access and dirty bits in the entry of a huge page.', source: generic },
    {
      name: 'huge_ptep_modify_prot_start',
      does: 'Takes the entry of a huge page out while its protection is changed; reads the size from `hstate_vma()`.',
      source: 'include/linux/hugetlb.h',
    },
    {
      name: 'huge_ptep_modify_prot_commit',
      does: 'Puts the entry of a huge page back with its new protection; reads the size from `hstate_vma()`.',
      source: 'include/linux/hugetlb.h',
    },
    { name: 'set_huge_pte_at', does: 'Writes the entry of a huge page of the given size.', source: generic },
    { name: 'huge_pte_clear', does: 'Clears the entry of a huge page of the given size.', source: generic },
  ],
  assumes:
    'The pointer is to an entry that maps a whole huge page of the hstate’s size, found by a hugetlb walk, with the lock of `huge_pte_lockptr()` held. Architectures with contiguous entries touch several at once.',
  ask: 'If the same memory may be mapped by small pages, is an entry of that kind ruled out here?',
  examples: {
    fires: [
      'void f(struct mm_struct *mm, pte_t *ptep)\n{\n\tpte_t pte = «huge_ptep_get»(mm, 0, ptep);\n\n\tif (pte_present(pte))\n\t\t«set_huge_pte_at»(mm, 0, ptep, pte, 4096);\n}\n',
      '#define peek(mm, p) \\\n\tpte_present(«huge_ptep_get»(mm, 0, p))\n',
    ],
    silent: [
      'static inline void set_huge_pte_at(struct mm_struct *mm, unsigned long addr,\n\t\tpte_t *ptep, pte_t pte, unsigned long sz)\n{\n}\n',
      '#ifndef huge_ptep_modify_prot_start\n#define huge_ptep_modify_prot_start huge_ptep_modify_prot_start\n#endif\n',
      'pte_t f(pte_t *ptep)\n{\n\treturn ptep_get(ptep);\n}\n',
    ],
  },
};
