/** The memory of a modelled host as sections of cells: what each cell looks like in the colour that is asked for, equal neighbours as one run. */
import type { Counters, FileExtent } from '../model/host/host-model';
import type { CellRuns, MapColour, MapSection, MapWindow } from '../protocol/scenario-page';

/** A value that a cell can have. */
export interface MapLook {
  readonly id: string;
  readonly name: string;
  /** Told on the map where there is room: no look is told by colour alone. */
  readonly letter: string;
}

export interface MapColouring {
  readonly title: string;
  readonly looks: readonly MapLook[];
  /** Number of the look of an extent. */
  readonly of: (extent: FileExtent) => number;
}

const NO_MEMORY: MapLook = { id: 'empty', name: 'no memory', letter: '' };
const look = (id: string, name: string, letter: string): MapLook => ({ id, name, letter });

/** A colouring by a field with fixed words; pages without memory look empty. */
function byWord(title: string, looks: readonly MapLook[], word: (extent: FileExtent) => string): MapColouring {
  const numbers = new Map(looks.map(({ id }, at) => [id, at + 1]));
  return {
    title,
    looks: [NO_MEMORY, ...looks],
    of: (extent) => (extent.owner === 'buddy' ? 0 : (numbers.get(word(extent)) ?? 0)),
  };
}

const leafWord = ({ stage2 }: FileExtent): string => (stage2 < 0 ? 'none' : stage2 < 9 ? '4K' : stage2 < 18 ? '2M' : '1G');
const amount = (count: number): string => (count === 0 ? 'none' : count === 1 ? 'one' : 'more');

export const COLOURINGS: Readonly<Record<MapColour, MapColouring>> = {
  block: byWord(
    'State of the block',
    [
      look('whole', 'whole', 'W'),
      look('split', 'split', 'S'),
      look('mixed', 'mixed', 'M'),
      look('orphan', 'orphan', 'O'),
      look('draining', 'draining', 'D'),
    ],
    ({ block }) => block,
  ),
  owner: byWord(
    'Owner',
    [
      look('gmem', 'guest_memfd', 'G'),
      look('hugetlb', 'hugetlb', 'H'),
      look('pool', 'global pool', 'P'),
      look('cma', 'CMA area', 'C'),
      look('other', 'others', 'O'),
    ],
    ({ owner }) => owner,
  ),
  type: byWord(
    'Type of the folio',
    [look('hugetlb', 'hugetlb', 'H'), look('plain-large', 'large, not hugetlb', 'L'), look('small', 'one page', '4')],
    ({ type }) => type,
  ),
  sharing: {
    title: 'Private or shared',
    looks: [
      look('private', 'private', 'P'),
      look('shared', 'shared', 'S'),
      look('empty-private', 'private, no memory', ''),
      look('empty-shared', 'shared, no memory', 's'),
      look('differ', 'attribute says otherwise', '!'),
    ],
    of: ({ sharing, attribute, owner }) => (sharing !== attribute ? 4 : (owner === 'buddy' ? 2 : 0) + (sharing === 'shared' ? 1 : 0)),
  },
  mapped: byWord(
    'Mapped by the host',
    [look('none', 'no user PTE', ''), look('one', 'one a page', '1'), look('more', 'several', '+')],
    ({ mapped }) => amount(mapped),
  ),
  pinned: byWord(
    'Pins and references',
    [look('none', 'none', ''), look('pinned', 'pinned', 'P'), look('referenced', 'referenced', 'R')],
    ({ pinned, references }) => (pinned > 0 ? 'pinned' : references > 0 ? 'referenced' : 'none'),
  ),
  stage2: byWord(
    'Leaf of stage 2',
    [look('none', 'not mapped', ''), look('4K', '4K', '4'), look('2M', '2M', '2'), look('1G', '1G', '1')],
    leafWord,
  ),
  content: byWord(
    'Content',
    [look('zero', 'zeros', '0'), look('data', 'data', 'D'), look('stale', 'stale', '!'), look('poisoned', 'poisoned', 'X')],
    ({ content, poisoned }) => (poisoned ? 'poisoned' : content),
  ),
  hvo: byWord('vmemmap', [look('kept', 'optimised (HVO)', 'H'), look('full', 'in full', 'F')], ({ hvo }) => (hvo ? 'kept' : 'full')),
};

