/** What a reservation of hugetlbfs takes beyond the pages that are free: surplus pages, as far as hugetlb may overcommit (P3). */
import type { Rule } from './event-log';
import { event, isWritten, type Host } from './host';
import { addToPool, takeOffPool } from './hugetlb';
import { availableOf, freeOf, surplusOf, type Hstate } from './pools';

const GATHERED: Rule = {
  kind: 'hugetlb-surplus',
  label: 'code',
  source: 'mm/hugetlb.c gather_surplus_pages()',
  text: (count) => `${count} surplus pages made for a reservation`,
};
const SHORTFALL: Rule = {
  kind: 'hugetlb-shortfall',
  label: 'derived',
  source: 'patch 10, __hugetlb_acct_memory()',
  text: (asked, promised) => `${asked} pages asked for and only the ${promised} that were missing promised`,
};

/** Makes room for so many pages. False where there is none: nothing has changed then, but for the defect. */
export function reserveForUser(host: Host, h: Hstate, pages: number): boolean {
  const free = availableOf(h);
  if (free >= pages) return true;
  return isWritten(host, 'A-P3') ? reserveAsPosted(host, h, pages) : gather(host, h, pages - free) === pages - free;
}

/** Surplus pages, as many as wanted or none. Gigantic ones are never made. */
function gather(host: Host, h: Hstate, wanted: number): number {
  const made = grow(host, h, wanted);
  if (made === wanted) event(host, GATHERED, null, -1, 1, made);
  else drop(host, h, made);
  return made;
}

function grow(host: Host, h: Hstate, wanted: number): number {
  let made = 0;
  while (h.order < 18 && made < wanted && surplusOf(h) < h.overcommit) {
    const node = h.nodes.findIndex((_, at) => addToPool(host, h, at));
    if (node < 0) break;
    h.nodes[node]!.surplus += 1;
    made++;
  }
  return made;
}

function drop(host: Host, h: Hstate, count: number): void {
  for (let left = count; left > 0; left--) {
    const node = h.nodes.findIndex(({ surplus, stack }) => surplus > 0 && stack !== null);
    if (node < 0 || !takeOffPool(host, h, node)) return;
  }
}

/**
 * The gather step is told what is missing, not what is asked for, and promises no more than that. Where the free pages would not do, the
 * whole of what is asked for is taken back from the promises.
 */
function reserveAsPosted(host: Host, h: Hstate, pages: number): boolean {
  const free = availableOf(h);
  const missing = pages - free;
  const made = grow(host, h, missing);
  if (missing > free + made) {
    drop(host, h, made);
    return false;
  }
  const kept = Math.max(missing - free, 0);
  drop(host, h, made - kept);
  h.resv += missing;
  event(host, SHORTFALL, null, -1, 1, pages, missing);
  // What is taken from here on was promised; the caller counts it as taken from what was not.
  h.resv -= pages;
  if (pages <= freeOf(h)) return true;
  drop(host, h, kept);
  return false;
}
