import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessed } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { commitNamed, commitsAfter } from '../../../src/worktree/commit-texts';
import { scanCommits, scanDirectory } from '../../../src/worktree/scan-directory';
import { labelled, labelsIn } from './label-table';

const tree = process.env['FOLIOSCOPE_TREE'] ?? '';

/** Where a folio of guest_memfd comes to, in the tree with the whole series, against what people found by reading. */
describe.skipIf(tree === '')('the reach of the folio tests of the series', () => {
  let sites: readonly Assessed[] = [];
  let unlabelled: readonly Assessed[] = [];
  const labels = labelsIn('reach.tsv');
  beforeAll(async () => {
    const scan = await scanDirectory(tree, { data: null }, unwatched);
    if (scan.kind !== 'done') throw new Error(JSON.stringify(scan));
    ({ sites } = scan.value);
    const told = new Set(labels.map((label) => labelled(sites, label)));
    unlabelled = sites.filter((site) => site.kind === 'folio-test' && !told.has(site));
  }, 300_000);

  it('is labelled for each', () => {
    expect(unlabelled).toEqual([]);
  });

  it('misses none that a folio of guest_memfd comes to', () => {
    const reachable = labels.filter(({ is }) => is === 'reachable');
    expect(reachable.length).toBeGreaterThan(50);
    expect(reachable.filter((label) => labelled(sites, label)?.reach.is !== 'reachable')).toEqual([]);
  });

  it('calls reachable what is not in few places, for it knows no values', () => {
    const over = labels.filter((label) => label.is === 'not-reachable' && labelled(sites, label)?.reach.is === 'reachable');
    console.log(`reachable by calls, not by values:\n${over.map(({ file, name }) => `${file} ${name}`).join('\n')}`);
    expect(over.length).toBeLessThanOrEqual(labels.length * 0.15);
  });
});

/** What the author of the series says of guest_memfd, at each patch. By reading: the status is asked from 15 on, mapping begins with 27. */
describe.skipIf(tree === '')('the claims on the series', () => {
  it('are, patch by patch, what people find by reading', async () => {
    const base = await commitNamed(tree, 'base', unwatched);
    if (base.kind !== 'done') throw new Error(JSON.stringify(base));
    const after = await commitsAfter(tree, base.value, unwatched);
    if (after.kind !== 'done') throw new Error(JSON.stringify(after));
    expect(after.value).toHaveLength(39);
    const scans = await scanCommits(tree, [base.value, ...after.value], { data: null }, unwatched);
    if (scans.kind !== 'done') throw new Error(JSON.stringify(scans));
    const verdicts = scans.value.map(({ claims }) => claims.map(({ verdict }) => verdict).join(' '));
    const spans = verdicts.flatMap((verdict, patch) => (verdict === verdicts[patch - 1] ? [] : [[patch, verdict]]));
    expect(spans).toEqual([
      [0, 'not-covered not-covered not-covered'],
      [15, 'failing not-covered not-covered'],
      [27, 'failing holding holding'],
    ]);
  }, 300_000);
});
