/**
 * Loads and stores that the TLBs do not settle: pages that come into being, accesses across pages, uninitialised bytes, and all faults.
 *
 * Every access by the C or by a primitive ends here or in a fast path that this file has filled a TLB for, so the checks are in one place.
 */
import type { Address } from '../model/primitive';
import { PAGE_SIZE } from './address-space';
import type { Cpu } from './cpu';
import { accessFault, nameOfObject, readOnlyFault } from './explain-fault';
import { localAt } from './locals';
import { addFinding, noteUnknown } from './log';
import { clearFrame, copyFrame, fillTlb, findSlot, hit, keepFrame, showFrame, takeFrame } from './memory';
import { addressOfSymbol, nearestObject, objectAt, type SimulatedObject } from './objects';
import { forgetFrame, noteAccess } from './recording';
import { HVO, limitOf, metaOf, protectionOf, READ_ONLY, WRITABLE } from './page-table';
import { highOf, wordOf } from './word';

/** Loads into cpu.out (low, and high for 8 bytes; narrower ones zero-extended), checking everything. `offset`: see accessFault. */
export function loadSlow(cpu: Cpu, low: number, high: number, size: number, offset: number): void {
  const { out } = cpu;
  out[0] = 0;
  out[1] = 0;
  const inPage = low & 4095;
  const first = Math.min(size, PAGE_SIZE - inPage);
  let place = locate(cpu, low, high, first, false, offset, size);
  if (size === 8 && (place & 7) === 0 && cpu.shadow[place >> 3] === 255) {
    out[0] = cpu.i32[place >> 2]!;
    out[1] = cpu.i32[(place >> 2) + 1]!;
    return;
  }
  let uninitialised = !isInitialised(cpu, place, first);
  readBytes(cpu, place, 0, first);
  if (first < size) {
    const at = wordOf(low, high) + first;
    place = locate(cpu, at | 0, highOf(at), size - first, false, offset + first, size);
    uninitialised ||= !isInitialised(cpu, place, size - first);
    readBytes(cpu, place, first, size - first);
  }
  if (uninitialised) reportUninitialised(cpu, wordOf(low, high), size);
}

function readBytes(cpu: Cpu, place: number, from: number, count: number): void {
  for (let index = 0; index < count; index++) {
    const byte = from + index;
    cpu.out[byte >> 2]! |= cpu.u8[place + index]! << ((byte & 3) * 8);
  }
}

/** Stores the low `size` bytes of the pair, checking everything. */
export function storeSlow(cpu: Cpu, low: number, high: number, size: number, valueLow: number, valueHigh: number, offset: number): void {
  const inPage = low & 4095;
  const first = Math.min(size, PAGE_SIZE - inPage);
  const place = locate(cpu, low, high, first, true, offset, size);
  if (size === 8 && (place & 7) === 0) {
    cpu.i32[place >> 2] = valueLow;
    cpu.i32[(place >> 2) + 1] = valueHigh;
    cpu.shadow[place >> 3] = 255;
    return;
  }
  if (first < size) {
    const at = wordOf(low, high) + first;
    const second = locate(cpu, at | 0, highOf(at), size - first, true, offset + first, size);
    writeBytes(cpu, second, first, size - first, valueLow, valueHigh);
  }
  writeBytes(cpu, place, 0, first, valueLow, valueHigh);
}

function writeBytes(cpu: Cpu, place: number, from: number, count: number, low: number, high: number): void {
  for (let index = 0; index < count; index++) {
    const byte = from + index;
    cpu.u8[place + index] = (byte < 4 ? low : high) >> ((byte & 3) * 8);
    cpu.shadow[(place + index) >> 3]! |= 1 << ((place + index) & 7);
  }
}

/**
 * Place in the buffer of [address, address + size), which lies in one page; the TLB knows the page afterwards.
 * @param whole size of the whole access, for the message
 */
