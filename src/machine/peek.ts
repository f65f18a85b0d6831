/** Bytes as they are, 0 where nothing is: no check, no finding, nothing comes into being. */
import type { Address } from '../model/primitive';
import { PAGE_SIZE } from './address-space';
import type { Cpu } from './cpu';
import { findSlot } from './memory';
import { addressOfSymbol, objectAt, type SimulatedObject } from './objects';
import { highOf } from './word';

export function peekByte(cpu: Cpu, at: Address): number {
  const slot = findSlot(cpu, at | 0, highOf(at));
  if (slot >= 0) return cpu.u8[cpu.table.frame[slot]! * PAGE_SIZE + (at & 4095)]!;
  const object = objectAt(cpu.objects, at);
  if (object === null || object.global === null) return 0;
  return initialByte(cpu, object, at - object.at);
}

function initialByte(cpu: Cpu, { global }: SimulatedObject, offset: number): number {
  for (const relocation of global!.relocations) {
    const byte = offset - relocation.offset;
    if (byte < 0 || byte >= 8) continue;
    const value = addressOfSymbol(cpu.objects, relocation.symbol) + relocation.addend;
    return ((byte < 4 ? value | 0 : highOf(value)) >> ((byte & 3) * 8)) & 255;
  }
  return global!.bytes[offset] ?? 0;
}

/** Four bytes. */
export function peekHalf(cpu: Cpu, at: Address): number {
  let value = 0;
  for (let byte = 0; byte < 4; byte++) value |= peekByte(cpu, at + byte) << (byte * 8);
  return value;
}
