/** Which directories a sparse worktree checks out, in the words of git's cone mode. */
import type { CheckedOut } from '../review/ports';

/**
 * Patterns for `info/sparse-checkout`: the directories whole, with the files (not the directories) that lie on the way to them.
 *
 * *Source* git-sparse-checkout(1), "Internals — cone mode handling".
 */
export function conePatterns(directories: CheckedOut): string {
  const inside = (path: string): boolean => directories.whole.some((other) => path !== other && path.startsWith(`${other}/`));
  const whole = [...new Set(directories.whole)].filter((one) => !inside(one)).sort();
  const files = new Set<string>();
  for (const directory of [...whole, ...directories.flat.filter((one) => !whole.includes(one) && !inside(one))]) {
    const parts = directory.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) files.add(parts.slice(0, depth).join('/'));
    if (!whole.includes(directory)) files.add(directory);
  }
  const lines = ['/*', '!/*/'];
  for (const directory of [...files].sort()) lines.push(`/${escaped(directory)}/`, `!/${escaped(directory)}/*/`);
  for (const directory of whole) lines.push(`/${escaped(directory)}/`);
  return `${lines.join('\n')}\n`;
}

/** Everything. */
export const ALL_PATTERNS = '/*\n';

const escaped = (path: string): string => path.replace(/[\\*?[\]]/g, '\\$&');

/**
 * Patterns are honoured by our runs; plain git goes by the skip-worktree bits of the worktree's own index, so nothing has to be written into the
 * clone's configuration (which `git sparse-checkout` would do).
 */
export const SPARSE: readonly (readonly [string, string])[] = [
  ['core.sparseCheckout', 'true'],
  ['core.sparseCheckoutCone', 'true'],
];
