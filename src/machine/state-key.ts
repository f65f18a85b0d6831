/**
 * A short name for a state between two functions, equal for states that differ only in the addresses of heap objects and in what nothing
 * points at any more: what a search over sequences of calls takes for the same.
 *
 * Objects get numbers in the order in which a walk over pointers from globals and mapped regions meets them. A word is a pointer when it
 * lies in the window of a heap object. Which bytes were ever written is left out. What a page holds is read again only when it was written
 * since: most pages are as they were at the last key.
 */
import type { IgnoredBytes } from './api';
import { HEAP, HEAP_END, LOCALS, LOCALS_END, PAGE_SIZE } from './address-space';
import type { Cpu } from './cpu';
import { findSlot } from './memory';
import { nearestObject, type SimulatedObject } from './objects';
import { highOf, wordOf } from './word';

const HEAP_HIGH = highOf(HEAP);
const HEAP_END_HIGH = highOf(HEAP_END);
const LOCALS_HIGH = highOf(LOCALS);
const LOCALS_END_HIGH = highOf(LOCALS_END);
/** What stands for a pointer to a dead local, and for one to a freed object. */
const DEAD_LOCAL = 0x10ca1;
const FREED = 0xf4eed;

const EMPTY = { a: 1, b: 2 };

interface Walk {
  readonly cpu: Cpu;
  readonly ignored: readonly IgnoredBytes[];
  readonly round: number;
  readonly met: SimulatedObject[];
  a: number;
  b: number;
}

/** The words of a page that are part of the state, those that are pointers apart. */
interface PageDigest {
  version: number;
  /** Of the bytes that are looked at. */
  readonly from: number;
  readonly ignored: readonly IgnoredBytes[];
  a: number;
  b: number;
  /** Three numbers a pointer: its word in the page, and its halves. */
  readonly pointers: number[];
}

/** By frame. */
const digestsOf = new WeakMap<Cpu, PageDigest[]>();
let rounds = 0;

/** 53 bits, as a hexadecimal number. Cost: linear in the objects that pointers reach, and in the pages that were written since the last key. */
export function stateKey(cpu: Cpu, ignored: readonly IgnoredBytes[] = []): string {
  const walk: Walk = { cpu, ignored, round: --rounds, met: [], a: 0x811c9dc5 | 0, b: 0x9e3779b9 | 0 };
  let digests = digestsOf.get(cpu);
  if (digests === undefined) digestsOf.set(cpu, (digests = []));
  for (const object of cpu.objects.globals) if (!object.readOnly) readObject(walk, digests, object);
  for (const region of cpu.objects.regions) readObject(walk, digests, region);
  for (let at = 0; at < walk.met.length; at++) readObject(walk, digests, walk.met[at]!);
  return ((walk.a >>> 0) * 0x200000 + ((walk.b >>> 0) & 0x1fffff)).toString(16);
}

function mix(sum: { a: number; b: number }, value: number): void {
  sum.a = Math.imul(sum.a ^ value, 0x01000193);
  sum.b = (Math.imul(sum.b, 31) + value + (sum.a >>> 15)) | 0;
}

function readObject(walk: Walk, digests: PageDigest[], object: SimulatedObject): void {
  const { cpu } = walk;
  const end = object.at + object.size;
  mix(walk, object.size);
  for (let page = object.at - (((object.at % PAGE_SIZE) + PAGE_SIZE) % PAGE_SIZE); page < end; page += PAGE_SIZE) {
    const high = highOf(page);
    const slot = findSlot(cpu, page | 0, high);
    if (slot < 0) continue;
    const { table } = cpu;
    if (object.kind === 'region') mix(walk, table.meta[slot]!);
    const from = Math.max(object.at, page);
    const digest = digestOf(walk, digests, table.frame[slot]!, from, Math.min(end, page + PAGE_SIZE) - from);
    // A page that holds nothing is as one that never came into being.
    if (digest.a !== EMPTY.a || digest.b !== EMPTY.b) {
      mix(walk, digest.a);
      mix(walk, digest.b);
    }
    const { pointers } = digest;
    for (let at = 0; at < pointers.length; at += 3) {
      mix(walk, pointers[at]!);
      pointer(walk, wordOf(pointers[at + 1]!, pointers[at + 2]!));
    }
  }
}

/** A frame has one version for all that it ever holds between two writes; one that was written in this epoch may be written again. */
function digestOf({ cpu, ignored }: Walk, digests: PageDigest[], frame: number, from: number, size: number): PageDigest {
  const version = cpu.version[frame]!;
  const known = digests[frame];
  if (known?.version === version && known.from === from && known.ignored === ignored) return known;
  const isSettled = cpu.copied[frame] !== cpu.epoch;
  const digest: PageDigest = { version: isSettled ? version : -1, from, ignored, ...EMPTY, pointers: [] };
  readWords(cpu, digest, frame * 1024 + ((from & 4095) >> 2), from, size >> 2);
  if (isSettled) digests[frame] = digest;
  return digest;
}

/** @param place of the first word among all frames' words of 32 bits */
function readWords(cpu: Cpu, digest: PageDigest, place: number, from: number, count: number): void {
  const { i32 } = cpu;
  const ignored = digest.ignored.filter(({ at, size }) => at < from + count * 4 && at + size > from);
  for (let word = 0; word < count; word += 2) {
    const low = i32[place + word]!;
    const high = word + 1 < count ? i32[place + word + 1]! : 0;
    if ((low | high) === 0 || (ignored.length > 0 && isIgnored(ignored, from + word * 4))) continue;
    if (high >= HEAP_HIGH && high < HEAP_END_HIGH) digest.pointers.push(word, low, high);
    else {
      mix(digest, word);
      if (high >= LOCALS_HIGH && high < LOCALS_END_HIGH) mix(digest, DEAD_LOCAL);
      else {
        mix(digest, low);
        mix(digest, high);
      }
    }
  }
}

const isIgnored = (ignored: readonly IgnoredBytes[], at: number): boolean =>
  ignored.some((bytes) => at >= bytes.at && at < bytes.at + bytes.size);

function pointer(walk: Walk, value: number): void {
  const object = nearestObject(walk.cpu.objects, value);
  if (object === null) return mix(walk, value | 0);
  if (object.freed !== null) return mix(walk, FREED);
  if (object.round !== walk.round) {
    object.round = walk.round;
    object.number = walk.met.length;
    walk.met.push(object);
  }
  mix(walk, object.number + 1);
  mix(walk, value - object.at);
}
