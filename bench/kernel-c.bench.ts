/**
 * Indexing a kernel tree (cold, warm, and after one file has changed), and reading functions of it lazily.
 *
 * Reading is measured as time of one core, so that other work on the machine does not count; indexing as time that passes, beside
 * that of ripgrep looking for the lines that begin a definition in the same files.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unwatched } from '../src/base/progress';
import type { SourceTree } from '../src/kernel-c/source-tree';
import { functionsIn, type TreeIndex } from '../src/kernel-c/tree-index';
import { programFor } from '../src/review/read-for-simulation';
import { diskTree } from '../src/worktree/disk-tree';
import { cachedTreeIndex } from '../src/worktree/tree-index-cache';

/** What the project promises. */
const INDEX_MS = 10_000;
const READ_MS = 200;
const RANDOM_FUNCTIONS = 50;
const FILE = 'virt/kvm/guest_memfd.c';

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function main(): number {
  const root = process.env['FOLIOSCOPE_TREE'] ?? '';
  if (root === '') {
    console.log('skipped: FOLIOSCOPE_TREE is not set');
    return 0;
  }
  const data = mkdtempSync(join(tmpdir(), 'folioscope-bench-'));
  try {
    const peer = rgMs(root);
    const cold = timed('cold', root, data, peer);
    const warm = timed('warm', root, data, peer);
    const copy = join(data, 'copy');
    for (const folder of ['virt', 'mm', 'fs/hugetlbfs', 'include/linux'])
      cpSync(join(root, folder), join(copy, folder), { recursive: true });
    timed('another worktree of the same data folder (part of the tree)', copy, data, peer);
    writeFileSync(join(copy, FILE), `${readFileSync(join(copy, FILE), 'utf8')}\nint one_more;\n`);
    timed('that worktree after one file has changed', copy, data, peer);
    return cold.ms <= INDEX_MS && worstReading(warm.tree, warm.index) <= READ_MS ? 0 : 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function timed(what: string, root: string, data: string, peer: number): { ms: number; tree: SourceTree; index: TreeIndex } {
  const start = performance.now();
  const tree = diskTree(root);
  const thread = join(__dirname, '../dist/index-worker.js');
  const made = cachedTreeIndex(root, tree, unwatched, { data, thread });
  if (made.kind !== 'done') throw new Error(made.kind);
  const ms = performance.now() - start;
  const ratio = peer > 0 ? `, ${(ms / peer).toFixed(1)} times rg` : '';
  console.log(`index, ${what}: ${tree.paths.length} files in ${ms.toFixed(0)} ms${existsSync(thread) ? '' : ' without threads'}${ratio}`);
  return { ms, tree, index: made.value };
}

/** ripgrep over the same files; 0 where it is not there. */
function rgMs(root: string): number {
  const pattern = '^(#\\s*define|struct|union|enum|typedef|static|extern|int|void|bool)\\b.*';
  const globs = ['*.[chS]', '!tools', '!Documentation', '!arch/*', 'arch/x86'].flatMap((glob) => ['-g', glob]);
  const start = performance.now();
  const run = spawnSync('rg', ['-c', ...globs, pattern, root], { maxBuffer: 1 << 28 });
  return run.status === 0 ? performance.now() - start : 0;
}

/** Every function of guest_memfd.c and some of mm/, each as `programFor` reads it; the first warms the compiler. */
function worstReading(tree: SourceTree, index: TreeIndex): number {
  const others = tree.paths
    .filter((path) => /^mm\/[^/]*\.c$/.test(path))
    .flatMap((path) => functionsIn(index, path).map((one) => one.name));
  const step = Math.max(1, Math.floor(others.length / RANDOM_FUNCTIONS));
  const names = [...functionsIn(index, FILE).map((one) => one.name), ...others.filter((_, at) => at % step === 0)];
  const times: { name: string; ms: number }[] = [];
  for (const name of [names[0] ?? '', ...names]) {
    const from = cpuMs();
    programFor(tree, index, name);
    times.push({ name, ms: cpuMs() - from });
  }
  console.log(`the first reading of a process: ${times.shift()?.ms.toFixed(0) ?? ''} ms`);
  times.sort((a, b) => b.ms - a.ms);
  console.log(`${times.length} functions: median ${times[times.length >> 1]?.ms.toFixed(0) ?? ''} ms`);
  for (const { name, ms } of times.slice(0, 3)) console.log(`slowest: ${name} ${ms.toFixed(0)} ms`);
  // The collector's rounds fall on some function or other: one in fifty may meet one.
  return times[Math.floor(times.length / 50)]?.ms ?? 0;
}

process.exitCode = main();
