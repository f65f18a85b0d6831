/** What is different between two views of memory, as lines for a person. */
import type { FolioExtent, MemoryView, StateDifference } from '../protocol/simulation';

/** Folios beyond this many differing runs are one line. */
const MOST_RUNS = 40;

/** Shape: counters first, then vmemmap, page cache, faultable pages, folios, locks; empty when all is as before. */
export function differencesBetween(before: MemoryView, after: MemoryView): StateDifference[] {
  return [
    ...pairs(
      before.counters,
      after.counters,
      (c) => `${c.group}.${c.name}`,
      (c) => String(c.value),
    ),
    ...pairs(
      before.vmemmap,
      after.vmemmap,
      (v) => `vmemmap of block ${v.block}`,
      (v) => `${v.pages} of ${v.pagesWithoutHvo} pages${v.optimised ? ', optimised' : ''}`,
    ),
    ...whole(
      'page cache',
      before.pageCache.map((e) => `${rangeText(e.index, e.count * 2 ** e.order)}: ${foliosText(e.count, e.order)} at pfn ${hex(e.pfn)}`),
      after.pageCache.map((e) => `${rangeText(e.index, e.count * 2 ** e.order)}: ${foliosText(e.count, e.order)} at pfn ${hex(e.pfn)}`),
    ),
    ...whole(
      'faultable',
      before.faultable.map((r) => rangeText(r.index, r.count)),
      after.faultable.map((r) => rangeText(r.index, r.count)),
    ),
    ...folioDifferences(before.folios, after.folios),
    ...pairs(
      before.locks,
      after.locks,
      (l) => l.what,
      (l) => `held by ${l.holder}`,
      'free',
    ),
  ];
}

function pairs<T>(
  before: readonly T[],
  after: readonly T[],
  name: (each: T) => string,
  text: (each: T) => string,
  absent = 'absent',
): StateDifference[] {
  const was = new Map(before.map((each) => [name(each), text(each)]));
  const is = new Map(after.map((each) => [name(each), text(each)]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((what) => {
    const difference = { what, before: was.get(what) ?? absent, after: is.get(what) ?? absent };
    return difference.before === difference.after ? [] : [difference];
  });
}

const MOST_SHOWN = 6;
const shorten = (list: readonly string[]): string =>
  list.length === 0
    ? 'empty'
    : list.length > MOST_SHOWN
      ? `${list.slice(0, MOST_SHOWN).join('; ')}; … ${list.length - MOST_SHOWN} more`
      : list.join('; ');

function whole(what: string, before: readonly string[], after: readonly string[]): StateDifference[] {
  return before.join(';') === after.join(';') ? [] : [{ what, before: shorten(before), after: shorten(after) }];
}

const hex = (pfn: number): string => (pfn < 0 ? 'none' : `0x${pfn.toString(16)}`);
const rangeText = (first: number, count: number): string => (count === 1 ? `${first}` : `${first}-${first + count - 1}`);
const foliosText = (count: number, order: number): string => `${count === 1 ? 'a folio' : `${count} folios`} of order ${order}`;

const folioText = (folio: FolioExtent): string =>
  [
    folio.type,
    `order ${folio.order}`,
    folio.owner,
    `ref ${folio.refcount}`,
    ...(folio.mapcount > 0 ? [`mapped ${folio.mapcount}`] : []),
    ...folio.flags,
  ].join(', ');

/** Compares piece by piece: every stretch of page frames that is one run in both views. */
function folioDifferences(before: readonly FolioExtent[], after: readonly FolioExtent[]): StateDifference[] {
  const found: StateDifference[] = [];
  let more = 0;
  let [b, a] = [0, 0];
  let at = before[0]?.pfn ?? 0;
  for (;;) {
    const was = before[b];
    const is = after[a];
    if (was === undefined || is === undefined) break;
    const end = Math.min(endOf(was), endOf(is));
    const difference = {
      what: `folio ${end - at === 1 ? 'pfn' : 'pfns'} ${hex(at)}${end - at > 1 ? `-${hex(end - 1)}` : ''}`,
      before: folioText(was),
      after: folioText(is),
    };
    if (difference.before !== difference.after) {
      if (found.length < MOST_RUNS) found.push(difference);
      else more++;
    }
    at = end;
    if (endOf(was) === end) b++;
    if (endOf(is) === end) a++;
  }
  if (more > 0) found.push({ what: `${more} more stretches of folios`, before: '', after: '' });
  return found;
}

const endOf = (extent: FolioExtent): number => extent.pfn + extent.count * 2 ** extent.order;
