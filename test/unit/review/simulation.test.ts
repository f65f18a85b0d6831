import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { Program } from '../../../src/kernel-c/program';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import type { SimulationReport } from '../../../src/protocol/simulation';
import { programFor } from '../../../src/review/read-for-simulation';
import { simulateFunction, type SimulateOptions } from '../../../src/review/simulate';
import { exploreFunction } from '../../../src/review/explore';
import { createSimulation } from '../../../src/review/simulation';
import { defaultScenario } from '../../../src/scenario/defaults';

const source = `
typedef unsigned int gfp_t;
struct box { long a; struct box *next; };
void *kmalloc(unsigned long size, gfp_t gfp);
void kfree(const void *object);
static struct box *kept;
static int weigh(long a)
{
	return a * 3;
}
long plain(long x, int end)
{
	long sum = x;
	int i;

	for (i = 0; i < 4; i++)
		sum += weigh(i);
	return sum + end;
}
int keeps(void)
{
	struct box *box = kmalloc(sizeof(*box), 0);

	if (!box)
		return -12;
	box->a = 1;
	kept = box;
	return 0;
}
int loses(void)
{
	struct box *box = kmalloc(sizeof(*box), 0);
	struct box *more = kmalloc(sizeof(*more), 0);

	if (!box || !more)
		return -12;
	kfree(more);
	return 0;
}
long careless(void)
{
	struct box *box = kmalloc(sizeof(*box), 0);

	box->a = 5;
	kfree(box);
	return 0;
}
long later(void)
{
	return kept->a;
}
`;
const files: Readonly<Record<string, string>> = { 'lib/box.c': source };
const tree = { paths: Object.keys(files), read: (path: string): string | null => files[path] ?? null };
const index = buildTreeIndex(tree);

function reportOf(name: string, more: Partial<SimulateOptions> = {}): SimulationReport {
  const outcome = simulateFunction(tree, index, { function: name, scenario: defaultScenario, ...more }, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

function programOf(name: string): Program {
  const outcome = programFor(tree, index, name);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

const kinds = (report: SimulationReport): string[] => report.findings.map((finding) => finding.kind);

describe('a plain program', () => {
  it('runs with arguments by their names', () => {
    const report = reportOf('plain', { scenario: { ...defaultScenario, arguments: { x: '0x10' } } });
    expect(report.status).toEqual({ kind: 'returned', value: String(16 + 18 + 1) });
    expect(report).toMatchObject({ findings: [], differences: [], unknowns: [], file: 'lib/box.c' });
    expect(report.fidelity.filter((row) => row.mode === 'interpreted').map((row) => row.function)).toEqual(['plain', 'weigh']);
  });

  it('names functions like one that is not there', () => {
    const outcome = simulateFunction(tree, index, { function: 'weight', scenario: defaultScenario }, unwatched);
    expect(outcome).toMatchObject({
      kind: 'refused',
      refusal: { code: 'kernel-c/no-function', todo: expect.stringContaining('weigh') as unknown },
    });
  });

  it('refuses an order that no folio has', () => {
    const scenario = { ...defaultScenario, order: 19 };
    expect(createSimulation({ program: programOf('plain'), function: 'plain', scenario })).toMatchObject({
      refusal: { code: 'simulate/bad-order' },
    });
  });
});

describe('allocations', () => {
  it('are no leak when something points at them', () => {
    expect(kinds(reportOf('keeps'))).toEqual([]);
  });

  it('are a leak when nothing does', () => {
    expect(kinds(reportOf('loses'))).toEqual(['leak-memory']);
    expect(kinds(reportOf('loses', { fail: 2 }))).toEqual(['leak-memory']);
    expect(kinds(reportOf('loses', { fail: 1 }))).toEqual(['leak-memory']);
    expect(reportOf('loses').allocations).toBe(2);
  });

  it('fail by number, and the failure is met where it is', () => {
    expect(kinds(reportOf('careless'))).toEqual([]);
    const failed = reportOf('careless', { fail: 1 });
    expect(failed.status).toMatchObject({
      kind: 'stopped',
      finding: { kind: 'null-deref', line: source.split('\n').indexOf('\tbox->a = 5;') + 1 },
    });
    expect(reportOf('careless', { choices: failed.choices.map((made) => made.option) }).status).toEqual(failed.status);
  });
});

describe('a sequence', () => {
  it('runs the next function in the same memory', () => {
    expect(reportOf('keeps', { then: ['later'] }).status).toEqual({ kind: 'returned', value: '1' });
    expect(kinds(reportOf('later'))).toEqual(['null-deref']);
  });
});

describe('stepping', () => {
  it('goes forward and back to the same places, and over calls', () => {
    const outcome = createSimulation({ program: programOf('plain'), function: 'plain', scenario: defaultScenario });
    if (outcome.kind !== 'done') throw new Error(outcome.kind);
    const simulation = outcome.value;
    const places: string[] = [];
    const place = (): string => `${simulation.view().place.function}:${simulation.view().place.line}@${simulation.view().step}`;
    for (let step = 0; step < 12; step++) {
      places.push(place());
      simulation.step();
    }
    for (let step = 11; step >= 0; step--) {
      simulation.stepBack();
      expect(place()).toBe(places[step]);
    }
    simulation.stepBack();
    expect(place()).toBe(places[0]);
    while (!simulation.run(1000));
    const end = simulation.view();
    simulation.goTo(5);
    expect(simulation.view().step).toBe(5);
    while (!simulation.run(1000));
    expect(simulation.view()).toEqual(end);
  });
});

describe('exploring failures', () => {
  const verdictOf = (name: string) => {
    const outcome = exploreFunction(tree, index, { function: name, states: [{ name: 'plain', scenario: defaultScenario }] }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  };

  it('finds the path on which a failure is not met, with choices that replay it', () => {
    const result = verdictOf('careless');
    expect(result).toMatchObject({ verdict: 'violated', findings: [{ kind: 'null-deref', function: 'careless', choices: [1] }] });
    expect(kinds(reportOf('careless', { choices: result.findings[0]?.choices ?? [] }))).toEqual(['null-deref']);
  });

  it('holds where every path is in order', () => {
    expect(verdictOf('keeps')).toMatchObject({ verdict: 'held', findings: [], paths: 5 });
  });
});
