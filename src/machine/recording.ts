/**
 * What a run of one function has read of the state before it, and what it leaves: from an equal state it would do the same again.
 *
 * While a run is recorded no TLB is filled, so each access ends in `access.ts` or in `peek`, which report it here. Words that the run has
 * itself written, its locals and the objects that it allocates are not of the state before it.
 */
import { type Cpu, stepsOf } from './cpu';
import { dropReadTlb, dropWriteTlb, findSlot } from './memory';
import { beginNames, createNames, DEAD_LOCAL, isHeapHigh, isLocalHigh, nameOwn, nameWord, type ObjectNames } from './object-names';
import { nearestObject, type Objects } from './objects';
import { peekHalf } from './peek';
import type { Recording, RunResult, Stamps } from './recorded';
import { wordOf } from './word';

/** Numbers of an entry: place (two), bytes of a word (two), and more of them. */
export const ENTRY = 5;
// Bits of the last number: bytes that are initialised, bytes that are read, how, whether a page was there, and the sort of a new object.
export const MASK_SHIFT = 8;
export const PEEKED = 1 << 16;
export const ABSENT = 1 << 17;
export const SORT_SHIFT = 18;
/** Numbers of a change: place (two), bytes of a word (two), and which of them are initialised and changed, as in an entry. */
export const CHANGE = 5;
/** By four bits: the bytes that they stand for. */
const BYTES = Int32Array.from({ length: 16 }, (_, bits) =>
  [0, 1, 2, 3].reduce((all, bit) => all | (((bits >> bit) & 1) * (255 << (bit * 8))), 0),
);

/** The bytes of a half of a word that a mask of eight bits has. */
export const lowBytes = (mask: number): number => BYTES[mask & 15]!;
export const highBytes = (mask: number): number => BYTES[mask >> 4]!;
/** Words of one run; a run that reads or writes more is not kept. */
const MOST_WORDS = 8192;

export const createStamps = (): Stamps => ({
  read: new Int32Array(0),
  wrote: new Int32Array(0),
  known: new Uint8Array(0),
  written: new Uint8Array(0),
  next: 1,
});

export function beginRecording(cpu: Cpu, stamps: Stamps, what: string): Recording {
  if (stamps.next > 0x3fffffff) {
    stamps.read.fill(0);
    stamps.wrote.fill(0);
    stamps.next = 1;
  }
  const names = createNames();
  beginNames(names, firstLocal(cpu));
  dropReadTlb(cpu);
  dropWriteTlb(cpu);
  return {
    what,
    names,
    entries: [],
    written: [],
    absent: new Set(),
    heapFrom: cpu.objects.nextHeap,
    heapCount: cpu.objects.heap.length,
    localsFrom: names.localsFrom,
    deadLocals: [],
    freedNow: cpu.freedNow,
    freedFrom: cpu.freedNow.length,
    findings: cpu.findings.length,
    made: cpu.made.length,
    unknowns: cpu.unknowns.length,
    unsupported: cpu.unsupported.length,
    from: stepsOf(cpu),
    stamps,
    base: stamps.next,
    isBroken: false,
  };
}

/** Of a run that was just started: its first function has claimed its locals already. */
export const firstLocal = (cpu: Cpu): number => cpu.nextLocals - (cpu.units[cpu.tasks[0]?.root ?? -1]?.localsSize ?? 0);

/** Before an access to bytes of one page that is there. @param place of the first byte in the buffer */
export function noteAccess(cpu: Cpu, low: number, high: number, place: number, size: number, how: 'read' | 'write' | 'peek'): void {
  const recording = cpu.recording!;
  if (recording.isBroken || isLocalHigh(high)) return;
  const { stamps, base, entries } = recording;
  if (stamps.read.length < cpu.i32.length >> 1) growStamps(stamps, cpu.i32.length >> 1);
  const isOwn = isHeapHigh(high) && wordOf(low, high) >= recording.heapFrom;
  for (let word = place >> 3; word << 3 < place + size; word++) {
    const at = (low & -4096) | ((word & 511) << 3);
    const mask = maskOf(place - (word << 3), size);
    if (!isOwn) {
      if (stamps.read[word]! < base) {
        stamps.read[word] = base;
        stamps.known[word] = 0;
      }
      const more = mask & ~stamps.known[word]!;
      stamps.known[word]! |= mask;
      if (more !== 0 && how !== 'write') {
        if (stamps.read[word] === base) stamps.read[word] = base + 1 + entries.length / ENTRY;
        addEntry(
          cpu,
          recording,
          at,
          high,
          cpu.i32[word * 2]!,
          cpu.i32[word * 2 + 1]!,
          cpu.shadow[word]!,
          more,
          how === 'peek' ? PEEKED : 0,
        );
      }
    }
    if (how !== 'write') continue;
    if (stamps.wrote[word]! < base) {
      stamps.wrote[word] = base;
      stamps.written[word] = 0;
      recording.written.push(at, high, word);
    }
    stamps.written[word]! |= mask;
  }
  if (entries.length > MOST_WORDS * ENTRY || recording.written.length > MOST_WORDS * 3) recording.isBroken = true;
}

/** Bits of the bytes from `from` on, as many as there are of them in the word. */
const maskOf = (from: number, size: number): number =>
  (from >= 0 ? (size >= 8 ? 255 << from : ((1 << size) - 1) << from) : from + size >= 8 ? 255 : (1 << (from + size)) - 1) & 255;

