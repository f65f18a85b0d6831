/** The guest's stage-2 page tables as KVM keeps them: a leaf of one or many pages at the guest frame where it begins. */
import type { Kernel, Layout, Word } from '../primitive';
import { constantIfAny } from '../fields';
import type { RecordReader } from '../record';
import { bindXarray } from '../xarray';
import { isValue } from '../xarray-layout';
import { setWord, USERS, usersOf, wordAt } from './record';

export interface Leaf {
  readonly gfn: number;
  readonly pfn: number;
  readonly order: number;
  /** Mapped through the user address of the slot, not from guest_memfd. */
  readonly shared: boolean;
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

/** The leaf that maps a guest frame, or null. */
export function leafAt(reader: RecordReader, gfn: number): Leaf | null {
  const users = usersOf(reader);
  if (users === 0 || reader.peek(users, USERS.leafCount) === 0 || gfn < 0 || gfn >= reader.peek(users, USERS.indices)) return null;
  const leaves = reader.peek(users, USERS.leaves);
  for (let order = 0; order <= reader.peek(users, USERS.order); order++) {
    const first = gfn - (gfn % 2 ** order);
    const word = wordAt(reader, leaves, first);
    if (word !== 0 && leafOf(first, word).order >= order) return leafOf(first, word);
  }
  return null;
}

export function installLeaf(kernel: Kernel, leaf: Leaf): void {
  const users = usersOf(kernel);
  zapLeaves(kernel, leaf.gfn, leaf.gfn + 2 ** leaf.order);
  setWord(kernel, kernel.peek(users, USERS.leaves), leaf.gfn, packed(leaf));
  kernel.store(users, USERS.leafCount, kernel.peek(users, USERS.leafCount) + 1);
}

/** Removes every leaf that touches guest frames [first, end), huge ones as a whole; says whether there was one. */
export function zapLeaves(kernel: Kernel, first: number, end: number): boolean {
  const users = usersOf(kernel);
  if (users === 0) return false;
  const leaves = kernel.peek(users, USERS.leaves);
  const stop = Math.min(end, kernel.peek(users, USERS.indices));
  let found = false;
  for (let gfn = Math.max(first, 0); gfn < stop && kernel.peek(users, USERS.leafCount) > 0;) {
    const leaf = gfn === first ? leafAt(kernel, gfn) : beginningAt(kernel, leaves, gfn);
    if (leaf === null) {
      gfn++;
      continue;
    }
    setWord(kernel, leaves, leaf.gfn, 0);
    kernel.store(users, USERS.leafCount, kernel.peek(users, USERS.leafCount) - 1);
    gfn = leaf.gfn + 2 ** leaf.order;
    found = true;
  }
  return found;
}

function beginningAt(reader: RecordReader, leaves: number, gfn: number): Leaf | null {
  const word = wordAt(reader, leaves, gfn);
  return word === 0 ? null : leafOf(gfn, word);
}

/** What KVM mapped through the user address of a page goes with the user's own entry. */
export function zapSharedLeaf(kernel: Kernel, gfn: number): void {
  if (leafAt(kernel, gfn)?.shared === true) zapLeaves(kernel, gfn, gfn + 1);
}

/** All leaves, in order of guest frames. */
export function leavesOf(reader: RecordReader): Leaf[] {
  const users = usersOf(reader);
  if (users === 0) return [];
  const leaves = reader.peek(users, USERS.leaves);
  const many = reader.peek(users, USERS.leafCount);
  const found: Leaf[] = [];
  const end = reader.peek(users, USERS.indices);
  for (let gfn = 0; gfn < end && found.length < many; gfn++) {
    const leaf = beginningAt(reader, leaves, gfn);
    if (leaf !== null) found.push(leaf);
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
