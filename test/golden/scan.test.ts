import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasSymbol, type Occurrence, occurrencesOf, type Role } from '../../src/assumptions/occurrences';
import { SYMBOLS } from '../../src/assumptions/rules';
import { unwatched } from '../../src/base/progress';
import type { SourceTree } from '../../src/kernel-c/source-tree';
import { type Scan, scanTree } from '../../src/review/scan';
import { diskTree } from '../../src/worktree/disk-tree';

const root = process.env['FOLIOSCOPE_TREE'] ?? '';

/** The tree of the whole series (FOLIOSCOPE_TREE), against ripgrep for the same words. */
describe.skipIf(root === '')('the sites of the patched kernel tree', () => {
  let tree: SourceTree;
  let scan: Scan;
  let occurrences: ReadonlyMap<string, readonly Occurrence[]>;
  beforeAll(() => {
    tree = diskTree(root);
    const outcome = scanTree(tree, {}, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    scan = outcome.value;
    occurrences = new Map(
      tree.paths.flatMap((path) => {
        const text = tree.read(path) ?? '';
        if (!hasSymbol(text)) return [];
        return [[path, occurrencesOf({ path, text, root: null })] as const];
      }),
    );
  }, 120_000);

  it('have every place that ripgrep finds accounted for: a site, or a reason why it is none', () => {
    const words = [...SYMBOLS.keys()].join('|');
    const output = execFileSync('rg', ['-o', '-w', '--no-heading', '--no-line-number', '--with-filename', '-e', words, '.'], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    const read = new Set(tree.paths);
    const found = new Map<string, number>();
    const notSource: string[] = [];
    for (const line of output.trimEnd().split('\n')) {
      const [path = '', word = ''] = line.replace(/^\.\//, '').split(':');
      if (!read.has(path)) notSource.push(path);
      else found.set(`${path} ${word}`, (found.get(`${path} ${word}`) ?? 0) + 1);
    }
    const ours = new Map<string, number>();
    for (const [path, list] of occurrences)
      for (const { symbol } of list) ours.set(`${path} ${symbol}`, (ours.get(`${path} ${symbol}`) ?? 0) + 1);
    expect([...ours].sort()).toEqual([...found].sort());
    // What the tree leaves out: documentation, and the user-space tools with their copies of headers.
    expect(notSource.filter((path) => !/^(Documentation|tools)\//.test(path))).toEqual([]);
  });

  it('are the uses, and what is none of them is a prototype, definition, comment or macro name', () => {
    const count = (role: Role): number => [...occurrences.values()].flat().filter((one) => one.role === role).length;
    expect(scan.sites).toHaveLength(count('use'));
    // What the tree has of broken C is named, and nothing else: a list of parameters that ends in the middle.
    for (const { file, line, reason } of scan.unread) {
      const broken = (tree.read(file) ?? '').split('\n')[line - 1] ?? '';
      expect(`${file}:${line}: ${reason}: ${broken}`).toMatch(/a parenthesis is not closed: .*\([^)]*,$/);
    }
    // No kernel file has them in members, strings or exports.
    expect([count('member'), count('string'), count('export')]).toEqual([0, 0, 0]);
    for (const [path, list] of occurrences) {
      const lines = (tree.read(path) ?? '').split('\n');
      const text = tree.read(path) ?? '';
      for (const { at, role, symbol } of list) {
        if (role !== 'declaration') continue;
        const line = lines[text.slice(0, at).split('\n').length - 1] ?? '';
        // Each begins at column 0, as definitions and prototypes do; the name may stand on a line of its own after the type.
        expect(line, `${path}: ${symbol}`).toMatch(/^[a-z]/);
      }
    }
  });

  it('have the function that they stand in', () => {
    expect(scan.sites.filter((site) => site.function === '')).toEqual([]);
    // By another way: the last line at column 0 before the site that has a parenthesis and is no label, directive or closing line.
    for (const site of scan.sites) {
      const lines = (tree.read(site.file) ?? '').split('\n').slice(0, site.line);
      if (
        site.function ===
        lines
          .map((line) => /^#define (\w+)/.exec(line)?.[1] ?? '')
          .filter((name) => name !== '')
          .at(-1)
      )
        continue;
      const head = lines.map((line) => line.startsWith('{') || /^[a-z].*\)\s*\{/.test(line)).lastIndexOf(true);
      const above = lines.slice(Math.max(0, head - 12), head + 1).join('\n');
      // A system call has the name of its function from a macro.
      const name = site.function.replace(/^__do_sys_/, '');
      expect(above, `${site.file}:${site.line}`).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it('are in order, and of a part of the tree where only that is asked for', () => {
    const part = scanTree(tree, { paths: ['virt/kvm', './mm/rmap.c'] }, unwatched);
    if (part.kind !== 'done') throw new Error(JSON.stringify(part));
    expect(part.value.sites).toEqual(scan.sites.filter(({ file }) => file.startsWith('virt/kvm/') || file === 'mm/rmap.c'));
    expect(part.value.sites.length).toBeGreaterThan(20);
  });
});
