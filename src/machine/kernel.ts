/** The simulated kernel as primitives and those who build the first state see it. */
import type { Address, FieldRef, Kernel, Layout, Word } from '../model/primitive';
import { copyBytes, frameAt, giveOwnPage, loadSlow, locate, storeSlow, zeroBytes } from './access';
import { PAGE_SIZE, pagesOf } from './address-space';
import { type Cpu, stepsOf } from './cpu';
import { nameOfObject } from './explain-fault';
import { Fault } from './faults';
import { addEvent, addFinding } from './log';
import { dropPage, fillTlb, findSlot, hit, showFrame } from './memory';
import { addressOfSymbol, allocateObject, functionAt, objectAt, type SimulatedObject } from './objects';
import { peekByte } from './peek';
import { noteAbsent, noteAccess } from './recording';
import { HVO, limitOf, metaOf } from './page-table';
import { bigOf, highOf, highOfBig, hexOfWord, lowOfBig, wordOf } from './word';

/** A string in memory that does not end within this is cut. */
const MOST_TEXT = 4096;

/** @param mayReport whether a finding may be reported when no primitive runs; else it throws */
export function createKernel(cpu: Cpu, layout: Layout, mayReport: () => boolean): Kernel {
  const argPlace = (index: number): number => index * 2;
  return {
    layout,
    get task() {
      return cpu.task;
    },
    get argCount() {
      return (cpu.call?.args.length ?? 0) / 2;
    },
    arg(index) {
      const args = cpu.call?.args;
      const at = argPlace(index);
      return args === undefined || at >= args.length ? 0 : wordOf(args[at]!, args[at + 1]!);
    },
    argBig(index) {
      const args = cpu.call?.args;
      const at = argPlace(index);
      return args === undefined || at >= args.length ? 0n : bigOf(args[at]!, args[at + 1]!);
    },
    get phase() {
      return cpu.call?.phase ?? 0;
    },
    get saved() {
      return cpu.call?.saved ?? [];
    },
    get returned() {
      return cpu.call?.returned ?? 0;
    },
    get decision() {
      return Math.max(cpu.call?.decision ?? 0, 0);
    },
    load(at, field) {
      loadField(cpu, at, field);
      return wordOf(cpu.out[0]!, cpu.out[1]!);
    },
    loadBig(at, field) {
      loadField(cpu, at, field);
      return field.signed ? bigOf(cpu.out[0]!, cpu.out[1]!) : BigInt.asUintN(64, bigOf(cpu.out[0]!, cpu.out[1]!));
    },
    store: (at, field, value) => storeField(cpu, at, field, value | 0, highOf(value)),
    storeBig: (at, field, value) => storeField(cpu, at, field, lowOfBig(value), highOfBig(value)),
    peek: (at, field) => peekField(cpu, at, field),
    copy: (to, from, size) => copyBytes(cpu, to, from, size),
    zero: (at, size) => zeroBytes(cpu, at, size),
    text: (at, limit = MOST_TEXT) => textAt(cpu, at, limit),
    allocate: (size, what) => allocateObject(cpu.objects, size, what, { pc: cpu.call === null ? -1 : cpu.pc, step: stepsOf(cpu) }).at,
    free: (at) => freeObject(cpu, at),
    mapReadOnly: (at, pages, source) => aliasPages(cpu, at, pages, source, HVO),
    mapOwn(at, pages) {
      for (let page = 0; page < pages; page++) giveOwnPage(cpu, at + page * PAGE_SIZE);
    },
    objectOf: (at) => objectAt(cpu.objects, at)?.at ?? 0,
    symbol: (name) => addressOfSymbol(cpu.objects, name),
    symbolAt(at) {
      const object = objectAt(cpu.objects, at);
      return functionAt(cpu.objects, at) ?? (object?.kind === 'global' && object.at === at ? object.name : '');
    },
    event: (kind, text, data) => addEvent(cpu, kind, text, data),
    report(kind, message) {
      if (cpu.call === null && !mayReport()) throw new Fault(kind, message);
      addFinding(cpu, kind, message);
    },
    block: (wait) => ({ control: 'block', wait }),
    call: (callee, args, phase, saved = []) => ({ control: 'call', callee, args, phase, saved }),
    tail: (callee, args) => ({ control: 'tail', callee, args }),
    stop: () => ({ control: 'stop' }),
  };
}

/** Into cpu.out, extended to 64 bits. */
function loadField(cpu: Cpu, base: Address, { offset, size, signed }: FieldRef): void {
  const at = base + offset;
  const low = at | 0;
  const high = highOf(at);
  const { out } = cpu;
  const place = hit(cpu.readTlb, low, high, size);
  if (place >= 0) {
    const initialised = cpu.shadow[place >> 3]! >> (place & 7);
    if (size === 8) {
      if ((place & 7) === 0 && initialised === 255) {
        out[0] = cpu.i32[place >> 2]!;
        out[1] = cpu.i32[(place >> 2) + 1]!;
        return;
      }
    } else if (size === 4) {
      if ((place & 3) === 0 && (initialised & 15) === 15) {
        out[0] = cpu.i32[place >> 2]!;
        out[1] = signed ? out[0] >> 31 : 0;
        return;
      }
    } else if (size === 1 && (initialised & 1) === 1) {
      out[0] = signed ? (cpu.u8[place]! << 24) >> 24 : cpu.u8[place]!;
      out[1] = out[0] >> 31;
      return;
    }
  }
  loadSlow(cpu, low, high, size, offset);
  if (size < 8) extendOut(out, size, signed);
}

