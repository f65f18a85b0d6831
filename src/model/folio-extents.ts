/** Scans the memmap of a scenario into runs of folios that look the same. */
import type { FolioExtent } from '../protocol/simulation';
import { constantIfAny, fieldIfAny } from './fields';
import { pageOf } from './memmap';
import type { MemoryReader } from './page-cache-view';
import type { FieldRef, Layout } from './primitive';
import type { World } from './world';

const SHOWN_FLAGS = ['locked', 'uptodate', 'dirty', 'hwpoison', 'unevictable'] as const;
const HUGETLB_FLAGS = ['restore_reserve', 'migratable', 'temporary', 'freed', 'vmemmap_optimized'] as const;

interface Scan {
  readonly reader: MemoryReader;
  readonly size: number;
  readonly flags: FieldRef;
  readonly refcount: FieldRef;
  readonly type: FieldRef;
  readonly mapping: FieldRef;
  readonly index: FieldRef;
  readonly privateWord: FieldRef;
  readonly compound: FieldRef;
  readonly order: FieldRef;
  readonly largeMapcount: FieldRef | null;
  readonly head: number;
  readonly shown: readonly (readonly [string, number])[];
  readonly hugetlb: readonly (readonly [string, number])[];
  readonly isHugetlb: (type: number) => boolean;
}

function scanOf(reader: MemoryReader, layout: Layout): Scan | null {
  const page = (name: string, ...more: readonly string[]): FieldRef | null => fieldIfAny(layout, 'struct page', name, ...more);
  const flags = page('flags');
  const refcount = page('_refcount.counter', '_refcount');
  const type = page('page_type', '_mapcount.counter', '_mapcount');
  const mapping = page('mapping') ?? fieldIfAny(layout, 'struct folio', 'mapping');
  const index = page('index') ?? fieldIfAny(layout, 'struct folio', 'index');
  const privateWord = page('private') ?? fieldIfAny(layout, 'struct folio', 'private');
  const compound = page('compound_head', 'compound_info');
  const order = fieldIfAny(layout, 'struct folio', '_flags_1');
  const head = constantIfAny(layout, 'PG_head');
  if (!flags || !refcount || !type || !mapping || !index || !privateWord || !compound || !order || head === null) return null;
  const byte = constantIfAny(layout, 'PGTY_hugetlb');
  const bit = constantIfAny(layout, 'PG_hugetlb');
  const masks = (prefix: string, names: readonly string[]): (readonly [string, number])[] =>
    names.flatMap((name) => {
      const number = constantIfAny(layout, `${prefix}_${name}`);
      return number === null ? [] : [[name, 2 ** number] as const];
    });
  return {
    reader,
    size: layout.sizeof('struct page'),
    flags: { ...flags, size: 4, signed: false },
    refcount,
    type: { ...type, signed: false },
    mapping,
    index,
    privateWord: { ...privateWord, size: 4, signed: false },
    compound: { ...compound, size: 1, signed: false },
    order: { ...order, size: 1, signed: false },
    largeMapcount: fieldIfAny(layout, 'struct folio', '_large_mapcount.counter', '_large_mapcount'),
    head: 2 ** head,
    shown: masks('PG', SHOWN_FLAGS),
    hugetlb: masks('HPG', HUGETLB_FLAGS),
    isHugetlb: (value) => (byte !== null ? value >>> 24 === byte : bit !== null && (value & (0xf0000000 | bit)) >>> 0 === 0xf0000000),
  };
}

/** What makes two adjacent folios look the same, besides that their indices follow one another. */
interface Look {
  order: number;
  type: FolioExtent['type'];
  refcount: number;
  flagWord: number;
  hugetlbWord: number;
  rawType: number;
  mapping: number;
}

/** Extents in order of pfn; tails of huge pages belong to their folio. Empty where the tree's struct page is not known. */
export function scanFolios(reader: MemoryReader, layout: Layout, world: World): FolioExtent[] {
  const scan = scanOf(reader, layout);
  if (scan === null) return [];
  const extents: FolioExtent[] = [];
  const block = 2 ** world.order;
  let last: { look: Look; pfn: number; count: number; index: number } | null = null;
  const flush = (): void => {
    if (last !== null) extents.push(extentOf(scan, last.look, last.pfn, last.count, last.index));
  };
  for (let pfn = world.firstPfn; pfn < world.firstPfn + world.pages;) {
    const page = pageOf(pfn, scan.size);
    const look = lookAt(scan, page, block);
    const index = look.mapping === 0 ? -1 : reader.peek(page, scan.index);
    if (last !== null && same(last.look, look) && (index === -1 || index === last.index + last.count * 2 ** look.order)) last.count++;
    else {
      flush();
      last = { look, pfn, count: 1, index };
    }
    pfn += 2 ** look.order;
  }
  flush();
  return extents;
}

function lookAt(scan: Scan, page: number, block: number): Look {
  const { reader } = scan;
  const flagWord = reader.peek(page, scan.flags);
  const rawType = reader.peek(page, scan.type);
  const hugetlb = scan.isHugetlb(rawType);
  const tail = (reader.peek(page, scan.compound) & 1) === 1;
  const head = !tail && (flagWord & scan.head) !== 0;
  const order = head ? reader.peek(page, scan.order) : 0;
  const refcount = reader.peek(page, scan.refcount);
  const sane = 2 ** order <= block ? order : 0;
  const type = tail ? 'tail' : hugetlb ? 'hugetlb' : refcount === 0 ? 'frozen' : 'folio';
  return {
    order: sane,
    type,
    refcount,
    flagWord: shownBits(scan, flagWord),
    hugetlbWord: hugetlb ? reader.peek(page, scan.privateWord) : 0,
    rawType: head && scan.largeMapcount !== null ? reader.peek(page, scan.largeMapcount) : hugetlb || tail ? -1 : rawType | 0,
    mapping: tail ? 0 : reader.peek(page, scan.mapping),
  };
}

function shownBits(scan: Scan, word: number): number {
  let bits = 0;
  for (const [, mask] of scan.shown) bits |= word & mask;
  return bits >>> 0;
}

const same = (a: Look, b: Look): boolean =>
  a.order === b.order &&
  a.type === b.type &&
  a.refcount === b.refcount &&
  a.flagWord === b.flagWord &&
  a.hugetlbWord === b.hugetlbWord &&
  a.rawType === b.rawType &&
  a.mapping === b.mapping &&
  a.type !== 'hugetlb';

function extentOf(scan: Scan, look: Look, pfn: number, count: number, index: number): FolioExtent {
  const names = (list: readonly (readonly [string, number])[], word: number): string[] =>
    list.filter(([, mask]) => (word & mask) !== 0).map(([name]) => name);
  const free = look.type === 'hugetlb' && look.refcount === 0 && names(scan.hugetlb, look.hugetlbWord).includes('freed');
  return {
    pfn,
    count,
    order: look.order,
    type: look.type,
    owner: look.mapping !== 0 ? 'page cache' : free ? 'free' : look.type === 'hugetlb' ? 'hugetlb' : 'nobody',
    refcount: look.refcount,
    mapcount: look.rawType + 1 > 0 && look.rawType < 0x10000000 ? look.rawType + 1 : 0,
    flags: [...names(scan.shown, look.flagWord), ...names(scan.hugetlb, look.hugetlbWord)],
    index,
  };
}
