/**
 * Makes states one that differ only in what no operation tells apart: the order of huge pages on the lists of the pool, and of what users
 * hold. The lists are in order of page frames then, which is an order that some history of the host gives them.
 */
import type { Machine } from '../machine/api';
import { I64 } from '../model/fields';
import { inMemmap } from '../model/memmap';
import type { Address, Kernel } from '../model/primitive';
import { HOLD_WORDS, USERS, usersOf } from '../model/userspace/record';
import type { World } from '../model/world';

const PREV = { ...I64, offset: 8 };
/** More huge pages than a search has. */
const MOST = 64;

/** Heads of lists of huge pages: those in use, and those that are free on the only node. */
export function listsOf({ layout }: Machine, { hstate }: World): readonly Address[] {
  return ['hugepage_activelist', 'hugepage_freelists'].flatMap((name) =>
    hstate !== 0 && layout.has('struct hstate', name) ? [hstate + layout.offsetof('struct hstate', name)] : [],
  );
}

/** @param lists as `listsOf` gives them */
export function makeAlike(kernel: Kernel, lists: readonly Address[]): void {
  for (const list of lists) sortList(kernel, list);
  sortHolds(kernel);
}

function sortList(kernel: Kernel, list: Address): void {
  const entries: Address[] = [];
  let sorted = true;
  for (let at = kernel.peek(list, I64); at !== list; at = kernel.peek(at, I64)) {
    // A list that leads elsewhere, or never back, is left as it is.
    if (!inMemmap(at) || entries.length >= MOST) return;
    sorted &&= entries.length === 0 || entries[entries.length - 1]! < at;
    entries.push(at);
  }
  if (sorted) return;
  entries.sort((left, right) => left - right);
  let before = list;
  for (const entry of [...entries, list]) {
    kernel.store(before, I64, entry);
    kernel.store(entry, PREV, before);
    before = entry;
  }
}

function sortHolds(kernel: Kernel): void {
  const users = usersOf(kernel);
  const count = users === 0 ? 0 : kernel.peek(users, USERS.holdCount);
  if (count < 2) return;
  const at = kernel.peek(users, USERS.holds);
  const holds = Array.from({ length: count }, (_, hold) =>
    Array.from({ length: HOLD_WORDS }, (_word, word) => kernel.peek(at + (hold * HOLD_WORDS + word) * 8, I64)),
  );
  const sorted = [...holds].sort((left, right) => compare(left, right));
  sorted.forEach((hold, place) => {
    if (hold !== holds[place]) hold.forEach((value, word) => void kernel.store(at + (place * HOLD_WORDS + word) * 8, I64, value));
  });
}

function compare(left: readonly number[], right: readonly number[]): number {
  const at = left.findIndex((value, word) => value !== right[word]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
