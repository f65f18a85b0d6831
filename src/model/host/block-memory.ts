/** Gives a block of a file a frame, and takes it back: what all allocators do alike. */
import { countGmem, event, ownBlock, ownFile, type Host } from './host';
import type { Rule } from './event-log';
import { leaveStale } from './content';
import type { Frame } from './pools';
import { EMPTY, WHOLE, type Block, type FileState } from './state';

const ALLOCATED: Rule = {
  kind: 'allocate',
  label: 'code',
  source: 'patch 15, patch 39 kvm_gmem_get_folio(); v2 guest_memfd.c',
  text: (node) => `block gets a huge page of node ${node}`,
};
const FREED: Rule = {
  kind: 'free',
  label: 'code',
  source: 'free_folio of the file’s mapping',
  text: () => 'block gives its huge page back',
};

/** The frame becomes the block's one folio: not prepared, nothing mapped. */
export function giveFrame(host: Host, file: FileState, index: number, frame: Frame): Block {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  block.state = WHOLE;
  block.pfn = frame.pfn;
  block.node = frame.node;
  block.hvo = frame.hvo;
  block.hvoFlag = frame.hvo;
  block.vmemmapSplit = frame.vmemmapSplit;
  block.remoteVmemmap = frame.remoteVmemmap;
  block.content = frame.content;
  block.prepared = 0;
  block.small = 0;
  ownFile(host, file).allocated += 1;
  countGmem(host, file, 1);
  host.tally.allocations += 1;
  event(host, ALLOCATED, file, index * file.blockPages, 1, frame.node);
  return block;
}

/** A frame with what it remembers. */
export interface TakenFrame {
  readonly frame: Frame;
  /** Never to be given out again. */
  readonly poisoned: boolean;
}

/** The block's folio leaves it. */
export function takeFrame(host: Host, file: FileState, index: number): TakenFrame {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  const taken = takenFrom(host, file, index, block);
  emptyBlock(block);
  return taken;
}

/** The oldest huge page of those set aside from the block that nobody refers to any more. Null: there is none. */
export function takeAside(host: Host, file: FileState, index: number): (TakenFrame & { readonly restoreReserve: boolean }) | null {
  const owned = ownFile(host, file);
  const found = owned.aside.find((each) => each.index === index && each.block.holds.length === 0);
  if (found === undefined) return null;
  owned.aside = owned.aside.filter((each) => each !== found);
  const { restoreReserve } = found.block;
  return { ...takenFrom(host, owned, index, { ...found.block }), restoreReserve };
}

function takenFrom(host: Host, file: FileState, index: number, block: Block): TakenFrame {
  leaveStale(host, file, block, 0, file.blockPages);
  const { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap } = block;
  ownFile(host, file).allocated -= 1;
  countGmem(host, file, -1);
  event(host, FREED, file, index * file.blockPages);
  return { frame: { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap }, poisoned: block.poison.length > 0 };
}

/** Nothing is left of the block's memory; sharing and attributes are the file's, and stay. */
export function emptyBlock(block: Block): void {
  block.state = EMPTY;
  block.pfn = -1;
  block.node = -1;
  block.hvo = false;
  block.hvoFlag = false;
  block.vmemmapSplit = false;
  block.remoteVmemmap = 0;
  block.restoreReserve = false;
  block.content = 0;
  block.prepared = 0;
  block.small = 0;
  block.twoLevel = false;
  block.drainsSplit = false;
  block.poison = [];
  block.poisonWhole = false;
  block.lostRefs = 0;
}
