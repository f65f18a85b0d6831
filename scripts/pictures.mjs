// Pictures of what the editor shows of assumptions, in a light, a dark and a high-contrast theme: `node scripts/pictures.mjs DIR`.
// They are of the series of FOLIOSCOPE_CORPUS on FOLIOSCOPE_BASE_TREE where both are set, else of the demo.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installPackages, must, root, stop } from './setup.mjs';
import { runSuite } from './vscode/run-suite.mjs';

const out = process.argv[2] ?? stop('No folder for the pictures was given. Run `node scripts/pictures.mjs DIR`.');
installPackages();
must('node', ['scripts/build.mjs']);
// Where a tree is can be read in a few of the pictures.
const data = mkdtempSync(join(tmpdir(), 'review-'));
const env = { FOLIOSCOPE_DATA: data };
const { FOLIOSCOPE_CORPUS: mails, FOLIOSCOPE_BASE_TREE: base } = process.env;
const clone = join(data, 'linux');
try {
  if (mails && base) execFileSync('git', ['clone', '-q', base, clone]);
  const real = ['open', mails, '--repo', clone, '--base', 'base', '--worktree', join(data, 'worktree'), '--full'];
  const command = ['dist/cli.js', ...(mails && base ? real : ['demo']), '--json'];
  const opened = execFileSync('node', command, { cwd: root, env: { ...process.env, ...env }, encoding: 'utf8', maxBuffer: 1 << 28 });
  const suite = { tests: join(root, 'out/vscode/index'), extension: root, workspace: JSON.parse(opened).series.worktree };
  const run = await runSuite({ ...suite, env: { ...env, FOLIOSCOPE_SUITE: 'pictures' }, screenshots: resolve(out) });
  process.exitCode = run.code;
} finally {
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
}
