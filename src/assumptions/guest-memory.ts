/** What guest_memfd is in a tree: whether it can be mapped, whether its folios may be hugetlb folios, who else may move or reclaim them. */
import type { FileFacts } from './facts';
import type { Place } from './site';

export interface GuestMemory {
  /** Its source. */
  readonly file: string;
  /** Where its file operations have `mmap`; null where it cannot be mapped. */
  readonly mapped: Place | null;
  /** Functions that serve faults of its VMAs. */
  readonly faults: readonly string[];
  /** Where it takes hugetlb folios; null where it has none. */
  readonly hugetlb: Place | null;
  /** Where its mapping is made inaccessible: neither reclaimed nor migrated. */
  readonly inaccessible: Place | null;
}

/** *Source* Documentation/virt/kvm/api.rst, KVM_CREATE_GUEST_MEMFD. */
export const GUEST_MEMORY_FILE = 'virt/kvm/guest_memfd.c';

/** Null where the tree has no guest_memfd. */
export function guestMemoryOf(files: ReadonlyMap<string, FileFacts>): GuestMemory | null {
  const facts = files.get(GUEST_MEMORY_FILE);
  if (facts === undefined) return null;
  const table = facts.tables.find(({ type, members }) => type === 'file_operations' && members.some(([member]) => member === '.mmap'));
  const called = (pattern: RegExp): Place | null => {
    for (const one of facts.functions)
      for (const { callee, line } of one.calls) if (pattern.test(callee)) return { file: GUEST_MEMORY_FILE, line };
    return null;
  };
  return {
    file: GUEST_MEMORY_FILE,
    mapped: table === undefined ? null : { file: GUEST_MEMORY_FILE, line: table.line },
    faults: facts.tables.flatMap(({ members }) => members.filter(([member]) => FAULTS.has(member)).map(([, name]) => name)),
    hugetlb: called(/hugetlb\w*alloc|alloc\w*hugetlb/),
    inaccessible: called(/^mapping_set_(?:inaccessible|unmovable|unevictable)$/),
  };
}

const FAULTS = new Set(['.fault', '.huge_fault', '.map_pages', '.page_mkwrite']);
