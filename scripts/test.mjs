// `npm test`: installs what is missing, builds, checks the code, and runs every suite, the one inside VS Code included.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { installPackages, must, root } from './setup.mjs';

installPackages();
const results = join(root, 'out/results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs a step to its end whatever comes of it, and counts a check as one test. */
function check(name, command, args) {
  const started = Date.now();
  const run = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  const good = run.status === 0;
  counts[good ? 'passed' : 'failed'] += 1;
  console.log(`${good ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!good) console.log(`${run.stdout}${run.stderr}${run.error?.message ?? ''}`);
}

must('node', ['scripts/build.mjs']);
check('format', 'npx', ['prettier', '--check', '.']);
check('lint', 'npx', ['eslint', '.']);
check('types', 'npx', ['tsc', '-p', 'tsconfig.json']);
check('types of the pure folders, without Node and DOM', 'npx', ['tsc', '-p', 'tsconfig.pure.json']);
check('types of the page', 'npx', ['tsc', '-p', 'tsconfig.webview.json']);
check('pages made from the source', 'node', ['scripts/generate-docs.mjs', '--check']);
check('unused code and packages', 'npx', ['knip']);
check('architecture: allowed imports, no cycles', 'npx', ['depcruise', '--config', '.dependency-cruiser.cjs', 'src', 'webview-ui']);

const report = join(results, 'vitest.json');
spawnSync('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`], {
  cwd: root,
  stdio: 'inherit',
});
if (existsSync(report)) {
  const vitest = JSON.parse(readFileSync(report, 'utf8'));
  counts.passed += vitest.numPassedTests;
  counts.skipped += vitest.numPendingTests + vitest.numTodoTests;
  const brokenFiles = vitest.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  counts.failed += vitest.numFailedTests + brokenFiles;
} else {
  console.log('FAIL vitest gave no report');
  counts.failed += 1;
}

const { runInVsCode } = await import('./vscode/suites.mjs');
for (const suite of await runInVsCode()) {
  for (const key of Object.keys(counts)) counts[key] += suite[key];
  if (suite.code !== 0 && suite.failed === 0) counts.failed += 1;
  console.log(
    `${suite.code === 0 ? 'ok  ' : 'FAIL'} ${suite.name}: ${suite.passed} passed, ${suite.failed} failed, ${suite.skipped} skipped`,
  );
}

writeFileSync(join(results, 'counts.json'), JSON.stringify(counts));
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);
