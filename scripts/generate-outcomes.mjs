// Writes docs/outcomes.md: how each function of a tree's virt/kvm/guest_memfd.c comes out. FOLIOSCOPE_TREE names the tree, with the series applied.
// `--check` only says whether the page is as committed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const subject = {
  file: 'virt/kvm/guest_memfd.c',
  tree: 'a tree with the series applied',
  // Every loop over the pages of a block goes round more than once.
  order: 2,
};
const directory = process.env['FOLIOSCOPE_TREE'];
if (directory === undefined) throw new Error('FOLIOSCOPE_TREE names no tree. Set it to a kernel tree with the series applied.');
const page = new URL('../docs/outcomes.md', import.meta.url);
const text = await outcomesText();
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.log('docs/outcomes.md is not as the tree makes it: run node scripts/generate-outcomes.mjs');
  process.exitCode = 1;
}

async function outcomesText() {
  const { diskTree, cachedTreeIndex, outcomesOf, outcomesDocument, unwatched } = await engine();
  const tree = diskTree(directory);
  const index = cachedTreeIndex(directory, tree, unwatched);
  if (index.kind !== 'done') throw new Error(`${directory} cannot be indexed: ${JSON.stringify(index)}`);
  const rows = outcomesOf(tree, index.value, subject.file, subject.order, unwatched);
  if (rows.kind !== 'done' || rows.value.length === 0) throw new Error(`${subject.file} has no outcomes: ${JSON.stringify(rows)}`);
  return outcomesDocument(rows.value, subject);
}

async function engine() {
  const folder = mkdtempSync(join(tmpdir(), 'outcomes-'));
  try {
    const outfile = join(folder, 'outcomes.cjs');
    const modules = ['worktree/disk-tree', 'worktree/tree-index-cache', 'review/outcomes', 'review/outcomes-document', 'base/progress'];
    await build({
      stdin: {
        contents: modules.map((name) => `export * from './src/${name}';`).join('\n'),
        resolveDir: fileURLToPath(new URL('..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      define: { 'import.meta.url': 'undefined' },
      logLevel: 'error',
      outfile,
    });
    return createRequire(import.meta.url)(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
