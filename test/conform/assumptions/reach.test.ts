import { beforeAll, describe, expect, it } from 'vitest';
import type { Assessed } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { scanDirectory } from '../../../src/worktree/scan-directory';
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
