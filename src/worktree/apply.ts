/** Makes commits of mails in a worktree with one run of `git am`, and says exactly where it stopped. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Application, TouchedPath } from '../review/ports';
import { amInput } from './am-mails';
import { type CloneConfig, readCloneConfig } from './clone-config';
import { type GitOptions, runGit } from './git';
import { gitRefused, saidBy } from './git-refusals';
import { SPARSE } from './sparse';
import { adminDirectoryOf } from './worktree-directory';

/** The committer where the user has told git no name; the domain cannot exist (RFC 2606). */
const FALLBACK = { name: 'Folioscope', email: 'folioscope@localhost.invalid' };

/**
 * Author and author date are those of the mail; the committer is the user, now. No line is added to a commit message.
 *
 * *Fails* as `gitRefused`; that a patch does not apply is an answer, not a failure.
 */
export async function applyMails(
  worktree: string,
  base: string,
  mails: readonly Uint8Array[],
  progress: Progress,
): Promise<Outcome<Application>> {
  const config = await readCloneConfig(worktree, progress);
  if (config.kind !== 'done') return config;
  const options: GitOptions = { overrides: [...config.value.overrides, ...SPARSE], progress };
  const lines = appliedLines(mails.length, progress);
  const run = await runGit(
    worktree,
    ['am', '--3way', '--keep-cr', '--no-scissors', '--no-message-id', '--no-gpg-sign', '--patch-format=mboxrd'],
    { ...options, input: amInput(mails), env: committer(config.value), watch: lines.read },
  );
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run' || /No space left on device|Disk quota exceeded/i.test(saidBy(run)))
    return gitRefused(run, worktree, 'apply the series');
  if (run.code !== 0) {
    const at = stoppedAt(worktree);
    return at === null ? gitRefused(run, worktree, 'apply the series') : await whyStopped(worktree, at, saidBy(run), options);
  }
  return await appliedCommits(worktree, base, run.stdout, mails.length, options);
}

/** Tells progress of each `Applying: subject` as it comes. */
function appliedLines(total: number, progress: Progress): { read(text: string): void } {
  let count = 0;
  let rest = '';
  return {
    read: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('Applying: ')) continue;
        count += 1;
        progress.report(`Applying patch ${count} of ${total}: ${line.slice('Applying: '.length)}`, Math.min(1, count / total));
      }
    },
  };
}

const committer = (config: CloneConfig): Readonly<Record<string, string>> => ({
  GIT_COMMITTER_NAME: process.env['GIT_COMMITTER_NAME'] ?? config.name ?? FALLBACK.name,
  GIT_COMMITTER_EMAIL: process.env['GIT_COMMITTER_EMAIL'] ?? config.email ?? FALLBACK.email,
});

/** The number of the patch that `git am` stands at, from 1. */
function stoppedAt(worktree: string): number | null {
  const admin = adminDirectoryOf(worktree);
  try {
    const next = admin === null ? NaN : Number(readFileSync(join(admin, 'rebase-apply', 'next'), 'utf8').trim());
    return Number.isInteger(next) && next > 0 ? next : null;
  } catch {
    return null;
  }
}

/** Applies the patch once more, to the index alone and without the three-way merge, for git to name the hunk. */
async function whyStopped(worktree: string, at: number, said: string, options: GitOptions): Promise<Outcome<Application>> {
  const merged = /CONFLICT \([^)]*\): (?:Merge conflict in )?(\S+)/.exec(said)?.[1] ?? null;
  const patch = join(adminDirectoryOf(worktree) ?? worktree, 'rebase-apply', 'patch');
  const reset = await runGit(worktree, ['read-tree', '--reset', 'HEAD'], options);
  if (reset.kind === 'cancelled') return cancelled;
  const check = await runGit(worktree, ['apply', '--check', '--cached', patch], options);
  if (check.kind === 'cancelled') return cancelled;
  const errors = check.kind === 'exited' ? check.stderr : '';
  const hunk = /^error: patch failed: (.+):(\d+)$/m.exec(errors);
  const file =
    hunk?.[1] ??
    /^error: (.+): (?:does not exist|already exists|patch does not apply|does not match|No such file)/m.exec(errors)?.[1] ??
    merged;
  const line = hunk?.[2] === undefined ? null : Number(hunk[2]);
  return done({ kind: 'stopped', at, file, line, said: errors.trim() === '' ? said : errors.trim() });
}

/** The commit of each mail, and every path that they changed: what git did, not what the mails seemed to say. */
async function appliedCommits(
  worktree: string,
  base: string,
  said: string,
  total: number,
  options: GitOptions,
): Promise<Outcome<Application>> {
  const log = await runGit(
    worktree,
    ['log', '--reverse', '--format=commit %H', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', `${base}..HEAD`],
    options,
  );
  if (log.kind === 'cancelled') return cancelled;
  if (log.kind === 'not-run' || log.code !== 0) return gitRefused(log, worktree, 'read what was applied');
  const made = log.stdout.split('\n').flatMap((line) => /^commit ([0-9a-f]+)$/.exec(line)?.[1] ?? []);
  const commits = placed(made, said, total);
  if (commits === null) {
    const met = `git made ${made.length} commits of ${total} patches.`;
    return refused(
      'worktree/odd-application',
      met,
      'Which commit is which patch cannot be told, so nothing was kept.',
      'Apply the series by hand with git am.',
    );
  }
  const touched = await touchedPaths(worktree, log.stdout, options);
  return touched.kind === 'done' ? done({ kind: 'applied', commits, touched: touched.value }) : touched;
}

/** Puts the commits beside the mails: a mail whose change the base has already gives none. */
function placed(made: readonly string[], said: string, total: number): readonly string[] | null {
  const skipped: boolean[] = [];
  for (const line of said.split('\n')) {
    if (line.startsWith('Applying: ')) skipped.push(false);
    else if (line.startsWith('No changes -- Patch already applied')) skipped[skipped.length - 1] = true;
  }
  if (skipped.length !== total || skipped.filter((one) => !one).length !== made.length) return null;
  let next = 0;
  return skipped.map((one) => (one ? '' : (made[next++] ?? '')));
}

/** Symlinks of a series are few; more are refused unread. */
const MAX_SYMLINKS = 64;

async function touchedPaths(worktree: string, log: string, options: GitOptions): Promise<Outcome<readonly TouchedPath[]>> {
  const touched: TouchedPath[] = [];
  let links = 0;
  for (const line of log.split('\n')) {
    const match = /^:\d+ (\d+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*\t(.*)$/.exec(line);
    if (match === null) continue;
    const [, mode = '', blob = '', path = ''] = match;
    let target: string | null = null;
    if (mode === '120000') {
      links += 1;
      const read = links > MAX_SYMLINKS ? null : await runGit(worktree, ['cat-file', 'blob', blob], options);
      if (read?.kind === 'cancelled') return cancelled;
      target = read?.kind === 'exited' && read.code === 0 ? read.stdout : '/';
    }
    touched.push({ path, mode, target });
  }
  return done(touched);
}
