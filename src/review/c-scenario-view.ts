/** The C's memory as a model of a host shows it: counters under the same names, and the pages of a file as runs that look the same. */
import type { Counters, FileExtent } from '../model/host/host-model';
import { fieldIfAny, I32 } from '../model/fields';
import { COUNTERS, recordOf } from '../model/record';
import { contentOfWord } from '../model/userspace/contents';
import { folioAt, type UserState } from '../model/userspace/user-state';
import type { FolioExtent } from '../protocol/simulation';
import type { FileOnC, GroundOnC } from './c-scenario-state';

const STRUCT_PAGE = 64;
const PAGE = 4096;
const COUNTED_STATES = ['whole', 'split', 'mixed', 'orphan', 'draining'] as const;

export function countersOnC(host: GroundOnC): Counters {
  const { now } = host;
  const counters: Record<string, number> = {};
  ofHstate(host, counters);
  ofCharges(host, counters);
  const sums = { empty: 0, whole: 0, split: 0, mixed: 0, orphan: 0, draining: 0 };
  for (const file of now.files) ofFile(host, file, counters, sums);
  if (now.files.length > 0) for (const name of COUNTED_STATES) counters[`blocks.${name}`] = sums[name];
  return counters;
}

const HSTATE = 'struct hstate';

function ofHstate({ session: { machine, world }, setup }: GroundOnC, counters: Record<string, number>): void {
  const { kernel, layout } = machine;
  const prefix = `hstate.${setup.sizeName}`;
  for (const name of ['nr', 'free', 'resv', 'surplus', 'max', 'nr_overcommit'].map((each) => `${each}_huge_pages`)) {
    const field = fieldIfAny(layout, HSTATE, name);
    if (field !== null) counters[`${prefix}.${name}`] = kernel.peek(world.hstate, field);
  }
  counters[`${prefix}.available`] = (counters[`${prefix}.free_huge_pages`] ?? 0) - (counters[`${prefix}.resv_huge_pages`] ?? 0);
  for (const name of ['nr_huge_pages', 'free_huge_pages', 'surplus_huge_pages']) {
    if (!layout.has(HSTATE, `${name}_node`)) continue;
    const first = world.hstate + layout.offsetof(HSTATE, `${name}_node`);
    for (let node = 0; node < setup.pools.length; node++) counters[`${prefix}.node${node}.${name}`] = kernel.peek(first + node * 4, I32);
  }
}

/** The one control group counts for all: whose pages it has is known where there is one VM and nobody else. */
function ofCharges(host: GroundOnC, counters: Record<string, number>): void {
  const [vm, other] = host.spec.vms;
  if (vm === undefined || other !== undefined || host.now.hugetlbfs.length > 0) return;
  const { kernel } = host.session.machine;
  counters[`charge.${vm.name}.hugetlb`] = kernel.peek(recordOf(kernel), COUNTERS.hugetlbCharge);
  counters[`charge.${vm.name}.hugetlb_rsvd`] = kernel.peek(recordOf(kernel), COUNTERS.hugetlbReservation);
}

function ofFile(host: GroundOnC, file: FileOnC, counters: Record<string, number>, sums: Record<FileExtent['block'], number>): void {
  const state = host.stateOf(file);
  const put = (counter: string, group: string, name: string): void => {
    const value = state.memory.counters.find((each) => each.group === group && each.name === name)?.value;
    if (value !== undefined) counters[counter] = value;
  };
  if (!file.isGone) {
    for (const name of ['max_hpages', 'used_hpages', 'min_hpages', 'rsv_hpages']) put(`subpool.${file.name}.${name}`, 'subpool', name);
    put(`file.${file.name}.i_blocks`, 'inode', 'i_blocks');
  }
  const all = Math.max((2 ** host.setup.order * STRUCT_PAGE) / PAGE, 1);
  const own = { empty: 0, whole: 0, split: 0, mixed: 0, orphan: 0, draining: 0 };
  let vmemmap = 0;
  for (let block = 0; block < file.pages / 2 ** host.setup.order; block++) {
    const seen = blockOf(host, file, state, block);
    own[seen.state] += 1;
    sums[seen.state] += 1;
    if (seen.state !== 'empty') vmemmap += seen.hvo ? 1 : all;
  }
  counters[`file.${file.name}.blocks`] = own.whole + own.split + own.mixed;
  counters[`vmemmap.${file.name}`] = vmemmap;
}

