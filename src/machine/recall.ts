/**
 * Runs that were seen, by what they read in order: a run that reads the same words does the same. What several runs begin with is kept once;
 * after it, the next word that is read tells them apart.
 */
import { locate } from './access';
import { PAGE_SIZE, pagesOf } from './address-space';
import type { Cpu } from './cpu';
import { Fault } from './faults';
import { dropPages } from './kernel';
import { fillTlb, findSlot, hit } from './memory';
import { beginNames, createNames, nameOwn, nameWord, objectOfNumber, wordOfName } from './object-names';
import { allocateObject } from './objects';
import {
  ABSENT,
  beginRecording,
  CHANGE,
  createStamps,
  ENTRY,
  firstLocal,
  highBytes,
  lowBytes,
  MASK_SHIFT,
  nameBytes,
  PEEKED,
  resultOf,
  SORT_SHIFT,
} from './recording';
import { peekHalf } from './peek';
import type { Recording, RunResult } from './recorded';
import { wordOf } from './word';

interface Node {
  /** Words that all runs behind it read, in order. */
  entries: Int32Array;
  result: RunResult | null;
  /** By what the next word is. */
  next: Map<number, Node> | null;
  /** Where the next word is; of its last number, only how it is read. */
  place: Int32Array;
  /** What that word was for this node. */
  readonly first: Int32Array;
}

export interface Recollections {
  readonly roots: Map<string, Node>;
  readonly stamps: ReturnType<typeof createStamps>;
  readonly names: ReturnType<typeof createNames>;
  /** Numbers kept. */
  size: number;
}

/** Numbers of four bytes; when as many are kept, nothing is added. */
const MOST_NUMBERS = 96 * 1024 * 1024;
const NOTHING = new Int32Array(0);

export const createRecollections = (): Recollections => ({ roots: new Map(), stamps: createStamps(), names: createNames(), size: 0 });

/** The run that was just started ends as it ended before; false when nobody knows how: then it is recorded. */
export function recallRun(cpu: Cpu, recollections: Recollections, what: string): boolean {
  const result = find(cpu, recollections, recollections.roots.get(what) ?? null);
  if (result !== null) {
    apply(cpu, recollections, result);
    return true;
  }
  cpu.recording = beginRecording(cpu, recollections.stamps, what);
  return false;
}

/** The run that is recorded has ended. */
export function keepRun(cpu: Cpu, recollections: Recollections): void {
  const { recording } = cpu;
  cpu.recording = null;
  if (recording === null) return;
  const result = resultOf(cpu, recording);
  if (result !== null && recollections.size < MOST_NUMBERS) insert(recollections, recording, result);
}

function find(cpu: Cpu, { names }: Recollections, root: Node | null): RunResult | null {
  beginNames(names, firstLocal(cpu));
  const now = new Int32Array(3);
  for (let node = root; node !== null;) {
    const { entries } = node;
    for (let at = 0; at < entries.length; at += ENTRY) {
      if (!readNow(cpu, names, entries[at]!, entries[at + 1]!, entries[at + 4]!, now)) return null;
      if (now[0] !== entries[at + 2]! || now[1] !== entries[at + 3]! || now[2] !== entries[at + 4]!) return null;
    }
    if (node.result !== null) return node.result;
    const { place, next } = node;
    if (!readNow(cpu, names, place[0]!, place[1]!, place[2]!, now)) return null;
    const child: Node | undefined = next?.get(keyOf(now[0]!, now[1]!, now[2]!));
    if (child === undefined || child.first[0] !== now[0] || child.first[1] !== now[1] || child.first[2] !== now[2]) return null;
    node = child;
  }
  return null;
}

