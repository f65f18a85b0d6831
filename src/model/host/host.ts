/** A host while operations run on it: its state, what the present operation has touched, and the functions that change blocks and files. */
import type { EventLog, Rule } from './event-log';
import { appendEvent } from './event-log';
import type { ModelSpec } from './host-spec';
import { hashPages, mix } from './pages';
import { EMPTY, MIXED, SPLIT, WHOLE, type Block, type FileState, type Small } from './state';

export interface Host extends Small {
  readonly spec: ModelSpec;
  /** Value of each switch of the design. */
  readonly choices: ReadonlyMap<string, string>;
  /** Defects that are as written, as a set for speed. */
  readonly written: ReadonlySet<string>;
  /** The folios of 2M that a two-level split leaves have their vmemmap optimised away. */
  readonly mixedHvo: boolean;
  /** Whether sharing is told by the VM's attributes or by the file. */
  readonly attributes: 'vm' | 'both' | 'file';
  /** Whole folios of its files are hugetlb folios. */
  readonly hugetlbTyped: boolean;
  /** Runs what another thread does meanwhile, once. */
  meanwhile: (() => void) | null;
  /** What that is, so that a window of a lock held shared lets only those in who take it shared. */
  meanwhileKind: string;
  epoch: number;
  step: number;
  /** Microseconds, illustrated. */
  time: number;
  files: FileState[];
  names: ReadonlyMap<string, number>;
  /** Whose content there may be. Only grows. */
  readonly principals: Map<string, number>;
  readonly log: EventLog;
  /** Blocks that the present operation has changed or looked at for change. */
  readonly touched: Touched[];
  /** What has happened that no state shows: for the invariants. */
  readonly facts: Fact[];
}

export interface Touched {
  readonly file: FileState;
  readonly block: Block;
  readonly index: number;
  /** Pages of the block. */
  from: number;
  to: number;
}

export type FactKind =
  /** Something restructured a folio that others held references of. */
  | 'restructured-with-references'
  | 'lost-data'
  | 'stale-data'
  | 'removed-while-mapped'
  | 'conversion-failed-changed'
  | 'hang'
  | 'reserved-allocation-failed'
  | 'misfit-leaf'
  | 'poison-spread'
  | 'poison-mapping-kept'
  | 'conversion-stuck'
  | 'conversion-fatal';

export interface Fact {
  readonly kind: FactKind;
  readonly file: FileState | null;
  readonly block: number;
  /** Made where it is told. */
  readonly text: () => string;
}

export const isWritten = (host: Host, defect: string): boolean => host.written.has(defect);
export const choice = (host: Host, name: string): string => host.choices.get(name) ?? '';

/** What the operation before has touched and told is looked at no more. */
export function beginOperation(host: Host): void {
  // Setting the length costs more than all there usually is to take away.
  while (host.touched.length > 0) host.touched.pop();
  while (host.facts.length > 0) host.facts.pop();
}

/** The file as this epoch may change it. The one at hand may be of an epoch before: what was changed since is in the host's. */
export function ownFile(host: Host, file: FileState): FileState {
  const now = host.files[file.id] ?? file;
  if (now.epoch === host.epoch) {
    now.hash = 0;
    return now;
  }
  const copy: FileState = {
    ...now,
    epoch: host.epoch,
    hash: 0,
    blocks: now.blocks.slice(),
    subpool: now.subpool && { ...now.subpool },
  };
  host.files[now.id] = copy;
  return copy;
}

/** The block as this epoch may change it, touched at the pages [from, to). */
export function ownBlock(host: Host, file: FileState, index: number, from = 0, to = 0): Block {
  const owned = ownFile(host, file);
  let block = owned.blocks[index];
  if (!block) {
    block = newBlock(owned, host.epoch);
    owned.blocks[index] = block;
  } else if (block.epoch !== host.epoch) {
    block = { ...block, epoch: host.epoch };
    owned.blocks[index] = block;
  }
  block.hash = 0;
  touch(host, owned, block, index, from, to);
  return block;
}

/** The block to look at: what it would be where nothing has been done to it. */
export function seenBlock(host: Host, file: FileState, index: number): Block {
  return host.files[file.id]!.blocks[index] ?? newBlock(file, -1);
}

export const currentFile = (host: Host, file: FileState): FileState => host.files[file.id]!;

/** Some file's huge pages are so many more, or fewer. */
export function countGmem(host: Host, file: FileState, by: number): void {
  if (file.order === 18) host.gmem1G += by;
  else host.gmem2M += by;
}

export function fact(host: Host, kind: FactKind, file: FileState | null, block: number, text: () => string): void {
  host.facts.push({ kind, file, block, text });
}

