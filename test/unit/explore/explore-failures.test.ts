import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { type ExploreBounds, type ExploreResult, exploreFailures } from '../../../src/explore/explore-failures';
import { machineOfC } from '../machine/c';
import { declarations, testPrimitives } from '../machine/primitives';

function explore(body: string, bounds: Partial<ExploreBounds> = {}): ExploreResult {
  const machine = machineOfC(source(body), testPrimitives, { pauseAtChoices: true, history: false });
  machine.start('f', [3]);
  const before = machine.hash();
  const result = exploreFailures(machine, unwatched, bounds);
  expect([machine.steps(), machine.hash()]).toEqual([0, before]);
  return result;
}

const source = (body: string): string => `${declarations}int unknown_int(void); _Bool unknown_bool(void);\nlong f(long n)\n{\n${body}\n}`;

const found = (result: ExploreResult): unknown => result.findings.map(({ kind, line, choices }) => [kind, line, choices]);

const twoObjects = (cleanUp: string): string => `
  long *a = alloc(8);
  if (!a)
    return -12;
  long *b = alloc(8);
  if (!b) {
    release(a);
    ${cleanUp}
    return -12;
  }
  release(b);
  release(a);
  return 0;`;

describe('exploring failures', () => {
  it('finds the mistake in the clean-up, with the choices that lead there', () => {
    const result = explore(twoObjects('release(a);'));
    expect([result.verdict, found(result)]).toEqual(['violated', [['double-free', 12, [0, 1]]]]);
    expect(result.findings[0]?.trace.map((entry) => [entry.line, entry.text])).toEqual([[9, 'choice: alloc: fails']]);
  });

  it('replays its witness', () => {
    const body = twoObjects('release(a);');
    const { findings } = explore(body);
    const machine = machineOfC(source(body), testPrimitives, { choices: findings[0]!.choices });
    machine.start('f', [3]);
    machine.run(10_000);
    expect(machine.findings()).toMatchObject([{ kind: 'double-free', line: 12, step: findings[0]!.step }]);
  });

  it('holds where the mistake is mended', () => {
    const result = explore(twoObjects(''));
    expect(result).toMatchObject({ verdict: 'held', because: [], findings: [], unknowns: [], paths: 3 });
    expect(result.complete).toBe(2);
    expect(result.coverage.rowsOf().find((row) => row.function === 'f')?.lines).toBeGreaterThan(5);
  });

  it('fails a second allocation in the clean-up after the first', () => {
    const body = 'long *a = alloc(8); if (a) { release(a); return 0; }\n long *b = alloc(8); *b = 1; release(b); return 1;';
    expect([explore(body).verdict, found(explore(body))]).toEqual(['violated', [['null-deref', 6, [1, 1]]]]);
    expect(explore(body, { deviations: 1 }).verdict).toBe('held');
  });

  it('gives each value to what is unknown, and is undecided when nothing is found', () => {
    const result = explore('return unknown_int() < 0 ? unknown_bool() : 7;');
    expect(result).toMatchObject({ verdict: 'undecided', unknowns: ['unknown_int', 'unknown_bool'], paths: 5 });
    expect(result.because).toEqual([]);
    const wrong = explore('int e = unknown_int();\n if (e == -12) return *(long *)0;\n if (e == -22 && unknown_bool()) bug();\n return 0;');
    expect(found(wrong)).toEqual([
      ['null-deref', 6, [2]],
      ['bug-on', 7, [1, 1]],
    ]);
  });

  it('tells a finding once, by its shortest witness', () => {
    const result = explore('for (int i = 0; i < 3; i++) {\n if (!alloc(8)) warn();\n }\n return 0;');
    expect(found(result)).toEqual([['warn-on', 6, [1]]]);
  });

  it('is undecided where a bound ends it, and says which', () => {
    const loop = 'long v = 0; for (int i = 0; i < 40; i++) v += unknown_int(); return v;';
    expect(explore(loop, { paths: 50 }).because).toContain('There are more than 50 paths.');
    expect(explore('for (;;) ; return 0;', { steps: 1000 })).toMatchObject({
      verdict: 'undecided',
      because: ['A path takes more than 1000 steps.'],
    });
  });

  it('stops when the user does not want it any more', () => {
    const machine = machineOfC(source('return alloc(8) != 0;'), testPrimitives, { pauseAtChoices: true, history: false });
    machine.start('f', [3]);
    const result = exploreFailures(machine, { report: () => undefined, cancelled: true });
    expect(result).toMatchObject({ verdict: 'undecided', because: ['The exploration was cancelled.'] });
  });
});
