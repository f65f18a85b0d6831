/** The directory of a worktree on disk: whether it may be made, and how it goes away without a trace. */
import { existsSync, readdirSync, readFileSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type Outcome, refused } from '../base/outcome';
import type { Clone } from '../review/ports';

/** What keeps a worktree from being made there, or null. */
export function inTheWay(clone: Clone, worktree: string): Outcome<never> | null {
  const checkouts = basename(clone.gitDirectory) === '.git' ? [clone.path, dirname(clone.gitDirectory)] : [clone.gitDirectory];
  for (const checkout of checkouts) {
    const way = relative(realAbove(checkout), realAbove(worktree));
    if (way === '..' || way.startsWith(`..${sep}`)) continue;
    return refused(
      'worktree/inside-clone',
      `${worktree} lies inside the clone ${checkout}.`,
      'A worktree there would show up among the files of your own checkout.',
      'Give a directory outside of the clone (--worktree).',
    );
  }
  if (!existsSync(worktree)) return null;
  if (isDirectory(worktree) && readdirSync(worktree).length === 0) return null;
  return refused(
    'worktree/exists',
    `${worktree} exists and is not empty.`,
    'Nothing was changed in it, so the series was not opened there.',
    'Give another directory (--worktree), or remove this one (git worktree remove) first.',
  );
}

/**
 * Takes away a worktree with the clone's note of it, by the file system alone: it must work when git was killed, is gone or finds no space.
 * `git worktree prune` is not used: it would also drop notes of worktrees that are none of ours.
 */
export function removeWorktree(gitDirectory: string, worktree: string): void {
  const notes = join(gitDirectory, 'worktrees');
  for (const name of namesIn(notes)) {
    const noted = textOf(join(notes, name, 'gitdir'))?.trim();
    if (noted === join(worktree, '.git') || noted === join(realAbove(worktree), '.git')) remove(join(notes, name));
  }
  if (namesIn(notes).length === 0) removeEmpty(notes);
  remove(worktree);
}

/** The repository's own directory for a worktree: `.git/worktrees/name`. */
export function adminDirectoryOf(worktree: string): string | null {
  const link = textOf(join(worktree, '.git'));
  const match = link === null ? null : /^gitdir: (.+)$/m.exec(link);
  return match === null ? null : resolve(worktree, match[1] ?? '');
}

const remove = (path: string): void => {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
};

const removeEmpty = (directory: string): void => {
  try {
    rmdirSync(directory);
  } catch {
    // Not empty, or not there: either is as it should be.
  }
};

/** The topmost directory over a path that does not exist yet, or null. */
export function firstMissingAbove(path: string): string | null {
  let missing: string | null = null;
  for (let at = dirname(path); !existsSync(at); at = dirname(at)) missing = at;
  return missing;
}

export function removeEmptyUpTo(from: string, top: string | null): void {
  if (top === null) return;
  for (let at = from; at.startsWith(top); at = dirname(at)) removeEmpty(at);
}

/** The path with links resolved as far as it exists. */
function realAbove(path: string): string {
  for (let at = path, rest = ''; ;) {
    try {
      return join(realpathSync(at), rest);
    } catch {
      const up = dirname(at);
      if (up === at) return path;
      rest = join(at.slice(up.length).replace(/^[/\\]/, ''), rest);
      at = up;
    }
  }
}

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
};

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

export const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
