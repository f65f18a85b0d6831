/**
 * What a run of one function has read of the state before it, and what it leaves: from an equal state it would do the same again.
 *
 * While a run is recorded no TLB is filled, so each access ends in `access.ts` or in `peek`, which report it here. Words that the run has
 * itself written, its locals and the objects that it allocates are not of the state before it.
 */
import { type Cpu, stepsOf } from './cpu';
import { dropReadTlb, dropWriteTlb, findSlot } from './memory';
import { beginNames, createNames, DEAD_LOCAL, isHeapHigh, isLocalHigh, nameOwn, nameWord } from './object-names';
import { nearestObject } from './objects';
import { peekHalf } from './peek';
import type { Recording, RunResult, Stamps } from './recorded';
import { wordOf } from './word';

/** Numbers of an entry: place (two), word (two), and more of the word: see below. */
export const ENTRY = 5;
/** Bits of the last number of an entry: which bytes are initialised, how it was read, whether a page was there, and the sort of a new object. */
export const PEEKED = 256;
export const ABSENT = 512;
export const SORT_SHIFT = 10;
/** Numbers of a change: place (two), word (two), which bytes are initialised. */
export const CHANGE = 5;
/** Words of one run; a run that reads or writes more is not kept. */
const MOST_WORDS = 8192;

export const createStamps = (): Stamps => ({ read: new Int32Array(0), wrote: new Int32Array(0), next: 1 });

export function beginRecording(cpu: Cpu, stamps: Stamps, what: string): Recording {
  if (stamps.next > 0x3fffffff) {
    stamps.read.fill(0);
    stamps.wrote.fill(0);
    stamps.next = 1;
  }
  const names = createNames();
  beginNames(names, cpu.nextLocals);
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
    localsFrom: cpu.nextLocals,
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

/** Before an access to bytes of one page that is there. @param place of the first byte in the buffer */
export function noteAccess(cpu: Cpu, low: number, high: number, place: number, size: number, how: 'read' | 'write' | 'peek'): void {
  const recording = cpu.recording!;
  if (recording.isBroken || isLocalHigh(high)) return;
  const { stamps, base, entries } = recording;
  if (stamps.read.length < cpu.i32.length >> 1) growStamps(stamps, cpu.i32.length >> 1);
  const isOwn = isHeapHigh(high) && wordOf(low, high) >= recording.heapFrom;
  for (let word = place >> 3; word << 3 < place + size; word++) {
    const at = (low & -4096) | ((word & 511) << 3);
    if (!isOwn && stamps.read[word]! < base) {
      if (how === 'write' && word << 3 >= place && (word + 1) << 3 <= place + size) stamps.read[word] = base;
      else {
        stamps.read[word] = base + 1 + entries.length / ENTRY;
        addEntry(cpu, recording, at, high, cpu.i32[word * 2]!, cpu.i32[word * 2 + 1]!, cpu.shadow[word]! | (how === 'peek' ? PEEKED : 0));
      }
    }
    if (how === 'write' && stamps.wrote[word]! < base) {
      stamps.wrote[word] = base;
      recording.written.push(at, high, word);
    }
  }
  if (entries.length > MOST_WORDS * ENTRY || recording.written.length > MOST_WORDS * 3) recording.isBroken = true;
}

/** Bytes of a page that is not there were looked at. */
export function noteAbsent(cpu: Cpu, low: number, high: number, size: number): void {
  const recording = cpu.recording!;
  const from = wordOf(low & -8, high);
  if (isLocalHigh(high) || (isHeapHigh(high) && from >= recording.heapFrom)) return;
  for (let at = from; at < wordOf(low, high) + size; at += 8) {
    if (recording.absent.has(at)) continue;
    recording.absent.add(at);
    addEntry(cpu, recording, at | 0, high, peekHalf(cpu, at), peekHalf(cpu, at + 4), PEEKED | ABSENT);
  }
}

function addEntry(cpu: Cpu, recording: Recording, low: number, high: number, valueLow: number, valueHigh: number, more: number): void {
  const { names, entries } = recording;
  const isNamed = nameWord(names, cpu.objects, low, high);
  // An address is made of what was read: its object was met.
  if (!isNamed || names.sort !== 0) recording.isBroken = true;
  entries.push(names.low, names.high);
  if (!nameWord(names, cpu.objects, valueLow, valueHigh)) recording.isBroken = true;
  entries.push(names.low, names.high, more | (names.sort << SORT_SHIFT));
}

function growStamps(stamps: Stamps, words: number): void {
  for (const name of ['read', 'wrote'] as const) {
    const grown = new Int32Array(words);
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
    if (!nameWord(names, cpu.objects, cpu.i32[word * 2]!, cpu.i32[word * 2 + 1]!) || names.sort !== 0) return null;
    const entry = (stamps.read[word]! - base - 1) * ENTRY;
    const isSame =
      entry >= 0 &&
      entries[entry + 2] === names.low &&
      entries[entry + 3] === names.high &&
      (entries[entry + 4]! & 255) === cpu.shadow[word]!;
    if (isSame) continue;
    if (names.high === DEAD_LOCAL) return null;
    changes.push(placeLow, placeHigh, names.low, names.high, cpu.shadow[word]!);
  }
  return changes;
}
