/**
 * The xarray: a radix tree over simulated memory with the kernel's own nodes, multi-order entries and siblings.
 *
 * Source: lib/xarray.c in 6.12, xas_create(), xas_store(), xas_shrink(), xas_delete_node(). Marks and RCU are left out.
 */
import { I64 } from './fields';
import type { Address, FieldRef, Kernel, Layout, Word } from './primitive';
import {
  CHUNK,
  CHUNK_MASK,
  CHUNK_SHIFT,
  entryOfNode,
  isNode,
  isSibling,
  isValue,
  nodeOf,
  offsetOfSibling,
  siblingOf,
  slotIn,
  xarrayLayout,
  ZERO_ENTRY,
  type XarrayLayout,
} from './xarray-layout';

export interface FoundEntry {
  /** First index that the entry covers. */
  readonly index: number;
  readonly order: number;
  readonly entry: Word;
}

export interface Xarray {
  load(kernel: Kernel, array: Address, index: number): Word;
  /** Is there an entry at the index, be it a reserved one? */
  isTaken(kernel: Kernel, array: Address, index: number): boolean;
  /** Would a store of a present entry allocate a node? */
  needsNode(kernel: Kernel, array: Address, index: number, order: number): boolean;
  /** Stores (0 erases) and gives the old entry. */
  store(kernel: Kernel, array: Address, index: number, order: number, entry: Word): Word;
  /** The first present entry that covers an index in [index, last], or null. */
  find(kernel: Kernel, array: Address, index: number, last: number): FoundEntry | null;
  isEmpty(kernel: Kernel, array: Address): boolean;
  init(kernel: Kernel, array: Address): void;
  /** Frees all nodes. */
  destroy(kernel: Kernel, array: Address): void;
}

const SLOTS: readonly FieldRef[] = Array.from({ length: CHUNK }, (_, slot) => ({ ...I64, offset: slot * 8 }));

/** @throws MissingLayout */
export function bindXarray(layout: Layout): Xarray {
  const at = xarrayLayout(layout);
  const slots: readonly FieldRef[] = SLOTS.map((slot) => ({ ...slot, offset: slot.offset + at.slots }));
  const slotField = (slot: number): FieldRef => slots[slot] ?? I64;
  const read = (kernel: Kernel, node: Address, slot: number): Word => kernel.load(node, slotField(slot));
  const entryAt = (kernel: Kernel, array: Address, index: number): Word => {
    let entry = kernel.load(array, at.head);
    if (!isNode(entry)) return index === 0 ? entry : 0;
    for (let first = true; isNode(entry); first = false) {
      const node = nodeOf(entry);
      const shift = kernel.load(node, at.shift);
      if (first && index >= 2 ** (shift + CHUNK_SHIFT)) return 0;
      entry = read(kernel, node, slotIn(index, shift));
      if (isSibling(entry)) entry = read(kernel, node, offsetOfSibling(entry));
    }
    return entry;
  };
  return {
    load: (kernel, array, index) => visible(entryAt(kernel, array, index)),
    isTaken: (kernel, array, index) => entryAt(kernel, array, index) !== 0,
    needsNode: (kernel, array, index, order) => missesNode(kernel, at, slotField, array, index, order),
    store: (kernel, array, index, order, entry) => visible(storeIn(kernel, at, slotField, array, index, order, entry)),
    find(kernel, array, index, last) {
      const head = kernel.load(array, at.head);
      if (!isNode(head)) return visible(head) !== 0 && index === 0 ? { index: 0, order: 0, entry: head } : null;
      return findIn(kernel, at, slotField, nodeOf(head), 0, index, last);
    },
    isEmpty: (kernel, array) => kernel.load(array, at.head) === 0,
    init(kernel, array) {
      kernel.zero(array, layout.sizeof('struct xarray'));
    },
    destroy(kernel, array) {
      const head = kernel.load(array, at.head);
      kernel.store(array, at.head, 0);
      if (isNode(head)) freeNodes(kernel, at, slotField, nodeOf(head));
    },
  };
}

/** What a reader sees of an entry: a reserved one is none. */
const visible = (entry: Word): Word => (entry === ZERO_ENTRY ? 0 : entry);

type SlotField = (slot: number) => FieldRef;

/** The shift that the root node must have for the largest index, -1 where an entry may stand in the head itself. */
function rootShift(largest: number): number {
  let shift = 0;
  while (Math.floor(largest / 2 ** shift) >= CHUNK) shift += CHUNK_SHIFT;
  return shift;
}

/** The shift of the node that holds an entry of this order. */
const shiftOf = (order: number): number => order - (order % CHUNK_SHIFT);
const largestOf = (index: number, order: number): number => {
  if (order === 0) return index;
  const largest = index + 2 ** order - 1;
  // A multi-index entry at index 0 needs a node around it, never the head.
  return index === 0 ? largest + 1 : largest;
};

