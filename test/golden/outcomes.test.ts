import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const tree = process.env['FOLIOSCOPE_TREE'] ?? '';
const generator = fileURLToPath(new URL('../../scripts/generate-outcomes.mjs', import.meta.url));

describe('the page of outcomes', () => {
  it('has every function of guest_memfd.c, and no run without an outcome', () => {
    const page = readFileSync(new URL('../../docs/outcomes.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => /^\| (`| \|)/.test(line));
    expect(rows.filter((row) => row.startsWith('| `'))).toHaveLength(75);
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => /undecided|unsupported|still running|cancelled|kernel-c\//.test(row))).toEqual([]);
  });

  // In a process of its own: the runs take longer than a worker of the tests may be silent.
  it.skipIf(!existsSync(join(tree, 'virt/kvm/guest_memfd.c')))(
    'is what the generator makes of the tree (FOLIOSCOPE_TREE)',
    async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [generator, '--check'], { env: process.env });
      expect(stdout).toBe('');
    },
    900_000,
  );
});
