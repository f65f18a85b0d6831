/** Keeps two runs from making the same worktree at once: the second would take away what the first has begun. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Outcome, refused } from '../base/outcome';

/**
 * Claims a place until the function that it gives back is called; null where another process has claimed it, and is still there.
 *
 * *Fails* by throwing Node's error where the directory cannot be written.
 */
export function claimed(worktree: string): (() => void) | null {
  const file = claimFile(worktree);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => {
        rmSync(file, { force: true });
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      if (isAlive(ownerOf(file))) return null;
      // Left by a process that was killed.
      rmSync(file, { force: true });
    }
  }
  return null;
}

export const takenBy = (worktree: string): Outcome<never> =>
  refused(
    'worktree/exists',
    `${worktree} is being made by process ${ownerOf(claimFile(worktree))}.`,
    'Two runs cannot make the same worktree at once.',
    'Wait until the other one has finished, then open the series again.',
  );

const claimFile = (worktree: string): string => join(dirname(worktree), `.${basename(worktree)}.opening`);

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return NaN;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
