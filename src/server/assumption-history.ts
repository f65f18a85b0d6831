/** The scans of a tree at each patch of its series, made beside what the editor shows and in slices. */
import { setImmediate } from 'node:timers/promises';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Scan } from '../review/scan';
import { textsAt } from '../worktree/commit-texts';
import type { TreeFacts } from './assumption-facts';

/**
 * The scan at each commit, in order.
 *
 * @param commits the base of a series, then its patches
 * *Fails* as git does; gives `cancelled`.
 */
export async function scansAtPatches(facts: TreeFacts, commits: readonly string[], progress: Progress): Promise<Outcome<readonly Scan[]>> {
  const beside = facts.beside();
  const scans: Scan[] = [];
  for (const [at, commit] of commits.entries()) {
    progress.report(`Looking at patch ${at} of ${commits.length - 1}`, at / commits.length);
    const texts = await textsAt(facts.root, commits[at - 1] ?? null, commit, progress);
    if (texts.kind !== 'done') return texts;
    for (const [path, text] of texts.value) {
      beside.put(path, text);
      // Other requests come between.
      await setImmediate();
    }
    if (progress.cancelled) return cancelled;
    const last = scans.at(-1);
    if (last !== undefined && texts.value.size === 0) {
      scans.push(last);
      continue;
    }
    const joined = beside.now;
    if (joined === null) return cancelled;
    await setImmediate();
    scans.push({ sites: joined.assessedSites, claims: joined.claims, unread: joined.unread, files: joined.files });
    await setImmediate();
  }
  return done(scans);
}
