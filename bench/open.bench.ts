/** Opening the real series (gunzip, parse, worktree, 39 commits) beside plain `git worktree add` and `git am`, in turns in the same run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { unwatched } from '../src/base/progress';
import { openSeries } from '../src/review/open-series';
import { patchMails } from '../src/series/patch-mails';
import { readSeries } from '../src/series/read-series';
import { mailPort } from '../src/worktree/mail-source';
import { openPorts } from '../src/worktree/open-ports';

const ROUNDS = 5;
/** What the project promises: at most so many times plain git. */
const BOUND = 1.3;

const corpus = process.env['FOLIOSCOPE_CORPUS'] ?? resolve('../shared/corpus/1g-guest-memfd-rfc-v1.mbox.gz');
const tree = process.env['FOLIOSCOPE_BASE_TREE'] ?? '';

async function main(): Promise<number> {
  if (tree === '' || !existsSync(corpus)) {
    console.log(`skipped: ${tree === '' ? 'FOLIOSCOPE_BASE_TREE is not set' : `${corpus} is not there`}`);
    return 0;
  }
  const home = mkdtempSync(join(tmpdir(), 'folioscope-bench-'));
  try {
    return await measured(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function measured(home: string): Promise<number> {
  const git = (cwd: string, ...args: string[]): void => {
    execFileSync('git', ['-c', 'gc.auto=0', '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], { cwd, stdio: 'ignore' });
  };
  const clone = join(home, 'clone');
  git(home, 'clone', '-q', '--no-hardlinks', tree, clone);
  const mail = await mailPort.fromFile(corpus, unwatched);
  const series = mail.kind === 'done' ? await readSeries(mail.value) : mail;
  if (series.kind !== 'done') throw new Error(`the corpus cannot be read: ${JSON.stringify(series)}`);
  writeFileSync(join(home, 'patches.mbox'), Buffer.concat(patchMails(series.value)));

  const plain = (): void => {
    git(clone, 'worktree', 'add', '--detach', join(home, 'plain'), 'base');
    git(join(home, 'plain'), 'am', '--3way', '--patch-format=mboxrd', join(home, 'patches.mbox'));
  };
  const ours = async (full: boolean): Promise<void> => {
    const params = { source: corpus, repo: clone, base: 'base', full, archive: '', worktree: join(home, 'ours') };
    const outcome = await openSeries(openPorts(join(home, 'data')), params, unwatched);
    if (outcome.kind !== 'done' || outcome.value.reused) throw new Error(`not opened afresh: ${JSON.stringify(outcome).slice(0, 400)}`);
  };
  const gone = (name: string): void => {
    git(clone, 'worktree', 'remove', '--force', join(home, name));
  };

  const times = { plain: [] as number[], sparse: [] as number[], full: [] as number[] };
  // The first round warms the disk cache and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const spent = {
      plain: await timed(plain),
      ...(gone('plain'), { sparse: await timed(async () => await ours(false)) }),
      ...(gone('ours'), { full: await timed(async () => await ours(true)) }),
    };
    gone('ours');
    if (round > 0) for (const key of ['plain', 'sparse', 'full'] as const) times[key].push(spent[key]);
  }
  const [peer, sparse, full] = [median(times.plain), median(times.sparse), median(times.full)];
  console.log(`git worktree add + git am   ${ms(peer)}`);
  console.log(`folioscope open             ${ms(sparse)}  ${(sparse / peer).toFixed(2)} times, at most ${BOUND}`);
  console.log(`folioscope open --full      ${ms(full)}  ${(full / peer).toFixed(2)} times, at most ${BOUND}`);
  return sparse <= BOUND * peer && full <= BOUND * peer ? 0 : 1;
}

async function timed(work: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const ms = (value: number): string => `${value.toFixed(0).padStart(6)} ms`;

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
