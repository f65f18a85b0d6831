import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/machine/api';
import { machineOfC } from './c';
import { declarations, testPrimitives } from './primitives';

const text = `${declarations}
long total;
static long twice(long v)
{
	long w = v + v;
	return w;
}
long f(long n)
{
	long sum = 0;
	for (long i = 0; i < n; i++)
		sum += twice(i);
	long *p = alloc(8);
	if (!p)
		return -12;
	*p = sum;
	total += *p;
	release(p);
	return sum;
}
`;

function started(n: number, options = {}): Machine {
  const machine = machineOfC(text, testPrimitives, options);
  machine.start('f', [n]);
  return machine;
}

const line = (machine: Machine): string => `${machine.place().function}:${machine.place().line}`;
const variables = (machine: Machine, frame = 0): Record<string, string> =>
  Object.fromEntries((machine.stack()[frame]?.variables ?? []).map(({ name, value }) => [name, value]));

describe('stepping', () => {
  it('goes from statement to statement, into calls and over them', () => {
    const machine = started(2);
    const seen = [line(machine)];
    while (machine.status().kind === 'running' && seen.length < 40) {
      machine.step();
      seen.push(line(machine));
    }
    expect(seen.filter((each) => each.startsWith('twice'))).toEqual(['twice:6', 'twice:7', 'twice:6', 'twice:7']);
    const over = started(2);
    const lines = new Set<string>();
    while (over.status().kind === 'running') {
      lines.add(line(over));
      over.stepOver();
    }
    expect([...lines].every((each) => each.startsWith('f:'))).toBe(true);
    expect(over.status()).toEqual({ kind: 'returned', value: '2' });
  });

  it('steps out into the caller', () => {
    const machine = started(3);
    while (machine.place().function !== 'twice') machine.step();
    expect(machine.stack().map((frame) => frame.function)).toEqual(['twice', 'f']);
    expect(variables(machine)).toMatchObject({ v: '0' });
    machine.stepOut();
    expect(machine.stack().map((frame) => frame.function)).toEqual(['f']);
    expect(machine.place()).toMatchObject({ function: 'f', line: 13 });
  });

  it('goes back to each statement, in the opposite order', () => {
    const machine = started(3);
    const forward = [[machine.steps(), line(machine), machine.hash()]];
    for (;;) {
      machine.step();
      if (machine.status().kind !== 'running') break;
      forward.push([machine.steps(), line(machine), machine.hash()]);
    }
    const back = [];
    for (let count = 0; count < forward.length; count++) {
      machine.stepBack();
      back.push([machine.steps(), line(machine), machine.hash()]);
    }
    expect(back).toEqual(forward.reverse());
    machine.stepBack();
    expect(machine.steps()).toBe(0);
  });

  it('shows variables as a debugger does', () => {
    const machine = started(2);
    while (machine.place().line !== 18) machine.step();
    const shown = variables(machine);
    expect(shown).toMatchObject({ n: '2', sum: '2' });
    expect(shown['p']).toMatch(/^0xffff9[0-9a-f]+ \(long \*\) alloc$/);
  });

  it('comes back to the end it had been at, whatever was decided on the way', () => {
    const machine = started(5, { choices: [1] });
    machine.run(100_000);
    expect(machine.status()).toEqual({ kind: 'returned', value: '-12' });
    const end = machine.steps();
    machine.goTo(3);
    expect(machine.steps()).toBe(3);
    expect(machine.choices()).toEqual([]);
    machine.goTo(end + 1000);
    expect([machine.steps(), machine.status()]).toEqual([end, { kind: 'returned', value: '-12' }]);
  });

  it('fails the allocation that it is told to fail', () => {
    const machine = started(5, { fail: 1 });
    machine.run(100_000);
    expect(machine.status()).toEqual({ kind: 'returned', value: '-12' });
    expect(machine.allocations()).toBe(1);
    expect(machine.choices()).toMatchObject([{ option: 1, function: 'f', line: 14, choice: { kind: 'allocation' } }]);
  });

  it('waits at choices when it is told to, and takes what is decided again when it comes there again', () => {
    const machine = started(1, { pauseAtChoices: true });
    expect(machine.run(100_000)).toBe(true);
    expect(machine.choice()).toMatchObject({ kind: 'allocation', options: ['succeeds', 'fails'] });
    expect(machine.status()).toEqual({ kind: 'running' });
    machine.decide(1);
    machine.run(100_000);
    expect(machine.status()).toEqual({ kind: 'returned', value: '-12' });
    machine.goTo(0);
    machine.run(100_000);
    expect(machine.status()).toEqual({ kind: 'returned', value: '-12' });
  });

  it('starts a next function when the first has returned, and replays that, too', () => {
    const values: string[] = [];
    const machine = machineOfC(text, testPrimitives, {
      atReturn: (ended: Machine) => {
        const status = ended.status();
        if (status.kind === 'returned') values.push(status.value);
        if (ended.started() < 3) ended.start('f', [ended.started() + 1]);
        else ended.kernel.report('invariant', 'the end');
      },
    });
    machine.start('f', [1]);
    machine.run(100_000);
    expect(values).toEqual(['0', '2', '6']);
    const [end, hash] = [machine.steps(), machine.hash()];
    machine.goTo(10);
    machine.goTo(end);
    expect([machine.hash(), machine.findings().length, machine.started()]).toEqual([hash, 1, 3]);
  });

  it('begins anew after settle', () => {
    const machine = started(4);
    machine.run(100_000);
    machine.settle();
    expect([machine.steps(), machine.events().length, machine.choices().length, machine.started()]).toEqual([0, 0, 0, 0]);
    machine.start('f', [1]);
    machine.run(100_000);
    expect(machine.status()).toEqual({ kind: 'returned', value: '0' });
  });

  it('counts what was run of each function', () => {
    const machine = started(3);
    machine.run(100_000);
    expect(machine.fidelity()).toMatchObject([
      { function: 'f', mode: 'interpreted', file: 'a.c', lines: 9, calls: 1 },
      { function: 'twice', mode: 'interpreted', file: 'a.c', lines: 2, calls: 3 },
      { function: 'alloc', mode: 'modelled', lines: 0, calls: 1 },
      { function: 'release', mode: 'modelled', lines: 0, calls: 1 },
    ]);
  });
});