function missesNode(kernel: Kernel, at: XarrayLayout, slotField: SlotField, array: Address, index: number, order: number): boolean {
  let entry = kernel.load(array, at.head);
  const largest = largestOf(index, order);
  if (!isNode(entry)) return largest !== 0;
  const wanted = shiftOf(order);
  let node = nodeOf(entry);
  let shift = kernel.load(node, at.shift);
  if (largest >= 2 ** (shift + CHUNK_SHIFT)) return true;
  while (shift > wanted) {
    const slot = slotIn(index, shift);
    entry = kernel.load(node, slotField(slot));
    if (isSibling(entry)) return false;
    if (entry === 0) return true;
    if (!isNode(entry)) return false;
    node = nodeOf(entry);
    shift = kernel.load(node, at.shift);
  }
  return false;
}

function newNode(kernel: Kernel, at: XarrayLayout, array: Address, shift: number, parent: Address, offset: number): Address {
  const node = kernel.allocate(at.nodeSize, { name: 'xa_node', zeroed: true, kind: 'heap' });
  kernel.store(node, at.shift, shift);
  kernel.store(node, at.offset, offset);
  kernel.store(node, at.parent, parent);
  kernel.store(node, at.array, array);
  return node;
}

/** Makes the tree high enough; gives the root node. */
function expand(kernel: Kernel, at: XarrayLayout, slotField: SlotField, array: Address, largest: number): Address {
  let head = kernel.load(array, at.head);
  if (head === 0) {
    const root = newNode(kernel, at, array, rootShift(largest), 0, 0);
    kernel.store(array, at.head, entryOfNode(root));
    return root;
  }
  let shift = isNode(head) ? kernel.load(nodeOf(head), at.shift) + CHUNK_SHIFT : 0;
  while (!isNode(head) || largest >= 2 ** shift) {
    const above = newNode(kernel, at, array, shift, 0, 0);
    kernel.store(above, at.count, 1);
    kernel.store(above, slotField(0), head);
    if (isNode(head)) {
      kernel.store(nodeOf(head), at.parent, above);
      kernel.store(nodeOf(head), at.offset, 0);
    } else if (isValue(head)) kernel.store(above, at.values, 1);
    head = entryOfNode(above);
    kernel.store(array, at.head, head);
    shift += CHUNK_SHIFT;
  }
  return nodeOf(head);
}

function storeIn(kernel: Kernel, at: XarrayLayout, slotField: SlotField, array: Address, index: number, order: number, entry: Word): Word {
  const head = kernel.load(array, at.head);
  const largest = largestOf(index, order);
  if (!isNode(head) && largest === 0 && (head === 0 || index === 0)) {
    if (entry !== head) kernel.store(array, at.head, entry);
    return head;
  }
  if (entry === 0 && !isNode(head)) {
    if (head !== 0 && index === 0) kernel.store(array, at.head, 0);
    return index === 0 ? head : 0;
  }
  let node = entry === 0 ? nodeOf(head) : expand(kernel, at, slotField, array, largest);
  let shift = kernel.load(node, at.shift);
  if (entry === 0 && index >= 2 ** (shift + CHUNK_SHIFT)) return 0;
  const wanted = shiftOf(order);
  if (entry === 0 && wanted > shift) {
    // What is erased is wider than the tree is high: all of it goes.
    const old = findIn(kernel, at, slotField, node, 0, index, index)?.entry ?? 0;
    kernel.store(array, at.head, 0);
    freeNodes(kernel, at, slotField, node);
    return old;
  }
  let slot = slotIn(index, shift);
  let siblings = 2 ** (order % CHUNK_SHIFT) - 1;
  while (shift > wanted) {
    let below = kernel.load(node, slotField(slot));
    if (isSibling(below)) {
      slot = offsetOfSibling(below);
      below = kernel.load(node, slotField(slot));
    }
    if (!isNode(below)) {
      if (below !== 0 || entry === 0) break;
      const made = newNode(kernel, at, array, shift - CHUNK_SHIFT, node, slot);
      kernel.store(node, slotField(slot), entryOfNode(made));
      kernel.store(node, at.count, kernel.load(node, at.count) + 1);
      below = entryOfNode(made);
    }
    node = nodeOf(below);
    shift = kernel.load(node, at.shift);
    slot = slotIn(index, shift);
  }
  if (shift > wanted) siblings = 0;
  const here = kernel.load(node, slotField(slot));
  if (isSibling(here)) slot = offsetOfSibling(here);
  return replace(kernel, at, slotField, array, node, slot, siblings, entry);
}