/** The word at a named place as an entry has it; false where it cannot be read. */
function readNow(cpu: Cpu, names: Recollections['names'], placeLow: number, placeHigh: number, how: number, now: Int32Array): boolean {
  wordOfName(names, placeLow, placeHigh);
  const { low, high } = names;
  const isPeeked = (how & PEEKED) !== 0;
  const place = placeNow(cpu, low, high, isPeeked);
  if (place < 0) {
    if (!isPeeked) return false;
    const at = wordOf(low, high);
    if (!nameWord(names, cpu.objects, peekHalf(cpu, at), peekHalf(cpu, at + 4))) return false;
    now[2] = (255 << MASK_SHIFT) | PEEKED | ABSENT | (names.sort << SORT_SHIFT);
  } else {
    const mask = (how >> MASK_SHIFT) & 255;
    if (!nameBytes(names, cpu.objects, cpu.i32[place >> 2]!, cpu.i32[(place >> 2) + 1]!, mask)) return false;
    now[2] = (cpu.shadow[place >> 3]! & mask) | howOf(how) | (names.sort << SORT_SHIFT);
  }
  now[0] = names.low;
  now[1] = names.high;
  return true;
}

/** Place in the buffer, -1 when no page is there; one that the run would bring in is brought in. */
function placeNow(cpu: Cpu, low: number, high: number, isPeeked: boolean): number {
  const known = hit(cpu.readTlb, low, high, 1);
  if (known >= 0) return known;
  const slot = findSlot(cpu, low, high);
  if (slot >= 0) {
    const frame = cpu.table.frame[slot]!;
    fillTlb(cpu.readTlb, low, high, frame, cpu.table.meta[slot]!);
    return frame * PAGE_SIZE + (low & 4095);
  }
  if (isPeeked) return -1;
  try {
    return locate(cpu, low, high, 1, false, 0, 1);
  } catch (problem) {
    if (problem instanceof Fault) return -1;
    throw problem;
  }
}

function keyOf(low: number, high: number, more: number): number {
  const mixed = Math.imul(low ^ Math.imul(high, 0x27d4eb2d), 0x9e3779b1 | 0) ^ Math.imul(more, 0x85ebca6b | 0);
  return (mixed ^ (mixed >>> 15)) >> 1;
}

function apply(cpu: Cpu, { names }: Recollections, result: RunResult): void {
  const step = (old: number): number => cpu.stepsBefore + old - result.from;
  const findings = result.findings.map((finding) => ({ ...finding, step: step(finding.step) }));
  for (const finding of findings) cpu.findings.push(finding);
  for (const made of result.made) cpu.made.push({ ...made, step: step(made.step) });
  if (result.isStopped) cpu.end = { kind: 'stopped', finding: cpu.findings.at(-1)! };
  else {
    const own = result.allocated.map(({ size, name, zeroed, kind, allocated }) =>
      allocateObject(
        cpu.objects,
        size,
        { name, zeroed, kind: kind === 'heap' ? 'heap' : 'model' },
        { pc: allocated.pc, step: step(allocated.step) },
      ),
    );
    nameOwn(names, own);
    change(cpu, names, result.changes);
    for (const { number, moment } of result.freed) {
      const object = objectOfNumber(names, number);
      object.freed = { pc: moment.pc, step: step(moment.step) };
      cpu.freedNow.push(object);
      dropPages(cpu, object.at, pagesOf(object.size));
    }
    leaveLocals(cpu, names.localsFrom, result);
    cpu.value.set(result.value);
    cpu.tasks[0]!.done = true;
    cpu.depth = 0;
  }
  cpu.stepsBefore += result.steps;
}

function change(cpu: Cpu, names: Recollections['names'], changes: Int32Array): void {
  for (let at = 0; at < changes.length; at += CHANGE) {
    wordOfName(names, changes[at]!, changes[at + 1]!);
    const place = locate(cpu, names.low, names.high, 1, true, 0, 1);
    const mask = changes[at + 4]! >> MASK_SHIFT;
    if (mask === 255) {
      wordOfName(names, changes[at + 2]!, changes[at + 3]!);
      cpu.i32[place >> 2] = names.low;
      cpu.i32[(place >> 2) + 1] = names.high;
      cpu.shadow[place >> 3] = changes[at + 4]! & 255;
      continue;
    }
    const [low, high] = [lowBytes(mask), highBytes(mask)];
    cpu.i32[place >> 2] = (cpu.i32[place >> 2]! & ~low) | changes[at + 2]!;
    cpu.i32[(place >> 2) + 1] = (cpu.i32[(place >> 2) + 1]! & ~high) | changes[at + 3]!;
    cpu.shadow[place >> 3] = (cpu.shadow[place >> 3]! & ~mask) | (changes[at + 4]! & 255);
  }
}

