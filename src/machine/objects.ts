/**
 * What is where in simulated memory: heap objects, globals, functions, and regions mapped at a given address.
 *
 * Pages of an object come into being at the first access (`contentOf` says with what); so an object costs nothing until it is used.
 */
import type { GlobalObject, Program } from '../kernel-c/program';
import type { Address } from '../model/primitive';
import {
  GLOBALS,
  GLOBALS_END,
  HEAP,
  HEAP_END,
  HEAP_GUARD,
  HEAP_WINDOW,
  MORE_GLOBALS,
  PAGE_SIZE,
  pagesOf,
  TEXT,
  TEXT_STEP,
  UNKNOWN_SIZE,
} from './address-space';
import { Undecided } from './faults';

/** Where something happened: the number of an instruction of the machine's code, -1 before the run, and the step. */
export interface Moment {
  readonly pc: number;
  readonly step: number;
}

export interface SimulatedObject {
  readonly at: Address;
  readonly size: number;
  readonly name: string;
  readonly kind: 'heap' | 'model' | 'global' | 'region';
  readonly zeroed: boolean;
  readonly readOnly: boolean;
  readonly global: GlobalObject | null;
  readonly allocated: Moment;
  /** When it was freed. */
  freed: Moment | null;
  // As `object-names.ts` uses them.
  round: number;
  number: number;
  sort: number;
}

export interface Objects {
  /** In order of address, which is the order of allocation. */
  readonly heap: SimulatedObject[];
  nextHeap: Address;
  /** By window of the heap: place in `heap` of the object that begins in it or before. */
  readonly windows: number[];
  readonly regions: SimulatedObject[];
  readonly globals: readonly SimulatedObject[];
  readonly globalByName: ReadonlyMap<string, SimulatedObject>;
  readonly functionAddress: ReadonlyMap<string, Address>;
  /** By number: (address - TEXT) / TEXT_STEP. */
  readonly functionNames: readonly string[];
}

const BEFORE: Moment = { pc: -1, step: 0 };
const UNNAMED = { round: 0, number: 0, sort: 0 };

export function createObjects(program: Program): Objects {
  const functionNames = namesOfFunctions(program);
  const globals = placeGlobals(program);
  return {
    heap: [],
    nextHeap: HEAP,
    windows: [],
    regions: [],
    globals,
    globalByName: new Map(globals.map((object) => [object.name, object])),
    functionAddress: new Map(functionNames.map((name, index) => [name, TEXT + index * TEXT_STEP])),
    functionNames,
  };
}

/** All functions, and whatever else the code takes the address of and no global has the name of. */
function namesOfFunctions(program: Program): string[] {
  const names = new Set([...Object.keys(program.functions), ...Object.keys(program.prototypes)]);
  const add = (name: string): void => {
    if (program.globals[name] === undefined) names.add(name);
  };
  for (const code of Object.values(program.functions)) {
    for (const instr of code.code) if (instr.op === 'symbol') add(instr.name);
  }
  for (const global of Object.values(program.globals)) for (const relocation of global.relocations) add(relocation.symbol);
  return [...names];
}

function placeGlobals(program: Program): SimulatedObject[] {
  let near = GLOBALS;
  let far = MORE_GLOBALS;
  const objects = Object.values(program.globals).map((global): SimulatedObject => {
    const size = global.size > 0 || global.defined ? global.size : UNKNOWN_SIZE;
    const window = (pagesOf(Math.max(size, 1)) + 1) * PAGE_SIZE;
    const fits = near + window <= GLOBALS_END;
    const at = fits ? near : far;
    if (fits) near += window;
    else far += window;
    return {
      at,
      size,
      name: global.name,
      kind: 'global',
      zeroed: true,
      readOnly: global.readOnly,
      global,
      allocated: BEFORE,
      freed: null,
      ...UNNAMED,
    };
  });
  return objects.sort((a, b) => a.at - b.at);
}

export function allocateObject(
  objects: Objects,
  size: number,
  { name, zeroed, kind }: { readonly name: string; readonly zeroed: boolean; readonly kind: 'heap' | 'model' },
  allocated: Moment,
): SimulatedObject {
  const object: SimulatedObject = {
    at: objects.nextHeap,
    size,
    name,
    kind,
    zeroed,
    readOnly: false,
    global: null,
    allocated,
    freed: null,
    ...UNNAMED,
  };
  const windows = Math.ceil((size + HEAP_GUARD) / HEAP_WINDOW);
  const first = (objects.nextHeap - HEAP) / HEAP_WINDOW;
  for (let window = 0; window < windows; window++) objects.windows[first + window] = objects.heap.length;
  objects.nextHeap += windows * HEAP_WINDOW;
  if (objects.nextHeap > HEAP_END) throw new Undecided('The run has used up the addresses of the heap. Take a smaller bound of steps.');
  objects.heap.push(object);
  return object;
}

/** @throws when something is there already */
export function addRegion(objects: Objects, at: Address, size: number, name: string): SimulatedObject {
  const object: SimulatedObject = {
    at,
    size,
    name,
    kind: 'region',
    zeroed: true,
    readOnly: false,
    global: null,
    allocated: BEFORE,
    freed: null,
    ...UNNAMED,
  };
  const taken = objects.regions.find((other) => other.at < at + size && at < other.at + other.size);
  if (taken !== undefined) throw new Error(`${name} would lie over ${taken.name}`);
  objects.regions.push(object);
  return object;
}

/** The object whose window holds the address: a heap object, live or freed, a global or a region, or the nearest one before or behind. */
export function nearestObject(objects: Objects, at: Address): SimulatedObject | null {
  const region = objects.regions.find((each) => at >= each.at && at < each.at + each.size);
  if (region !== undefined) return region;
  if (at >= HEAP - PAGE_SIZE && at < objects.nextHeap) {
    const { heap, windows } = objects;
    const place = at < HEAP ? -1 : windows[Math.floor((at - HEAP) / HEAP_WINDOW)]!;
    return nearer(at, heap[place] ?? null, heap[place + 1] ?? null);
  }
  if (objects.globals.length === 0) return null;
  const global = nearest(objects.globals, at);
  return global !== null && at >= global.at - PAGE_SIZE && at < global.at + global.size + PAGE_SIZE ? global : null;
}

/** The object that holds the address, live or freed. */
export function objectAt(objects: Objects, at: Address): SimulatedObject | null {
  const object = nearestObject(objects, at);
  return object !== null && at >= object.at && at < object.at + Math.max(object.size, 1) ? object : null;
}

function nearest(sorted: readonly SimulatedObject[], at: Address): SimulatedObject | null {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.at <= at) low = middle + 1;
    else high = middle;
  }
  return nearer(at, sorted[low - 1] ?? null, sorted[low] ?? null);
}

function nearer(at: Address, before: SimulatedObject | null, behind: SimulatedObject | null): SimulatedObject | null {
  if (before === null) return behind;
  if (behind === null || at < before.at + before.size) return before;
  return at - (before.at + before.size) <= behind.at - at ? before : behind;
}

/** Name of the function at exactly this address. */
export function functionAt(objects: Objects, at: Address): string | null {
  const number = (at - TEXT) / TEXT_STEP;
  return Number.isInteger(number) ? (objects.functionNames[number] ?? null) : null;
}

export const addressOfSymbol = (objects: Objects, name: string): Address =>
  objects.functionAddress.get(name) ?? objects.globalByName.get(name)?.at ?? 0;
