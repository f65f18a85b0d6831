import { beforeAll, describe, expect, it } from 'vitest';
import type { Classified } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { scanDirectory } from '../../../src/worktree/scan-directory';
import { LABELS } from './labels';

const root = process.env['FOLIOSCOPE_LINUX_6_12'] ?? '';

/** The classes of sites of Linux 6.12 against those that people gave them. */
describe.skipIf(root === '')('the classes of sites of Linux 6.12', () => {
  let sites: readonly Classified[] = [];
  let unread: readonly { readonly file: string }[] = [];
  beforeAll(async () => {
    const scan = await scanDirectory(root, { data: null }, unwatched);
    if (scan.kind !== 'done') throw new Error(JSON.stringify(scan));
    ({ sites, unread } = scan.value);
  }, 300_000);

  const found = (file: string, name: string, symbol: string, occurrence: number): Classified | undefined =>
    sites.filter((site) => site.file === file && site.function === name && site.symbol === symbol)[occurrence - 1];

  it('are those of at least 95 in a hundred hand labels, and there is a site for each label', () => {
    const wrong: string[] = [];
    for (const [file, name, symbol, occurrence, is] of LABELS) {
      const site = found(file, name, symbol, occurrence);
      expect(site, `${file} ${name} ${symbol} ${occurrence}`).toBeDefined();
      if (site?.class !== is) wrong.push(`${file}:${site?.line} ${symbol} in ${name}: ${site?.class}, not ${is}`);
    }
    expect(LABELS.length).toBeGreaterThanOrEqual(60);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(LABELS.length * 0.05);
  });

  it('are labelled on all classes and in all parts of the tree', () => {
    const classes = new Set(LABELS.map(([, , , , is]) => is));
    expect([...classes].sort()).toEqual(
      ['asserts', 'assumes-hugetlb-vma', 'contract', 'excludes', 'folio-only', 'from-folio', 'guarded', 'predicate', 'unproven'].sort(),
    );
    for (const part of ['mm/', 'fs/', 'include/', 'arch/x86/'])
      expect(
        LABELS.some(([file]) => file.startsWith(part)),
        part,
      ).toBe(true);
  });

  it('have evidence that leads to the site', () => {
    for (const site of sites) {
      if (site.class === 'named' || site.class === 'unread') continue;
      expect(site.evidence.length, `${site.file}:${site.line}`).toBeGreaterThan(0);
      for (const { line } of site.evidence) expect(line).toBeGreaterThan(0);
    }
    const [first] = sites.filter(({ function: name, symbol }) => name === 'try_to_unmap_one' && symbol === 'hugetlb_vma_trylock_write');
    const test = first?.evidence[0];
    expect(sites.some((site) => site.file === test?.file && site.line === test.line && site.class === 'assumes-hugetlb-vma')).toBe(true);
  });

  it('leave nothing unread', () => {
    expect(unread.filter(({ file }) => /^(mm|fs|virt|include|arch\/x86)\//.test(file))).toEqual([]);
  });
});
