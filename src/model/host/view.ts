/** A file's pages as runs that look the same, and who holds a folio: what the page and the reports show. */
import type { Design } from '../allocators/allocator';
import { isData, principalName, seenBlock, type Host } from './host';
import type { FileExtent, FolioReferences, ReferenceHolder } from './host-model';
import { pageAt, runsOf, sumPages, type Pages } from './pages';
import { leafOrderOf } from './stage2';
import { DRAINING, EMPTY, MIXED, ORPHAN, SPLIT, WHOLE, type Block, type FileState } from './state';
import { mappedIn } from './user-mappings';

const STATES = {
  [EMPTY]: 'empty',
  [WHOLE]: 'whole',
  [SPLIT]: 'split',
  [MIXED]: 'mixed',
  [ORPHAN]: 'orphan',
  [DRAINING]: 'draining',
} as const;
const PIN_BIAS = 1024;

/** Shape: in order, gapless over the file, neighbours differ. */
export function extentsOf(host: Host, design: Design, file: FileState): readonly FileExtent[] {
  const extents: Mutable<FileExtent>[] = [];
  for (let index = 0; index < file.blocks.length; index++) {
    const block = seenBlock(host, file, index);
    const pages = Math.min(file.blockPages, file.pages - index * file.blockPages);
    const borders = bordersOf(block, pages);
    for (let at = 0; at + 1 < borders.length; at++) {
      const next = extent(host, design, file, block, index, borders[at]!, borders[at + 1]!);
      const last = extents[extents.length - 1];
      if (last !== undefined && looksSame(last, next)) last.to = next.to;
      else extents.push(next);
    }
  }
  return extents;
}

/** Pages at which some property of the block changes. */
function bordersOf(block: Block, pages: number): readonly number[] {
  if (isEven(block)) return [0, pages];
  const borders = new Set([0, pages]);
  const maps: Pages[] = [
    block.present,
    block.share,
    block.attr,
    block.content,
    block.prepared,
    block.pins,
    block.refs,
    block.s2,
    block.small,
    ...block.processes.map(({ ptes }) => ptes),
  ];
  for (const map of maps) if (typeof map !== 'number') for (const run of runsOf(map, 0, pages)) borders.add(run.from);
  for (const page of block.poison) for (const border of [page, page + 1]) if (border < pages) borders.add(border);
  return [...borders].sort((a, b) => a - b);
}

/** Most blocks of a large host are the same from end to end. */
const isEven = ({ present, share, attr, content, prepared, pins, refs, s2, small, processes, poison }: Block): boolean =>
  typeof present === 'number' &&
  typeof share === 'number' &&
  typeof attr === 'number' &&
  typeof content === 'number' &&
  typeof prepared === 'number' &&
  typeof pins === 'number' &&
  typeof refs === 'number' &&
  typeof s2 === 'number' &&
  typeof small === 'number' &&
  poison.length === 0 &&
  processes.every(({ ptes }) => typeof ptes === 'number');

function extent(host: Host, design: Design, file: FileState, block: Block, index: number, from: number, to: number): FileExtent {
  const base = index * file.blockPages;
  const small = file.order === 0;
  const exists = small ? pageAt(block.present, from) === 1 : block.state !== EMPTY;
  const state = small && !exists ? 'empty' : STATES[block.state];
  const order = !exists ? 0 : block.state === WHOLE ? file.order : block.state === MIXED && pageAt(block.small, from) === 0 ? 9 : 0;
  const code = pageAt(block.content, from);
  const vmPrivate = pageAt(block.attr, from) === 1;
  const shared = host.attributes === 'vm' || small ? !vmPrivate : pageAt(block.share, from) === 1;
  const attribute = host.attributes === 'file' && !small ? (shared ? 'shared' : 'private') : vmPrivate ? 'private' : 'shared';
  return {
    from: base + from,
    to: base + to,
    block: state,
    folioOrder: order,
    pfn: exists && block.pfn >= 0 ? block.pfn + from : -1,
    type: !exists ? 'buddy' : order === 0 ? 'small' : design.hugetlbTyped && block.state === WHOLE ? 'hugetlb' : 'plain-large',
    owner: exists ? 'gmem' : 'buddy',
    sharing: shared ? 'shared' : 'private',
    attribute,
    content: !exists ? 'none' : code === 0 ? 'zero' : isData(code) ? 'data' : 'stale',
    contentOf: exists && code > 0 ? principalName(host, code) : '',
    prepared: pageAt(block.prepared, from) === 1,
    hvo: block.state === WHOLE ? block.hvo : block.state === MIXED && host.mixedHvo && order === 9,
    poisoned: block.poisonWhole || block.poison.includes(from),
    mapped: mappedIn(file, block, from, from + 1),
    pinned: pageAt(block.pins, from),
    references: pageAt(block.refs, from),
    stage2: leafOrderOf(pageAt(block.s2, from)),
  };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

const LOOKS = [
  'block',
  'folioOrder',
  'type',
  'owner',
  'sharing',
  'attribute',
  'content',
  'contentOf',
  'prepared',
  'hvo',
  'poisoned',
  'mapped',
  'pinned',
  'references',
  'stage2',
] as const satisfies readonly (keyof FileExtent)[];

function looksSame(a: FileExtent, b: FileExtent): boolean {
  const contiguous = a.pfn < 0 ? b.pfn < 0 : b.pfn === a.pfn + (b.from - a.from);
  return contiguous && LOOKS.every((key) => a[key] === b[key]);
}

/** Who holds the folio of a page. Null where there is none. */
export function referencesOf(host: Host, file: FileState, page: number): FolioReferences | null {
  const index = Math.floor(page / file.blockPages);
  const block = seenBlock(host, file, index);
  const at = page % file.blockPages;
  if (block.state === EMPTY || (file.order === 0 && pageAt(block.present, at) === 0)) return null;
  const order = block.state === WHOLE ? file.order : block.state === MIXED && pageAt(block.small, at) === 0 ? 9 : 0;
  const size = 2 ** order;
  const from = at - (at % size);
  const to = from + size;
  const expected: ReferenceHolder[] = [];
  if (block.state !== ORPHAN && block.state !== DRAINING) expected.push({ who: `filemap of ${file.name}`, count: size });
  for (const { process, ptes } of block.processes) {
    const count = sumPages(ptes, file.blockPages, from, to);
    if (count > 0) expected.push({ who: `user PTEs of ${process}`, count });
  }
  for (const hold of block.holds) {
    const pages = Math.min(hold.to, to) - Math.max(hold.from, from);
    if (pages <= 0 || (file.order === 0 && hold.kind === 'pin')) continue;
    // A pin of a folio of one page is 1024 references; of a large one it is one, counted besides.
    const each = hold.kind === 'pin' && order === 0 ? PIN_BIAS : 1;
    expected.push({ who: `${hold.kind} of ${hold.holder}`, count: pages * hold.times * each });
  }
  const sum = expected.reduce((total, { count }) => total + count, 0);
  return { pfn: block.pfn < 0 ? -1 : block.pfn + from, order, actual: sum - sumPages(block.lostRefs, file.blockPages, from, to), expected };
}
