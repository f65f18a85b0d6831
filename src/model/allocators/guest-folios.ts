/** Splitting and merging as RFC v2 does it, for every allocator behind it (model-facts §2.B). */
import type { Rule } from '../host/event-log';
import { choice, event, fact, injectedFailure, isWritten, ownBlock, ownFile, type Host } from '../host/host';
import type { ErrorName } from '../host/operation';
import { pageAt } from '../host/pages';
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
import { MIXED, SPLIT, WHOLE, type FileState } from '../host/state';
import { heldIn } from '../host/user-mappings';
import { restoreVmemmap } from '../host/vmemmap';

const SPINS: Rule = {
  kind: 'spins',
  label: 'derived',
  source: 'v2 virt/kvm/guest_memfd.c, folio_ref_freeze() in a loop',
  text: (refs) => `${refs} references of others keep the folio from being frozen: the loop goes on with the invalidation lock held`,
};
const BUG: Rule = {
  kind: 'oops',
  label: 'thread',
  source: 'Ackerley 2025-05-16: the metadata was stashed before the vmemmap was restored',
  text: () => 'the vmemmap is restored although it is whole: BUG',
};
const SKIPPED: Rule = {
  kind: 'hvo-optimise-skipped',
  label: 'thread',
  source: 'Ackerley 2025-05-16',
  text: () => 'the stashed flag says optimised, so the vmemmap stays as it is',
};

/** Steps that exist for hugetlb's sake alone: stash, type, list. */
export interface FolioRules {
  readonly hugetlbSteps: number;
}

export const splitFolio =
  (rules: FolioRules) =>
  (host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null => {
    const block = ownBlock(host, file, index, 0, file.blockPages);
    if (block.state === MIXED) return splitRegions(host, file, block, index, from, to) ? null : 'ENOMEM';
    if (block.state !== WHOLE) return null;
    const waits = waitsForReferences(host, file, index);
    if (waits !== null) return waits;
    if (choice(host, 'split') === 'two-level' && file.order === 18)
      return toMixedFolios(host, file, block, index, from, to) ? null : 'ENOMEM';
    if (block.hvoFlag && !block.hvo) {
      ownFile(host, file).hung = true;
      event(host, BUG, file, index * file.blockPages);
      fact(host, 'hang', file, index, () => `The vmemmap of block ${index} was restored twice.`);
      return 'OOPS';
    }
    if (injectedFailure(host, 'stash') || !takeFilemapNodes(host, file, block)) return 'ENOMEM';
    const flag = block.hvoFlag;
    if (!restoreVmemmap(host, block, file.blockPages)) {
      giveFilemapNodes(host, file, block);
      return 'ENOMEM';
    }
    host.tally.hugetlbSteps += rules.hugetlbSteps;
    toSmallFolios(host, file, block, index);
    if (isWritten(host, 'B-1')) block.hvoFlag = flag;
    return null;
  };

export const mergeFolios =
  (rules: FolioRules) =>
  (host: Host, file: FileState, index: number, from: number, to: number): ErrorName | null => {
    const block = ownBlock(host, file, index, 0, file.blockPages);
    if (block.state === MIXED) {
      mergeRegions(host, file, block, index, from, to);
      return null;
    }
    if (block.state !== SPLIT) return null;
    const waits = waitsForReferences(host, file, index);
    if (waits !== null) return waits;
    host.tally.hugetlbSteps += rules.hugetlbSteps;
    giveFilemapNodes(host, file, block);
    // The head's flags are the folio's.
    block.prepared = pageAt(block.prepared, 0);
    const stale = isWritten(host, 'B-1') && block.hvoFlag;
    toWholeFolio(host, file, block, index);
    if (stale) event(host, SKIPPED, file, index * file.blockPages);
    else optimiseBlock(host, file, block);
    return null;
  };

/** References that nobody checked before: a loop without an end, or -EAGAIN where that is mended. Null: there are none. */
export function waitsForReferences(host: Host, file: FileState, index: number): ErrorName | null {
  const block = host.files[file.id]!.blocks[index];
  if (!block || block.holds.length === 0) return null;
  const held = heldIn(file, block, 0, file.blockPages);
  if (held === 0) return null;
  if (!isWritten(host, 'B-6')) return 'EAGAIN';
  const owned = ownFile(host, file);
  owned.hung = true;
  owned.hungBlock = index;
  event(host, SPINS, file, index * file.blockPages, 1, held);
  fact(host, 'hang', file, index, () => `A loop waits for ${held} references of block ${index} with the file's invalidation lock held.`);
  return 'HANG';
}
