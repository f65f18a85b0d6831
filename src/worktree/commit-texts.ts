/** The C of a tree as it is at a commit, where that is not what lies in the working tree. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import { runGit } from './git';
import { gitRefused } from './git-refusals';

/** Files by path; null where the commit does not have it. */
export type CommitTexts = ReadonlyMap<string, string | null>;

/** Longer lists are no series. */
const MAX_FILES = 20_000;

/**
 * The full id of the commit that a name stands for.
 *
 * *Fails* `scan/no-such-commit`, and as git does.
 */
export async function commitNamed(root: string, name: string, progress: Progress): Promise<Outcome<string>> {
  const run = await runGit(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], { progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run') return gitRefused(run, root, 'look up a commit');
  const id = run.stdout.trim();
  if (run.code === 0 && /^[0-9a-f]{40,64}$/.test(id)) return done(id);
  return refused(
    'scan/no-such-commit',
    `"${name}" names no commit in ${root}.`,
    'The tree as it was then cannot be scanned.',
    'Give a patch of the series that is open there (0 for what it is based on), or a name that git knows.',
  );
}

/** Commits after `base` up to the checked-out one, oldest first. */
export async function commitsAfter(root: string, base: string, progress: Progress): Promise<Outcome<readonly string[]>> {
  const run = await runGit(root, ['rev-list', '--reverse', '--first-parent', `${base}..HEAD`], { progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run') return gitRefused(run, root, 'list commits');
  return done(run.stdout.split('\n').filter((line) => line !== ''));
}

/** What differs between two commits, as it is in `to`; between a commit and the working tree where `from` is null. */
export async function textsAt(root: string, from: string | null, to: string, progress: Progress): Promise<Outcome<CommitTexts>> {
  const range = from === null ? [to] : [from, to];
  const run = await runGit(root, ['diff', '--name-only', '--no-renames', '-z', ...range, '--', '*.c', '*.h', '*.S'], { progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run') return gitRefused(run, root, 'compare commits');
  const names = run.stdout.split('\0').filter((name) => name !== '' && !/^(?:tools|Documentation)\//.test(name));
  const found = new Map<string, string | null>();
  for (const name of names.slice(0, MAX_FILES)) {
    const blob = await runGit(root, ['cat-file', 'blob', `${to}:${name}`], { progress });
    if (blob.kind === 'cancelled') return cancelled;
    if (blob.kind === 'not-run') return gitRefused(blob, root, 'read a file');
    found.set(name, blob.code === 0 ? blob.stdout : null);
  }
  return done(found);
}
