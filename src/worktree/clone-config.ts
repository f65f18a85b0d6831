/** Reads a clone's configuration once: who the user is, and which drivers it names, so that none of them runs. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { runGit } from './git';
import { gitRefused } from './git-refusals';

export interface CloneConfig {
  /** Name and e-mail for commits; null where the user has told git neither. */
  readonly name: string | null;
  readonly email: string | null;
  /** For `GitOptions.overrides`. */
  readonly overrides: readonly (readonly [key: string, value: string])[];
}

/**
 * The configuration in effect in a directory.
 *
 * *Fails* as `gitRefused` does.
 */
export async function readCloneConfig(directory: string, progress: Progress): Promise<Outcome<CloneConfig>> {
  const run = await runGit(directory, ['config', '--list', '-z'], { userConfig: true, progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run' || run.code !== 0) return gitRefused(run, directory, 'read its configuration');
  return done(configOf(run.stdout));
}

/** What matters of `git config --list -z`: entries `key LF value NUL`, where the value may be missing. */
export function configOf(listing: string): CloneConfig {
  const overrides = new Map<string, readonly [string, string]>();
  const values = new Map<string, string>();
  for (const entry of listing.split('\0')) {
    const cut = entry.indexOf('\n');
    const key = cut < 0 ? entry : entry.slice(0, cut);
    const value = cut < 0 ? '' : entry.slice(cut + 1);
    values.set(key, value);
    // Git reads it from the user's own configuration only, which later runs do not see.
    if (key === 'safe.directory') overrides.set(`${key} ${value}`, [key, value]);
    for (const setting of harmless(key)) overrides.set(setting[0], setting);
  }
  const text = (...keys: string[]): string | null => keys.map((key) => values.get(key)?.trim() ?? '').find((value) => value !== '') ?? null;
  return { name: text('committer.name', 'user.name'), email: text('committer.email', 'user.email'), overrides: [...overrides.values()] };
}

/** The settings that keep a driver from running, for any key that belongs to one. */
function harmless(key: string): readonly (readonly [string, string])[] {
  const match = /^(filter|diff|merge)\.(.+)\.[a-z]+$/s.exec(key);
  if (match === null) return [];
  const driver = `${match[1] ?? ''}.${match[2] ?? ''}`;
  switch (match[1]) {
    case 'filter':
      // An empty `process` wins over `clean` and `smudge`, and an empty one is not run.
      return [
        [`${driver}.process`, ''],
        [`${driver}.clean`, ''],
        [`${driver}.smudge`, ''],
        [`${driver}.required`, 'false'],
      ];
    case 'diff':
      return [
        [`${driver}.command`, ''],
        [`${driver}.textconv`, ''],
      ];
    default:
      // An empty merge driver would count as a merge that went well; this is what git does without one.
      return [[`${driver}.driver`, 'git merge-file -q --marker-size=%L %A %O %B']];
  }
}
