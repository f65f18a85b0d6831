/** Users of hugetlbfs: private mappings of huge pages, each page touched as soon as it is mapped, as a VMM with preallocated memory does it. */
import { fieldIfAny, fieldOf, I64 } from '../fields';
import { inMemmap, pfnOf } from '../memmap';
import type { Address, FieldRef, Kernel, Layout } from '../primitive';
import { clearFlag, hugetlbFlagOf } from '../primitives/folio-flags';
import type { RecordReader } from '../record';
import { Writer } from '../writer';
import { bindFrames } from './frames';
import { HOST, hostOf, setWord, wordAt } from './record';
import { afterPut, EFAULT, ENOMEM, ENOENT, intOf, type Step } from './step';

const VMA = 'struct vm_area_struct';
const PAGE_SHIFT = 12;
/** VM_HUGETLB. */
const HUGETLB = 0x400000;
/** An address of user space, aligned for every order of huge pages. */
const USER_START = 0x7d00_0000_0000;
/** Errors as pointers are the last so many addresses. */
const MOST_ERRORS = 4095;

const word = (index: number): FieldRef => ({ ...I64, offset: index * 8 });
/** A mapping, and behind these words one word for each of its huge pages: the folio. */
const MAPPING = { vma: word(0), pages: word(1), next: word(2), part: word(3) } as const;
const HEAD_WORDS = 4;

/** All mappings, oldest first. */
function mappingsOf(reader: RecordReader): Address[] {
  const host = hostOf(reader);
  const all: Address[] = [];
  for (let at = host === 0 ? 0 : reader.peek(host, HOST.hugetlbfs); at !== 0; at = reader.peek(at, MAPPING.next)) all.push(at);
  return all;
}

const foliosOf = (reader: RecordReader, mapping: Address): Address[] =>
  Array.from({ length: reader.peek(mapping, MAPPING.pages) }, (_, page) => wordAt(reader, mapping, HEAD_WORDS + page));

/** Heads of the huge pages that mappings have. */
export function hugetlbfsHeads(reader: RecordReader, layout: Layout): number[] {
  const mappings = mappingsOf(reader);
  if (mappings.length === 0) return [];
  const size = layout.sizeof('struct page');
  return mappings.flatMap((mapping) =>
    foliosOf(reader, mapping)
      .filter(inMemmap)
      .map((folio) => pfnOf(folio, size)),
  );
}

/**
 * A mapping of huge pages of the hstate, of which nothing is reserved yet. There must be users.
 *
 * Shape: its number.
 */
export function addHugetlbfsMapping(kernel: Kernel, layout: Layout, hstate: Address, pages: number): number {
  const writer = new Writer(kernel, layout);
  const block = writer.make('struct super_block', 'super block of hugetlbfs');
  const own = writer.make('struct hugetlbfs_sb_info', 'mount of hugetlbfs');
  writer.set(own, 'struct hugetlbfs_sb_info', 'hstate', hstate);
  writer.set(own, 'struct hugetlbfs_sb_info', 'max_inodes', -1);
  writer.set(block, 'struct super_block', 's_fs_info', own);
  const inode = writer.make('struct inode', 'inode of hugetlbfs');
  writer.set(inode, 'struct inode', 'i_sb', block);
  writer.set(inode, 'struct inode', 'i_mapping', writer.inside(inode, 'struct inode', 'i_data'));
  const file = writer.make('struct file', 'file of hugetlbfs');
  writer.set(file, 'struct file', 'f_inode', inode);
  const order = fieldOf(layout, 'struct hstate', 'order');
  const size = 2 ** (kernel.load(hstate, { ...order, size: 4 }) + PAGE_SHIFT);
  const vma = writer.make(VMA, 'vma of hugetlbfs');
  writer.set(vma, VMA, 'vm_start', USER_START);
  writer.set(vma, VMA, 'vm_end', USER_START + pages * size);
  writer.set(vma, VMA, 'vm_file', file);
  writer.set(vma, VMA, 'vm_flags', HUGETLB);
  writer.set(vma, VMA, 'vm_ops', kernel.symbol('hugetlb_vm_ops'));
  const mapping = kernel.allocate((HEAD_WORDS + pages) * 8, { name: 'huge pages of a mapping', zeroed: true, kind: 'model' });
  kernel.store(mapping, MAPPING.vma, vma);
  const others = mappingsOf(kernel);
  const last = others.at(-1);
  if (last === undefined) kernel.store(hostOf(kernel), HOST.hugetlbfs, mapping);
  else kernel.store(last, MAPPING.next, mapping);
  return others.length;
}

const isError = (pointer: number): boolean => pointer < 0 && pointer >= -MOST_ERRORS;