/** Bytes of a page that is not there were looked at. */
export function noteAbsent(cpu: Cpu, low: number, high: number, size: number): void {
  const recording = cpu.recording!;
  const from = wordOf(low & -8, high);
  if (isLocalHigh(high) || (isHeapHigh(high) && from >= recording.heapFrom)) return;
  for (let at = from; at < wordOf(low, high) + size; at += 8) {
    if (recording.absent.has(at)) continue;
    recording.absent.add(at);
    addEntry(cpu, recording, at | 0, high, peekHalf(cpu, at), peekHalf(cpu, at + 4), 0, 255, PEEKED | ABSENT);
  }
}

function addEntry(
  cpu: Cpu,
  recording: Recording,
  low: number,
  high: number,
  wordLow: number,
  wordHigh: number,
  shadow: number,
  mask: number,
  how: number,
): void {
  const { names, entries } = recording;
  const isNamed = nameWord(names, cpu.objects, low, high);
  // An address is made of what was read: its object was met.
  if (!isNamed || names.sort !== 0) recording.isBroken = true;
  entries.push(names.low, names.high);
  if (!nameBytes(names, cpu.objects, wordLow, wordHigh, mask)) recording.isBroken = true;
  entries.push(names.low, names.high, (shadow & mask) | (mask << MASK_SHIFT) | how | (names.sort << SORT_SHIFT));
}

/** As `nameWord`, of some bytes of a word; false, too, for a part of a pointer. */
export function nameBytes(names: ObjectNames, objects: Objects, low: number, high: number, mask: number): boolean {
  if (mask === 255) return nameWord(names, objects, low, high);
  names.sort = 0;
  names.low = low & lowBytes(mask);
  names.high = high & highBytes(mask);
  return !isHeapHigh(high) && !isLocalHigh(high);
}

function growStamps(stamps: Stamps, words: number): void {
  for (const name of ['read', 'wrote'] as const) {
    const grown = new Int32Array(words);
    grown.set(stamps[name]);
    stamps[name] = grown;
  }
  for (const name of ['known', 'written'] as const) {
    const grown = new Uint8Array(words);
    grown.set(stamps[name]);
    stamps[name] = grown;
  }
}

/** The frame has got other content: nothing of it was read or written yet. */
export function forgetFrame({ stamps }: Recording, frame: number): void {
  stamps.read.fill(0, frame * 512, (frame + 1) * 512);
  stamps.wrote.fill(0, frame * 512, (frame + 1) * 512);
}

/** Null when the run cannot be kept. */
export function resultOf(cpu: Cpu, recording: Recording): RunResult | null {
  const { names, stamps, base, entries } = recording;
  stamps.next = base + entries.length / ENTRY + 1;
  if (recording.isBroken || cpu.freedNow !== recording.freedNow) return null;
  if (cpu.unknowns.length > recording.unknowns || cpu.unsupported.length > recording.unsupported || cpu.findingsCut > 0) return null;
  const findings = cpu.findings.slice(recording.findings);
  const { end } = cpu;
  if (end !== null && (end.kind === 'undecided' || end.finding !== findings.at(-1))) return null;
  const isStopped = end !== null;
  const allocated = cpu.objects.heap.slice(recording.heapCount);
  nameOwn(names, allocated);
  const freedObjects = cpu.freedNow.slice(recording.freedFrom);
  const changes = isStopped ? [] : changesOf(cpu, recording);
  if (changes === null || freedObjects.some((object) => object.round !== names.round)) return null;
  return {
    isStopped,
    changes: Int32Array.from(changes),
    allocated,
    freed: freedObjects.map(({ number, freed }) => ({ number, moment: freed! })),
    locals: cpu.nextLocals - recording.localsFrom,
    deadLocals: recording.deadLocals,
    findings,
    made: cpu.made.slice(recording.made),
    value: [cpu.value[0]!, cpu.value[1]!],
    from: recording.from,
    steps: stepsOf(cpu) - recording.from,
  };
}

/** Words that are not as they were read; null when one of them cannot be named. */
function changesOf(cpu: Cpu, { names, entries, stamps, base, written }: Recording): number[] | null {
  const changes: number[] = [];
  for (let index = 0; index < written.length; index += 3) {
    const [low, high, word] = [written[index]!, written[index + 1]!, written[index + 2]!];
    if (isHeapHigh(high) && nearestObject(cpu.objects, wordOf(low, high))?.freed !== null) continue;
    const slot = findSlot(cpu, low, high);
    if (slot < 0 || cpu.table.frame[slot]! !== word >> 9) return null;
    if (!nameWord(names, cpu.objects, low, high) || names.sort !== 0) return null;
    const [placeLow, placeHigh] = [names.low, names.high];
    const mask = stamps.written[word]!;
    const shadow = cpu.shadow[word]! & mask;
    if (!nameBytes(names, cpu.objects, cpu.i32[word * 2]!, cpu.i32[word * 2 + 1]!, mask) || names.sort !== 0) return null;
    const entry = (stamps.read[word]! - base - 1) * ENTRY;
    const isSame =
      entry >= 0 &&
      entries[entry + 2] === names.low &&
      entries[entry + 3] === names.high &&
      (entries[entry + 4]! & 0xffff) === (shadow | (mask << MASK_SHIFT));
    if (isSame) continue;
    if (mask === 255 && names.high === DEAD_LOCAL) return null;
    changes.push(placeLow, placeHigh, names.low, names.high, shadow | (mask << MASK_SHIFT));
  }
  return changes;
}