/** What parts of a pool or a node are: the same for each colour. */
export const POOL_LOOKS: readonly MapLook[] = [
  look('in-use', 'in use', 'U'),
  look('reserved', 'free, reserved', 'R'),
  look('free', 'free', 'F'),
  look('obstructed', 'obstructed', 'X'),
  look('huge', 'huge pages', 'H'),
  look('gmem4k', '4K pages of guest_memfd', 'G'),
  look('vmemmap', 'vmemmap and its tables', 'V'),
  look('others', 'others on the host', 'O'),
  look('buddy', 'buddy, free', 'B'),
];
const POOL = new Map(POOL_LOOKS.map(({ id }, at) => [id, at]));
/** Numbers of pool looks on the map begin here, behind those of any colour. */
export const POOL_BASE = 32;
const poolLook = (id: string): number => POOL_BASE + (POOL.get(id) ?? 0);

const GIGA = 18;
const MEGA = 9;

/** An amount of pages with a look. */
type Amounts = readonly (readonly [pages: number, look: number])[];

/** Nodes and pools that there are, and what they are made of. */
export function poolAmounts(counters: Counters): ReadonlyMap<string, Amounts> {
  const value = (name: string): number => counters[name] ?? 0;
  const found = new Map<string, Amounts>();
  for (let node = 0; counters[`node${node}.total`] !== undefined; node++) found.set(`node:${node}`, nodeAmounts(node, value));
  for (const [size, order] of [
    ['1G', GIGA],
    ['2M', MEGA],
  ] as const) {
    const [all, free, reserved] = ['nr_huge_pages', 'free_huge_pages', 'resv_huge_pages'].map((name) => value(`hstate.${size}.${name}`));
    found.set(`pool:hugetlb ${size}`, poolParts(all ?? 0, free ?? 0, reserved ?? 0, 0, order));
  }
  found.set('pool:global pool', poolParts(value('pool.total'), value('pool.free'), value('pool.reserved'), 0, GIGA));
  found.set('pool:CMA area', poolParts(value('cma.total'), value('cma.free'), value('cma.reserved'), value('cma.obstructed'), GIGA));
  return found;
}

function poolParts(all: number, free: number, reserved: number, obstructed: number, order: number): Amounts {
  const held = Math.min(free, reserved);
  const size = 2 ** order;
  return [
    [Math.max(0, all - free - obstructed) * size, poolLook('in-use')],
    [held * size, poolLook('reserved')],
    [(free - held) * size, poolLook('free')],
    [obstructed * size, poolLook('obstructed')],
  ];
}

function nodeAmounts(node: number, value: (name: string) => number): Amounts {
  const own = (name: string): number => value(`node${node}.${name}`);
  const huge = value(`hstate.1G.node${node}.nr_huge_pages`) * 2 ** GIGA + value(`hstate.2M.node${node}.nr_huge_pages`) * 2 ** MEGA;
  const vmemmap = own('vmemmap') + own('vmemmap_tables') + own('vmemmap_rest');
  const buddy = own('buddy_free');
  const small = own('gmem_4k');
  const others = own('taken') + own('slab') + own('stuck') + own('twins');
  const rest = Math.max(0, own('total') - huge - vmemmap - buddy - small - others);
  return [
    [huge + rest, poolLook('huge')],
    [small, poolLook('gmem4k')],
    [vmemmap, poolLook('vmemmap')],
    [others, poolLook('others')],
    [buddy, poolLook('buddy')],
  ];
}

const sumOf = (amounts: Amounts): number => amounts.reduce((sum, [pages]) => sum + pages, 0);

/** Sections of all designs together, in the order in which they are shown. */
export function sectionsOf(pools: readonly ReadonlyMap<string, Amounts>[], files: ReadonlyMap<string, number>): readonly MapSection[] {
  const sections = new Map<string, MapSection>();
  for (const each of pools) {
    for (const [id, amounts] of each) {
      const pages = Math.max(sumOf(amounts), sections.get(id)?.pages ?? 0);
      const leastOrder = id.endsWith('2M') ? MEGA : GIGA;
      if (pages > 0) sections.set(id, { id, title: titleOf(id), pages, leastOrder });
    }
  }
  for (const [file, pages] of files) sections.set(`file:${file}`, { id: `file:${file}`, title: file, pages, leastOrder: 0 });
  return [...sections.values()];
}

const titleOf = (id: string): string => (id.startsWith('node:') ? `node ${id.slice(5)}` : id.slice(5));