function extendOut(out: Int32Array, size: number, signed: boolean): void {
  const unused = 32 - size * 8;
  if (signed) out[0] = (out[0]! << unused) >> unused;
  out[1] = signed ? out[0]! >> 31 : 0;
}

function storeField(cpu: Cpu, base: Address, { offset, size }: FieldRef, valueLow: number, valueHigh: number): void {
  const at = base + offset;
  const low = at | 0;
  const high = highOf(at);
  const place = hit(cpu.writeTlb, low, high, size);
  if (size === 8 && (place & 7) === 0) {
    cpu.i32[place >> 2] = valueLow;
    cpu.i32[(place >> 2) + 1] = valueHigh;
    cpu.shadow[place >> 3] = 255;
  } else if (size === 4 && (place & 3) === 0) {
    cpu.i32[place >> 2] = valueLow;
    cpu.shadow[place >> 3]! |= 15 << (place & 4);
  } else storeSlow(cpu, low, high, size, valueLow, valueHigh, offset);
}

function peekField(cpu: Cpu, base: Address, { offset, size, signed }: FieldRef): Word {
  const at = base + offset;
  const { out } = cpu;
  const low = at | 0;
  const known = hit(cpu.readTlb, low, highOf(at), size);
  if (size === 8 && (known & 7) === 0) return wordOf(cpu.i32[known >> 2]!, cpu.i32[(known >> 2) + 1]!);
  if (size === 4 && (known & 3) === 0) return signed ? cpu.i32[known >> 2]! : cpu.i32[known >> 2]! >>> 0;
  const inPage = low & 4095;
  out[0] = 0;
  out[1] = 0;
  const slot = inPage + size <= PAGE_SIZE ? findSlot(cpu, low, highOf(at)) : -1;
  const place = slot < 0 ? -1 : cpu.table.frame[slot]! * PAGE_SIZE + inPage;
  // A view reads page after page: the next words of this one are then near.
  if (cpu.recording !== null) {
    if (slot < 0) {
      // Bytes of two pages, of which only one may be there.
      if (inPage + size > PAGE_SIZE) cpu.recording.isBroken = true;
      else noteAbsent(cpu, low, highOf(at), size);
    } else noteAccess(cpu, low, highOf(at), place, size, 'peek');
  } else if (slot >= 0 && inPage + size <= limitOf(cpu.table.meta[slot]!))
    fillTlb(cpu.readTlb, low, highOf(at), cpu.table.frame[slot]!, cpu.table.meta[slot]!);
  for (let index = 0; index < size; index++) {
    out[index >> 2]! |= (place >= 0 ? cpu.u8[place + index]! : peekByte(cpu, at + index)) << ((index & 3) * 8);
  }
  if (size < 8) extendOut(out, size, signed);
  return wordOf(out[0], out[1]);
}

function textAt(cpu: Cpu, at: Address, limit: number): string {
  let text = '';
  for (let index = 0; index < Math.min(limit, MOST_TEXT); index++) {
    const byte = at + index;
    const code = cpu.u8[locate(cpu, byte | 0, highOf(byte), 1, false, index, 1)]!;
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text;
}

function freeObject(cpu: Cpu, at: Address): void {
  const object = objectAt(cpu.objects, at);
  const report = (kind: 'double-free' | 'bad-free', message: string): void => cpu.kernel.report(kind, message);
  if (object === null) return report('bad-free', `Free of ${hexOfWord(at)}, which is in no object.`);
  const name = nameOfObject(cpu, object);
  if (object.at !== at) return report('bad-free', `Free of an address ${at - object.at} bytes inside the ${name}.`);
  if (object.kind !== 'heap' && object.kind !== 'model') return report('bad-free', `Free of the ${name}, which was not allocated.`);
  if (object.freed !== null) return report('double-free', `Free of the ${name}, which was freed before.`);
  object.freed = { pc: cpu.pc, step: stepsOf(cpu) };
  cpu.freedNow.push(object);
  dropPages(cpu, object.at, pagesOf(object.size));
}

export function dropPages(cpu: Cpu, at: Address, pages: number): void {
  for (let page = 0; page < pages; page++) {
    const address = at + page * PAGE_SIZE;
    if (findSlot(cpu, address | 0, highOf(address)) >= 0) dropPage(cpu, address | 0, highOf(address));
  }
}

export function aliasPages(cpu: Cpu, at: Address, pages: number, source: Address, protection: number): void {
  if (cpu.recording !== null) cpu.recording.isBroken = true;
  const frame = frameAt(cpu, source);
  const limit = limitOf(cpu.table.meta[findSlot(cpu, source | 0, highOf(source))]!);
  for (let page = 0; page < pages; page++) {
    const address = at + page * PAGE_SIZE;
    showFrame(cpu, address | 0, highOf(address), frame, metaOf(protection, limit));
  }
}

export function protectPages(cpu: Cpu, at: Address, pages: number, protection: number): void {
  for (let page = 0; page < pages; page++) {
    const address = at + page * PAGE_SIZE;
    const frame = frameAt(cpu, address);
    const limit = limitOf(cpu.table.meta[findSlot(cpu, address | 0, highOf(address))]!);
    showFrame(cpu, address | 0, highOf(address), frame, metaOf(protection, limit));
  }
}

/** Objects of the model and the heap that are live, in order of allocation. */
export const liveObjects = (cpu: Cpu): readonly SimulatedObject[] => cpu.objects.heap.filter((object) => object.freed === null);