function leaveLocals(cpu: Cpu, from: number, { deadLocals, locals }: RunResult): void {
  for (let at = 0; at < deadLocals.length; at += 2) {
    cpu.deadLocals[cpu.deadLocalsNext] = from + deadLocals[at]!;
    cpu.deadLocals[cpu.deadLocalsNext + 1] = deadLocals[at + 1]!;
    cpu.deadLocalsNext = (cpu.deadLocalsNext + 2) % cpu.deadLocals.length;
  }
  cpu.nextLocals = from + locals;
}

function insert(recollections: Recollections, recording: Recording, result: RunResult): void {
  const entries = Int32Array.from(recording.entries);
  const root = recollections.roots.get(recording.what);
  if (root === undefined) {
    recollections.roots.set(recording.what, leafOf(recollections, entries, 0, result));
    return;
  }
  let at = 0;
  for (let node = root; ;) {
    const same = sameEntries(node.entries, entries, at);
    at += same;
    if (same < node.entries.length) {
      if (at >= entries.length || !split(node, same, entries, at)) return;
    } else if (node.result !== null || at >= entries.length) return;
    if (!isPlace(node.place, entries, at)) return;
    const key = keyOf(entries[at + 2]!, entries[at + 3]!, entries[at + 4]!);
    const child = node.next!.get(key);
    if (child === undefined) {
      node.next!.set(key, leafOf(recollections, entries, at, result));
      return;
    }
    // Two words of one key: the first one keeps it.
    if (child.first[0] !== entries[at + 2] || child.first[1] !== entries[at + 3] || child.first[2] !== entries[at + 4]) return;
    node = child;
    at += ENTRY;
  }
}

/** @param at where the entry is that tells it apart; the first node of all has none */
function leafOf(recollections: Recollections, entries: Int32Array, at: number, result: RunResult): Node {
  const isRoot = at === 0;
  const rest = entries.slice(isRoot ? 0 : at + ENTRY);
  recollections.size += rest.length + result.changes.length + 64;
  return { entries: rest, result, next: null, place: NOTHING, first: isRoot ? NOTHING : entries.slice(at + 2, at + ENTRY) };
}

/** How many numbers of `mine` stand in `all` from a place on, in whole entries. */
function sameEntries(mine: Int32Array, all: Int32Array, from: number): number {
  for (let at = 0; at < mine.length; at += ENTRY) {
    for (let number = 0; number < ENTRY; number++) if (mine[at + number] !== all[from + at + number]) return at;
  }
  return mine.length;
}

/** Which bytes, and how. */
const howOf = (more: number): number => more & (PEEKED | (255 << MASK_SHIFT));

const isPlace = (place: Int32Array, entries: Int32Array, at: number): boolean =>
  place[0] === entries[at] && place[1] === entries[at + 1] && place[2] === howOf(entries[at + 4]!);

/** The node keeps its first entries; what comes after them is a node behind it. False where not a word but its place is another. */
function split(node: Node, same: number, entries: Int32Array, at: number): boolean {
  const { entries: all, result, next, place } = node;
  const here = Int32Array.of(all[same]!, all[same + 1]!, howOf(all[same + 4]!));
  if (!isPlace(here, entries, at)) return false;
  const first = all.slice(same + 2, same + ENTRY);
  const behind: Node = { entries: all.slice(same + ENTRY), result, next, place, first };
  node.entries = all.slice(0, same);
  node.result = null;
  node.next = new Map([[keyOf(first[0]!, first[1]!, first[2]!), behind]]);
  node.place = here;
  return true;
}
