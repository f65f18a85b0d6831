/** Memslots: which bindings are refused, and what leaves they allow (model-facts §2.A BIND, SC-18). */
import { ownFile, type Host } from '../host/host';
import type { ErrorName } from '../host/operation';
import type { FileState, Slot } from '../host/state';
import type { OperationOf } from './allocator';

const PAGE = 4096;

/** Adds the slot. `cap`: largest leaf order for a slot of these places. */
export function addSlot(
  host: Host,
  file: FileState,
  operation: OperationOf<'bind'>,
  cap: (gfn: number, page: number) => number,
): Slot | ErrorName {
  const { gpa, offset, size } = operation;
  if ([gpa, offset, size].some((bytes) => bytes % PAGE !== 0 || bytes < 0) || size === 0) return 'EINVAL';
  const from = offset / PAGE;
  const to = from + size / PAGE;
  const gfn = gpa / PAGE;
  if (to > file.pages) return 'EINVAL';
  const overlaps = (slot: Slot): boolean =>
    (from < slot.to && to > slot.from) || (gfn < slot.gfn + slot.to - slot.from && gfn + to - from > slot.gfn);
  if (file.slots.some(overlaps)) return 'EINVAL';
  const slot = { gfn, from, to, cap: cap(gfn, from) };
  const owned = ownFile(host, file);
  owned.slots = [...owned.slots, slot].sort((a, b) => a.from - b.from);
  return slot;
}

/** The largest order at which guest frame and file page agree. */
export const congruentOrder = (gfn: number, page: number): number => {
  const difference = Math.abs(gfn - page);
  if (difference % 2 ** 18 === 0) return 18;
  return difference % 512 === 0 ? 9 : 0;
};

/** True where slots cover the pages without a gap. */
export function isBound(file: FileState, from: number, to: number): boolean {
  let page = from;
  for (const slot of file.slots) if (slot.from <= page && page < slot.to) page = slot.to;
  return page >= to;
}
