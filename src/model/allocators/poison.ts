/** Memory errors in a file's pages, as mm/memory-failure.c meets them (model-facts §2.A, SC-17). */
import type { Rule } from '../host/event-log';
import { choice, event, fact, ownBlock, type Host } from '../host/host';
import { zapStage2 } from '../host/stage2';
import { WHOLE, type FileState } from '../host/state';
import { pageAt } from '../host/pages';
import { mappedIn } from '../host/user-mappings';

const IGNORED: Rule = {
  kind: 'memory-failure',
  label: 'derived',
  source: 'mm/memory-failure.c of 6.12.117',
  text: (pages) => `memory error: new faults of ${pages} pages are refused, mappings stay`,
};
const DESIGNED: Rule = {
  kind: 'memory-failure',
  label: 'code',
  source: 'patch 39 kvm_gmem_error_folio()',
  text: (pages) => `memory error: ${pages} pages refused, stage 2 zapped`,
};

/** error_folio() takes the file's invalidation lock under the folio's: truncation does the opposite. */
export const FILE_UNDER_FOLIO = 2;

/** A hugetlb-typed folio is marked as a whole; a page of its own alone. */
export function markPoison(host: Host, file: FileState, index: number, page: number): void {
  markPoisonOf(host, file, index, page, true);
}

/** `wholeMarked`: an error in a whole folio marks all of it. */
export function markPoisonOf(host: Host, file: FileState, index: number, page: number, wholeMarked: boolean): void {
  const block = ownBlock(host, file, index, page, page + 1);
  if (!block.poison.includes(page)) block.poison = [...block.poison, page].sort((a, b) => a - b);
  const whole = block.state === WHOLE && wholeMarked;
  if (whole) block.poisonWhole = true;
  const pages = whole ? file.blockPages : 1;
  host.tally.poisonEvents += 1;
  const at = index * file.blockPages + page;
  if (whole)
    fact(
      host,
      'poison-spread',
      file,
      index,
      () => `One page of block ${index} has an error, and ${file.blockPages} pages refuse new faults.`,
    );
  if (choice(host, 'memfail') === 'as-designed') {
    host.lockEdges |= FILE_UNDER_FOLIO;
    zapStage2(host, file, block, index, whole ? 0 : page, whole ? file.blockPages : page + 1);
    event(host, DESIGNED, file, at, 1, pages);
    return;
  }
  event(host, IGNORED, file, at, 1, pages);
  if (pageAt(block.s2, page) !== 0 || mappedIn(file, block, page, page + 1) > 0) {
    fact(host, 'poison-mapping-kept', file, index, () => `Page ${at} has an error, and a mapping of it is still there.`);
  }
}
