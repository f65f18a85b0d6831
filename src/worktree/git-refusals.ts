/** What it means for the user when git, or the disk, says no. */
import { type Outcome, refused } from '../base/outcome';
import type { GitRun } from './git';

/**
 * The refusal for a run that did not do what was wanted.
 *
 * @param wanted what was asked of git: `add a worktree`
 * *Fails* always: `git/missing`, `worktree/disk-full`, `worktree/not-writable`, `worktree/not-owned`, `git/failed`.
 */
export function gitRefused(run: Exclude<GitRun, { kind: 'cancelled' }>, directory: string, wanted: string): Outcome<never> {
  if (run.kind === 'not-run') {
    if (!/ENOENT/.test(run.why)) return failed(`could not be run in ${directory}`, run.why, wanted);
    return refused(
      'git/missing',
      `git could not be run in ${directory}: ${run.why}.`,
      `Folioscope needs git to ${wanted}.`,
      'Install git (2.31 or newer), see that it is on the PATH, and try again.',
    );
  }
  return refusedFor(saidBy(run), directory, wanted) ?? failed(`, run in ${directory}, ended with ${run.code}`, saidBy(run), wanted);
}

/** The refusal for an error of the file system, or null where it is none that the user can do something about. */
export function diskRefused(error: unknown, path: string, wanted: string): Outcome<never> | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return refusedFor('No space left on device', path, wanted);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return refusedFor('Permission denied', path, wanted);
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return refused(
      'worktree/exists',
      `${path} cannot be made: a file is in the way.`,
      `Folioscope could not ${wanted}.`,
      'Give another directory.',
    );
  }
  return null;
}

/** The last lines that git wrote, the most telling first. */
export const saidBy = (run: { readonly stdout: string; readonly stderr: string }): string => {
  const lines = `${run.stdout}\n${run.stderr}`.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('hint:'));
  return lines.slice(-6).join('\n');
};

function refusedFor(said: string, directory: string, wanted: string): Outcome<never> | null {
  if (/No space left on device|Disk quota exceeded/i.test(said)) {
    return refused(
      'worktree/disk-full',
      `The disk that holds ${directory} is full.`,
      `Folioscope could not ${wanted}; what was begun is removed.`,
      'Free some space, or choose a directory on another disk with --worktree.',
    );
  }
  if (/detected dubious ownership/i.test(said)) {
    return refused(
      'worktree/not-owned',
      `${directory} belongs to another user.`,
      `Git refuses to work there, so Folioscope could not ${wanted}.`,
      `If you trust it: git config --global --add safe.directory ${directory}`,
    );
  }
  if (/Permission denied|Read-only file system/i.test(said)) {
    return refused(
      'worktree/not-writable',
      `${directory} cannot be written: ${lastLine(said)}.`,
      `Folioscope could not ${wanted}.`,
      'Choose a directory that you may write to.',
    );
  }
  return null;
}

const failed = (what: string, said: string, wanted: string): Outcome<never> =>
  refused(
    'git/failed',
    `git${what.startsWith(',') ? '' : ' '}${what}: ${lastLine(said)}.`,
    `Folioscope could not ${wanted}.`,
    'See what git says about the clone (git fsck, git status), then try again.',
  );

const lastLine = (said: string): string => (said.trim().split('\n').at(-1) ?? 'it said nothing').replace(/\.$/, '').slice(0, 400);