/** `block` is -1 where the event is about no block. */
export function event(host: Host, rule: Rule, file: FileState | null, page: number, times = 1, a = 0, b = 0): void {
  appendEvent(host.log, host, rule, file === null ? '' : file.name, page, times, a, b);
}

/** True where a scenario lets this allocation fail; it is then used up. */
export function injectedFailure(host: Host, kind: string): boolean {
  if (host.failures === NO_FAILURES) return false;
  const key = (host.failures[kind] ?? 0) > 0 ? kind : 'any';
  const left = host.failures[key] ?? 0;
  if (left <= 0) return false;
  const first = host.failures[goingWell(key)] ?? 0;
  if (first > 0) {
    host.failures = { ...host.failures, [goingWell(key)]: first - 1 };
    return false;
  }
  const failures = { ...host.failures, [key]: left - 1 };
  host.failures = Object.values(failures).some((count) => count > 0) ? failures : NO_FAILURES;
  return true;
}
/** Under which name it stands how many allocations of a kind go well before those that fail. */
export const goingWell = (allocation: string): string => `${allocation} going well`;
export const NO_FAILURES: Readonly<Record<string, number>> = {};

/** Number of a name in the list of those whose content pages may hold. */
export function principal(host: Host, name: string): number {
  const known = host.principals.get(name);
  if (known !== undefined) return known;
  host.principals.set(name, host.principals.size);
  return host.principals.size - 1;
}

/** The name behind a code of content. */
export const principalName = (host: Host, code: number): string => [...host.principals.keys()][contentOwner(code)] ?? '';

/** Codes of content: 0 zero, odd data of someone, even what someone has left behind. */
export const dataOf = (who: number): number => 2 * who + 1;
export const staleOf = (code: number): number => (code % 2 === 1 ? code + 1 : code);
export const isData = (code: number): boolean => code % 2 === 1;
export const isStale = (code: number): boolean => code > 0 && code % 2 === 0;
const contentOwner = (code: number): number => (code - 1) >> 1;

export const isRestructured = (block: Block): boolean => block.state === SPLIT || block.state === MIXED;
export const inFilemap = (block: Block): boolean => block.state === WHOLE || block.state === SPLIT || block.state === MIXED;

/** A number of 32 bits for a block's state; kept until it changes. */
export function blockHash(block: Block, pages: number): number {
  if (block.hash !== 0) return block.hash;
  let hash = mix(
    block.state * 64 + (block.hvo ? 1 : 0) + (block.restoreReserve ? 2 : 0) + (block.poisonWhole ? 4 : 0) + (block.hvoFlag ? 8 : 0),
    block.pfn,
  );
  for (const map of [
    block.present,
    block.share,
    block.attr,
    block.content,
    block.prepared,
    block.pins,
    block.refs,
    block.lostRefs,
    block.s2,
    block.small,
    block.twin,
  ]) {
    hash = hashPages(map, pages, hash);
  }
  for (const { process, ptes } of block.processes) if (ptes !== 0) hash = hashPages(ptes, pages, mixText(hash, process));
  for (const hold of block.holds)
    hash = mix(mix(mix(mixText(hash, hold.holder), hold.from), hold.to), hold.times * 2 + (hold.kind === 'pin' ? 1 : 0));
  for (const page of block.poison) hash = mix(hash, page);
  block.hash = hash === 0 ? 1 : hash;
  return block.hash;
}

export function mixText(hash: number, text: string): number {
  let result = hash;
  for (let i = 0; i < text.length; i++) result = mix(result, text.charCodeAt(i));
  return result;
}

function touch(host: Host, file: FileState, block: Block, index: number, from: number, to: number): void {
  for (let at = host.touched.length - 1; at >= 0 && at >= host.touched.length - 4; at--) {
    const entry = host.touched[at]!;
    if (entry.block !== block) continue;
    if (to > from) {
      if (entry.to <= entry.from) {
        entry.from = from;
        entry.to = to;
      } else {
        entry.from = Math.min(entry.from, from);
        entry.to = Math.max(entry.to, to);
      }
    }
    return;
  }
  host.touched.push({ file, block, index, from, to });
}

function newBlock(file: FileState, epoch: number): Block {
  return {
    epoch,
    hash: 0,
    state: EMPTY,
    pfn: -1,
    node: -1,
    hvo: false,
    remoteVmemmap: 0,
    vmemmapSplit: false,
    hvoFlag: false,
    restoreReserve: false,
    present: 0,
    share: file.share0,
    attr: file.attr0,
    content: 0,
    prepared: 0,
    mapped: 0,
    processes: [],
    pins: 0,
    refs: 0,
    lostRefs: 0,
    holds: [],
    s2: 0,
    drainsSplit: false,
    twoLevel: false,
    small: 0,
    poison: [],
    poisonWhole: false,
    twin: 0,
    unmerged: false,
    outline: null,
  };
}
