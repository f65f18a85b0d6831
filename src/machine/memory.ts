/**
 * Simulated memory: frames of 4 KiB in one growing buffer, a page table over them, and two small tables of recent translations (TLBs),
 * one for reading and one for writing.
 *
 * The fast paths (`hit` and what is built on it) know only the TLBs. Everything else, a page that is not there yet, an access across pages, an
 * uninitialised byte, goes through `access.ts`. A mark starts an *epoch*: no page may then be in the write TLB, and the first write to a page
 * copies it into the journal of the epoch.
 */
import { Undecided } from './faults';
import { clearSlot, createPageTable, limitOf, type PageTable, pageHigh, pageLow, setPage, slotOf } from './page-table';

/** Entries of a TLB; a power of two. */
const TLB_ENTRIES = 1024;
const TLB_MASK = TLB_ENTRIES - 1;
const FRAME_BYTES = 4096;
/** One bit for each byte: is it initialised? */
const SHADOW_BYTES = 512;
export const COPY_BYTES = FRAME_BYTES + SHADOW_BYTES;
const FIRST_FRAMES = 256;
/** Never the start of a page. */
const NO_TAG = 1;

/** What changed since a mark: pages as they were before their first change, and entries of the page table as they were, oldest first. */
export interface MemoryJournal {
  frames: number[];
  copies: Uint8Array[];
  /** Versions of the frames as they were. */
  versions: number[];
  /** Five numbers a change: page low, page high, old frame (-1: none), old meta. */
  entries: number[];
}

export interface Memory {
  /** The frames, seen four ways. */
  i32: Int32Array;
  u16: Uint16Array;
  u8: Uint8Array;
  shadow: Uint8Array;
  /** Four numbers an entry: low half of the page's address, high half, place of its frame in the buffer, valid bytes. */
  readonly readTlb: Int32Array;
  readonly writeTlb: Int32Array;
  readonly table: PageTable;
  frames: number;
  readonly mostFrames: number;
  /** How many pages show a frame. */
  refs: Uint16Array;
  /** The last epoch in which a frame was copied or made. */
  copied: Int32Array;
  epoch: number;
  /** By frame: equal where it holds the same, for a frame that was not written in this epoch. */
  version: Float64Array;
  lastVersion: number;
  /** Frames that no page shows; may name one that has come into use again. */
  readonly free: number[];
  isFree: Uint8Array;
  journal: MemoryJournal | null;
  /** Bytes of all journals. */
  journalBytes: number;
  /** Copies that no journal needs any more: most marks want as many again. */
  readonly spareCopies: Uint8Array[];
}

export const emptyJournal = (): MemoryJournal => ({ frames: [], copies: [], versions: [], entries: [] });

export function createMemory(bytes: number): Memory {
  const buffer = new ArrayBuffer(FIRST_FRAMES * FRAME_BYTES);
  return {
    i32: new Int32Array(buffer),
    u16: new Uint16Array(buffer),
    u8: new Uint8Array(buffer),
    shadow: new Uint8Array(FIRST_FRAMES * SHADOW_BYTES),
    readTlb: new Int32Array(TLB_ENTRIES * 4).fill(NO_TAG),
    writeTlb: new Int32Array(TLB_ENTRIES * 4).fill(NO_TAG),
    table: createPageTable(),
    frames: 0,
    mostFrames: Math.floor(bytes / FRAME_BYTES),
    refs: new Uint16Array(FIRST_FRAMES),
    copied: new Int32Array(FIRST_FRAMES),
    epoch: 0,
    version: new Float64Array(FIRST_FRAMES),
    lastVersion: 0,
    free: [],
    isFree: new Uint8Array(FIRST_FRAMES),
    journal: null,
    journalBytes: 0,
    spareCopies: [],
  };
}

const tlbEntry = (low: number): number => (((low >>> 12) ^ (low >>> 16)) & TLB_MASK) << 2;

/** Place in the buffer of `size` bytes at an address when the TLB has them, in one page and inside its valid bytes; else -1. */
export function hit(tlb: Int32Array, low: number, high: number, size: number): number {
  const entry = (((low >>> 12) ^ (low >>> 16)) & TLB_MASK) << 2;
  const inPage = low & 4095;
  return tlb[entry] === (low & -4096) && tlb[entry + 1] === high && inPage + size <= tlb[entry + 3]! ? tlb[entry + 2]! + inPage : -1;
}

export function fillTlb(tlb: Int32Array, low: number, high: number, frame: number, meta: number): void {
  const entry = tlbEntry(low);
  tlb[entry] = low & -4096;
  tlb[entry + 1] = high;
  tlb[entry + 2] = frame * FRAME_BYTES;
  tlb[entry + 3] = limitOf(meta);
}

function dropFromTlbs(memory: Memory, low: number, high: number): void {
  const entry = tlbEntry(low);
  for (const tlb of [memory.readTlb, memory.writeTlb]) {
    if (tlb[entry] === (low & -4096) && tlb[entry + 1] === high) tlb[entry] = NO_TAG;
  }
}

export const dropWriteTlb = (memory: Memory): void => void memory.writeTlb.fill(NO_TAG);
export const dropReadTlb = (memory: Memory): void => void memory.readTlb.fill(NO_TAG);

/** Slot of the page that holds an address, or -1. */
export const findSlot = (memory: Memory, low: number, high: number): number => slotOf(memory.table, pageLow(low, high), pageHigh(high));

