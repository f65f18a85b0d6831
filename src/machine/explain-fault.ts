/** What an access that may not be is called: the finding's kind, and a sentence that says what was accessed. */
import type { Address } from '../model/primitive';
import { DIRECT_MAP, FIRST_ERROR, HEAP, LOCALS, LOCALS_END, NULL_END, TEXT, GLOBALS } from './address-space';
import type { Cpu } from './cpu';
import { errnoName } from './errno';
import { Fault } from './faults';
import { localAt } from './locals';
import { placeOfPc } from './log';
import { functionAt, type Moment, nearestObject, type SimulatedObject } from './objects';
import { hexOfWord } from './word';

/** @param offset bytes that the instruction added to the pointer it was given */
export function accessFault(cpu: Cpu, at: Address, size: number, write: boolean, offset: number): Fault {
  const what = `${write ? 'Write' : 'Read'} of ${size} ${size === 1 ? 'byte' : 'bytes'}`;
  const base = at - offset;
  if (base >= FIRST_ERROR && base < 0) {
    return new Fault(
      'err-ptr-deref',
      `${what} through the error pointer ${errnoName(-base)}${offset === 0 ? '' : ` at offset ${offset}`}.`,
    );
  }
  // No member of an object at NULL lies across its own alignment: somebody used a number as a pointer.
  if (at > 0 && at < NULL_END && at % size !== 0) {
    return new Fault('wild-pointer', `${what} at ${hexOfWord(at)}: a small number is used as a pointer.`);
  }
  if (at >= 0 && at < NULL_END) return new Fault('null-deref', `${what} through a NULL pointer${at === 0 ? '' : ` at offset ${at}`}.`);
  if (at < 0 && at >= FIRST_ERROR) return new Fault('err-ptr-deref', `${what} through the error pointer ${errnoName(-at)}.`);
  return inLocals(cpu, at, size, what) ?? inObjects(cpu, at, size, what) ?? elsewhere(cpu, at, what);
}

function inLocals(cpu: Cpu, at: Address, size: number, what: string): Fault | null {
  if (at < LOCALS || at >= LOCALS_END) return null;
  const found = localAt(cpu, at);
  if (found === null) {
    return new Fault('use-after-free', `${what} at ${hexOfWord(at)}: it was a local variable of a function that has returned.`);
  }
  const name = `local variable ${found.local.name} of ${found.unit.code.name}()`;
  if (!found.live) return new Fault('use-after-free', `${what} in the ${name}, which has returned.`);
  return outOfBounds(at, size, found.at, found.local.size, name, what);
}

function inObjects(cpu: Cpu, at: Address, size: number, what: string): Fault | null {
  const object = nearestObject(cpu.objects, at);
  if (object === null) return null;
  const name = nameOfObject(cpu, object);
  if (object.freed !== null && at >= object.at && at < object.at + object.size) {
    return new Fault('use-after-free', `${what} at offset ${at - object.at} of the ${name}, freed ${momentText(cpu, object.freed)}.`);
  }
  return outOfBounds(at, size, object.at, object.size, name, what);
}

function outOfBounds(at: Address, size: number, from: Address, length: number, name: string, what: string): Fault {
  const offset = at - from;
  const where =
    offset < 0
      ? `${-offset} bytes before it`
      : offset < length
        ? `its last ${length - offset} bytes and beyond`
        : `${offset - length} bytes behind its end`;
  return new Fault(
    'out-of-bounds',
    `${what} at offset ${offset} of the ${name}, which has ${length} ${length === 1 ? 'byte' : 'bytes'}: ${where}.${size > length ? ' It is larger than the object.' : ''}`,
  );
}

function elsewhere(cpu: Cpu, at: Address, what: string): Fault {
  const name = functionAt(cpu.objects, at);
  if (name !== null) return new Fault('wild-pointer', `${what} of the code of ${name}().`);
  if (at >= TEXT && at < GLOBALS) return new Fault('wild-pointer', `${what} at ${hexOfWord(at)}, where code is.`);
  if (at >= DIRECT_MAP && at < HEAP) {
    return new Fault('wild-pointer', `${what} at ${hexOfWord(at)}: the content of page frames is not modelled byte by byte.`);
  }
  return new Fault('wild-pointer', `${what} at ${hexOfWord(at)}, which is in no object.`);
}

export function readOnlyFault(cpu: Cpu, at: Address, size: number, hvo: boolean): Fault {
  const what = `Write of ${size} ${size === 1 ? 'byte' : 'bytes'}`;
  if (hvo) {
    return new Fault(
      'hvo-write',
      `${what} at ${hexOfWord(at)}: this page of vmemmap is optimised away (HVO) and shows the page of its head, read-only.`,
    );
  }
  const object = nearestObject(cpu.objects, at);
  return new Fault(
    'read-only-write',
    `${what} in ${object === null ? hexOfWord(at) : `the ${nameOfObject(cpu, object)}`}, which is read-only.`,
  );
}

/** `kmalloc object of 24 bytes`, `global hstates`. */
export function nameOfObject(cpu: Cpu, object: SimulatedObject): string {
  if (object.kind === 'global') return `global ${object.name}`;
  if (object.kind === 'region') return object.name;
  const where = object.allocated.pc < 0 ? '' : ` (allocated ${momentText(cpu, object.allocated)})`;
  return `${object.name} object${where}`;
}

export function momentText(cpu: Cpu, moment: Moment): string {
  const place = placeOfPc(cpu, moment.pc, 0);
  return place.function === '' ? 'before the run' : `in ${place.function}() at ${place.file}:${place.line}`;
}
