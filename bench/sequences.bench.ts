/** How long all sequences of operations take on two blocks of order 2, each starting state in a thread of its own as the CLI has it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { SequenceReport } from '../src/protocol/exploration';

const tree = process.env['FOLIOSCOPE_TREE'] ?? '';
/** Seconds for six operations without failures. */
const WANTED = 60;

function measure(steps: number): void {
  const from = performance.now();
  const args = [join('dist', 'cli.js'), 'explore', '--tree', tree, '--steps', String(steps), '--steps-with-failure', '0', '--json'];
  const run = spawnSync('node', args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  const seconds = (performance.now() - from) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  const { searches, findings } = JSON.parse(run.stdout) as SequenceReport;
  const operations = searches.reduce((sum, each) => sum + each.operations, 0);
  const states = searches.reduce((sum, each) => sum + each.states, 0);
  console.log(
    `${steps} operations: ${operations} done, ${states} states, ${findings.length} findings in ${seconds.toFixed(1)} s ` +
      `(${((seconds * 1000) / operations).toFixed(3)} ms an operation)${steps === 6 && seconds > WANTED ? `  (wanted: ${WANTED} s)` : ''}`,
  );
}

if (tree === '') console.log('FOLIOSCOPE_TREE names no tree: nothing is measured.');
else for (const steps of [4, 5, 6]) measure(steps);