/** A frame that nobody uses, its bytes as they were left. It counts as changed in this epoch. */
export function takeFrame(memory: Memory): number {
  for (;;) {
    const known = memory.free.pop();
    if (known === undefined) break;
    memory.isFree[known] = 0;
    if (memory.refs[known] === 0) {
      memory.copied[known] = memory.epoch;
      memory.version[known] = ++memory.lastVersion;
      return known;
    }
  }
  if (memory.frames >= memory.mostFrames) {
    throw new Undecided(
      `The run needs more than ${(memory.mostFrames * FRAME_BYTES) / 1048576} MiB of simulated memory. Take a smaller order or a larger bound.`,
    );
  }
  if ((memory.frames + 1) * FRAME_BYTES > memory.u8.length) growFrames(memory);
  memory.copied[memory.frames] = memory.epoch;
  memory.version[memory.frames] = ++memory.lastVersion;
  return memory.frames++;
}

function growFrames(memory: Memory): void {
  const frames = Math.min((memory.u8.length / FRAME_BYTES) * 2, Math.max(memory.mostFrames, FIRST_FRAMES));
  const bytes = new Uint8Array(frames * FRAME_BYTES);
  bytes.set(memory.u8);
  memory.u8 = bytes;
  memory.i32 = new Int32Array(bytes.buffer);
  memory.u16 = new Uint16Array(bytes.buffer);
  memory.shadow = grown(new Uint8Array(frames * SHADOW_BYTES), memory.shadow);
  memory.refs = grown(new Uint16Array(frames), memory.refs);
  memory.version = grown(new Float64Array(frames), memory.version);
  memory.copied = grown(new Int32Array(frames), memory.copied);
  memory.isFree = grown(new Uint8Array(frames), memory.isFree);
}

function grown<T extends Uint8Array | Uint16Array | Int32Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}

/** All bytes 0; initialised or not. */
export function clearFrame(memory: Memory, frame: number, initialised: boolean): void {
  memory.u8.fill(0, frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES);
  memory.shadow.fill(initialised ? 255 : 0, frame * SHADOW_BYTES, (frame + 1) * SHADOW_BYTES);
}

export function copyFrame(memory: Memory, to: number, from: number): void {
  memory.u8.copyWithin(to * FRAME_BYTES, from * FRAME_BYTES, (from + 1) * FRAME_BYTES);
  memory.shadow.copyWithin(to * SHADOW_BYTES, from * SHADOW_BYTES, (from + 1) * SHADOW_BYTES);
}

/** Before a frame is changed for the first time in an epoch. */
export function keepFrame(memory: Memory, frame: number): void {
  if (memory.copied[frame] === memory.epoch) return;
  memory.copied[frame] = memory.epoch;
  const { journal } = memory;
  const before = memory.version[frame]!;
  memory.version[frame] = ++memory.lastVersion;
  if (journal === null) return;
  const copy = memory.spareCopies.pop() ?? new Uint8Array(COPY_BYTES);
  copy.set(memory.u8.subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES));
  copy.set(memory.shadow.subarray(frame * SHADOW_BYTES, (frame + 1) * SHADOW_BYTES), FRAME_BYTES);
  journal.frames.push(frame);
  journal.copies.push(copy);
  journal.versions.push(before);
  memory.journalBytes += COPY_BYTES;
}

/** Makes the page of the address show `frame`; what it showed before loses a reference. */
export function showFrame(memory: Memory, low: number, high: number, frame: number, meta: number): void {
  memory.refs[frame]!++;
  changeEntry(memory, pageLow(low, high), pageHigh(high), frame, meta);
  dropFromTlbs(memory, low, high);
}

/** Takes the page of the address out of the table. */
export function dropPage(memory: Memory, low: number, high: number): void {
  changeEntry(memory, pageLow(low, high), pageHigh(high), -1, 0);
  dropFromTlbs(memory, low, high);
}

function changeEntry(memory: Memory, page: number, pageUpper: number, frame: number, meta: number): void {
  const slot = slotOf(memory.table, page, pageUpper);
  const before = slot < 0 ? -1 : memory.table.frame[slot]!;
  if (memory.journal !== null) {
    memory.journal.entries.push(page, pageUpper, before, slot < 0 ? 0 : memory.table.meta[slot]!);
    memory.journalBytes += 32;
  }
  if (frame >= 0) setPage(memory.table, page, pageUpper, frame, meta);
  else if (slot >= 0) clearSlot(memory.table, slot);
  if (before >= 0) releaseFrame(memory, before);
}

function releaseFrame(memory: Memory, frame: number): void {
  if (--memory.refs[frame]! > 0) return;
  // Whoever takes it next changes it: what it held must be known when the page comes back.
  keepFrame(memory, frame);
  if (memory.isFree[frame] === 1) return;
  memory.isFree[frame] = 1;
  memory.free.push(frame);
}

/** Some marks are laid at one time. */
const MOST_SPARE = 4096;

export const spareCopy = (memory: Memory, copy: Uint8Array): void => {
  if (memory.spareCopies.length < MOST_SPARE) memory.spareCopies.push(copy);
};

/** Puts back what the journal holds, which is empty then. */
export function undo(memory: Memory, journal: MemoryJournal): void {
  const kept = memory.journal;
  memory.journal = null;
  const { entries } = journal;
  for (let at = entries.length - 4; at >= 0; at -= 4) {
    const frame = entries[at + 2]!;
    if (frame >= 0) memory.refs[frame]!++;
    changeEntry(memory, entries[at]!, entries[at + 1]!, frame, entries[at + 3]!);
  }
  journal.frames.forEach((frame, index) => {
    const copy = journal.copies[index]!;
    memory.u8.set(copy.subarray(0, FRAME_BYTES), frame * FRAME_BYTES);
    memory.shadow.set(copy.subarray(FRAME_BYTES), frame * SHADOW_BYTES);
    memory.version[frame] = journal.versions[index]!;
    spareCopy(memory, copy);
  });
  journal.copies.length = 0;
  journal.versions.length = 0;
  journal.frames.length = 0;
  memory.journal = kept;
}