export function locate(cpu: Cpu, low: number, high: number, size: number, write: boolean, offset: number, whole: number): number {
  const known = hit(write ? cpu.writeTlb : cpu.readTlb, low, high, size);
  if (known >= 0) return known;
  let slot = findSlot(cpu, low, high);
  if (slot < 0) {
    if (!bringIn(cpu, wordOf(low, high), !write)) throw accessFault(cpu, wordOf(low, high), whole, write, offset);
    slot = findSlot(cpu, low, high);
  }
  const meta = cpu.table.meta[slot]!;
  const frame = cpu.table.frame[slot]!;
  const inPage = low & 4095;
  if (inPage + size > limitOf(meta)) throw accessFault(cpu, wordOf(low, high), whole, write, offset);
  if (write) {
    const protection = protectionOf(meta);
    if (protection !== WRITABLE) throw readOnlyFault(cpu, wordOf(low, high), whole, protection === HVO);
    keepFrame(cpu, frame);
  }
  if (cpu.recording === null) fillTlb(write ? cpu.writeTlb : cpu.readTlb, low, high, frame, meta);
  else noteAccess(cpu, low, high, frame * PAGE_SIZE + inPage, size, write ? 'write' : 'read');
  return frame * PAGE_SIZE + inPage;
}

export function isInitialised(cpu: Cpu, place: number, size: number): boolean {
  for (let index = place; index < place + size; index++) {
    if (((cpu.shadow[index >> 3]! >> (index & 7)) & 1) === 0) return false;
  }
  return true;
}

/** Makes the page of the address exist when it belongs to something live; false when it does not. */
function bringIn(cpu: Cpu, at: Address, reading: boolean): boolean {
  const page = Math.floor(at / PAGE_SIZE) * PAGE_SIZE;
  const local = localAt(cpu, at);
  if (local !== null) {
    if (!local.live) return false;
    return bringInPage(cpu, page, local.at, local.local.size, false, WRITABLE) >= 0;
  }
  const object = nearestObject(cpu.objects, at);
  if (object === null || object.freed !== null) return false;
  const frame = bringInPage(cpu, page, object.at, object.size, object.zeroed, object.readOnly ? READ_ONLY : WRITABLE);
  if (frame < 0) return false;
  if (object.global !== null) {
    writeInitialBytes(cpu, object, page, frame);
    if (reading && !object.global.defined) noteUnknown(cpu, `contents of ${object.name}`);
  }
  return true;
}

function bringInPage(cpu: Cpu, page: Address, from: Address, size: number, zeroed: boolean, protection: number): number {
  const limit = Math.min(PAGE_SIZE, from + size - page);
  if (page + PAGE_SIZE <= from || limit <= 0) return -1;
  const frame = takeFrame(cpu);
  clearFrame(cpu, frame, zeroed);
  if (cpu.recording !== null) forgetFrame(cpu.recording, frame);
  showFrame(cpu, page | 0, highOf(page), frame, metaOf(protection, limit));
  return frame;
}

function writeInitialBytes(cpu: Cpu, object: SimulatedObject, page: Address, frame: number): void {
  const { bytes, relocations } = object.global!;
  const from = page - object.at;
  const base = frame * PAGE_SIZE;
  for (let index = Math.max(from, 0); index < Math.min(from + PAGE_SIZE, bytes.length); index++)
    cpu.u8[base + index - from] = bytes[index]!;
  for (const { offset, symbol, addend } of relocations) {
    const value = addressOfSymbol(cpu.objects, symbol) + addend;
    for (let byte = 0; byte < 8; byte++) {
      const inPage = offset + byte - from;
      if (inPage >= 0 && inPage < PAGE_SIZE) cpu.u8[base + inPage] = (byte < 4 ? value | 0 : highOf(value)) >> ((byte & 3) * 8);
    }
  }
}

/** KMSAN's finding. The run goes on with the bytes as they are, from now on initialised, so that one cause is told once. */
function reportUninitialised(cpu: Cpu, at: Address, size: number): void {
  const local = localAt(cpu, at);
  const object = objectAt(cpu.objects, at);
  const where =
    local !== null
      ? `offset ${at - local.at} of the local variable ${local.local.name} of ${local.unit.code.name}()`
      : object !== null
        ? `offset ${at - object.at} of the ${nameOfObject(cpu, object)}`
        : 'memory';
  addFinding(cpu, 'uninitialised-read', `Read of ${size} ${size === 1 ? 'byte' : 'bytes'} at ${where}, which nobody has written.`);
  for (let byte = at; byte < at + size; byte++) {
    const slot = findSlot(cpu, byte | 0, highOf(byte));
    const frame = cpu.table.frame[slot]!;
    keepFrame(cpu, frame);
    const place = frame * PAGE_SIZE + (byte & 4095);
    if (cpu.recording !== null) noteAccess(cpu, byte | 0, highOf(byte), place, 1, 'write');
    cpu.shadow[place >> 3]! |= 1 << (place & 7);
  }
}

