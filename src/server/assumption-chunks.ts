/** The facts of a text that is being edited: only the functions between which something was typed are read again. */
import type { FileFacts, FoundFunction, FoundSite, Standing } from '../assumptions/facts';
import { factsOf } from '../assumptions/file-facts';
import { outlineOf } from '../assumptions/outline';
import { packedFacts } from '../assumptions/pack-facts';
import type { Vocabulary } from '../assumptions/vocabulary';

/** What stands from the end of one function to the end of the next, in whole lines. */
interface Chunk {
  readonly length: number;
  readonly lines: number;
  /** Lines from 1, as if there were nothing above. */
  readonly facts: FileFacts;
}

/**
 * Facts of one text after another.
 *
 * A text whose functions give other facts one by one than all together (branches of `#if` that share a brace) is read whole each time.
 */
export class FollowedFacts {
  private text: string | null = null;
  /** Of the text. */
  private whole: FileFacts | null = null;
  private chunks: readonly Chunk[] | null = null;
  private preparing: { readonly ends: readonly number[]; readonly chunks: Chunk[]; from: number; next: number } | null = null;
  /** Its functions are not to be read one by one. */
  private isOne = false;

  constructor(private readonly vocabulary: Vocabulary) {}

  /** As `factsOf`. */
  of(text: string): FileFacts {
    const { chunks, text: before } = this;
    if (chunks !== null && before !== null) {
      const renewed = text === before ? chunks : this.renewed(chunks, before, text);
      if (renewed !== null) {
        this.text = text;
        // The same object where it says the same: what was joined with it holds.
        if (this.whole === null || !isAlike(chunks, renewed)) this.whole = assembled(renewed);
        this.chunks = renewed;
        return this.whole;
      }
      // What is cut elsewhere now is often whole again a few keys later: the chunks of the earlier text stay.
      return factsOf(text, this.vocabulary);
    }
    if (text === before && this.whole !== null) return this.whole;
    const facts = factsOf(text, this.vocabulary);
    this.follow(text, facts);
    return facts;
  }

  /** Takes facts of a text that are known already. */
  follow(text: string, facts: FileFacts): void {
    this.text = text;
    this.whole = facts;
    this.chunks = null;
    this.preparing = null;
  }

  /**
   * Gets ready for edits of the last text, which takes as long as reading it: a part at each call, done when it says so.
   *
   * @param isLate whether others wait by now
   */
  prepare(isLate: () => boolean): boolean {
    const { text, whole } = this;
    if (text === null || whole === null || this.chunks !== null || this.isOne) return true;
    this.preparing ??= { ends: [...endsOf(text), text.length], chunks: [], from: 0, next: 0 };
    const work = this.preparing;
    for (; work.next < work.ends.length; work.next += 1) {
      if (isLate()) return false;
      const to = work.ends[work.next] ?? text.length;
      if (to <= work.from) continue;
      work.chunks.push(this.chunk(text.slice(work.from, to)));
      work.from = to;
    }
    this.preparing = null;
    if (isSame(assembled(work.chunks), whole)) this.chunks = work.chunks;
    else this.isOne = true;
    return true;
  }

  private chunk(text: string): Chunk {
    return { length: text.length, lines: linesIn(text), facts: factsOf(text, this.vocabulary) };
  }

  /** Chunks of the text after an edit; null where it is no longer cut where it was. */
  private renewed(chunks: readonly Chunk[], before: string, after: string): readonly Chunk[] | null {
    const shorter = Math.min(before.length, after.length);
    let start = 0;
    while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
    let same = 0;
    while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same += 1;
    let first = 0;
    let from = 0;
    for (const { length } of chunks) {
      // What is typed at an edge may belong to either side.
      if (from + length >= start) break;
      from += length;
      first += 1;
    }
    let last = chunks.length;
    let tail = 0;
    for (; last > first; last -= 1) {
      const { length } = chunks[last - 1] ?? NO_CHUNK;
      if (tail + length >= same) break;
      tail += length;
    }
    const middle = after.slice(from, after.length - tail);
    const ends = endsOf(middle);
    // A brace or a comment that was opened and not closed reaches into what follows.
    if (tail > 0 && ends.at(-1) !== middle.length) return null;
    const fresh: Chunk[] = [];
    let at = 0;
    for (const to of [...ends, middle.length]) {
      if (to <= at) continue;
      fresh.push(this.chunk(middle.slice(at, to)));
      at = to;
    }
    return [...chunks.slice(0, first), ...fresh, ...chunks.slice(last)];
  }
}

