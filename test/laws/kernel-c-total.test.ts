import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/kernel-c/program';
import { programOf } from '../conform/kernel-c/read-source';
import { onCpu } from '../cpu-time';

/** C of our own that has a bit of everything; the laws tear it apart. */
const whole = `
#define min(x, y) ({ __typeof__(x) _x = (x); __typeof__(y) _y = (y); _x < _y ? _x : _y; })
#define each(i, n) for (i = 0; i < (n); i++)
#define paste(a, b) a ## b
#ifdef CONFIG_X
typedef unsigned long word;
#else
typedef unsigned int word;
#endif
enum mode { OFF, ON = 1 << 3, LATE };
struct node { struct node *next; word flags : 3, rest : 5; union { int a; char b[4]; }; int list[]; };
static struct node first = { .flags = 2, .b = { [1 ... 2] = 7 } };
static int (*const calls[])(struct node *, int);
static void left(int *p) { *p = 0; }
static int visit(struct node *n, int depth)
{
	int i, sum __attribute__((cleanup(left))) = 0;
	each(i, 4) {
		switch (n->b[i]) {
		case 0: continue;
		case 1 ... 5: sum += min(i, depth); break;
		default: goto out;
		}
	}
	for (struct node *at = n; at; at = at->next)
		sum += sizeof(*at) + (at->flags ?: -1u) + __builtin_offsetof(struct node, list[2]);
	do { sum--; } while (sum > 0 && depth--);
out:
	return paste(n, )->next ? visit(n->next, depth - 1) : ((struct node){ .a = sum }).a;
}
static int (*const calls[])(struct node *, int) = { visit, [2] = visit };
int main(void) { static int times; times++; return calls[0](&first, LATE) + "text"[times & 3]; }
`;

const request = {
  roots: ['main', 'visit'],
  needs: { types: ['struct node', 'word'], constants: ['LATE', 'min'], functions: ['left'], globals: ['first'] },
};
const read = (source: string): Program => programOf(source, request.roots, { needs: request.needs });

/** A program that can be run without falling off: targets, registers, constants and types exist. */
function expectWhole(program: Program): void {
  for (const code of Object.values(program.functions)) {
    expect(code.lines).toHaveLength(code.code.length);
    const target = (at: number): void => expect(at >= 0 && at < code.code.length).toBe(true);
    for (const instr of code.code) {
      if (instr.op === 'jump') target(instr.to);
      else if (instr.op === 'branch') [instr.then, instr.else].forEach(target);
      else if (instr.op === 'switch') [...instr.cases.map((one) => one.target), instr.otherwise].forEach(target);
      else if (instr.op === 'local' || instr.op === 'enter-local') expect(code.locals[instr.local]).toBeDefined();
      for (const [key, operand] of Object.entries(instr)) {
        if ((key === 'dst' || key === 'addr' || key === 'value' || key === 'a' || key === 'b') && typeof operand === 'number')
          expect(operand < 0 ? ~operand < code.constants.length : operand < code.registers).toBe(true);
      }
    }
    const last = code.code[code.code.length - 1]?.op ?? '';
    expect(['return', 'jump', 'unreachable', 'unsupported', 'branch', 'switch']).toContain(last);
  }
  expect(() => JSON.stringify(program)).not.toThrow();
}

describe('the reader is total', () => {
  it('reads the whole piece', () => {
    const program = read(whole);
    expect(program.problems.filter((one) => one.code !== 'kernel-c/no-constant')).toEqual([]);
    expectWhole(program);
  });

  it('never throws or hangs on C with pieces cut out, doubled or exchanged', () => {
    const pieces = whole.match(/\w+|\s+|[^\w\s]/g)!;
    const edit = fc.record({
      kind: fc.constantFrom('cut', 'double', 'swap', 'put'),
      at: fc.nat(pieces.length - 1),
      to: fc.nat(pieces.length - 1),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        const text = [...pieces];
        for (const { kind, at, to } of edits) {
          if (kind === 'cut') text[at] = '';
          else if (kind === 'double') text[at] += ` ${text[at]!}`;
          else if (kind === 'swap') [text[at], text[to]] = [text[to]!, text[at]!];
          else text[at] = text[to]!;
        }
        expectWhole(read(text.join('')));
      }),
      { numRuns: 400 },
    );
  });

  const deep = 20_000;
  it.each([
    ['parentheses', `int main(void) { return ${'('.repeat(deep)}1${')'.repeat(deep)}; }`],
    ['parentheses that never close', `int main(void) { return ${'('.repeat(deep)}; }`],
    ['blocks', `int main(void) { ${'{'.repeat(deep)}${'}'.repeat(deep)} return 1; }`],
    ['operators', `int main(void) { return ${'-!~'.repeat(deep)}1; }`],
    ['sums', `int main(int a) { return ${'a + '.repeat(deep)}1; }`],
    ['conditions', `int main(int a) { return ${'a ? a : '.repeat(deep)}1; }`],
    ['else ifs', `int main(int a) { ${'if (a) a++; else '.repeat(deep)} return 1; }`],
    ['pointers', `int ${'*'.repeat(deep)}main(void) { return 0; }`],
    ['structs', `${'struct { '.repeat(deep)}int a;${'} b;'.repeat(deep)}\nint main(void) { return 1; }`],
    ['a struct in itself', `struct a { struct a b; };\nstruct node { struct a x; };\nint main(void) { struct a y; return sizeof(y); }`],
    ['a struct in itself without a name', `struct a { struct a, *next; int b; };\nint main(void) { struct a *y = 0; return y->b; }`],
    ['bits of a struct in itself', `struct a { struct a : 3; int b; };\nint main(void) { struct a *y = 0; return y->b; }`],
    ['structs in each other', `struct a { struct b x; };\nstruct b { struct a x; };\nint main(void) { return sizeof(struct a); }`],
    ['an enum of itself', `enum e { A = B, B = A };\nint main(void) { return A; }`],
    ['a typedef of itself', `typedef t t;\nint main(void) { t x; return 1; }`],
    [
      'macros that double',
      `${Array.from({ length: 60 }, (_, i) => `#define a${i} a${i + 1} a${i + 1}`).join('\n')}\nint main(void) { return a0; }`,
    ],
    ['macros in arguments', `#define f(x) x x\nint main(void) { return ${'f('.repeat(40)}1${')'.repeat(40)}; }`],
    ['an array too long', `static int a[] = { [0 ... 2000000000] = 1 };\nint main(void) { return a[0]; }`],
    ['initialisers', `static int a = ${'{'.repeat(deep)}1${'}'.repeat(deep)};\nint main(void) { return a; }`],
  ])('ends within bounds on %s', (_, source) => {
    expect(onCpu(() => expectWhole(read(source))).milliseconds).toBeLessThan(20_000);
  });

  it.each([
    ['macros in arguments', `#define f(x) x x\nint main(void) { return ${'f('.repeat(40)}1${')'.repeat(40)}; }`],
    ['a long sum', `int main(int a) { return ${'a + '.repeat(deep)}1; }`],
    ['deep parentheses', `int main(void) { return ${'('.repeat(deep)}1${')'.repeat(deep)}; }`],
  ])('says where it stopped at %s, and does not run past it', (_, source) => {
    const program = read(source);
    expect(program.functions['main']?.code.some((one) => one.op === 'unsupported')).toBe(true);
    expect(program.problems.some((one) => one.code === 'kernel-c/unsupported' && one.place?.file === 'mm/a.c')).toBe(true);
  });
});