const map: Step = {
  name: 'hugetlbfs-map',
  params: ['number', 'pages'],
  meaning: 'A process maps huge pages of hugetlbfs, private, and touches each of them.',
  enters: 'hugetlb_reserve_pages(), then alloc_hugetlb_folio() for each page',
  source: 'fs/hugetlbfs/inode.c: hugetlbfs_file_mmap(); mm/hugetlb.c: hugetlb_no_page()',
  leavesOut: 'Page tables of the process, its content, and pages that a fork shares.',
  bind: (layout) => {
    const inodeOf = fieldOf(layout, 'struct file', 'f_inode');
    const fileOf = fieldOf(layout, VMA, 'vm_file');
    const start = fieldOf(layout, VMA, 'vm_start');
    const end = fieldOf(layout, VMA, 'vm_end');
    const restore = hugetlbFlagOf(layout, 'restore_reserve');
    return (kernel) => {
      const mapping = mappingsOf(kernel)[kernel.arg(0)] ?? 0;
      const pages = kernel.arg(1);
      if (mapping === 0) return -ENOENT;
      const vma = kernel.peek(mapping, MAPPING.vma);
      if (kernel.phase === 0) {
        const inode = kernel.load(kernel.load(vma, fileOf), inodeOf);
        return kernel.call('hugetlb_reserve_pages', [inode, 0, pages, vma, 0], 1);
      }
      if (kernel.phase === 1) {
        if ((kernel.returned & 0xff) === 0) return -ENOMEM;
      } else {
        const folio = kernel.returned;
        if (isError(folio) || folio === 0) return -EFAULT;
        // The page goes into a page table: its reservation is used up. Source: mm/rmap.c: hugetlb_add_new_anon_rmap().
        clearFlag(kernel, folio, restore);
        const have = kernel.peek(mapping, MAPPING.pages);
        setWord(kernel, mapping, HEAD_WORDS + have, folio);
        kernel.store(mapping, MAPPING.pages, have + 1);
      }
      const have = kernel.peek(mapping, MAPPING.pages);
      if (have === pages) return 0;
      const first = kernel.load(vma, start);
      return kernel.call('alloc_hugetlb_folio', [vma, first + (have * (kernel.load(vma, end) - first)) / pages, 0], 2);
    };
  },
};

/** The mapping loses its last pages: a VMA of its own takes them over and is closed. */
const unmap: Step = {
  name: 'hugetlbfs-unmap',
  params: ['number', 'pages'],
  meaning: 'It unmaps the last pages of the mapping, which are freed.',
  enters: 'vma->vm_ops->open where the mapping is split, free_huge_folio() for each page, vma->vm_ops->close',
  source: 'mm/vma.c: __split_vma(), remove_vma(); mm/hugetlb.c: __unmap_hugepage_range()',
  leavesOut: 'Page tables of the process.',
  bind: (layout) => {
    const frames = bindFrames(layout);
    const operations = fieldOf(layout, VMA, 'vm_ops');
    const start = fieldOf(layout, VMA, 'vm_start');
    const end = fieldOf(layout, VMA, 'vm_end');
    const offset = fieldIfAny(layout, VMA, 'vm_pgoff');
    const [open, close] = ['open', 'close'].map((name) => fieldOf(layout, 'struct vm_operations_struct', name));
    const through = (kernel: Kernel, vma: number, field: FieldRef | undefined): number =>
      field === undefined ? 0 : kernel.load(kernel.load(vma, operations), field);
    return (kernel) => {
      const mapping = mappingsOf(kernel)[kernel.arg(0)] ?? 0;
      if (mapping === 0) return -ENOENT;
      const vma = kernel.peek(mapping, MAPPING.vma);
      const have = kernel.peek(mapping, MAPPING.pages);
      if (kernel.phase === 0) {
        const going = Math.min(kernel.arg(1), have);
        if (going === have) kernel.store(mapping, MAPPING.part, vma);
        else {
          const part = kernel.allocate(layout.sizeof(VMA), { name: 'vma of a part of a mapping', zeroed: true, kind: 'model' });
          kernel.copy(part, vma, layout.sizeof(VMA));
          const first = kernel.load(vma, start);
          const at = kernel.load(vma, end) - (going * (kernel.load(vma, end) - first)) / have;
          kernel.store(part, start, at);
          kernel.store(vma, end, at);
          if (offset !== null) kernel.store(part, offset, kernel.load(vma, offset) + (at - first) / 2 ** PAGE_SHIFT);
          kernel.store(mapping, MAPPING.part, part);
          return kernel.call(through(kernel, part, open), [part], 1, [going]);
        }
        return putNext(kernel, mapping, going);
      }
      const left = kernel.saved[0] ?? 0;
      if (kernel.phase === 1 || kernel.phase === 2) return putNext(kernel, mapping, left);
      return intOf(0);
    };

    function putNext(kernel: Kernel, mapping: Address, left: number): ReturnType<ReturnType<Step['bind']>> {
      for (let going = left; going > 0; going--) {
        const have = kernel.peek(mapping, MAPPING.pages);
        const folio = wordAt(kernel, mapping, HEAD_WORDS + have - 1);
        setWord(kernel, mapping, HEAD_WORDS + have - 1, 0);
        kernel.store(mapping, MAPPING.pages, have - 1);
        const dropped = afterPut(kernel, frames.put(kernel, folio, 1), 2, [going - 1]);
        if (dropped !== 'dropped') return dropped;
      }
      const part = kernel.peek(mapping, MAPPING.part);
      return kernel.call(through(kernel, part, close), [part], 3);
    }
  },
};

export const hugetlbfsSteps: readonly Step[] = [map, unmap];