/** Each part of [at, at + size) that lies in one page, from the start. */
function eachPart(at: Address, size: number, each: (at: Address, size: number, done: number) => void): void {
  let done = 0;
  while (done < size) {
    const part = Math.min(size - done, PAGE_SIZE - ((at + done) & 4095));
    each(at + done, part, done);
    done += part;
  }
}

/** Writes zeroes, which are then initialised. */
export function zeroBytes(cpu: Cpu, at: Address, size: number): void {
  eachPart(at, size, (part, count, done) => {
    const place = locate(cpu, part | 0, highOf(part), count, true, done, size);
    cpu.u8.fill(0, place, place + count);
    setShadow(cpu, place, count, true);
  });
}

/** From here on the bytes hold nothing. */
export function forgetBytes(cpu: Cpu, at: Address, size: number): void {
  eachPart(at, size, (part, count, done) => {
    const place = locate(cpu, part | 0, highOf(part), count, true, done, size);
    cpu.u8.fill(0, place, place + count);
    setShadow(cpu, place, count, false);
  });
}

function setShadow(cpu: Cpu, place: number, count: number, initialised: boolean): void {
  let at = place;
  const end = place + count;
  while (at < end) {
    if ((at & 7) === 0 && end - at >= 8) {
      const bytes = (end - at) >> 3;
      cpu.shadow.fill(initialised ? 255 : 0, at >> 3, (at >> 3) + bytes);
      at += bytes * 8;
    } else {
      if (initialised) cpu.shadow[at >> 3]! |= 1 << (at & 7);
      else cpu.shadow[at >> 3]! &= ~(1 << (at & 7));
      at++;
    }
  }
}

/** Copies bytes and whether they are initialised, as if all were read before any is written. */
export function copyBytes(cpu: Cpu, to: Address, from: Address, size: number): void {
  if (size <= 0 || to === from) return;
  const bytes = new Uint8Array(size);
  const initialised = new Uint8Array(size);
  eachPart(from, size, (part, count, done) => {
    const place = locate(cpu, part | 0, highOf(part), count, false, done, size);
    for (let index = 0; index < count; index++) {
      bytes[done + index] = cpu.u8[place + index]!;
      initialised[done + index] = (cpu.shadow[(place + index) >> 3]! >> ((place + index) & 7)) & 1;
    }
  });
  eachPart(to, size, (part, count, done) => {
    const place = locate(cpu, part | 0, highOf(part), count, true, done, size);
    for (let index = 0; index < count; index++) {
      const byte = place + index;
      cpu.u8[byte] = bytes[done + index]!;
      if (initialised[done + index] === 1) cpu.shadow[byte >> 3]! |= 1 << (byte & 7);
      else cpu.shadow[byte >> 3]! &= ~(1 << (byte & 7));
    }
  });
}

/** The page of the address shows this frame's content in a frame of its own, writable, as many bytes of it as before. */
export function giveOwnPage(cpu: Cpu, at: Address): void {
  if (cpu.recording !== null) cpu.recording.isBroken = true;
  const slot = findSlot(cpu, at | 0, highOf(at));
  if (slot < 0) {
    if (!bringIn(cpu, at, false)) throw accessFault(cpu, at, PAGE_SIZE, true, 0);
    return;
  }
  const limit = limitOf(cpu.table.meta[slot]!);
  const from = cpu.table.frame[slot]!;
  const frame = takeFrame(cpu);
  copyFrame(cpu, frame, from);
  showFrame(cpu, at | 0, highOf(at), frame, metaOf(WRITABLE, limit));
}

/** The frame that the page of the address shows, brought in when it is not there yet. */
export function frameAt(cpu: Cpu, at: Address): number {
  if (cpu.recording !== null) cpu.recording.isBroken = true;
  let slot = findSlot(cpu, at | 0, highOf(at));
  if (slot < 0) {
    if (!bringIn(cpu, at, false)) throw accessFault(cpu, at, PAGE_SIZE, false, 0);
    slot = findSlot(cpu, at | 0, highOf(at));
  }
  return cpu.table.frame[slot]!;
}
