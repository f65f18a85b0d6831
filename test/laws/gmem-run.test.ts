import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../src/base/progress';
import { DESIGNS } from '../../src/model/host/operation';
import { runScenario } from '../../src/review/run-gmem';
import { printGmem } from '../../src/scenario/gmem/print-gmem';
import { readGmem } from '../../src/scenario/gmem/read-gmem';
import type { Step } from '../../src/scenario/gmem/scenario';
import { anyScenario } from '../unit/scenario/gmem-scenarios';

/** Operations that a run does, at the most: orders of branches multiply. */
function operationsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => {
    switch (step.kind) {
      case 'operation':
        return sum + 1;
      case 'repeat':
      case 'random':
        return sum + step.times * operationsOf(step.steps);
      case 'parallel':
        return sum + operationsOf(step.branches.flat()) * 4 ** step.branches.flat().length;
    }
  }, 0);
}

const smallScenario = anyScenario.filter(({ steps }) => operationsOf(steps) <= 200);

describe('runs of any scenario', () => {
  it('end without an exception, the same each time and when printed and read again', () => {
    fc.assert(
      fc.property(smallScenario, fc.constantFrom(...DESIGNS), (scenario, design) => {
        const [again] = readGmem(printGmem([scenario])).scenarios;
        if (again === undefined) throw new Error('nothing was read');
        const [first, second, printed] = [scenario, scenario, again].map((each) => runScenario(each, design, unwatched));
        if (first?.kind !== 'done' || printed?.kind !== 'done') throw new Error('a run was refused');
        expect(second).toEqual(first);
        const { counters, metrics, violations, operations } = first.value;
        expect(printed.value).toMatchObject({ counters, metrics, violations, operations });
      }),
      { numRuns: 60, interruptAfterTimeLimit: 30_000 },
    );
  });
});