/** The runs of a window of a pool or a node: parts in order, each cell with the part that has most of it. */
export function poolRuns(amounts: Amounts, window: MapWindow): CellRuns {
  const runs = new Runs();
  const size = 2 ** window.order;
  let part = 0;
  let end = amounts[0]?.[0] ?? 0;
  for (let cell = window.from; cell < window.to;) {
    const from = cell * size;
    while (part < amounts.length && end <= from) end += amounts[++part]?.[0] ?? 0;
    const own = amounts[part];
    const weights = new Weights();
    const whole = own === undefined ? window.to - cell : Math.floor((end - from) / size);
    if (own === undefined) {
      runs.addNone(whole);
      break;
    }
    if (whole >= 1) {
      const cells = Math.min(whole, window.to - cell);
      weights.add(own[1], size);
      runs.add(cells, weights, size);
      cell += cells;
      continue;
    }
    let at = from;
    let upTo = end;
    for (let next = part; next < amounts.length && at < from + size; upTo += amounts[++next]?.[0] ?? 0) {
      const until = Math.min(upTo, from + size);
      if (until > at) weights.add(amounts[next]![1], until - at);
      at = Math.max(at, until);
    }
    runs.add(1, weights, size);
    cell += 1;
  }
  return runs.flat;
}

/** The runs of a window of a file. Cells inside one extent are one run, whatever their number. */
export function fileRuns(extents: readonly FileExtent[], window: MapWindow, colouring: MapColouring): CellRuns {
  const runs = new Runs();
  const size = 2 ** window.order;
  let at = firstExtent(extents, window.from * size);
  let cell = window.from;
  while (cell < window.to) {
    const extent = extents[at];
    if (extent === undefined) {
      runs.addNone(window.to - cell);
      break;
    }
    const from = cell * size;
    if (extent.to <= from) {
      at += 1;
      continue;
    }
    const whole = Math.min(window.to - cell, Math.floor((extent.to - from) / size));
    const isLast = at === extents.length - 1;
    if (whole >= 1 || isLast) {
      // The last cell of a file may stand for fewer pages than the others.
      const cells = Math.max(1, whole);
      const weights = new Weights();
      weights.add(colouring.of(extent), size);
      runs.add(cells, weights, size);
      cell += cells;
      continue;
    }
    const weights = new Weights();
    let next = at;
    for (let here: FileExtent | undefined = extent; here !== undefined && here.from < from + size; here = extents[++next])
      weights.add(colouring.of(here), Math.min(here.to, from + size) - Math.max(here.from, from));
    runs.add(1, weights, size);
    at = Math.max(at, next - 1);
    cell += 1;
  }
  return runs.flat;
}

export function extentAt(extents: readonly FileExtent[], page: number): FileExtent | undefined {
  const extent = extents[firstExtent(extents, page)];
  return extent !== undefined && extent.from <= page ? extent : undefined;
}

/** The first extent that ends behind the page. */
function firstExtent(extents: readonly FileExtent[], page: number): number {
  let low = 0;
  let high = extents.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (extents[middle]!.to <= page) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pages of a cell by look. */
class Weights {
  readonly by = new Map<number, number>();

  add(lookNumber: number, pages: number): void {
    this.by.set(lookNumber, (this.by.get(lookNumber) ?? 0) + pages);
  }
}

class Runs {
  readonly flat: number[] = [];

  add(cells: number, weights: Weights, size: number): void {
    let first = -1;
    let other = -1;
    for (const [each, pages] of weights.by) {
      if (first < 0 || pages > weights.by.get(first)!) [first, other] = [each, first];
      else if (other < 0 || pages > weights.by.get(other)!) other = each;
    }
    const share = other < 0 ? 0 : Math.max(1, Math.round(((weights.by.get(other) ?? 0) / size) * 255));
    this.push(cells, first, other, share);
  }

  /** Cells behind the end of what the design has. */
  addNone(cells: number): void {
    this.push(cells, -1, -1, 0);
  }

  private push(cells: number, first: number, other: number, share: number): void {
    const last = this.flat.length - 4;
    if (last >= 0 && this.flat[last + 1] === first && this.flat[last + 2] === other && this.flat[last + 3] === share) {
      this.flat[last]! += cells;
      return;
    }
    this.flat.push(cells, first, other, share);
  }
}
