/** Folios by their page frames, and how often page tables map them, in the kernel's own fields. */
import { fieldIfAny, fieldOf, PAGE_SIZE } from '../fields';
import { inMemmap, pageOf, pfnOf } from '../memmap';
import type { Address, FieldRef, Kernel, Layout } from '../primitive';
import { flagOf, hugetlbType, testFlag, type FlagWord } from '../primitives/folio-flags';
import { bindPut, type Put, refcountOf } from '../primitives/references';
import type { RecordReader } from '../record';

export interface Frames {
  readonly size: number;
  readonly ref: FieldRef;
  readonly mapping: FieldRef;
  readonly index: FieldRef;
  readonly pincount: FieldRef | null;
  readonly head: FlagWord;
  readonly put: Put;
  /** The folio of a page frame. */
  folioOf(reader: RecordReader, pfn: number): Address;
  isLarge(reader: RecordReader, folio: Address): boolean;
  /** Pages of the folio. */
  sizeOf(reader: RecordReader, folio: Address): number;
  /** A page table entry to the page comes or goes. Source: mm/rmap.c: folio_add_file_rmap_pte(), folio_remove_rmap_pte(). */
  mapped(kernel: Kernel, pfn: number, by: 1 | -1): void;
}

/** @throws MissingLayout */
export function bindFrames(layout: Layout): Frames {
  const size = layout.sizeof('struct page');
  const compound = fieldOf(layout, 'struct page', 'compound_head', 'compound_info');
  const order: FieldRef = { ...fieldOf(layout, 'struct folio', '_flags_1'), size: 1, signed: false };
  const small = fieldOf(layout, 'struct page', '_mapcount.counter', '_mapcount');
  const large = fieldIfAny(layout, 'struct folio', '_large_mapcount.counter', '_large_mapcount');
  const pages = fieldIfAny(layout, 'struct folio', '_nr_pages_mapped.counter', '_nr_pages_mapped');
  const head = flagOf(layout, 'head');
  const type = hugetlbType(layout);
  const flags: FieldRef = { ...head.field };
  const isLarge = (reader: RecordReader, folio: Address): boolean => (reader.peek(folio, flags) & head.mask) !== 0;
  const folioOf = (reader: RecordReader, pfn: number): Address => {
    const page = pageOf(pfn, size);
    const link = reader.peek(page, compound);
    if ((link & 1) !== 0) return link - 1;
    // Under HVO a page of vmemmap begins with a copy of the head: the struct page after it tells.
    if (page % PAGE_SIZE !== 0 || !isLarge(reader, page)) return page;
    const next = reader.peek(page + size, compound);
    return (next & 1) !== 0 ? next - 1 : page;
  };
  return {
    size,
    ref: refcountOf(layout),
    mapping: fieldOf(layout, 'struct folio', 'mapping'),
    index: fieldOf(layout, 'struct folio', 'index'),
    pincount: fieldIfAny(layout, 'struct folio', '_pincount.counter', '_pincount'),
    head,
    put: bindPut(layout),
    folioOf,
    isLarge,
    sizeOf: (reader, folio) => (isLarge(reader, folio) ? 2 ** (reader.peek(folio, order) & 0xff) : 1),
    mapped(kernel, pfn, by) {
      const folio = folioOf(kernel, pfn);
      if (type.is(kernel.load(folio, type.field))) {
        kernel.report(
          'warn-on',
          'A page table entry of user space comes to or goes from a hugetlb folio, which has a page type in place of a map count.',
        );
        return;
      }
      const page = pageOf(pfn, size);
      const count = kernel.load(page, small) + by;
      if (count < -1) kernel.report('bug-on', `The map count of a page falls to ${count + 1}.`);
      kernel.store(page, small, count);
      if (!testFlag(kernel, folio, head)) return;
      if (large !== null) kernel.store(folio, large, kernel.load(folio, large) + by);
      if (pages !== null && count === (by === 1 ? 0 : -1)) kernel.store(folio, pages, kernel.load(folio, pages) + by);
    },
  };
}

/** The frame of a page of the memmap, -1 of anything else. */
export const frameOf = (frames: Frames, page: Address): number => (inMemmap(page) ? pfnOf(page, frames.size) : -1);
