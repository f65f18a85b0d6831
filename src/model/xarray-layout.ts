/** How an xarray stands in memory, and its entries: shared by the primitives that change one and the view that only reads. */
import { fieldOf } from './fields';
import type { Address, FieldRef, Layout, Word } from './primitive';

export const CHUNK_SHIFT = 6;
export const CHUNK = 64;
export const CHUNK_MASK = CHUNK - 1;
/** Internal entries up to here are siblings, retries and errors; above (and all kernel addresses) they are nodes. */
const LAST_SMALL_INTERNAL = 4096;

export interface XarrayLayout {
  readonly head: FieldRef;
  readonly shift: FieldRef;
  readonly offset: FieldRef;
  readonly count: FieldRef;
  readonly values: FieldRef;
  readonly parent: FieldRef;
  readonly array: FieldRef;
  readonly slots: number;
  readonly nodeSize: number;
}

/** @throws MissingLayout */
export function xarrayLayout(layout: Layout): XarrayLayout {
  const node = (name: string): FieldRef => fieldOf(layout, 'struct xa_node', name);
  return {
    head: fieldOf(layout, 'struct xarray', 'xa_head'),
    shift: node('shift'),
    offset: node('offset'),
    count: node('count'),
    values: node('nr_values'),
    parent: node('parent'),
    array: node('array'),
    slots: layout.offsetof('struct xa_node', 'slots'),
    nodeSize: layout.sizeof('struct xa_node'),
  };
}

const isInternal = (entry: Word): boolean => (entry & 3) === 2;
export const isNode = (entry: Word): boolean => isInternal(entry) && (entry < 0 || entry > LAST_SMALL_INTERNAL);
export const isSibling = (entry: Word): boolean => isInternal(entry) && entry >= 0 && entry < CHUNK_MASK * 4 + 2;
export const isValue = (entry: Word): boolean => (entry & 1) === 1;
export const nodeOf = (entry: Word): Address => entry - 2;
export const entryOfNode = (node: Address): Word => node + 2;
export const siblingOf = (offset: number): Word => offset * 4 + 2;
export const offsetOfSibling = (entry: Word): number => (entry - 2) / 4;
/** Stands where room is reserved: present in the tree, NULL to whoever reads. */
export const ZERO_ENTRY: Word = 257 * 4 + 2;
/** What `xa_store` gives for an errno. */
export const errorEntry = (errno: number): Word => -errno * 4 + 2;

/** Slot number of an index in a node of that shift. Indices are below 2^53. */
export const slotIn = (index: number, shift: number): number =>
  shift < 32 && index < 2 ** 31 ? (index >>> shift) & CHUNK_MASK : Math.floor(index / 2 ** shift) % CHUNK;
