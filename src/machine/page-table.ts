/** Virtual page → frame, protection and valid bytes: an open-addressed hash table over typed arrays. */

export const WRITABLE = 0;
export const READ_ONLY = 1;
export const HVO = 2;

const LIMIT_BITS = 13;

/** Protection, and how many bytes from the start of the page may be used (0 to 4096). */
export const metaOf = (protection: number, limit: number): number => (protection << LIMIT_BITS) | limit;
export const protectionOf = (meta: number): number => meta >> LIMIT_BITS;
export const limitOf = (meta: number): number => meta & 0x1fff;

/** A page number is 52 bits: the low 32 of it, and the high 20, sign-extended as the address is. */
export interface PageTable {
  used: number;
  mask: number;
  low: Int32Array;
  high: Int32Array;
  /** -1: the slot is empty. */
  frame: Int32Array;
  meta: Int32Array;
}

const FIRST_SLOTS = 4096;

export const createPageTable = (slots = FIRST_SLOTS): PageTable => ({
  used: 0,
  mask: slots - 1,
  low: new Int32Array(slots),
  high: new Int32Array(slots),
  frame: new Int32Array(slots).fill(-1),
  meta: new Int32Array(slots),
});

/** Of an address given as two halves. */
export const pageLow = (low: number, high: number): number => (low >>> 12) | (high << 20);
export const pageHigh = (high: number): number => high >> 12;

const hash = (low: number, high: number): number => {
  const mixed = Math.imul(low ^ Math.imul(high, 0x27d4eb2d), 0x9e3779b1 | 0);
  return mixed ^ (mixed >>> 15);
};

/** The slot of the page, or -1. */
export function slotOf(table: PageTable, low: number, high: number): number {
  const { mask, frame } = table;
  let slot = hash(low, high) & mask;
  while (frame[slot] !== -1) {
    if (table.low[slot] === low && table.high[slot] === high) return slot;
    slot = (slot + 1) & mask;
  }
  return -1;
}

/** Puts the page in, or changes it when it is there. */
export function setPage(table: PageTable, low: number, high: number, frame: number, meta: number): void {
  let slot = slotOf(table, low, high);
  if (slot < 0) {
    if (table.used * 2 > table.mask) grow(table);
    slot = hash(low, high) & table.mask;
    while (table.frame[slot] !== -1) slot = (slot + 1) & table.mask;
    table.low[slot] = low;
    table.high[slot] = high;
    table.used++;
  }
  table.frame[slot] = frame;
  table.meta[slot] = meta;
}

/** Takes the page of a slot out; entries behind it move up, so that no probe ends too early. */
export function clearSlot(table: PageTable, slot: number): void {
  const { mask, low, high, frame, meta } = table;
  let hole = slot;
  let next = (hole + 1) & mask;
  while (frame[next] !== -1) {
    const home = hash(low[next]!, high[next]!) & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      low[hole] = low[next]!;
      high[hole] = high[next]!;
      frame[hole] = frame[next]!;
      meta[hole] = meta[next]!;
      hole = next;
    }
    next = (next + 1) & mask;
  }
  frame[hole] = -1;
  table.used--;
}

function grow(table: PageTable): void {
  const old = { ...table };
  Object.assign(table, createPageTable((old.mask + 1) * 2));
  for (let slot = 0; slot <= old.mask; slot++) {
    if (old.frame[slot] !== -1) setPage(table, old.low[slot]!, old.high[slot]!, old.frame[slot]!, old.meta[slot]!);
  }
}
