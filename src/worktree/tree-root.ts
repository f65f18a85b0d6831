/** Which kernel tree on disk a file belongs to. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';

/** Deeper than any path of a kernel tree. */
const MAX_LEVELS = 64;

/** What the root of an unpacked release has beside `include/linux`. */
const RELEASE = ['Kbuild', 'Kconfig', 'MAINTAINERS', join('include', 'linux')];

/**
 * The root of the git worktree around a file where that is a kernel tree (it has `include/linux`), else of the unpacked release around it, or null.
 *
 * *Leaves out* what is inside of `.git`.
 */
export function kernelTreeOf(path: string): string | null {
  if (!isAbsolute(path)) return null;
  let release: string | null = null;
  let at = dirname(path);
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    if (at.endsWith(`${sep}.git`)) return null;
    if (existsSync(join(at, '.git'))) return existsSync(join(at, 'include', 'linux')) ? at : release;
    if (release === null && RELEASE.every((name) => existsSync(join(at, name)))) release = at;
    const up = dirname(at);
    if (up === at) break;
    at = up;
  }
  return release;
}

/** The path in a tree with `/`. */
export const pathInTree = (root: string, path: string): string => relative(root, path).split(sep).join('/');
