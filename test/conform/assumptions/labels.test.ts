import { beforeAll, describe, expect, it } from 'vitest';
import type { Classified } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { scanDirectory } from '../../../src/worktree/scan-directory';
import { type Label, labelled, labelsIn } from './label-table';

const LABELS = labelsIn('labels.tsv');
const root = process.env['FOLIOSCOPE_LINUX_6_12'] ?? '';

const LABELLED = /^(mm|fs|virt|include|arch\/x86)\//;

/** The classes of sites of Linux 6.12 against those that people gave them. */
describe.skipIf(root === '')('the classes of sites of Linux 6.12', () => {
  let sites: readonly Classified[] = [];
  let unread: readonly { readonly file: string }[] = [];
  beforeAll(async () => {
    const scan = await scanDirectory(root, { data: null }, unwatched);
    if (scan.kind !== 'done') throw new Error(JSON.stringify(scan));
    ({ sites, unread } = scan.value);
  }, 300_000);

  const found = (label: Label): Classified | undefined => labelled(sites, label);

  it.each([
    ['every kind', /./],
    ['folio tests', /^folio-test$/],
    ['operations', /^vma-operation$/],
  ])('are those of at least 95 in a hundred labels: %s', (what, kind) => {
    const told = LABELS.map((label) => ({ ...label, site: found(label) })).filter(({ site }) => kind.test(site?.kind ?? ''));
    const wrong = told
      .filter(({ site, is }) => site?.class !== is)
      .map(({ file, name, symbol, is, site }) => `${file}:${site?.line} ${symbol} in ${name}: ${site?.class}, not ${is}`);
    console.log(`${what}: ${told.length - wrong.length} of ${told.length} as labelled\n${wrong.join('\n')}`);
    expect(told.length).toBeGreaterThan(60);
    expect(wrong.length, wrong.join('\n')).toBeLessThanOrEqual(told.length * 0.05);
  });

  it('have a label each in the parts that were labelled, and each label a site', () => {
    expect(LABELS.filter((label) => found(label) === undefined)).toEqual([]);
    expect(sites.filter(({ file }) => LABELLED.test(file)).length).toBe(LABELS.length);
  });

  it('are labelled on all classes and in all parts of the tree', () => {
    const classes = new Set(LABELS.map(({ is }) => is));
    expect([...classes].sort()).toEqual([
      'asserts',
      'assumes-hugetlb-vma',
      'contract',
      'excludes',
      'folio-only',
      'from-folio',
      'guarded',
      'guards',
      'named',
      'predicate',
      'sets',
      'unproven',
    ]);
    for (const part of ['mm/', 'fs/', 'include/', 'arch/x86/'])
      expect(
        LABELS.some(({ file }) => file.startsWith(part)),
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
    expect(unread.filter(({ file }) => LABELLED.test(file))).toEqual([]);
  });
});
