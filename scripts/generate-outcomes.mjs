// Writes docs/outcomes.md: how each function of a tree's virt/kvm/guest_memfd.c comes out. The tree, with the series applied, is named by FOLIOSCOPE_TREE.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const tree = process.env['FOLIOSCOPE_TREE'];
if (tree === undefined) throw new Error('FOLIOSCOPE_TREE names no tree. Set it to a kernel tree with the series applied.');
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'outcomes-'));
try {
  const bundle = join(folder, 'outcomes.cjs');
  await build({
    entryPoints: [join(root, 'test/golden/outcomes-of-tree.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { 'import.meta.url': 'undefined' },
    logLevel: 'error',
    outfile: bundle,
  });
  const { outcomesText } = createRequire(import.meta.url)(bundle);
  writeFileSync(new URL('../docs/outcomes.md', import.meta.url), outcomesText(tree));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
