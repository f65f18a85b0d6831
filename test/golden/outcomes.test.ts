import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcomesText } from './outcomes-of-tree';

const tree = process.env['FOLIOSCOPE_TREE'] ?? '';

describe('the page of outcomes', () => {
  const committed = readFileSync(new URL('../../docs/outcomes.md', import.meta.url), 'utf8');
  const rows = committed.split('\n').filter((line) => /^\| (`|\|)/.test(line));

  it('has no run without an outcome', () => {
    expect(rows.length).toBeGreaterThan(75);
    expect(rows.filter((row) => /undecided|unsupported|still running|cancelled|kernel-c\//.test(row))).toEqual([]);
  });

  it.skipIf(!existsSync(join(tree, 'virt/kvm/guest_memfd.c')))(
    'is what the generator makes of the tree (FOLIOSCOPE_TREE): node scripts/generate-outcomes.mjs writes it',
    () => {
      expect(outcomesText(tree)).toBe(committed);
    },
    600_000,
  );
});
