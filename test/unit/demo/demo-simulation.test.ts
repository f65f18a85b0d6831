import { cpSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { type IndexedTree, indexedTree } from '../../../src/cli/tree-reading';
import type { SimulationReport } from '../../../src/protocol/simulation';
import { simulateFunction } from '../../../src/review/simulate';
import { defaultScenario } from '../../../src/scenario/defaults';
import { patchMails } from '../../../src/series/patch-mails';
import { readSeries } from '../../../src/series/read-series';

const demo = join(__dirname, '../../../demo');
const SPLIT = 'kvm_gmem_split_folio_in_filemap';

/** What demo/README.md promises to the user who follows it. */
describe('the demo, simulated', () => {
  const home = mkdtempSync(join(tmpdir(), 'demo-simulation-'));
  let read: IndexedTree;

  beforeAll(async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', home, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], { encoding: 'utf8' });
    cpSync(join(demo, 'tree'), home, { recursive: true });
    git('init', '-q');
    git('add', '--all', '--force', '.');
    git('commit', '-q', '-m', 'base');
    const series = await readSeries(readFileSync(join(demo, 'series.mbox')));
    if (series.kind !== 'done') throw new Error(JSON.stringify(series));
    writeFileSync(join(home, '.git/am.mbox'), Buffer.concat(patchMails(series.value)));
    git('am', '-q', '--patch-format=mboxrd', '.git/am.mbox');
    const indexed = indexedTree({ tree: home }, unwatched);
    if (indexed.kind !== 'done') throw new Error(JSON.stringify(indexed));
    read = indexed.value;
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const run = (name: string, order: number, fail: number, then: readonly string[] = []): SimulationReport => {
    const outcome = simulateFunction(
      read.tree,
      read.index,
      { function: name, scenario: { ...defaultScenario, order }, fail, then },
      unwatched,
    );
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };

  it.each([2, 9])('finds nothing on the good path of a split, at order %i', (order) => {
    expect(run(SPLIT, order, 0)).toMatchObject({ status: { kind: 'returned', value: '0' }, findings: [], unknowns: [] });
  });

  it.each([1, 2, 3])('finds the folio lock left held when allocation %i fails, and nothing else', (fail) => {
    const report = run(SPLIT, 9, fail);
    expect(report.status).toEqual({ kind: 'returned', value: '-12' });
    expect(report.findings.map((finding) => finding.kind)).toEqual(['leak-lock']);
    expect(report.findings[0]?.message).toContain('folio lock of pfn 0x40000');
  });

  it('fails the allocation of the run, not one that made the scenario ready', () => {
    const scenario = { ...defaultScenario, order: 2, folios: 'split' as const };
    const asked = { function: 'kvm_gmem_reconstruct_folio_in_filemap', scenario, fail: 1 };
    const outcome = simulateFunction(read.tree, read.index, asked, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.value.choices.map((one) => one.choice.options[one.option])[0]).toBe('fails');
    expect(outcome.value.before.folios[0]).toMatchObject({ order: 0 });
  });

  it('puts a split folio together again but for its dirty flag', () => {
    const report = run(SPLIT, 9, 0, ['kvm_gmem_reconstruct_folio_in_filemap']);
    expect(report).toMatchObject({ status: { kind: 'returned', value: '0' }, findings: [] });
    expect(report.differences.map((one) => one.what)).toEqual(['folio pfns 0x40000-0x401ff']);
  });
});
