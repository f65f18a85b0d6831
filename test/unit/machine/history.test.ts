import { describe, expect, it } from 'vitest';
import { machineOfC } from './c';

const text = `
static long table[65536];
long f(long n) { unsigned long seed = 1; for (long i = 0; i < n; i++) { seed = seed * 6364136223846793005ul + 1442695040888963407ul; table[seed >> 48] += i; } return table[7]; }
`;

describe('history of a long run', () => {
  const straight = (step: number, rounds = 300_000): string => {
    const machine = machineOfC(text, [], { history: false });
    machine.start('f', [rounds]);
    machine.run(step);
    return machine.hash();
  };

  it('goes back anywhere, exactly and without replaying all of it', () => {
    const machine = machineOfC(text);
    machine.start('f', [300_000]);
    machine.run(10_000_000);
    const end = machine.steps();
    expect(end).toBeGreaterThan(2_000_000);
    for (const step of [end - 1, Math.floor(end * 0.7), 65_536, 65_535, Math.floor(end * 0.3), 1]) {
      machine.goTo(step);
      expect([machine.steps(), machine.hash()]).toEqual([step, straight(step)]);
    }
    machine.goTo(end);
    expect(machine.status().kind).toBe('returned');
  });

  it('keeps its marks within a bound of memory, however long it is', () => {
    const machine = machineOfC(text);
    machine.start('f', [6_000_000]);
    machine.run(42_000_000);
    // A mark each 65,536 steps that keeps all 128 pages of the table would be 640 times half a MiB.
    expect(machine.memoryUsed()).toBeLessThan(200 * 1024 * 1024);
    const now = machine.steps();
    machine.stepBack();
    expect(now - machine.steps()).toBeLessThan(20);
    machine.goTo(now);
    machine.goTo(1_000_000);
    expect(machine.hash()).toBe(straight(1_000_000, 6_000_000));
  });
});