interface SeenBlock {
  readonly state: FileExtent['block'];
  readonly hvo: boolean;
  /** First frame of its memory, -1 for none. */
  readonly pfn: number;
}

function blockOf({ setup }: GroundOnC, file: FileOnC, state: UserState, block: number): SeenBlock {
  const huge = 2 ** setup.order;
  const first = block * huge;
  let [pages, most, pfn] = [0, 0, -1];
  for (const extent of file.isGone ? [] : state.memory.pageCache) {
    const from = Math.max(extent.index, first);
    const end = Math.min(extent.index + extent.count * 2 ** extent.order, first + huge);
    if (from >= end || extent.pfn < 0) continue;
    pages += end - from;
    most = Math.max(most, extent.order);
    if (from === first) pfn = extent.pfn + from - extent.index;
  }
  if (pages > 0) {
    // At order 0 a huge page is one page, and never split.
    const whole = pages === huge && (most === setup.order || huge === 1);
    return { state: whole ? 'whole' : most === 0 && pages === huge ? 'split' : 'mixed', hvo: isOptimised(state, pfn), pfn };
  }
  const had = file.memory[block] ?? -1;
  if (had < 0 || isFree(state, had)) return { state: 'empty', hvo: false, pfn: -1 };
  const isHeld = [...state.holds, ...state.entries].some((each) => each.pfn >= had && each.pfn < had + huge);
  const isOthers = [state, ...state.others].some(({ memory }) =>
    memory.pageCache.some((extent) => extent.pfn <= had && had < extent.pfn + extent.count * 2 ** extent.order),
  );
  if (isOthers) return { state: 'empty', hvo: false, pfn: -1 };
  // A huge page goes back to the pool with its last reference; single pages do not find back.
  const isHuge = folioAt(state, had)?.extent.order === setup.order;
  return { state: isHeld && (isHuge || file.isGone) ? 'draining' : 'orphan', hvo: isOptimised(state, had), pfn: had };
}

const isOptimised = (state: UserState, pfn: number): boolean => {
  const extent = pfn < 0 ? undefined : folioAt(state, pfn)?.extent;
  return extent?.type === 'hugetlb' && extent.flags.includes('vmemmap_optimized');
};

/** On a free list of the pool, given up by it, or with a user of hugetlbfs. */
const isFree = (state: UserState, pfn: number): boolean =>
  state.free.includes(pfn) || state.buddy.includes(pfn) || state.hugetlbfs.includes(pfn);

/** Shape: in order, gapless over the file, neighbours differ. */
export function extentsOnC(host: GroundOnC, file: FileOnC): readonly FileExtent[] {
  const look = new Look(host, file);
  const extents: FileExtent[] = [];
  const huge = 2 ** host.setup.order;
  for (let block = 0; block < file.pages / huge; block++) {
    const seen = blockOf(host, file, look.state, block);
    for (let page = block * huge; page < (block + 1) * huge; page++) {
      const last = extents.at(-1);
      const next = look.at(page, seen, block);
      if (last !== undefined && isAlike(last, next)) extents[extents.length - 1] = { ...last, to: page + 1 };
      else extents.push(next);
    }
  }
  return extents;
}

const isAlike = (left: FileExtent, right: FileExtent): boolean =>
  (right.pfn < 0 ? left.pfn < 0 : left.pfn >= 0 && right.pfn === left.pfn + (right.from - left.from)) &&
  (Object.keys(left) as (keyof FileExtent)[]).every((key) => key === 'from' || key === 'to' || key === 'pfn' || left[key] === right[key]);

