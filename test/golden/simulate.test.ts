/** The series' own functions, run on the tree with the series applied: what a reviewer is told. */
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../src/base/progress';
import { buildTreeIndex } from '../../src/kernel-c/tree-index';
import type { FolioExtent, Scenario, SimulationReport } from '../../src/protocol/simulation';
import { exploreFunction } from '../../src/review/explore';
import { simulateFunction, type SimulateOptions } from '../../src/review/simulate';
import { diskTree } from '../../src/worktree/disk-tree';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';
const SPLIT = 'kvm_gmem_split_folio_in_filemap';
const RECONSTRUCT = 'kvm_gmem_reconstruct_folio_in_filemap';

describe.skipIf(directory === '')('functions of the series', () => {
  const tree = diskTree(directory);
  const index = buildTreeIndex(tree);

  function run(name: string, scenario: Partial<Scenario> = {}, more: Partial<SimulateOptions> = {}): SimulationReport {
    const whole: Scenario = { order: 3, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {}, ...scenario };
    const outcome = simulateFunction(tree, index, { function: name, scenario: whole, ...more }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }
  const kinds = (report: SimulationReport): string[] => report.findings.map((finding) => finding.kind);
  const folios = (report: SimulationReport): string[] => report.after.folios.slice(0, -1).map(folioText);
  const folioText = ({ pfn, count, order, type, owner, refcount, flags }: FolioExtent): string =>
    `${pfn.toString(16)} ${count}x${order} ${type} ${owner} ${refcount} ${flags.join(' ')}`;

  it.each([2, 3, 9, 18])('splits a huge page of order %i', (order) => {
    const report = run(SPLIT, { order });
    expect(report).toMatchObject({ status: { kind: 'returned', value: '0' }, findings: [], unknowns: [] });
    expect(folios(report)).toEqual([`40000 ${2 ** order}x0 folio page cache 1 dirty`]);
    expect(report.after.pageCache).toEqual([{ index: 0, count: 2 ** order, order: 0, pfn: 0x40000 }]);
    expect(report.after.vmemmap[0]).toMatchObject({ optimised: false, pages: Math.max(1, 2 ** order / 64) });
  });

  it.each([2, 3, 9])('reconstructs one of order %i', (order) => {
    const report = run(RECONSTRUCT, { order, folios: 'split' });
    expect(report).toMatchObject({ status: { kind: 'returned', value: '0' }, findings: [], unknowns: [] });
    const optimised = order > 6 ? ' vmemmap_optimized' : '';
    expect(folios(report)).toEqual([`40000 1x${order} hugetlb page cache ${2 ** order} dirty restore_reserve${optimised}`]);
  });

  it.each([3, 18])('ends where it began when order %i is split and reconstructed, but for what the C forgets', (order) => {
    const report = run(SPLIT, { order }, { then: [RECONSTRUCT] });
    expect(report).toMatchObject({ status: { kind: 'returned', value: '0' }, findings: [] });
    // The split clears the up-to-date flag, by which guest_memfd knows that a page is prepared.
    expect(report.differences.map((difference) => difference.what)).toEqual([
      `folio pfns 0x40000-0x${(0x40000 + 2 ** order - 1).toString(16)}`,
    ]);
    expect(report.differences[0]?.before.replace(', uptodate', '')).toBe(report.differences[0]?.after);
  });

  it('sets and tests faultable pages', () => {
    expect(run('kvm_gmem_set_faultable')).toMatchObject({
      status: { value: '0' },
      findings: [],
      after: { faultable: [{ index: 0, count: 8 }] },
    });
    expect(run('kvm_gmem_is_any_faultable').status).toEqual({ kind: 'returned', value: '0' });
    expect(run('kvm_gmem_is_any_faultable', { faultable: 'first' }).status).toEqual({ kind: 'returned', value: '1' });
    expect(run('kvm_gmem_set_faultable', {}, { fail: 1 })).toMatchObject({ status: { value: '-12' }, findings: [] });
  });

  it('splits a folio that is out of the page cache', () => {
    const report = run('kvm_gmem_hugetlb_split_folio');
    expect(report).toMatchObject({ status: { value: '0' }, findings: [], scenario: { arguments: { folio: 'removed' } } });
    expect(folios(report)).toEqual(['40000 8x0 folio nobody 1 ']);
    expect(run('kvm_gmem_hugetlb_split_folio', { order: 9 }, { fail: 2 })).toMatchObject({ status: { value: '-12' }, findings: [] });
  });

  it('keeps the lock of the folio when a split fails early, and its caller waits for it', () => {
    // Order 9: the first allocation is for vmemmap, the second is what is saved of the head.
    for (const fail of [1, 2]) expect(kinds(run(SPLIT, { order: 9 }, { fail }))).toEqual(['warn-on', 'leak-lock']);
    expect(kinds(run('kvm_gmem_get_folio', { faultable: 'first' }, { fail: 1 }))).toEqual(['warn-on', 'self-deadlock']);
  });

  it('loses pages when adding them fails half-way', () => {
    const report = run(SPLIT, {}, { fail: 2 });
    expect(kinds(report)).toEqual(['warn-on', 'leak-ref']);
    expect(folios(report)).toEqual(['40000 1x0 folio page cache 1 dirty', '40001 7x0 folio nobody 1 ']);
  });

  it('follows error pointers and folios without a mapping into the oops', () => {
    expect(kinds(run('kvm_gmem_fault', { folios: 'absent', faultable: 'all' }, { fail: 1 }))).toEqual(['err-ptr-deref']);
    expect(kinds(run('kvm_gmem_get_folio', { folios: 'absent' }, { fail: 3 }))).toEqual(['warn-on', 'null-deref']);
    expect(kinds(run('kvm_gmem_hugetlb_setup', { arguments: { flags: '0x60000002' } }))).toEqual(['null-deref']);
  });

  it("says nothing of a fault that goes well: the locked page is the caller's", () => {
    expect(kinds(run('kvm_gmem_fault', { faultable: 'all' }))).toEqual([]);
    expect(kinds(run('kvm_gmem_get_pfn'))).toEqual([]);
  });

  it('finds all that by exploring failures', () => {
    const scenario: Scenario = { order: 2, blocks: 1, folios: 'absent', faultable: 'first', hvo: true, arguments: {} };
    const outcome = exploreFunction(tree, index, { function: 'kvm_gmem_fault', states: [{ name: 'given', scenario }] }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.value.verdict).toBe('violated');
    expect(new Set(outcome.value.findings.map((finding) => finding.kind))).toEqual(
      new Set(['err-ptr-deref', 'warn-on', 'null-deref', 'self-deadlock', 'bug-on', 'use-after-free']),
    );
  });
});
