/**
 * A short name for a state between two functions, equal for states that differ only in the addresses of heap objects and in what nothing
 * points at any more: what a search over sequences of calls takes for the same.
 *
 * Objects get numbers in the order in which a walk over pointers from globals and mapped regions meets them. A word is a pointer when it
 * lies in the window of a heap object. Which bytes were ever written is left out.
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

interface Walk {
  readonly cpu: Cpu;
  readonly ignored: readonly IgnoredBytes[];
  readonly numbers: Map<SimulatedObject, number>;
  readonly queue: SimulatedObject[];
  a: number;
  b: number;
}

/** 53 bits, as a hexadecimal number. Cost: linear in the memory that pointers reach. */
export function stateKey(cpu: Cpu, ignored: readonly IgnoredBytes[] = []): string {
  const walk: Walk = { cpu, ignored, numbers: new Map(), queue: [], a: 0x811c9dc5 | 0, b: 0x9e3779b9 | 0 };
  for (const object of cpu.objects.globals) if (!object.readOnly) readObject(walk, object);
  for (const region of cpu.objects.regions) readObject(walk, region);
  for (let at = 0; at < walk.queue.length; at++) readObject(walk, walk.queue[at]!);
  return ((walk.a >>> 0) * 0x200000 + ((walk.b >>> 0) & 0x1fffff)).toString(16);
}

function mix(walk: Walk, value: number): void {
  walk.a = Math.imul(walk.a ^ value, 0x01000193);
  walk.b = (Math.imul(walk.b, 31) + value + (walk.a >>> 15)) | 0;
}

function readObject(walk: Walk, object: SimulatedObject): void {
  const { cpu } = walk;
  const end = object.at + object.size;
  const ignored = walk.ignored.filter(({ at, size }) => at < end && at + size > object.at);
  mix(walk, object.size);
  for (let page = object.at - (((object.at % PAGE_SIZE) + PAGE_SIZE) % PAGE_SIZE); page < end; page += PAGE_SIZE) {
    const high = highOf(page);
    const slot = findSlot(cpu, page | 0, high);
    if (slot < 0) continue;
    const { table } = cpu;
    if (object.kind === 'region') mix(walk, table.meta[slot]!);
    const from = Math.max(object.at, page);
    const to = Math.min(end, page + PAGE_SIZE);
    readWords(walk, (table.frame[slot]! * PAGE_SIZE + (from - page)) >> 2, from, (to - from) >> 2, ignored);
  }
}

/** @param place of the first word among all frames' words of 32 bits */
function readWords(walk: Walk, place: number, from: number, count: number, ignored: readonly IgnoredBytes[]): void {
  const { i32 } = walk.cpu;
  for (let word = 0; word < count; word += 2) {
    const low = i32[place + word]!;
    const high = word + 1 < count ? i32[place + word + 1]! : 0;
    if ((low | high) === 0 || (ignored.length > 0 && isIgnored(ignored, from + word * 4))) continue;
    mix(walk, word);
    if (high >= HEAP_HIGH && high < HEAP_END_HIGH) pointer(walk, wordOf(low, high));
    else if (high >= LOCALS_HIGH && high < LOCALS_END_HIGH) mix(walk, DEAD_LOCAL);
    else {
      mix(walk, low);
      mix(walk, high);
    }
  }
}

const isIgnored = (ignored: readonly IgnoredBytes[], at: number): boolean =>
  ignored.some((bytes) => at >= bytes.at && at < bytes.at + bytes.size);

function pointer(walk: Walk, value: number): void {
  const object = nearestObject(walk.cpu.objects, value);
  if (object === null) return mix(walk, value | 0);
  if (object.freed !== null) return mix(walk, FREED);
  let number = walk.numbers.get(object);
  if (number === undefined) {
    number = walk.numbers.size;
    walk.numbers.set(object, number);
    walk.queue.push(object);
  }
  mix(walk, number + 1);
  mix(walk, value - object.at);
}
