/** Scanning a whole tree beside ripgrep for the same words, in the same run (FOLIOSCOPE_TREE names the tree). */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Bench } from 'tinybench';
import { SYMBOLS } from '../src/assumptions/rules';
import { unwatched } from '../src/base/progress';
import { scanTree } from '../src/review/scan';
import { diskTree } from '../src/worktree/disk-tree';
import { loadParser } from '../src/worktree/tree-sitter';

const root = process.env['FOLIOSCOPE_TREE'] ?? '';

async function main(): Promise<void> {
  if (root === '') {
    console.log('skipped: FOLIOSCOPE_TREE is not set');
    return;
  }
  // The build has put the wasm files there.
  const parser = await loadParser(join(process.cwd(), 'dist'));
  const words = [...SYMBOLS.keys()].join('|');
  const bench = new Bench({ time: 3000, iterations: 3, warmupIterations: 1, warmupTime: 0 });
  let sites = 0;
  let files = 0;
  bench
    .add('folioscope scan', () => {
      const scan = scanTree(diskTree(root), parser, {}, unwatched);
      if (scan.kind !== 'done') throw new Error(JSON.stringify(scan));
      sites = scan.value.sites.length;
      files = scan.value.files;
    })
    .add('rg, the same words', () => {
      execFileSync('rg', ['-n', '-o', '-w', '-e', words, root], { stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 });
    });
  await bench.run();
  const [ours = NaN, peer = NaN] = bench.tasks.map((task) => task.result?.latency.p50 ?? NaN);
  console.log(`${files} files, ${sites} sites`);
  console.log(`folioscope scan     ${ours.toFixed(0).padStart(6)} ms`);
  console.log(`rg, the same words  ${peer.toFixed(0).padStart(6)} ms`);
  console.log(`ratio               ${(ours / peer).toFixed(2).padStart(6)}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