/** Writes the entry with its siblings over what is there, whole old entries at a time. Source: xas_store(). */
function replace(
  kernel: Kernel,
  at: XarrayLayout,
  slotField: SlotField,
  array: Address,
  node: Address,
  first: number,
  siblings: number,
  entry: Word,
): Word {
  const old = kernel.load(node, slotField(first));
  const last = first + siblings;
  let count = 0;
  let values = 0;
  let covered = old;
  let next = old;
  let put = entry;
  const value = isValue(entry) ? 1 : 0;
  for (let slot = first; ;) {
    kernel.store(node, slotField(slot), put);
    if (isNode(next)) freeNodes(kernel, at, slotField, nodeOf(next));
    count += (entry === 0 ? 0 : 1) - (next === 0 ? 0 : 1);
    values += value - (isValue(covered) ? 1 : 0);
    if (entry !== 0) {
      if (slot === last) break;
      put = siblingOf(first);
    } else if (slot === CHUNK_MASK) break;
    next = kernel.load(node, slotField(++slot));
    if (!isSibling(next)) {
      if (entry === 0 && slot > last) break;
      covered = next;
    }
  }
  if (count !== 0) kernel.store(node, at.count, kernel.load(node, at.count) + count);
  if (values !== 0) kernel.store(node, at.values, Math.max(0, kernel.load(node, at.values) + values));
  if (count < 0) deleteEmpty(kernel, at, slotField, array, node);
  return isNode(old) ? 0 : old;
}

/** Frees nodes without entries upwards, then makes the tree lower where only slot 0 of the root is left. */
function deleteEmpty(kernel: Kernel, at: XarrayLayout, slotField: SlotField, array: Address, from: Address): void {
  let node = from;
  while (kernel.load(node, at.count) === 0) {
    const parent = kernel.load(node, at.parent);
    const offset = kernel.load(node, at.offset);
    kernel.free(node);
    if (parent === 0) {
      kernel.store(array, at.head, 0);
      return;
    }
    kernel.store(parent, slotField(offset), 0);
    kernel.store(parent, at.count, kernel.load(parent, at.count) - 1);
    node = parent;
  }
  if (kernel.load(node, at.parent) === 0) shrink(kernel, at, slotField, array, node);
}

function shrink(kernel: Kernel, at: XarrayLayout, slotField: SlotField, array: Address, root: Address): void {
  for (let node = root; kernel.load(node, at.count) === 1;) {
    const only = kernel.load(node, slotField(0));
    if (only === 0 || (!isNode(only) && kernel.load(node, at.shift) !== 0)) return;
    kernel.store(array, at.head, only);
    kernel.free(node);
    if (!isNode(only)) return;
    node = nodeOf(only);
    kernel.store(node, at.parent, 0);
  }
}

function freeNodes(kernel: Kernel, at: XarrayLayout, slotField: SlotField, node: Address): void {
  if (kernel.load(node, at.shift) > 0) {
    for (let slot = 0; slot < CHUNK; slot++) {
      const entry = kernel.load(node, slotField(slot));
      if (isNode(entry)) freeNodes(kernel, at, slotField, nodeOf(entry));
    }
  }
  kernel.free(node);
}

function findIn(
  kernel: Kernel,
  at: XarrayLayout,
  slotField: SlotField,
  node: Address,
  base: number,
  from: number,
  last: number,
): FoundEntry | null {
  const shift = kernel.load(node, at.shift);
  const step = 2 ** shift;
  let slot = from <= base ? 0 : Math.floor((from - base) / step);
  if (slot >= CHUNK) return null;
  const here = kernel.load(node, slotField(slot));
  if (isSibling(here)) slot = offsetOfSibling(here);
  for (; slot < CHUNK; slot++) {
    const index = base + slot * step;
    if (index > last) return null;
    const entry = kernel.load(node, slotField(slot));
    if (visible(entry) === 0 || isSibling(entry)) continue;
    if (isNode(entry)) {
      const found = findIn(kernel, at, slotField, nodeOf(entry), index, from, last);
      if (found !== null) return found;
      continue;
    }
    return { index, order: shift + orderOfSiblings(kernel, slotField, node, slot), entry };
  }
  return null;
}

function orderOfSiblings(kernel: Kernel, slotField: SlotField, node: Address, slot: number): number {
  let order = 0;
  while (order < CHUNK_SHIFT && slot + 2 ** order < CHUNK && isSibling(kernel.load(node, slotField(slot + 2 ** order)))) {
    const sibling = kernel.load(node, slotField(slot + 2 ** order));
    if (offsetOfSibling(sibling) !== slot) break;
    order++;
  }
  return order;
}