/** What holds the pages of a file, looked up once. */
class Look {
  private readonly shared = new Set<number>();
  private readonly mapped = new Map<number, number>();
  private readonly pinned = new Map<number, number>();
  private readonly held = new Map<number, number>();
  private readonly leaves = new Map<number, number>();
  readonly state: UserState;
  private folio: { readonly extent: FolioExtent; readonly end: number } | null = null;

  constructor(
    private readonly host: GroundOnC,
    private readonly file: FileOnC,
  ) {
    this.state = host.stateOf(file);
    const add = (to: Map<number, number>, key: number): void => void to.set(key, (to.get(key) ?? 0) + 1);
    for (const { index, count } of this.state.memory.faultable) for (let page = 0; page < count; page++) this.shared.add(index + page);
    for (const { pfn } of this.state.entries) add(this.mapped, pfn);
    for (const { kind, pfn } of this.state.holds) if (kind !== 'poison') add(kind === 'pin' ? this.pinned : this.held, pfn);
    for (const { index, order } of this.state.leaves) for (let page = 0; page < 2 ** order; page++) this.leaves.set(index + page, order);
  }

  at(page: number, { state: block, pfn: first, hvo }: SeenBlock, number: number): FileExtent {
    const { state, host } = this;
    const exists = block !== 'empty';
    const pfn = exists && first >= 0 ? first + page - number * 2 ** host.setup.order : -1;
    const extent = exists ? this.folioOf(pfn) : null;
    const word = contentOfWord(state.contents[pfn - state.firstPfn] ?? 0);
    // What is expected there is what was written there, and was not given away since.
    const isData = exists && (state.expected[page] ?? 0) === (state.contents[pfn - state.firstPfn] ?? 0) + 1 && word.writer !== 'zero';
    const order = extent?.order ?? 0;
    return {
      from: page,
      to: page + 1,
      block,
      folioOrder: order,
      pfn,
      type: !exists ? 'buddy' : extent?.type === 'hugetlb' ? 'hugetlb' : order > 0 ? 'plain-large' : 'small',
      owner: exists ? 'gmem' : 'buddy',
      sharing: this.shared.has(page) ? 'shared' : 'private',
      attribute: state.privates[page] === true ? 'private' : 'shared',
      content: !exists ? 'none' : word.writer === 'zero' ? 'zero' : isData ? 'data' : 'stale',
      contentOf: isData ? this.nameOf(word.writer) : '',
      prepared: extent?.flags.includes('uptodate') ?? false,
      hvo: hvo && block === 'whole',
      poisoned: extent?.flags.includes('hwpoison') ?? false,
      mapped: this.mapped.get(pfn) ?? 0,
      pinned: this.pinned.get(pfn) ?? 0,
      references: this.held.get(pfn) ?? 0,
      stage2: this.leaves.get(page) ?? -1,
    };
  }

  /** The guest's data are its VM's; which process wrote is known only where there is one. */
  private nameOf(writer: string): string {
    if (writer.startsWith('guest')) return this.file.vm;
    const [process, other] = new Set(this.file.mappings.flatMap((mapping) => (mapping === null ? [] : [mapping.process])));
    return other === undefined ? (process ?? '') : '';
  }

  /** Pages are asked for in order: most are of the folio of the one before, or of its run. */
  private folioOf(pfn: number): FolioExtent | null {
    const { folio } = this;
    if (folio !== null && pfn >= folio.extent.pfn && pfn < folio.end) return folio.extent;
    const found = pfn < 0 ? null : folioAt(this.state, pfn);
    this.folio = found === null ? null : { extent: found.extent, end: found.extent.pfn + found.extent.count * 2 ** found.extent.order };
    return found?.extent ?? null;
  }
}
