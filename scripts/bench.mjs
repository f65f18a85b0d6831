// `npm run bench [NAME…]`: bundles and runs the benchmarks of bench/*.bench.ts one after another; each prints its own numbers and ratios.
import { build } from 'esbuild';
import { existsSync, readdirSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { installPackages, must, root } from './setup.mjs';

installPackages();
must('node', ['scripts/build.mjs']);
const folder = join(root, 'bench');
const wanted = process.argv.slice(2);
const all = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.bench.ts'))
      .sort()
  : [];
const chosen = all.filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)));
if (chosen.length === 0)
  console.error(`No benchmark of that name; there are ${all.map((file) => basename(file, '.bench.ts')).join(', ')}.`);
let failed = chosen.length === 0;
for (const file of chosen) {
  const outfile = join(root, 'out/bench', file.replace(/\.ts$/, '.cjs'));
  const define = { 'import.meta.url': 'undefined' };
  await build({ entryPoints: [join(folder, file)], outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20', define });
  console.log(`\n## ${basename(file, '.bench.ts')}`);
  const run = spawnSync('node', ['--expose-gc', '--enable-source-maps', outfile], { cwd: root, stdio: 'inherit' });
  failed ||= run.status !== 0;
}
process.exit(failed ? 1 : 0);
