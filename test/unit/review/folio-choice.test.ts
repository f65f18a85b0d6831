import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/base/outcome';
import { unwatched } from '../../../src/base/progress';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import type { Scenario, SimulationReport } from '../../../src/protocol/simulation';
import { simulateFunction } from '../../../src/review/simulate';
import { defaultScenario } from '../../../src/scenario/defaults';

const source = `
void folio_lock(struct folio *folio);
void folio_unlock(struct folio *folio);
void folio_get(struct folio *folio);
void folio_put(struct folio *folio);
#define BUG_ON(condition) bugs(condition)

int looks(struct folio *folio) { return folio->_refcount.counter; }
void unlocks(struct folio *folio) { folio_unlock(folio); }
void removes(struct folio *folio)
{
	folio_lock(folio);
	folio->_refcount.counter -= 8;
	folio_unlock(folio);
}
void wants_none_in_cache(struct folio *folio) { BUG_ON(folio->mapping); BUG_ON(folio->_refcount.counter != 1); }
void wants_it_in_cache(struct folio *folio) { BUG_ON(!folio->mapping); }
void wants_the_impossible(struct folio *folio) { BUG_ON(folio); }
void wants_nobody_else(struct folio *folio) { BUG_ON(!folio->mapping); BUG_ON(folio->_refcount.counter > 8); }
`;
const files: Readonly<Record<string, string>> = {
  'include/linux/types.h': readFileSync(new URL('../../fixtures/primitives.h', import.meta.url), 'utf8'),
  'mm/box.c': source,
};
const tree = { paths: Object.keys(files), read: (path: string): string | null => files[path] ?? null };
const index = buildTreeIndex(tree);

const simulated = (name: string, scenario: Partial<Scenario> = {}): Outcome<SimulationReport> =>
  simulateFunction(tree, index, { function: name, scenario: { ...defaultScenario, order: 3, ...scenario } }, unwatched);

function reportOf(name: string, scenario: Partial<Scenario> = {}): SimulationReport {
  const outcome = simulated(name, scenario);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

const kinds = (report: SimulationReport): string[] => report.findings.map((finding) => finding.kind);
const absent: Partial<Scenario> = { folios: 'absent' };

describe('the folio that a function is given', () => {
  it.each([
    ['looks', 'cached', '8'],
    ['unlocks', 'locked', ''],
    ['removes', 'held', ''],
    ['wants_none_in_cache', 'removed', ''],
  ])('stands as %s() wants it: %s', (name, state, value) => {
    const report = reportOf(name);
    expect(report.findings).toEqual([]);
    expect(report.scenario.arguments).toEqual({ folio: state });
    expect(report.status).toEqual({ kind: 'returned', value });
  });

  it('is one that was just allocated where the block is absent', () => {
    const report = reportOf('wants_none_in_cache', absent);
    expect(report.scenario.arguments).toEqual({ folio: 'removed' });
    expect(report.before.folios[0]).toMatchObject({ order: 3, refcount: 1, owner: 'hugetlb', flags: ['restore_reserve'] });
    expect(report.before.counters).toContainEqual({ group: 'hstate', name: 'free_huge_pages', value: 1 });
    expect(report.findings).toEqual([]);
  });

  it('is in no state that fits the function, and that is said instead of findings', () => {
    const outcome = simulated('wants_it_in_cache', absent);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'simulate/state-does-not-fit' } });
    expect(JSON.stringify(outcome)).toContain('Take folios whole');
    expect(kinds(reportOf('wants_it_in_cache', { ...absent, arguments: { folio: 'free' } }))).toEqual(['bug-on']);
  });

  it('brings its findings where no state fits, or where the state has something particular', () => {
    expect(kinds(reportOf('wants_the_impossible'))).toEqual(['bug-on']);
    expect(kinds(reportOf('wants_the_impossible', absent))).toEqual(['bug-on']);
    const pinned = reportOf('wants_nobody_else', { references: [{ index: 0, count: 1 }] });
    expect(kinds(pinned)).toEqual(['bug-on']);
    expect(pinned.scenario.arguments).toEqual({ folio: 'cached' });
  });
});

describe('references beside those of the page cache', () => {
  it('are on the folio that holds the page', () => {
    expect(reportOf('looks', { references: [{ index: 5, count: 2 }] }).status).toEqual({ kind: 'returned', value: '10' });
  });

  it('are refused where there is no page', () => {
    expect(simulated('looks', { ...absent, references: [{ index: 5, count: 2 }] })).toMatchObject({
      refusal: { code: 'simulate/no-page' },
    });
    expect(simulated('looks', { references: [{ index: 8, count: 2 }] })).toMatchObject({ refusal: { code: 'simulate/no-page' } });
  });
});
