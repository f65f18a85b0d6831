import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { exploreSequences, type SequenceBounds, type SequenceResult, type SequenceWorld } from '../../../src/explore/explore-sequences';
import { machineOfC } from '../machine/c';
import { declarations, testPrimitives } from '../machine/primitives';

/** A stack of at most three items; `mistake` is done when one is pushed onto two. */
const source = (mistake: string): string => `${declarations}
struct item { struct item *next; };
static struct item *top;
static long count, warned;
long push(void) { struct item *i = alloc(sizeof(*i)); if (!i) return -12; if (count == 2) { ${mistake} } i->next = top; top = i; count++; return 0; }
long pop(void) { struct item *i = top; top = i->next; release(i); count--; return 0; }
long swap(void) { struct item *i = top; top = i->next; i->next = top->next; top->next = i; return 0; }
`;

function worldOf(mistake: string): SequenceWorld {
  const operations = ['push', 'pop', 'swap'];
  const machine = machineOfC(source(mistake), testPrimitives, { roots: operations, pauseAtChoices: true, history: false });
  const size = (): number => machine.kernel.peek(machine.kernel.symbol('count'), { offset: 0, size: 8, signed: true });
  return {
    machine,
    operations,
    enabled: () => [size() < 3, size() > 0, size() > 1],
    apply(operation, failing) {
      machine.start(operations[operation]!, []);
      let allocations = 0;
      for (machine.run(10_000); machine.choice() !== null; machine.run(10_000)) machine.decide(++allocations === failing ? 1 : 0);
      return { end: machine.status().kind === 'returned' ? 'done' : 'stopped', allocations, why: '' };
    },
    key: () => machine.key(),
  };
}

const explore = (mistake: string, bounds: Partial<SequenceBounds> = {}): SequenceResult =>
  exploreSequences(worldOf(mistake), { steps: 6, failures: 0, operations: 100_000, ...bounds }, unwatched);

describe('exploring sequences', () => {
  it('visits every state once, and says what it cut', () => {
    const result = explore('');
    // The stack has 0 to 3 items; which object is which does not matter.
    expect(result).toMatchObject({ verdict: 'held', complete: 6, findings: [], states: 4 });
    expect(result.known).toBeGreaterThan(0);
    expect(result.symmetric).toBeGreaterThan(0);
    expect(result.applied).toBeLessThan(200);
  });

  it('finds the shortest sequence, and ends there', () => {
    const { verdict, findings } = explore('bug();');
    expect(verdict).toBe('violated');
    expect(findings.map(({ finding, sequence }) => [finding.kind, sequence.map((step) => step.operation)])).toEqual([
      ['bug-on', ['push', 'push', 'push']],
    ]);
  });

  it('goes on after what a kernel survives', () => {
    const { findings } = explore('warn(); if (warned++) bug();');
    expect(findings.map(({ finding, sequence }) => [finding.kind, sequence.length])).toEqual([
      ['warn-on', 3],
      ['bug-on', 5],
    ]);
  });

  it('finds nothing in sequences that are too short', () => {
    expect(explore('bug();', { steps: 2 })).toMatchObject({ verdict: 'held', complete: 2 });
  });

  it('lets one allocation fail, once in a sequence', () => {
    const mistake = 'struct item *j = alloc(8); if (!j) bug(); release(j);';
    expect(explore(mistake).verdict).toBe('held');
    const { findings } = explore(mistake, { failures: 1 });
    expect(findings.map(({ sequence }) => sequence)).toEqual([
      [
        { operation: 'push', number: 0, failing: 0 },
        { operation: 'push', number: 0, failing: 0 },
        { operation: 'push', number: 0, failing: 2 },
      ],
    ]);
  });

  it('is undecided where it had to stop', () => {
    expect(explore('', { operations: 5 })).toMatchObject({ verdict: 'undecided', complete: 2 });
    const result = exploreSequences(worldOf(''), { steps: 3, failures: 0, operations: 100 }, { report: () => undefined, cancelled: true });
    expect(result.because).toEqual(['The exploration was cancelled.']);
  });
});
