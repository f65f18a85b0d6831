/** Going back is exact: whatever way a run was reached, forward, over marks or by replay, its state at a step is the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Machine, Mark } from '../../src/machine/api';
import { createMachine } from '../../src/machine/machine';
import { programOfC } from '../unit/machine/c';
import { declarations, testPrimitives } from '../unit/machine/primitives';

/** A program that does a bit of everything, as its seed says: objects, locals, recursion, bit-fields, pages shared and unshared, failures. */
const text = `${declarations}
struct s { struct s *next; long v; unsigned x : 5, y : 9; };
static struct s *slots[8];
static char area[32768] __attribute__((aligned(4096)));
static long sum;
static unsigned long next(unsigned long *seed) { *seed = *seed * 6364136223846793005ul + 1442695040888963407ul; return *seed >> 33; }
static long deep(unsigned long *seed, long n) { long own[4] = { n, sum }; own[next(seed) & 3] += n; return n <= 0 ? own[1] : deep(seed, n - 1) ^ own[2]; }
static void objects(unsigned long *seed)
{
	struct s **slot = &slots[next(seed) & 7];
	if (*slot && (next(seed) & 1)) { sum += (*slot)->v; release(*slot); *slot = 0; return; }
	if (*slot) { (*slot)->v += next(seed); (*slot)->x = sum; (*slot)->y = sum; return; }
	*slot = alloc(sizeof(struct s));
	if (!*slot) return;
	(*slot)->next = slots[next(seed) & 7];
	(*slot)->v = sum;
}
long f(unsigned long seed, long n)
{
	for (long i = 0; i < n; i++) {
		switch (next(&seed) % 6) {
		case 0: case 1: objects(&seed); break;
		case 2: sum += deep(&seed, next(&seed) & 7); break;
		case 3: area[next(&seed) & 4095] = sum; break;
		case 4: share(area + 4096, 7, area); say(sum); unshare(area + 4096, 1 + (next(&seed) & 3)); area[4096 + (next(&seed) & 4095)]++; break;
		case 5: share(area + 4096 * (1 + (next(&seed) & 3)), 2, area); unshare(area + 4096, 7); sum ^= area[next(&seed) & 32767]; break;
		}
	}
	return sum;
}
`;
const program = programOfC(text, ['f'], { modelled: new Set(testPrimitives.map((primitive) => primitive.name)) });
const ROUNDS = 60;

function started(seed: number, options: { history?: boolean; choices?: readonly number[] } = {}): Machine {
  const machine = createMachine({ program, primitives: testPrimitives, ...options });
  machine.start('f', [seed, ROUNDS]);
  return machine;
}

/** Everything that a look at the machine can tell. */
const looksLike = (machine: Machine): unknown => ({
  step: machine.steps(),
  hash: machine.hash(),
  status: machine.status(),
  place: machine.place(),
  events: structuredClone(machine.events()),
  findings: machine.findings().length,
  choices: machine.choices().length,
  fidelity: machine.fidelity(),
  objects: machine.objects().map((object) => object.at),
});

describe('going back', () => {
  const seeds = fc.integer({ min: 0, max: 1_000_000 });
  const choices = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 12 });

  it('the program runs to its end without a finding', () => {
    const machine = started(4711);
    machine.run(1_000_000);
    expect(machine.status().kind).toBe('returned');
    expect(machine.findings()).toEqual([]);
    expect(machine.steps()).toBeGreaterThan(1000);
  });

  it('goTo(n) is the state after running n steps', () => {
    fc.assert(
      fc.property(seeds, choices, fc.array(fc.nat(4000), { minLength: 1, maxLength: 6 }), (seed, options, steps) => {
        const machine = started(seed, { choices: options });
        for (const step of steps) {
          machine.goTo(step);
          const straight = started(seed, { choices: options, history: false });
          straight.run(step);
          // A run that ended on the way stands at its end in both.
          expect(looksLike(machine)).toEqual(looksLike(straight));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('restore(mark) is the state at the mark, as often as wanted, and runs on as before', () => {
    const moves = fc.array(
      fc.oneof(fc.record({ run: fc.nat(700) }), fc.record({ mark: fc.constant(true) }), fc.record({ back: fc.nat(5) })),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(seeds, choices, moves, (seed, options, made) => {
        const machine = started(seed, { choices: options, history: false });
        const marks: { mark: Mark; looks: unknown }[] = [];
        for (const move of made) {
          if ('run' in move) machine.run(move.run);
          else if ('mark' in move) marks.push({ looks: looksLike(machine), mark: machine.mark() });
          else if (marks.length > 0) {
            const index = move.back % marks.length;
            machine.restore(marks[index]!.mark);
            expect(looksLike(machine)).toEqual(marks[index]!.looks);
            marks.length = index + 1;
          }
        }
        const straight = started(seed, { choices: options, history: false });
        machine.run(100_000);
        straight.run(100_000);
        expect(looksLike(machine)).toEqual(looksLike(straight));
      }),
      { numRuns: 40 },
    );
  });

  it('marks that are let go lose nothing of those before them', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(400), { minLength: 2, maxLength: 8 }), fc.nat(7), (seed, runs, which) => {
        const machine = started(seed, { history: false });
        const marks = runs.map((steps) => {
          machine.run(steps);
          return { looks: looksLike(machine), mark: machine.mark() };
        });
        machine.run(500);
        const kept = which % runs.length;
        marks.forEach(({ mark }, index) => {
          if (index !== kept) machine.release(mark);
        });
        machine.restore(marks[kept]!.mark);
        expect(looksLike(machine)).toEqual(marks[kept]!.looks);
      }),
      { numRuns: 40 },
    );
  });
});
