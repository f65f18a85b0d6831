import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { MAX_TEXT, scanTree } from '../../../src/review/scan';

const treeOf = (files: Readonly<Record<string, string | null>>): SourceTree => ({
  paths: Object.keys(files),
  read: (path) => files[path] ?? null,
});
const USE = 'int f(struct page *p)\n{\n\treturn PageHuge(p);\n}\n';

describe('a scan', () => {
  it('names what it could not look at, and why', () => {
    const files = {
      'a.c': USE,
      'b.c': null,
      'c.S': 'call PageHuge\n',
      'd.S': 'nop\n',
      'e.c': `${USE}${' '.repeat(MAX_TEXT)}`,
      'f.c': ' '.repeat(MAX_TEXT + 1),
    };
    const outcome = scanTree(treeOf(files), {}, unwatched);
    expect(outcome).toEqual({
      kind: 'done',
      value: {
        sites: [
          {
            file: 'a.c',
            line: 3,
            column: 9,
            length: 8,
            symbol: 'PageHuge',
            function: 'f',
            kind: 'folio-test',
            rule: 'page-huge',
            class: 'predicate',
            evidence: [{ file: 'a.c', line: 3 }],
            reach: { is: 'cannot-tell', because: 'there is no guest_memfd in the tree', path: [] },
          },
        ],
        unread: [
          { file: 'b.c', line: 1, function: '', reason: 'the file is gone, or is no text' },
          { file: 'c.S', line: 1, function: '', reason: 'assembly is not read' },
          { file: 'e.c', line: 1, function: '', reason: expect.stringContaining(`up to ${MAX_TEXT} are read`) as string },
        ],
        claims: expect.any(Array) as unknown[],
        files: 6,
      },
    });
  });

  it('takes only the paths that are asked for, and refuses those that are not there', () => {
    const tree = treeOf({ 'mm/a.c': USE, 'mmx/b.c': USE, 'virt/c.c': USE });
    const files = (...paths: string[]) => {
      const outcome = scanTree(tree, { paths }, unwatched);
      return outcome.kind === 'done' ? outcome.value.sites.map((site) => site.file) : outcome.kind === 'refused' && outcome.refusal.code;
    };
    expect(files('mm')).toEqual(['mm/a.c']);
    expect(files('mm/', './virt/c.c')).toEqual(['mm/a.c', 'virt/c.c']);
    expect(files('.')).toHaveLength(3);
    expect(files('fs')).toBe('scan/no-such-path');
    expect(files()).toHaveLength(3);
  });

  it('refuses a tree without C', () => {
    const outcome = scanTree(treeOf({}), {}, unwatched);
    expect(outcome.kind === 'refused' && outcome.refusal.code).toBe('scan/empty-tree');
  });

  it('stops when it is cancelled, and tells how far it is', () => {
    const told: number[] = [];
    const progress = {
      report: (_message: string, fraction?: number) => told.push(fraction ?? -1),
      get cancelled() {
        return told.length > 2;
      },
    };
    const many = treeOf(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`mm/${at}.c`, USE])));
    expect(scanTree(many, {}, progress)).toEqual({ kind: 'cancelled' });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told[0]).toBe(0);
  });
});
