import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/machine/api';
import { machineOfC, runC } from './c';
import { declarations, testPrimitives } from './primitives';

const returned = (machine: Machine): unknown => [machine.findings().map((finding) => finding.message), machine.status()];
const gives = (value: string): unknown => [[], { kind: 'returned', value }];

describe('calls', () => {
  it('passes and returns aggregates by address', () => {
    const machine = runC(`
      struct pair { long a; char text[20]; };
      static struct pair swap(struct pair v) { v.a = -v.a; v.text[0]++; return v; }
      long f(void) { struct pair v = { 5, "abc" }, w = swap(v); return w.a * 1000 + w.text[0] * 10 + (v.text[0] == 'a') + (v.a == 5); }
    `);
    expect(returned(machine)).toEqual(gives(String(-5000 + 98 * 10 + 2)));
  });

  it('lets a modelled function call C, more than once and last of all', () => {
    const text = `${declarations}
      static long square(long v) { say(v); return v * v; }
      static long both(long v) { return call_twice(square) + v; }
      long f(void) { return call_twice(both) * 100 + call_last(square, 7) + call_last(both, 1); }`;
    const machine = runC(text, [], testPrimitives);
    // both(v) is 5 + v: 6 and 7; then 49, then 6.
    expect(returned(machine)).toEqual(gives(String(13 * 100 + 49 + 6)));
    machine.goTo(0);
    while (machine.events().length === 0) machine.step();
    expect(machine.stack().map((frame) => frame.function)).toEqual(['square', 'both', 'f']);
  });

  it('lets a modelled function call a modelled one that has a choice', () => {
    const text = `${declarations}
      static void *get(long size) { return alloc(size); }
      long f(void) { long a = call_last((long (*)(long))alloc, 8); long b = call_last((long (*)(long))get, 8); return (a != 0) * 2 + (b != 0); }`;
    const values = [[], [1], [0, 1], [1, 1]].map((choices) => {
      const machine = machineOfC(text, testPrimitives, { choices });
      machine.start('f', []);
      machine.run(10_000);
      return machine.status();
    });
    expect(values.map((status) => (status.kind === 'returned' ? status.value : status.kind))).toEqual(['3', '1', '2', '0']);
  });

  it('extends the results of modelled functions by their C types', () => {
    const machine = runC(
      `${declarations.replace('long call_last', 'int call_last')}
      static long big(long v) { return v; }
      long f(void) { return call_last(big, 0x1ffffffffl); }`,
      [],
      testPrimitives,
    );
    expect(returned(machine)).toEqual(gives('-1'));
  });

  it('gives each activation its own locals', () => {
    const machine = runC(`
      static long depth(long n, long *outer) { long own = n; *outer += n; return n == 0 ? own : depth(n - 1, &own) + own; }
      long f(void) { long v = 0; return depth(4, &v) * 100 + v; }`);
    // own is n plus n - 1, but the last.
    expect(returned(machine)).toEqual(gives(String((4 + 3 + 3 + 2 + 2 + 1 + 1 + 0 + 0) * 100 + 4)));
  });
});

const shared = `${declarations}
long l, turns, order;
long f(long n) { lock(&l); long v = order; turns++; order = v * 10 + n; unlock(&l); return order; }
long a, b;
long ab(void) { lock(&a); lock(&b); unlock(&b); unlock(&a); return 0; }
long ba(void) { lock(&b); lock(&a); unlock(&a); unlock(&b); return 0; }
`;

function two(choices: readonly number[], first = 'f', second = 'f'): Machine {
  const machine = machineOfC(shared, testPrimitives, { choices, roots: ['f', 'ab', 'ba'] });
  return startTwo(machine, first, second);
}

function startTwo(machine: Machine, first: string, second: string): Machine {
  machine.start(first, [1]);
  machine.addTask(second, [2]);
  machine.run(100_000);
  return machine;
}

describe('tasks', () => {
  const machine = (choices: readonly number[]): Machine => two(choices);

  it('run one after the other when nobody chooses', () => {
    const run = machine([]);
    expect([run.status(), run.choices().map(({ choice }) => choice.options)]).toEqual([
      { kind: 'returned', value: '1' },
      [
        ['P0', 'P1'],
        ['P0', 'P1'],
      ],
    ]);
    expect(run.kernel.load(run.kernel.symbol('order'), { offset: 0, size: 8, signed: true })).toBe(12);
  });

  it('run as they are chosen before visible operations', () => {
    const run = machine([1, 1, 1]);
    expect(run.kernel.load(run.kernel.symbol('order'), { offset: 0, size: 8, signed: true })).toBe(21);
    expect(run.choices()[0]).toMatchObject({ task: 0, choice: { kind: 'task', usual: 0 }, option: 1 });
  });

  it('wait for a lock that another holds', () => {
    // P0 takes the lock; P1 then tries, waits, and is tried again after the unlock.
    const run = machine([0, 1]);
    expect(run.status().kind).toBe('returned');
    expect(run.findings()).toEqual([]);
    expect(run.kernel.load(run.kernel.symbol('order'), { offset: 0, size: 8, signed: true })).toBe(12);
  });

  it('deadlock when each holds what the other wants', () => {
    const run = two([0, 1, 1], 'ab', 'ba');
    expect(run.status()).toMatchObject({
      kind: 'stopped',
      finding: {
        kind: 'deadlock',
        message: expect.stringContaining('P0 waits for the lock, which P1 holds; P1 waits for the lock, which P0 holds') as unknown,
      },
    });
    run.goTo(2);
    run.goTo(100_000);
    expect(run.findings().map((finding) => finding.kind)).toEqual(['deadlock']);
  });
});
