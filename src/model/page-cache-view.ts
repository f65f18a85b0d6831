/** Reads an xarray as runs of entries, without changing or checking anything. */
import { isNode, isSibling, nodeOf, offsetOfSibling, CHUNK, type XarrayLayout } from './xarray-layout';
import type { Address, FieldRef, Word } from './primitive';

export interface MemoryReader {
  /** No check and no finding; 0 where no memory is. */
  peek(at: Address, field: FieldRef): Word;
  symbol(name: string): Address;
}

export interface Entry {
  readonly index: number;
  readonly order: number;
  readonly entry: Word;
}

/** A tree that the C has broken may go round in circles: no walk goes deeper than the largest index needs. */
const DEEPEST = 11;

/** Calls `each` with every present entry in order of index. */
export function eachEntry(reader: MemoryReader, at: XarrayLayout, array: Address, each: (entry: Entry) => void): void {
  const head = reader.peek(array, at.head);
  if (isNode(head)) walk(reader, at, nodeOf(head), 0, 0, each);
  else if (head !== 0) each({ index: 0, order: 0, entry: head });
}

function walk(reader: MemoryReader, at: XarrayLayout, node: Address, base: number, depth: number, each: (entry: Entry) => void): void {
  if (depth > DEEPEST) return;
  const shift = reader.peek(node, at.shift);
  const step = 2 ** shift;
  const slot = { offset: 0, size: 8 as const, signed: true };
  const read = (number: number): Word => {
    slot.offset = at.slots + number * 8;
    return reader.peek(node, slot);
  };
  for (let number = 0; number < CHUNK; number++) {
    const entry = read(number);
    if (entry === 0 || isSibling(entry)) continue;
    const index = base + number * step;
    if (isNode(entry)) walk(reader, at, nodeOf(entry), index, depth + 1, each);
    else each({ index, order: shift + siblingOrder(read, number), entry });
  }
}

function siblingOrder(read: (slot: number) => Word, slot: number): number {
  let order = 0;
  for (let next = slot + 1; next < CHUNK; next = slot + 2 ** order) {
    const entry = read(next);
    if (!isSibling(entry) || offsetOfSibling(entry) !== slot) break;
    order++;
  }
  return order;
}
