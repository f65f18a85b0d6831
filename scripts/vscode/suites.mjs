// The suites that run inside a real VS Code: the whole one, the one beside clangd, and the packaged extension in a clean VS Code.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { must, root } from '../setup.mjs';
import { runSuite } from './run-suite.mjs';

/** What a person downloads should stay small. */
const largestPackage = 3 * 1024 * 1024;

/** Who writes replies in the suites: the one who runs them may have told git no name. */
const reviewer = '[user]\n\tname = Rita Reviewer\n\temail = rita@example.org\n';

/** Builds the demo's repository and worktree in a folder of its own; gives its worktree, and the environment in which VS Code is to run. */
export function demoWorkspace() {
  const data = mkdtempSync(join(tmpdir(), 'folioscope-data-'));
  const gitConfig = join(data, 'gitconfig');
  writeFileSync(gitConfig, reviewer);
  const own = { FOLIOSCOPE_DATA: data, GIT_CONFIG_GLOBAL: gitConfig };
  const env = { ...process.env, ...own };
  const opened = JSON.parse(execFileSync('node', [join(root, 'dist/cli.js'), 'demo', '--json'], { env, encoding: 'utf8' }));
  return { env: own, worktree: opened.series.worktree, remove: () => rmSync(data, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Only the demo, quickly: what `npm start -- --headless` checks. */
export async function runDemoSuite() {
  const demo = demoWorkspace();
  try {
    const env = { ...demo.env, FOLIOSCOPE_SUITE: 'demo' };
    return await runSuite({ tests: join(root, 'out/vscode/index'), extension: root, workspace: demo.worktree, env });
  } finally {
    demo.remove();
  }
}

export async function runInVsCode() {
  return [await wholeSuite(), await besideClangdSuite(), await packagedSuite()];
}

async function wholeSuite() {
  const demo = demoWorkspace();
  try {
    const env = { ...demo.env, FOLIOSCOPE_SUITE: 'all' };
    const screenshots = process.env.FOLIOSCOPE_SCREENSHOTS || join(root, 'out/screenshots');
    const suite = { tests: join(root, 'out/vscode/index'), extension: root, workspace: demo.worktree, env, screenshots };
    return { name: 'suite inside VS Code', ...(await runSuite(suite)) };
  } finally {
    demo.remove();
  }
}

/** Beside the real clangd, with a stand-in for the extension that starts it; skipped where there is no clangd. */
export async function besideClangdSuite(screenshots = process.env.FOLIOSCOPE_SCREENSHOTS || join(root, 'out/screenshots')) {
  const name = 'beside clangd';
  if (spawnSync('clangd', ['--version']).status !== 0) {
    console.log('skip beside clangd: there is no clangd on the PATH (Debian: `sudo apt-get install clangd`)');
    return { name, code: 0, passed: 0, failed: 0, skipped: 1 };
  }
  const demo = demoWorkspace();
  const folder = mkdtempSync(join(tmpdir(), 'folioscope-clangd-'));
  try {
    const userSettings = { 'clangd.arguments': [`--compile-commands-dir=${compileCommands(demo.worktree, folder)}`] };
    const env = { ...demo.env, FOLIOSCOPE_SUITE: 'clangd' };
    const suite = { tests: join(root, 'out/vscode/index'), extension: root, workspace: demo.worktree, env, screenshots, userSettings };
    return { name, ...(await runSuite({ ...suite, vsix: clangdStandIn(folder) })) };
  } finally {
    demo.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** How each file of the demo is compiled, in a folder of its own: clangd keeps its index beside it. */
function compileCommands(worktree, folder) {
  const path = join(folder, 'commands');
  mkdirSync(path);
  const sources = readdirSync(worktree, { recursive: true }).filter((file) => file.endsWith('.c'));
  const rows = sources.map((file) => ({
    directory: worktree,
    file,
    arguments: ['clang', '-nostdinc', '-ffreestanding', '-Iinclude', '-c', file],
  }));
  writeFileSync(join(path, 'compile_commands.json'), JSON.stringify(rows));
  return path;
}

/** Packs the stand-in for clangd's extension; gives the path of the package. */
function clangdStandIn(folder) {
  const built = join(root, 'out/vscode-clangd');
  copyFileSync(join(root, 'test/vscode/clangd/package.json'), join(built, 'package.json'));
  const vsix = join(folder, 'clangd.vsix');
  const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license'];
  must('npx', ['vsce', 'package', ...flags, '--out', vsix], { cwd: built, stdio: ['ignore', 'ignore', 'inherit'] });
  return vsix;
}

/** Packages the extension, installs it into a clean VS Code and sees it activate there. */
async function packagedSuite() {
  const name = 'packaged extension in a clean VS Code';
  const folder = mkdtempSync(join(tmpdir(), 'folioscope-package-'));
  try {
    const vsix = join(folder, 'folioscope.vsix');
    must('node', ['scripts/package.mjs', '--out', vsix]);
    const { size } = statSync(vsix);
    console.log(`package: ${(size / 1024 / 1024).toFixed(2)} MiB`);
    if (size > largestPackage) console.log(`FAIL the package has ${size} bytes; ${largestPackage} is the most`);
    // The probe is an empty extension: a suite needs one under development, and this one must not be ours.
    const probe = { tests: join(root, 'out/vscode/installed'), extension: join(root, 'test/vscode/probe') };
    const env = { FOLIOSCOPE_DATA: join(folder, 'data') };
    const run = await runSuite({ ...probe, workspace: folder, vsix, env });
    const small = size <= largestPackage;
    return { name, ...run, passed: run.passed + (small ? 1 : 0), failed: run.failed + (small ? 0 : 1), code: small ? run.code : 1 };
  } finally {
    must('node', ['scripts/build.mjs']);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
