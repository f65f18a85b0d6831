/** A run that is recalled leaves what the run itself leaves: states, findings, values, allocations. */
import { describe, expect, it } from 'vitest';
import type { Machine, Mark } from '../../../src/machine/api';
import { machineOfC } from './c';
import { declarations, testPrimitives } from './primitives';

const text = `${declarations}
struct item { struct item *next; struct item **before; long value; char small; short kind; };
struct pair { long left, right; };
static struct item *list;
static struct item *stale;
static struct pair all;
static int table[4] = { 5, 6, 7, 8 };
static long *away;
long push(long v) {
  struct item *i = alloc(sizeof(*i));
  if (!i) return -12;
  i->value = v; i->small = v; i->next = list; i->before = &list;
  if (list) list->before = &i->next;
  list = i; all.left ^= 1;
  return 0;
}
long pop(long v) { struct item *i = list; list = i->next; if (list) list->before = &list; stale = i; release(i); all.right ^= 1; return i == 0; }
long churn(long v) {
  void **p = alloc(64), **q;
  if (p) { *p = p; release(p); }
  q = alloc(8);
  if (!q) return -12;
  *q = list;
  if (v) release(q); else away = (long *)q;
  return v;
}
long poke(long v) { if (stale) stale->value = v; return 0; }
long touch(long v) { struct item *i; for (i = list; i; i = i->next) i->small += v; return list ? list->small : -1; }
long look(long v) { return list ? list->kind : 0; }
long keep(long v) { stale = list; return 0; }
long shrink(long v) { struct pair *p = alloc(sizeof(*p)); p->left = v; if (stale) stale = (void *)p; else release(p); return 0; }
long after(long v) { return stale ? stale->value : 0; }
long again(long v) { struct pair p = all; p.left += table[v & 3]; table[v & 3] = p.right; all = p; return p.left; }
static void fill(long *at, long v) { *at = v; }
long leave(long v) { long local; fill(&local, v); away = &local; return local; }
long follow(long v) { return away ? *away : 0; }
long stop(long v) { if (v > 1) bug(); warn(); return v; }
`;
const roots = ['push', 'pop', 'churn', 'touch', 'look', 'keep', 'shrink', 'poke', 'after', 'again', 'leave', 'follow', 'stop'];

const machineOf = (): Machine => machineOfC(text, testPrimitives, { roots, history: false, pauseAtChoices: true });

interface Call {
  readonly name: string;
  readonly value: number;
  readonly fails: boolean;
}

/** True when it was recalled. */
function run(machine: Machine, { name, value, fails }: Call, recalls: boolean): boolean {
  machine.start(name, [value]);
  const isKnown = recalls && machine.recall(`${name} ${value} ${fails ? 1 : 0}`);
  while (machine.run(10_000)) {
    const choice = machine.choice();
    if (choice === null) break;
    machine.decide(fails ? 1 : 0);
  }
  return isKnown;
}

const seen = (machine: Machine): unknown => ({
  status: machine.status(),
  key: machine.key(),
  steps: machine.steps(),
  findings: machine.findings().map((finding) => ({ ...finding, message: finding.message.replace(/0x[0-9a-f]+/g, '0x') })),
  choices: machine.choices(),
  objects: machine.objects().map(({ size, name, allocated }) => ({ size, name, allocated })),
});

/** Numbers that look random, from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  };
}

describe('a run that is recalled', () => {
  it.each([1, 2, 3, 4])('is the run itself, wherever it begins (seed %i)', (seed) => {
    const random = numbers(seed);
    const [plain, recalling] = [machineOf(), machineOf()];
    const marks: [Mark, Mark][] = [[plain.mark(), recalling.mark()]];
    let known = 0;
    for (let round = 0; round < 1500; round++) {
      const call = { name: roots[random(roots.length)]!, value: random(3), fails: random(8) === 0 };
      run(plain, call, false);
      // Now and then it is run: it must not see that what was before it was recalled.
      known += run(recalling, call, random(3) > 0) ? 1 : 0;
      expect(seen(recalling), `${round}: ${call.name}(${call.value})`).toEqual(seen(plain));
      const goOn = plain.status().kind === 'returned' && marks.length < 8 && random(4) > 0;
      if (goOn) {
        if (random(3) === 0) marks.push([plain.mark(), recalling.mark()]);
        continue;
      }
      marks.length = 1 + random(marks.length);
      const [one, other] = marks.at(-1)!;
      plain.restore(one);
      recalling.restore(other);
    }
    expect(known).toBeGreaterThan(300);
  });

  it('frees what the run has freed', () => {
    const machine = machineOf();
    const start = machine.mark();
    const known = [1, 2].map(() => {
      machine.restore(start);
      run(machine, { name: 'push', value: 1, fails: false }, true);
      return run(machine, { name: 'pop', value: 0, fails: false }, true);
    });
    expect(known).toEqual([false, true]);
    run(machine, { name: 'after', value: 0, fails: false }, false);
    expect(machine.findings().map(({ kind }) => kind)).toEqual(['use-after-free']);
  });

  it('is not recalled where what it writes is in an object of another sort', () => {
    const machine = machineOf();
    const call = (name: string, recalls = false): boolean => run(machine, { name, value: 2, fails: false }, recalls);
    call('push');
    call('keep');
    const start = machine.mark();
    expect(call('poke', true)).toBe(false);
    machine.restore(start);
    expect(call('poke', true)).toBe(true);
    machine.restore(start);
    call('shrink');
    expect(call('poke', true)).toBe(false);
    expect(machine.findings().map(({ kind }) => kind)).toEqual(['out-of-bounds']);
  });

  it('is not recalled where one word that it read is another', () => {
    const machine = machineOf();
    const start = machine.mark();
    const values = [1, 1, 2].map((value) => {
      machine.restore(start);
      run(machine, { name: 'push', value, fails: false }, true);
      const isKnown = run(machine, { name: 'touch', value: 0, fails: false }, true);
      return [isKnown, machine.status()];
    });
    expect(values).toEqual([
      [false, { kind: 'returned', value: '1' }],
      [true, { kind: 'returned', value: '1' }],
      [false, { kind: 'returned', value: '2' }],
    ]);
  });
});