const NO_CHUNK: Chunk = { length: 0, lines: 0, facts: { functions: [], loose: [], tables: [], unread: [], wrappers: [] } };

/** Where functions end: after the line of the brace, where nothing follows on it. */
function endsOf(text: string): readonly number[] {
  const ends: number[] = [];
  for (const { to } of outlineOf(text).functions) {
    const line = text.indexOf('\n', to);
    if (line >= 0 && text.slice(to, line).trim() === '' && line + 1 > (ends.at(-1) ?? 0)) ends.push(line + 1);
  }
  return ends;
}

function linesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The facts of all chunks, macros first as `factsOf` has them. */
function assembled(chunks: readonly Chunk[]): FileFacts {
  const all: FileFacts[] = [];
  let above = 0;
  for (const { facts, lines } of chunks) {
    if (hasFacts(facts)) all.push(shifted(facts, above));
    above += lines;
  }
  const functions = all.flatMap((one) => one.functions);
  return {
    functions: [...functions.filter((one) => one.isMacro), ...functions.filter((one) => !one.isMacro)],
    loose: all.flatMap((one) => one.loose),
    tables: all.flatMap((one) => one.tables),
    unread: all.flatMap((one) => one.unread),
    wrappers: all.flatMap((one) => one.wrappers),
  };
}

const hasFacts = ({ functions, loose, tables, unread, wrappers }: FileFacts): boolean =>
  functions.length + loose.length + tables.length + unread.length + wrappers.length > 0;

/** Whether chunks say the same in the same lines. */
function isAlike(before: readonly Chunk[], after: readonly Chunk[]): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  return after.every((one, at) => {
    const old = before[at];
    return old === one || (old?.lines === one.lines && JSON.stringify(old.facts) === JSON.stringify(one.facts));
  });
}

/** Order of what is found in a file says nothing, nor does that of the members of an object: facts from the disk have another. */
function isSame(a: FileFacts, b: FileFacts): boolean {
  const plain = (facts: FileFacts): string =>
    JSON.stringify((packedFacts(facts) as readonly (readonly unknown[])[]).map((list) => list.map((one) => JSON.stringify(one)).sort()));
  return plain(a) === plain(b);
}

function shifted(facts: FileFacts, by: number): FileFacts {
  if (by === 0) return facts;
  const moved = <T extends { readonly line: number }>(one: T): T => ({ ...one, line: one.line + by });
  const site = (one: FoundSite): FoundSite => ({
    ...moved(one),
    lines: one.lines.map((line) => line + by),
    standings: one.standings.map((standing) => shiftedStanding(standing, by)),
    folioLines: one.folioLines.map((line) => line + by),
  });
  const inFunction = (one: FoundFunction): FoundFunction => ({
    ...moved(one),
    sites: one.sites.map(site),
    calls: one.calls.map((call) => ({
      ...moved(call),
      args: call.args.map((arg) => (arg === null ? null : shiftedStanding(arg, by))),
      folioLines: call.folioLines.map((line) => line + by),
    })),
    uses: one.uses.map((use) => ({ ...moved(use), standing: shiftedStanding(use.standing, by) })),
  });
  return {
    ...facts,
    functions: facts.functions.map(inFunction),
    loose: facts.loose.map(site),
    tables: facts.tables.map(moved),
    unread: facts.unread.map(moved),
  };
}

function shiftedStanding(standing: Standing, by: number): Standing {
  const lines = 'lines' in standing ? standing.lines.map((line) => line + by) : [];
  switch (standing.is) {
    case 'hugetlb':
      return { ...standing, lines };
    case 'passed':
      return standing.vma === undefined ? { ...standing, lines } : { ...standing, lines, vma: shiftedStanding(standing.vma, by) };
    case 'unknown':
      return standing.vma === undefined ? standing : { ...standing, vma: shiftedStanding(standing.vma, by) };
  }
}
