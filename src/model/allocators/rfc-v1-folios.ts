/** Splitting and reconstructing a folio as patches 25 and 39 do it, with their defects as written or as meant. */
import { emptyBlock } from '../host/block-memory';
import { clearContent } from '../host/content';
import type { Rule } from '../host/event-log';
import { choice, countGmem, event, fact, injectedFailure, isWritten, ownBlock, ownFile, type Host } from '../host/host';
import type { ErrorName } from '../host/operation';
import { mapPages, runsOf, sumPages } from '../host/pages';
import {
  giveFilemapNodes,
  mergeRegions,
  optimiseBlock,
  splitRegions,
  takeFilemapNodes,
  toMixedFolios,
  toSmallFolios,
  toWholeFolio,
} from '../host/restructure';
import { MIXED, ORPHAN, SPLIT, WHOLE, type Block, type FileState } from '../host/state';
import { heldIn, mappedIn } from '../host/user-mappings';
import { restoreVmemmap } from '../host/vmemmap';

const HUNG: Rule = {
  kind: 'deadlock',
  label: 'derived',
  source: 'patch 39 kvm_gmem_split_folio_in_filemap(), its error path',
  text: () => 'the split failed and put the folio back locked: the next to lock it waits for ever',
};
const ORPHANED: Rule = {
  kind: 'orphan',
  label: 'derived',
  source: 'patch 25 kvm_gmem_reconstruct_folio(), its error path',
  text: (refs) => `${refs} references kept the block from becoming one folio: it is out of the file, and given back to nobody`,
};

/** A.SPLIT. */
export function splitA(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (block.state === MIXED) return splitRegions(host, file, block, index, from, to) ? null : splitFailed(host, file, index);
  if (block.state !== WHOLE) return null;
  const held = heldIn(file, block, 0, file.blockPages);
  if (held > 0 && !isWritten(host, 'A-11')) return 'EINVAL';
  if (isWritten(host, 'A-4')) forgetPrepared(host, file, block);
  if (choice(host, 'split') === 'two-level' && file.order === 18) {
    return toMixedFolios(host, file, block, index, from, to)
      ? overwriteReferences(host, file, block, held)
      : splitFailed(host, file, index);
  }
  if (!takeFilemapNodes(host, file, block)) return splitFailed(host, file, index);
  if (!restoreVmemmap(host, block, file.blockPages)) {
    giveFilemapNodes(host, file, block);
    return splitFailed(host, file, index);
  }
  if (injectedFailure(host, 'stash')) {
    optimiseBlock(host, file, block);
    giveFilemapNodes(host, file, block);
    return splitFailed(host, file, index);
  }
  host.tally.hugetlbSteps += 3;
  toSmallFolios(host, file, block, index);
  return overwriteReferences(host, file, block, held);
}

/** The count was set to 1 whoever held the folio: what they give back later takes others' references. */
function overwriteReferences(host: Host, file: FileState, block: Block, held: number): null {
  if (held === 0) return null;
  for (const map of [block.pins, block.refs]) {
    for (const run of runsOf(map, 0, file.blockPages)) {
      if (run.value > 0)
        block.lostRefs = mapPages(block.lostRefs, file.blockPages, run.from, run.to, (lost) => lost + run.value, host.epoch);
    }
  }
  return null;
}

function forgetPrepared(host: Host, file: FileState, block: Block): void {
  if (block.prepared === 0) return;
  host.tally.clearedPrepared += sumPages(block.prepared, file.blockPages, 0, file.blockPages);
  block.prepared = 0;
}

function splitFailed(host: Host, file: FileState, index: number): ErrorName {
  if (!isWritten(host, 'A-2')) return 'ENOMEM';
  ownFile(host, file).hung = true;
  event(host, HUNG, file, index * file.blockPages);
  fact(host, 'hang', file, index, () => `The split of block ${index} failed; its folio is locked for ever, and with it the file.`);
  return 'HANG';
}

/** A.RECON. */
export function reconstructA(host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (block.state === MIXED) {
    mergeRegions(host, file, block, index, from, to);
    return null;
  }
  if (block.state !== SPLIT) return null;
  const mapped = mappedIn(file, block, 0, file.blockPages);
  const refs = heldIn(file, block, 0, file.blockPages) + mapped;
  if (refs > 0) {
    if (!isWritten(host, 'A-3')) return 'EINVAL';
    if (mapped > 0)
      fact(
        host,
        'removed-while-mapped',
        file,
        index,
        () => `Pages of block ${index} left the file for a merge while ${mapped} user PTEs mapped them.`,
      );
    fact(
      host,
      'restructured-with-references',
      file,
      index,
      () => `Block ${index} was taken apart for a merge while others held ${refs} references of its pages.`,
    );
    block.state = ORPHAN;
    block.prepared = 0;
    giveFilemapNodes(host, file, block);
    event(host, ORPHANED, file, index * file.blockPages, 1, refs);
    return 'ENOMEM';
  }
  if (isWritten(host, 'A-4')) forgetPrepared(host, file, block);
  else uniformPrepared(host, file, block);
  host.tally.hugetlbSteps += 3;
  giveFilemapNodes(host, file, block);
  toWholeFolio(host, file, block, index);
  optimiseBlock(host, file, block);
  return null;
}

/** As meant: what is prepared stays, and the rest of the folio becomes so. */
function uniformPrepared(host: Host, file: FileState, block: Block): void {
  const prepared = sumPages(block.prepared, file.blockPages, 0, file.blockPages);
  if (prepared > 0 && prepared < file.blockPages) {
    for (const run of runsOf(block.prepared, 0, file.blockPages)) if (run.value === 0) clearContent(host, file, block, run.from, run.to);
  }
  block.prepared = prepared > 0 ? 1 : 0;
}

/** A block whose memory is lost makes room for another: the lost one belongs to nobody from now on. */
export function abandonOrphan(host: Host, file: FileState, index: number): void {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (block.state !== ORPHAN) return;
  const h = file.order === 18 ? host.hstates['1G'] : host.hstates['2M'];
  h.nodes[block.node]!.leaked += 1;
  const { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap } = block;
  host.dead = { frame: { pfn, node, content, hvo, vmemmapSplit, remoteVmemmap }, next: host.dead };
  ownFile(host, file).allocated -= 1;
  countGmem(host, file, -1);
  emptyBlock(block);
}
