/** What is surely wrong when a function has returned: locks that it took and kept, objects and references that nobody has any more. */
import { unbalanced } from './balance';
import { isErrno } from './fields';
import type { MemoryView } from '../protocol/simulation';
import type { Address, FindingKind, Word } from './primitive';
import type { HeldLock } from './record';

export interface Leak {
  readonly kind: Extract<FindingKind, `leak-${string}`>;
  readonly message: string;
}

export interface LiveObject {
  readonly at: Address;
  readonly size: number;
  readonly name: string;
}

export interface Ends {
  readonly before: MemoryView;
  readonly after: MemoryView;
  readonly locksBefore: readonly HeldLock[];
  readonly locksAfter: readonly HeldLock[];
  readonly nameOf: (lock: HeldLock) => string;
  /** Heap objects made during the run that are still live and that no memory of the model points at. */
  readonly lost: readonly LiveObject[];
  /** The functions that were run, the last one last. */
  readonly functions: readonly string[];
  /** Folios and pages that the caller has: arguments, and what objects of the caller point at. */
  readonly callers: ReadonlySet<Address>;
  /** The value that the function returned, null for void. */
  readonly returned: Word | null;
}

/** Leaks with most lines first told: at most this many of a kind by name. */
const MOST_NAMED = 8;

/** Shape: in the order locks, memory, references, accounts; empty when nothing is surely wrong. */
export function leaksOf(ends: Ends): Leak[] {
  return [...lockLeaks(ends), ...memoryLeaks(ends), ...folioLeaks(ends), ...balanceLeaks(ends), ...accountLeaks(ends)];
}

const isError = (value: Word | null): boolean => value !== null && isErrno(value);

/** A function of this name takes a lock for its caller. */
const LOCKS_BY_NAME = /(^|_)(try)?lock(ed)?(_|$)/;

/**
 * A lock that was not held at the entry and is at the return. Handing a locked folio to the caller is a contract of its own: a folio that
 * the caller can name (the return value, an argument, what an object of the caller points at) is reported only when an error is returned.
 */
function lockLeaks({ locksBefore, locksAfter, nameOf, returned, callers, functions }: Ends): Leak[] {
  if (functions.some((name) => LOCKS_BY_NAME.test(name))) return [];
  const kept = new Map<string, number>();
  for (const lock of locksBefore) kept.set(key(lock), (kept.get(key(lock)) ?? 0) + 1);
  const leaked = locksAfter.filter((lock) => {
    const had = kept.get(key(lock)) ?? 0;
    kept.set(key(lock), had - 1);
    const handedOver = lock.kind === 'folio' && !isError(returned) && (lock.lock === returned || callers.has(lock.lock));
    return had <= 0 && !handedOver;
  });
  return named(leaked.map(nameOf), 'leak-lock', (name) => `${name} was taken during the run and is still held at its return.`, 'locks');
}

const key = (lock: HeldLock): string => `${lock.kind} ${lock.lock} ${lock.task}`;

const memoryLeaks = ({ lost }: Ends): Leak[] =>
  named(
    lost.map((object) => `${object.name} object of ${object.size} bytes at 0x${BigInt.asUintN(64, BigInt(object.at)).toString(16)}`),
    'leak-memory',
    (name) => `The ${name} was allocated during the run, and nothing points at it any more.`,
    'objects',
  );

/** Folios that were in the page cache or the pool, have references, and are now in neither. */
function folioLeaks({ before, after, returned }: Ends): Leak[] {
  // A function that is given a folio outside the page cache, or that gives one back, may leave it there.
  if (before.folios.some((folio) => folio.owner === 'nobody') || (returned !== null && returned < -4095)) return [];
  const others = othersReferences(before);
  const lost = after.folios.filter(
    (folio) =>
      folio.owner === 'nobody' &&
      folio.type === 'folio' &&
      folio.refcount > 0 &&
      !(folio.count === 1 && folio.refcount <= (others.get(folio.pfn) ?? 0)),
  );
  if (lost.length === 0 || before.pageCache.length === 0) return [];
  const beforePages = pagesOf(before);
  const afterPages = pagesOf(after);
  const pages = lost.reduce((sum, folio) => sum + folio.count * 2 ** folio.order, 0);
  if (afterPages >= beforePages) return [];
  const first = lost[0];
  return [
    {
      kind: 'leak-ref',
      message: `${pages} pages (from pfn 0x${first?.pfn.toString(16) ?? ''}) were in the page cache and are now in no page cache and no pool, with references that nobody can drop.`,
    },
  ];
}

/** References beside those of the page cache that folios had from the start, by page frame: somebody has them, and drops them. */
function othersReferences(before: MemoryView): ReadonlyMap<number, number> {
  const others = new Map<number, number>();
  for (const { owner, refcount, order, pfn, count } of before.folios) {
    const more = refcount - 2 ** order;
    if (owner === 'page cache' && more > 0) for (let at = 0; at < count; at++) others.set(pfn + at * 2 ** order, more);
  }
  return others;
}

const pagesOf = (view: MemoryView): number => view.pageCache.reduce((sum, extent) => sum + extent.count * 2 ** extent.order, 0);

const balanceLeaks = ({ before, after, returned }: Ends): Leak[] =>
  unbalanced(before, after, isError(returned)).map((message) => ({ kind: 'leak-ref', message }));

/** Counters that can never be negative, or more than what they are a part of. */
function accountLeaks({ after, returned }: Ends): Leak[] {
  const counter = (group: string, name: string): number | undefined =>
    after.counters.find((each) => each.group === group && each.name === name)?.value;
  const leaks: Leak[] = [];
  for (const each of after.counters) {
    if (each.value < 0 && each.name !== 'min_hpages' && each.name !== 'max_hpages') {
      leaks.push({ kind: 'leak-account', message: `${each.group}.${each.name} is ${each.value}: it has wrapped below 0.` });
    }
  }
  const nrpages = counter('inode', 'nrpages');
  const cached = pagesOf(after);
  if (nrpages !== undefined && nrpages !== cached) {
    leaks.push({ kind: 'leak-account', message: `The mapping counts ${nrpages} pages (nrpages), and its page cache holds ${cached}.` });
  }
  const free = counter('hstate', 'free_huge_pages');
  const reserved = counter('hstate', 'resv_huge_pages');
  if (free !== undefined && reserved !== undefined && reserved > free && !isError(returned)) {
    leaks.push({
      kind: 'leak-account',
      message: `hstate.resv_huge_pages is ${reserved} and only ${free} huge pages are free: a reservation has no page behind it.`,
    });
  }
  return leaks;
}

function named(names: readonly string[], kind: Leak['kind'], say: (name: string) => string, plural: string): Leak[] {
  const leaks = names.slice(0, MOST_NAMED).map((name): Leak => ({ kind, message: say(name) }));
  if (names.length > MOST_NAMED) leaks.push({ kind, message: `${names.length - MOST_NAMED} more ${plural} likewise.` });
  return leaks;
}
