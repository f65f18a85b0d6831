/** The reviewer's list of reviewed sites of a tree, on disk: read when it has changed, written whole. */
import { readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Site } from '../assumptions/site';
import { done, type Outcome, refused } from '../base/outcome';
import {
  entriesOf,
  REVIEWED_FILE,
  reviewedAmong,
  reviewedFrom,
  type ReviewedSite,
  reviewedText,
  withEntry,
} from '../review/reviewed-sites';
import { writeWhole } from '../worktree/files';

const NONE: Outcome<readonly ReviewedSite[]> = done([]);

export class ReviewedList {
  private readonly path: string;
  private stamp = '';
  private list = NONE;

  constructor(root: string) {
    this.path = join(root, REVIEWED_FILE);
  }

  /** *Fails* `reviewed/not-readable`. */
  get now(): Outcome<readonly ReviewedSite[]> {
    const facts = statSync(this.path, { throwIfNoEntry: false });
    const stamp = facts === undefined ? 'none' : `${facts.mtimeMs} ${facts.size} ${facts.ino}`;
    if (stamp === this.stamp) return this.list;
    this.stamp = stamp;
    this.list = facts === undefined ? NONE : this.read();
    return this.list;
  }

  /** Those of the sites that have been reviewed; none where the list cannot be read. */
  among<S extends Site>(sites: readonly S[], lineOf: (file: string, line: number) => string): ReadonlySet<S> {
    const list = this.now;
    if (list.kind !== 'done' || list.value.length === 0) return new Set();
    const functions = new Set(list.value.map((one) => one.function));
    const wanted = sites.filter((site) => functions.has(site.function));
    return new Set(reviewedAmong(entriesOf(wanted, lineOf), list.value).keys());
  }

  /**
   * Writes a site down as reviewed, or takes it out; on disk when it returns. With the last entry the file goes, and its folder where that is empty.
   *
   * @param sites all of the tree
   * *Fails* `reviewed/not-readable`, `reviewed/not-written`.
   */
  set<S extends Site>(site: S, sites: readonly S[], lineOf: (file: string, line: number) => string, isReviewed: boolean): Outcome<null> {
    const list = this.now;
    if (list.kind !== 'done') return list;
    const entries = entriesOf(
      sites.filter((one) => one.function === site.function),
      lineOf,
    );
    const entry = entries.get(site);
    if (entry === undefined) return done(null);
    // Where the function has moved since, the entry of its old place is meant.
    const listed = reviewedAmong(entries, list.value).get(site);
    const next = withEntry(listed === undefined ? list.value : withEntry(list.value, listed, false), entry, isReviewed);
    try {
      if (next.length > 0) writeWhole(this.path, reviewedText(next));
      else this.remove();
    } catch (error) {
      return refused(
        'reviewed/not-written',
        `${this.path} could not be written: ${error instanceof Error ? error.message : String(error)}.`,
        'The site is as it was.',
        'Make room, or make the folder writable, and mark it again.',
      );
    }
    this.list = done(next);
    const facts = statSync(this.path, { throwIfNoEntry: false });
    this.stamp = facts === undefined ? 'none' : `${facts.mtimeMs} ${facts.size} ${facts.ino}`;
    return done(null);
  }

  private remove(): void {
    rmSync(this.path, { force: true });
    try {
      rmdirSync(dirname(this.path));
    } catch {
      // Not empty, or not there: either is as it should be.
    }
  }

  private read(): Outcome<readonly ReviewedSite[]> {
    try {
      return reviewedFrom(readFileSync(this.path, 'utf8'));
    } catch (error) {
      return refused(
        'reviewed/not-readable',
        `${this.path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        'No site counts as reviewed, and none can be marked.',
        'Make it readable, or delete it.',
      );
    }
  }
}
