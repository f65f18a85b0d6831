// Bundles every process of Folioscope with esbuild: extension host, language server, CLI, page, worker, and the in-VS-Code suite.
import { build, context } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
/** `--outdir DIR` builds beside what runs from `dist` and `out`. */
const outdir = process.argv.includes('--outdir') ? process.argv[process.argv.indexOf('--outdir') + 1] : '.';

const shared = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  // Names show in error bundles and stack traces.
  keepNames: production,
  logLevel: 'warning',
  target: 'es2022',
};
const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20', define: { 'import.meta.url': 'undefined' } };

/** One row a bundle: where it comes from, where it goes, what it may not bundle. */
const bundles = [
  { ...node, entryPoints: ['src/extension/main.ts'], outfile: 'dist/extension.js', external: ['vscode'] },
  { ...node, entryPoints: ['src/extension/language-client.ts'], outfile: 'dist/language-client.js', external: ['vscode'] },
  { ...node, entryPoints: ['src/server/main.ts'], outfile: 'dist/server.js' },
  { ...node, entryPoints: ['src/cli/start.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  { ...node, entryPoints: ['src/cli/main.ts'], outfile: 'dist/cli-main.js' },
  { ...node, entryPoints: ['src/worker/main.ts'], outfile: 'dist/worker.js' },
  { ...node, entryPoints: ['src/worker/scan.ts'], outfile: 'dist/scan-worker.js' },
  { ...node, entryPoints: ['src/worker/scenario-run.ts'], outfile: 'dist/scenario-worker.js' },
  { ...node, entryPoints: ['src/worker/sequences.ts'], outfile: 'dist/sequence-worker.js' },
  { ...node, entryPoints: ['src/worktree/index-thread.ts'], outfile: 'dist/index-worker.js' },
  { ...shared, platform: 'browser', format: 'iife', entryPoints: ['webview-ui/page.ts'], outfile: 'dist/webview/page.js' },
  { ...shared, platform: 'browser', format: 'iife', entryPoints: ['webview-ui/worker.ts'], outfile: 'dist/webview/worker.js' },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    entryPoints: ['webview-ui/scenario-page.ts'],
    outfile: 'dist/webview/scenario-page.js',
  },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    entryPoints: ['webview-ui/scenario-worker.ts'],
    outfile: 'dist/webview/scenario-worker.js',
  },
  ...(production
    ? []
    : [
        { ...node, entryPoints: ['test/vscode/index.ts'], outfile: 'out/vscode/index.js', external: ['vscode', 'mocha'] },
        { ...node, entryPoints: ['test/vscode/installed.ts'], outfile: 'out/vscode/installed.js', external: ['vscode', 'mocha'] },
        { ...node, entryPoints: ['test/vscode/clangd/extension.ts'], outfile: 'out/vscode-clangd/extension.js', external: ['vscode'] },
      ]),
]
  .filter((one) => existsSync(join(root, one.entryPoints[0])))
  .map((one) => ({ ...one, outfile: join(outdir, one.outfile) }));

/** Files that ship beside the bundles: tree-sitter's runtime and its C grammar. */
const copies = [
  ['node_modules/web-tree-sitter/tree-sitter.wasm', 'dist/tree-sitter.wasm'],
  ['node_modules/tree-sitter-c/tree-sitter-c.wasm', 'dist/tree-sitter-c.wasm'],
];

const dist = resolve(root, outdir, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
for (const [from, to] of copies) copyFileSync(join(root, from), resolve(root, outdir, to));
if (watch) {
  const contexts = await Promise.all(bundles.map((one) => context(one)));
  await Promise.all(contexts.map((one) => one.watch()));
  console.error('watching');
} else {
  await Promise.all(bundles.map((one) => build(one)));
}
