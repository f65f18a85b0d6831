/** A short text that is equal for equal states: of blocks it keeps what it has reckoned. */
import { blockHash, mixText, type Host } from './host';
import { mix } from './pages';
import type { Block, FileState } from './state';

export function hashOf(host: Host): string {
  let hash = 17;
  let second = 31;
  const add = (value: number): void => {
    hash = mix(hash, value);
    second = mix(second ^ 0x5bd1e995, value);
  };
  for (const node of host.nodes) for (const value of Object.values(node)) if (typeof value === 'number') add(value);
  for (const h of [host.hstates['1G'], host.hstates['2M']]) {
    add(h.resv);
    add(h.max);
    for (const node of h.nodes) {
      for (const value of [node.nr, node.free, node.surplus, node.poisoned, node.leaked, node.inUse]) add(value);
      add(node.stack?.frame.pfn ?? -1);
    }
  }
  for (const value of [host.pool.total, host.pool.free, host.pool.reserved, host.cma.free, host.cma.obstructed, host.cma.reserved])
    add(value);
  for (const vm of host.vms) {
    add(vm.memcg);
    add(vm.policy);
  }
  for (const key of Object.keys(host.failures).sort()) add(mixText(host.failures[key] ?? 0, key));
  for (const key of Object.keys(host.hugetlbfs).sort()) add(mixText(host.hugetlbfs[key] ?? 0, key));
  for (const { file, block, what } of host.pending) add(mixText(file * 4096 + block, what));
  for (const file of host.files) add(fileHash(file));
  return (hash >>> 0).toString(16).padStart(8, '0') + (second >>> 0).toString(16).padStart(8, '0');
}

function fileHash(file: FileState): number {
  if (file.hash !== 0) return file.hash;
  let hash = mixText(mix(file.pages, file.order), file.name);
  for (const value of [
    file.share0,
    file.attr0,
    file.open ? 1 : 0,
    file.alive ? 1 : 0,
    file.hung ? 1 : 0,
    file.reserved,
    file.rsvdCharge,
    file.usageCharge,
  ])
    hash = mix(hash, value);
  if (file.subpool !== null) for (const value of [file.subpool.max, file.subpool.used, file.subpool.rsv]) hash = mix(hash, value);
  for (const slot of file.slots) hash = mix(mix(mix(hash, slot.gfn), slot.from), slot.to);
  for (const vma of file.vmas) hash = mix(mix(mixText(hash, vma.process), vma.from), vma.to);
  for (const { index, block } of file.aside) hash = mix(mix(hash, index), blockHash(block, file.blockPages));
  for (const [index, block] of file.blocks.entries()) {
    // A block that has come back to where it began is like one that nothing was done to.
    if (block && !isPristine(file, block)) hash = mix(mix(hash, index), blockHash(block, file.blockPages));
  }
  file.hash = hash === 0 ? 1 : hash;
  return file.hash;
}

const isPristine = (file: FileState, block: Block): boolean =>
  block.state === 0 &&
  block.share === file.share0 &&
  block.attr === file.attr0 &&
  block.mapped === 0 &&
  block.holds.length === 0 &&
  block.s2 === 0 &&
  block.twin === 0;
