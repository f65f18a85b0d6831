/** A kernel clone as `openSeries` needs it: finds it, adds a worktree to it, and takes that away again without a trace. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { CheckedOut, Clone, ClonePort, MadeWorktree } from '../review/ports';
import { applyMails } from './apply';
import { readCloneConfig } from './clone-config';
import { runGit } from './git';
import { diskRefused, gitRefused, saidBy } from './git-refusals';
import { ALL_PATTERNS, conePatterns, SPARSE } from './sparse';
import { claimed, takenBy } from './claim';
import { adminDirectoryOf, firstMissingAbove, inTheWay, isDirectory, removeEmptyUpTo, removeWorktree } from './worktree-directory';

export const clonePort: ClonePort = {
  find: findClone,
  commitOf,
  holds,
  addWorktree,
  widen: async (worktree, progress) => await checkOut(worktree, null, progress),
  applyMails,
  digestOf: (mails) => mails.reduce((hash, mail) => hash.update(mail), createHash('sha256')).digest('hex'),
};

async function findClone(path: string, progress: Progress): Promise<Outcome<Clone>> {
  const directory = resolve(path);
  const notOne = (met: string): Outcome<never> =>
    refused(
      'worktree/not-a-clone',
      met,
      'A series is applied in a worktree of a git clone of the kernel.',
      'Give the directory of such a clone (--repo).',
    );
  if (!isDirectory(directory)) return notOne(`${directory} is no directory.`);
  const run = await runGit(directory, ['rev-parse', '--git-common-dir', '--show-prefix'], { progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'exited' && run.code !== 0 && /not a git repository/i.test(run.stderr)) return notOne(`${directory} is no git clone.`);
  if (run.kind === 'not-run' || run.code !== 0) return gitRefused(run, directory, 'look at the clone');
  const [common = '', prefix = ''] = run.stdout.split('\n');
  if (prefix !== '') return notOne(`${directory} is no git clone, but the directory ${prefix} inside of one.`);
  // Links resolved, so that one clone has one name.
  return done({ path: realpathSync(directory), gitDirectory: realpathSync(resolve(directory, common)) });
}

async function commitOf(clone: Clone, name: string, progress: Progress): Promise<Outcome<string | null>> {
  // A name that begins with a dash would be an option, and no ref may have these characters.
  if (name === '' || name.startsWith('-') || /[\0-\x20\x7f]/.test(name)) return done(null);
  const run = await runGit(clone.path, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { progress });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run') return gitRefused(run, clone.path, 'look for the base');
  const commit = run.stdout.trim();
  return done(run.code === 0 && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null);
}

async function holds(worktree: string, commit: string, progress: Progress): Promise<Outcome<boolean>> {
  if (!existsSync(join(worktree, '.git'))) return done(false);
  const run = await runGit(worktree, ['merge-base', '--is-ancestor', commit, 'HEAD'], { progress });
  if (run.kind === 'cancelled') return cancelled;
  return done(run.kind === 'exited' && run.code === 0);
}

async function addWorktree(
  clone: Clone,
  worktree: string,
  base: string,
  directories: CheckedOut | null,
  progress: Progress,
): Promise<Outcome<MadeWorktree>> {
  const madeAbove = firstMissingAbove(worktree);
  const standing = inTheWay(clone, worktree);
  if (standing !== null) return standing;
  const claim = claimOf(worktree);
  if (claim.kind !== 'done') return claim;
  try {
    // Once more, now that nobody else can be making it.
    return inTheWay(clone, worktree) ?? (await addClaimed(clone, worktree, base, directories, madeAbove, progress));
  } finally {
    claim.value();
    if (!existsSync(worktree)) removeEmptyUpTo(dirname(worktree), madeAbove);
  }
}

/** Adds the worktree at a place that is ours alone. */
async function addClaimed(
  clone: Clone,
  worktree: string,
  base: string,
  directories: CheckedOut | null,
  madeAbove: string | null,
  progress: Progress,
): Promise<Outcome<MadeWorktree>> {
  const wasThere = existsSync(worktree);
  const remove = (): void => {
    removeWorktree(clone.gitDirectory, worktree);
    if (wasThere) mkdirSync(worktree, { recursive: true });
    else removeEmptyUpTo(dirname(worktree), madeAbove);
  };
  // Twice --force would override a lock; once only takes over the path of a worktree that was deleted by hand.
  const run = await runGit(clone.path, ['worktree', 'add', '--quiet', '--force', '--detach', '--no-checkout', worktree, base], {
    progress,
  });
  if (run.kind !== 'exited' || run.code !== 0) {
    remove();
    return run.kind === 'cancelled' ? cancelled : gitRefused(run, clone.path, 'add a worktree');
  }
  const out = await checkOut(worktree, directories, progress);
  if (out.kind === 'done') return done({ remove });
  remove();
  return out;
}

/** Makes the directory above and claims the place in it; gives what releases the claim. */
function claimOf(worktree: string): Outcome<() => void> {
  try {
    mkdirSync(dirname(worktree), { recursive: true });
    const release = claimed(worktree);
    return release === null ? takenBy(worktree) : done(release);
  } catch (error) {
    const refusal = diskRefused(error, dirname(worktree), 'make the directory of the worktree');
    if (refusal === null) throw error;
    return refusal;
  }
}

/** Fills the worktree from its HEAD: whole directories, or everything. */
async function checkOut(worktree: string, directories: CheckedOut | null, progress: Progress): Promise<Outcome<null>> {
  const admin = adminDirectoryOf(worktree);
  if (admin === null)
    return refused('worktree/damaged', `${worktree} is no worktree.`, 'Nothing can be checked out there.', 'Open the series again.');
  // Read in the worktree and not in the clone: configuration may be included by the path of the git directory.
  const config = await readCloneConfig(worktree, progress);
  if (config.kind !== 'done') return config;
  try {
    mkdirSync(join(admin, 'info'), { recursive: true });
    writeFileSync(join(admin, 'info', 'sparse-checkout'), directories === null ? ALL_PATTERNS : conePatterns(directories));
  } catch (error) {
    const refusal = diskRefused(error, admin, 'note which directories to check out');
    if (refusal === null) throw error;
    return refusal;
  }
  const run = await runGit(worktree, ['read-tree', '-v', '-m', '-u', 'HEAD'], {
    progress,
    overrides: [...config.value.overrides, ...SPARSE],
    watchErrors: (text) => {
      const percent = /Updating files:\s+(\d+)%/.exec(text)?.[1];
      if (percent !== undefined) progress.report('Checking out files', Number(percent) / 100);
    },
  });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run' || run.code !== 0 || /No space left on device/i.test(saidBy(run)))
    return gitRefused(run, worktree, 'check the files out');
  return done(null);
}
