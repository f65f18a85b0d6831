/** The guest's stage-2 page tables as KVM keeps them: a leaf of one or many pages at the guest frame where it begins. */
import type { Address, Kernel, Layout, Word } from '../primitive';
import { constantIfAny } from '../fields';
import type { RecordReader } from '../record';
import { bindXarray } from '../xarray';
import { isValue } from '../xarray-layout';
import { memslotAt, setWord, USERS, usersOf, wordAt } from './record';

export interface Leaf {
  readonly gfn: number;
  readonly pfn: number;
  readonly order: number;
  /** Mapped through the user address of the slot, not from guest_memfd. */
  readonly shared: boolean;
}

/** A leaf, and the page of the file at its first guest frame. */
export interface FileLeaf extends Leaf {
  readonly index: number;
}

/** A word: the frame times 128, the order times two, bit 0 for shared; 0 is no leaf. Frame 0 is in no memmap of a scenario. */
const FRAME = 128;
const packed = ({ pfn, order, shared }: Leaf): Word => pfn * FRAME + order * 2 + (shared ? 1 : 0);
const leafOf = (gfn: number, word: Word): Leaf => ({
  gfn,
  pfn: Math.floor(word / FRAME),
  order: Math.floor((word % FRAME) / 2),
  shared: word % 2 === 1,
});

/** The leaf that maps a guest frame in a memory slot (that of the present file which has the frame, where none is named), or null. */
export function leafAt(reader: RecordReader, gfn: number, slot = slotAt(reader, gfn)): Leaf | null {
  if (slot === 0 || reader.peek(slot, USERS.leafCount) === 0) return null;
  const base = reader.peek(slot, USERS.base);
  if (gfn < base || gfn >= base + reader.peek(slot, USERS.room)) return null;
  const leaves = reader.peek(slot, USERS.leaves);
  for (let order = 0; order <= reader.peek(usersOf(reader), USERS.order); order++) {
    const first = gfn - (gfn % 2 ** order);
    if (first < base) return null;
    const word = wordAt(reader, leaves, first - base);
    if (word !== 0 && leafOf(first, word).order >= order) return leafOf(first, word);
  }
  return null;
}

const slotAt = (reader: RecordReader, gfn: number): Address => {
  const users = usersOf(reader);
  return users === 0 ? 0 : memslotAt(reader, users, gfn);
};

export function installLeaf(kernel: Kernel, leaf: Leaf): void {
  const slot = slotAt(kernel, leaf.gfn);
  zapLeaves(kernel, leaf.gfn, leaf.gfn + 2 ** leaf.order, slot);
  setWord(kernel, kernel.peek(slot, USERS.leaves), leaf.gfn - kernel.peek(slot, USERS.base), packed(leaf));
  kernel.store(slot, USERS.leafCount, kernel.peek(slot, USERS.leafCount) + 1);
}

/** Removes every leaf of a memory slot that touches guest frames [first, end), huge ones as a whole; says whether there was one. */
export function zapLeaves(kernel: Kernel, first: number, end: number, slot = slotAt(kernel, first)): boolean {
  if (slot === 0) return false;
  const leaves = kernel.peek(slot, USERS.leaves);
  const base = kernel.peek(slot, USERS.base);
  const stop = Math.min(end, base + kernel.peek(slot, USERS.room));
  let found = false;
  for (let gfn = Math.max(first, base); gfn < stop && kernel.peek(slot, USERS.leafCount) > 0;) {
    const leaf = gfn === first ? leafAt(kernel, gfn, slot) : beginningAt(kernel, leaves, base, gfn);
    if (leaf === null) {
      gfn++;
      continue;
    }
    setWord(kernel, leaves, leaf.gfn - base, 0);
    kernel.store(slot, USERS.leafCount, kernel.peek(slot, USERS.leafCount) - 1);
    gfn = leaf.gfn + 2 ** leaf.order;
    found = true;
  }
  return found;
}

function beginningAt(reader: RecordReader, leaves: number, base: number, gfn: number): Leaf | null {
  const word = wordAt(reader, leaves, gfn - base);
  return word === 0 ? null : leafOf(gfn, word);
}

/** What KVM mapped through the user address of a page of the file goes with the user's own entry. */
export function zapSharedLeaf(kernel: Kernel, index: number, users = usersOf(kernel)): void {
  for (let slot = users; slot !== 0; slot = kernel.peek(slot, USERS.nextSlot)) {
    const gfn = index - kernel.peek(slot, USERS.offset) + kernel.peek(slot, USERS.base);
    if (leafAt(kernel, gfn, slot)?.shared === true) zapLeaves(kernel, gfn, gfn + 1, slot);
  }
}

/** All leaves of a file, slot by slot, in order of guest frames. */
export function leavesOf(reader: RecordReader, users = usersOf(reader)): FileLeaf[] {
  const found: FileLeaf[] = [];
  for (let slot = users; slot !== 0; slot = reader.peek(slot, USERS.nextSlot)) {
    const leaves = reader.peek(slot, USERS.leaves);
    const base = reader.peek(slot, USERS.base);
    const offset = reader.peek(slot, USERS.offset);
    const end = base + reader.peek(slot, USERS.room);
    let left = reader.peek(slot, USERS.leafCount);
    for (let gfn = base; gfn < end && left > 0; gfn++) {
      const leaf = beginningAt(reader, leaves, base, gfn);
      if (leaf === null) continue;
      found.push({ ...leaf, index: gfn - base + offset });
      left--;
    }
  }
  return found;
}

/** 6.12's KVM_MEMORY_ATTRIBUTE_PRIVATE. */
const PRIVATE = 8;

/** Reads the attributes that a VM keeps for guest frames. */
export interface Attributes {
  /** Has every frame of [first, end) exactly these, of those in the mask? */
  have(kernel: Kernel, kvm: Word, first: number, end: number, mask: number, attributes: number): boolean;
  isPrivate(kernel: Kernel, kvm: Word, gfn: number): boolean;
  readonly privateBit: number;
}

/** @throws MissingLayout */
export function bindAttributes(layout: Layout): Attributes {
  const pages = bindXarray(layout);
  const tree = layout.offsetof('struct kvm', 'mem_attr_array');
  const privateBit = constantIfAny(layout, 'KVM_MEMORY_ATTRIBUTE_PRIVATE') ?? PRIVATE;
  const attributesAt = (kernel: Kernel, kvm: Word, gfn: number): number => {
    const entry = pages.load(kernel, kvm + tree, gfn);
    return isValue(entry) ? Math.floor(entry / 2) : 0;
  };
  return {
    privateBit,
    isPrivate: (kernel, kvm, gfn) => (attributesAt(kernel, kvm, gfn) & privateBit) !== 0,
    have(kernel, kvm, first, end, mask, attributes) {
      if ((attributes & ~(mask & privateBit)) !== 0) return false;
      for (let gfn = first; gfn < end; gfn++) if ((attributesAt(kernel, kvm, gfn) & mask & privateBit) !== attributes) return false;
      return true;
    },
  };
}
