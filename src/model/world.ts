/** The objects of a scenario, by what they are: built once, then found by the view and by the arguments. */
import type { Address } from './primitive';

/** An address of 0: the tree has no such thing, or the scenario does not need it. */
export interface World {
  readonly order: number;
  readonly blocks: number;
  /** First page frame of the memmap, and how many there are: the inode's blocks, then the spare huge pages of the pool. */
  readonly firstPfn: number;
  readonly pages: number;
  readonly hstate: Address;
  readonly subpool: Address;
  readonly inode: Address;
  readonly mapping: Address;
  readonly inodePrivate: Address;
  readonly hgmem: Address;
  readonly faultability: Address;
  readonly file: Address;
  readonly gmem: Address;
  readonly kvm: Address;
  readonly slot: Address;
  readonly vma: Address;
  readonly fault: Address;
  readonly mm: Address;
  readonly dentry: Address;
  readonly mount: Address;
  readonly superBlock: Address;
}

/** What is built of the inode itself. */
export type InodePart = Pick<World, 'inode' | 'mapping' | 'inodePrivate' | 'hgmem' | 'faultability'>;

export const NO_WORLD: World = {
  order: 0,
  blocks: 0,
  firstPfn: 0,
  pages: 0,
  hstate: 0,
  subpool: 0,
  inode: 0,
  mapping: 0,
  inodePrivate: 0,
  hgmem: 0,
  faultability: 0,
  file: 0,
  gmem: 0,
  kvm: 0,
  slot: 0,
  vma: 0,
  fault: 0,
  mm: 0,
  dentry: 0,
  mount: 0,
  superBlock: 0,
};
