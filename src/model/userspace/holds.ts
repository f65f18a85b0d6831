/** Pins and references that users hold on pages: long-term pins, pipes, poisoned pages. */
import type { Kernel, Layout, Result } from '../primitive';
import type { RecordReader } from '../record';
import { bindFrames } from './frames';
import { HOLD_WORDS, MOST_HOLDS, setWord, USERS, usersOf, wordAt } from './record';

/**
 * `pin`: FOLL_LONGTERM; `pipe`: FOLL_GET, as a pipe or a transfer in flight has it; `poison`: what memory failure keeps; `lookup`: a
 * reference of the kernel's own, taken in the page cache.
 */
export type HoldKind = 'pin' | 'pipe' | 'poison' | 'lookup';
const KINDS: readonly HoldKind[] = ['pin', 'pipe', 'poison', 'lookup'];

export interface Hold {
  readonly kind: HoldKind;
  readonly pfn: number;
  /** The page of the file that it was when it was taken. */
  readonly index: number;
}

/** GUP_PIN_COUNTING_BIAS. */
export const PIN_BIAS = 1024;

export function holdsOf(reader: RecordReader, users = usersOf(reader)): Hold[] {
  if (users === 0) return [];
  const at = reader.peek(users, USERS.holds);
  return Array.from({ length: reader.peek(users, USERS.holdCount) }, (_, number) => holdAt(reader, at, number));
}

const holdAt = (reader: RecordReader, at: number, number: number): Hold => ({
  kind: KINDS[wordAt(reader, at, number * HOLD_WORDS)] ?? 'pipe',
  pfn: wordAt(reader, at, number * HOLD_WORDS + 1),
  index: wordAt(reader, at, number * HOLD_WORDS + 2),
});

export const holdOn = (reader: RecordReader, kind: HoldKind, index: number): Hold | undefined =>
  holdsOf(reader).find((hold) => hold.kind === kind && hold.index === index);

export interface Holds {
  /** Takes one on a page whose folio has references; false when there are too many. */
  take(kernel: Kernel, hold: Hold): boolean;
  /** Notes one whose reference was taken before. */
  note(kernel: Kernel, hold: Hold): boolean;
  /** Drops one; a control where C has to free the folio. */
  drop(kernel: Kernel, hold: Hold): Result;
}

/** Source: mm/gup.c: try_grab_folio(), gup_put_folio(). @throws MissingLayout */
export function bindHolds(layout: Layout): Holds {
  const frames = bindFrames(layout);
  const note = (kernel: Kernel, { kind, pfn, index }: Hold): boolean => {
    const users = usersOf(kernel);
    const count = kernel.peek(users, USERS.holdCount);
    if (count >= MOST_HOLDS) return false;
    const at = kernel.peek(users, USERS.holds);
    [KINDS.indexOf(kind), pfn, index].forEach((value, word) => setWord(kernel, at, count * HOLD_WORDS + word, value));
    kernel.store(users, USERS.holdCount, count + 1);
    return true;
  };
  return {
    note,
    take(kernel, hold) {
      if (!note(kernel, hold)) return false;
      const folio = frames.folioOf(kernel, hold.pfn);
      const large = frames.isLarge(kernel, folio);
      kernel.store(folio, frames.ref, kernel.load(folio, frames.ref) + (hold.kind === 'pin' && !large ? PIN_BIAS : 1));
      if (hold.kind === 'pin' && large && frames.pincount !== null)
        kernel.store(folio, frames.pincount, kernel.load(folio, frames.pincount) + 1);
      return true;
    },
    drop(kernel, hold) {
      const users = usersOf(kernel);
      const at = kernel.peek(users, USERS.holds);
      const last = kernel.peek(users, USERS.holdCount) - 1;
      const number = holdsOf(kernel).findIndex((each) => each.kind === hold.kind && each.index === hold.index && each.pfn === hold.pfn);
      if (number < 0) return undefined;
      for (let word = 0; word < HOLD_WORDS; word++) {
        setWord(kernel, at, number * HOLD_WORDS + word, wordAt(kernel, at, last * HOLD_WORDS + word));
        setWord(kernel, at, last * HOLD_WORDS + word, 0);
      }
      kernel.store(users, USERS.holdCount, last);
      const folio = frames.folioOf(kernel, hold.pfn);
      const large = frames.isLarge(kernel, folio);
      if (hold.kind === 'pin' && large && frames.pincount !== null)
        kernel.store(folio, frames.pincount, kernel.load(folio, frames.pincount) - 1);
      return frames.put(kernel, folio, hold.kind === 'pin' && !large ? PIN_BIAS : 1);
    },
  };
}
