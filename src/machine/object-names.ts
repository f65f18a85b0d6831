/**
 * Names for heap objects that do not depend on their addresses: numbers in the order in which a run meets them. A word is written with
 * them as two int32, so that equal pairs mean equal words up to where the heap has put its objects.
 */
import { HEAP, HEAP_END, LOCALS, LOCALS_END } from './address-space';
import { nearestObject, type Objects, type SimulatedObject } from './objects';
import { highOf, wordOf } from './word';

const HEAP_HIGH = highOf(HEAP);
const HEAP_END_HIGH = highOf(HEAP_END);
const LOCALS_HIGH = highOf(LOCALS);
const LOCALS_END_HIGH = highOf(LOCALS_END);

/** The high half of a pointer into an object: this, and the object's number. The low half is the distance from the object's start. */
const POINTER = 0x40000000;
/** The high half of a pointer to a local that is dead. */
export const DEAD_LOCAL = 0x3fffffff;
/** The high half of a pointer to a local of the run itself; the low half is its distance from the first of them. */
const OWN_LOCAL = 0x3ffffffe;
const POINTER_END = 0x50000000;
/** Numbers from here on are of objects that the run itself allocates, in order. */
const FIRST_OWN = 0x1000000;

export interface ObjectNames {
  /** Tells objects that were met from those that were met in another run. */
  round: number;
  readonly met: SimulatedObject[];
  /** What the run itself has allocated. */
  readonly own: SimulatedObject[];
  /** Address of the first local of the run. */
  localsFrom: number;
  /** The pair that `nameWord` gives. */
  low: number;
  high: number;
  /** Of an object that was first met in this word: what sort of object it is, from 1; else 0. */
  sort: number;
}

export const createNames = (): ObjectNames => ({ round: 0, met: [], own: [], localsFrom: 0, low: 0, high: 0, sort: 0 });

let rounds = 0;

export function beginNames(names: ObjectNames, localsFrom: number): void {
  names.round = ++rounds;
  names.met.length = 0;
  names.own.length = 0;
  names.localsFrom = localsFrom;
}

/** Gives the objects that the run has allocated their numbers. */
export function nameOwn(names: ObjectNames, own: Iterable<SimulatedObject>): void {
  for (const object of own) {
    object.round = names.round;
    object.number = FIRST_OWN + names.own.length;
    names.own.push(object);
  }
}

export const isHeapHigh = (high: number): boolean => high >= HEAP_HIGH && high < HEAP_END_HIGH;
export const isLocalHigh = (high: number): boolean => high >= LOCALS_HIGH && high < LOCALS_END_HIGH;

/** Into `names.low`, `names.high` and `names.sort`; false when the word looks like a name itself. */
export function nameWord(names: ObjectNames, objects: Objects, low: number, high: number): boolean {
  names.sort = 0;
  names.low = low;
  names.high = high;
  if (high >= OWN_LOCAL && high < POINTER_END) return false;
  if (isHeapHigh(high)) {
    const at = wordOf(low, high);
    const object = nearestObject(objects, at);
    if (object === null) return true;
    if (object.round !== names.round) {
      object.round = names.round;
      object.number = names.met.length;
      names.met.push(object);
      names.sort = sortOf(object);
    }
    names.low = (at - object.at) | 0;
    names.high = POINTER + object.number;
  } else if (isLocalHigh(high)) {
    const inside = wordOf(low, high) - names.localsFrom;
    names.low = inside >= 0 ? inside : 0;
    names.high = inside >= 0 ? OWN_LOCAL : DEAD_LOCAL;
  }
  return true;
}

/** The word of a name, as two int32 in `names`; of a dead local there is none. */
export function wordOfName(names: ObjectNames, low: number, high: number): void {
  names.low = low;
  names.high = high;
  if (high < OWN_LOCAL || high >= POINTER_END) return;
  const from = high === OWN_LOCAL ? names.localsFrom : objectOfName(names, high).at;
  names.low = (from + low) | 0;
  names.high = highOf(from + low);
}

const objectOfName = (names: ObjectNames, high: number): SimulatedObject => objectOfNumber(names, high - POINTER);

/** @throws when no object has the number */
export function objectOfNumber({ met, own }: ObjectNames, number: number): SimulatedObject {
  const object = number >= FIRST_OWN ? own[number - FIRST_OWN] : met[number];
  if (object === undefined) throw new Error(`no object has the number ${number}`);
  return object;
}

const sorts = new Map<string, number>();

/** Equal for objects that no access tells apart. */
function sortOf(object: SimulatedObject): number {
  if (object.sort === 0) {
    const { size, name, kind, zeroed } = object;
    const text = `${size} ${kind} ${zeroed ? 1 : 0} ${name}`;
    object.sort = sorts.get(text) ?? sorts.size + 1;
    sorts.set(text, object.sort);
  }
  return object.sort * 2 + (object.freed === null ? 0 : 1);
}
