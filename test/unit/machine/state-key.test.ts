import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/machine/api';
import { machineOfC } from './c';
import { declarations, testPrimitives } from './primitives';

const text = `${declarations}
struct item { struct item *next; long value; };
static struct item *list;
static long calls;
long push(long v) { struct item *i = alloc(sizeof(*i)); i->value = v; i->next = list; list = i; calls++; return 0; }
long pop(long v) { struct item *i = list; list = i->next; release(i); calls++; return 0; }
long wander(long v) { void *p = alloc(64); release(p); calls += v; return 0; }
`;

const keyAfter = (...calls: readonly (readonly [string, number])[]): string => {
  const machine = machineOfC(text, testPrimitives, { roots: ['push', 'pop', 'wander'] });
  for (const [name, value] of calls) call(machine, name, value);
  return machine.key([{ at: machine.kernel.symbol('calls'), size: 8 }]);
};

function call(machine: Machine, name: string, value: number): void {
  machine.start(name, [value]);
  machine.run(10_000);
}

describe('the key of a state', () => {
  it('does not see at which addresses objects are, nor what was freed', () => {
    expect(keyAfter(['push', 1], ['push', 2])).toBe(keyAfter(['wander', 1], ['push', 1], ['push', 9], ['pop', 0], ['push', 2]));
  });

  it('sees values, order and how many there are', () => {
    const keys = [
      keyAfter(),
      keyAfter(['push', 1]),
      keyAfter(['push', 2]),
      keyAfter(['push', 1], ['push', 2]),
      keyAfter(['push', 2], ['push', 1]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('sees what it is not told to leave out', () => {
    const machine = machineOfC(text, testPrimitives, { roots: ['push', 'pop', 'wander'] });
    const before = machine.key();
    call(machine, 'wander', 1);
    expect(machine.key()).not.toBe(before);
  });
});
