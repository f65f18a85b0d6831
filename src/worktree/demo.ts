/** The bundled demo review as a real git repository on disk, with its series opened like any other. */
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import { openSeries, type OpenResult } from '../review/open-series';
import { runGit } from './git';
import { diskRefused, gitRefused } from './git-refusals';
import { openPorts } from './open-ports';
import { dataDirectory } from './opened';

/** The tag of the demo's one commit before the series. */
const BASE_TAG = 'demo-base';
/** Fixed, so that the base commit is the same on every machine. */
const MAKER = { name: 'Folioscope demo', email: 'demo@folioscope.invalid', date: '2025-01-01T00:00:00Z' };

/**
 * Builds `tree` of the bundled directory into a repository below the data directory and opens `series.mbox` on it. Again, it takes what is there;
 * another version of the demo gets a repository of its own.
 *
 * @param bundled directory with `tree/` and `series.mbox`
 * *Fails* `demo/missing`, and as `openSeries`.
 */
export async function openDemo(bundled: string, progress: Progress, data: string = dataDirectory()): Promise<Outcome<OpenResult>> {
  const tree = join(bundled, 'tree');
  const mbox = join(bundled, 'series.mbox');
  if (!existsSync(tree) || !existsSync(mbox)) {
    return refused('demo/missing', `${bundled} holds no demo.`, 'The demo review cannot be opened.', 'Install Folioscope again.');
  }
  const files = filesBelow(tree);
  const home = join(data, 'demo', digestOf(tree, files, mbox));
  const repo = join(home, 'linux-demo');
  const params = { source: mbox, repo, base: BASE_TAG, worktree: join(home, 'review'), full: true, archive: '' };
  const built = await buildRepository(tree, files, home, repo, progress);
  if (built.kind !== 'done') return built;
  const opened = await openSeries(openPorts(data), params, progress);
  const damaged =
    opened.kind === 'refused' && ['worktree/exists', 'worktree/not-a-clone', 'series/no-such-base'].includes(opened.refusal.code);
  if (!damaged) return opened;
  // Ours, and not as it was left: made again from the bundled files.
  rmSync(home, { recursive: true, force: true });
  const again = await buildRepository(tree, files, home, repo, progress);
  return again.kind === 'done' ? await openSeries(openPorts(data), params, progress) : again;
}

/** Makes the repository unless it is there; beside its place first, so that a half-made one is never taken for it. */
async function buildRepository(
  tree: string,
  files: readonly string[],
  home: string,
  repo: string,
  progress: Progress,
): Promise<Outcome<null>> {
  if (existsSync(join(repo, '.git'))) return done(null);
  progress.report('Building the demo repository');
  const beside = `${home}.${randomBytes(4).toString('hex')}.part`;
  try {
    for (const file of files) {
      mkdirSync(join(beside, file, '..'), { recursive: true });
      copyFileSync(join(tree, file), join(beside, file));
    }
    const committed = await commitAll(beside, progress);
    if (committed.kind !== 'done') return committed;
    rmSync(repo, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    renameSync(beside, repo);
    return done(null);
  } catch (error) {
    const refusal = diskRefused(error, home, 'build the demo repository');
    if (refusal === null) throw error;
    return refusal;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

async function commitAll(directory: string, progress: Progress): Promise<Outcome<null>> {
  const env = {
    GIT_AUTHOR_NAME: MAKER.name,
    GIT_AUTHOR_EMAIL: MAKER.email,
    GIT_AUTHOR_DATE: MAKER.date,
    GIT_COMMITTER_NAME: MAKER.name,
    GIT_COMMITTER_EMAIL: MAKER.email,
    GIT_COMMITTER_DATE: MAKER.date,
  };
  const steps = [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all', '--force', '.'],
    ['commit', '--quiet', '--message=A small kernel tree for the demo'],
    ['tag', BASE_TAG],
  ];
  for (const step of steps) {
    const run = await runGit(directory, step, { progress, env });
    if (run.kind === 'cancelled') return cancelled;
    if (run.kind === 'not-run' || run.code !== 0) return gitRefused(run, directory, 'build the demo repository');
  }
  return done(null);
}

/** Paths of the regular files, sorted. */
function filesBelow(root: string, folder = ''): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(root, path) : entry.isFile() ? [path] : [];
    })
    .sort();
}

function digestOf(tree: string, files: readonly string[], mbox: string): string {
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(`${file}\0`).update(
      createHash('sha256')
        .update(readFileSync(join(tree, file)))
        .digest(),
    );
  return hash.update(readFileSync(mbox)).digest('hex').slice(0, 12);
}
