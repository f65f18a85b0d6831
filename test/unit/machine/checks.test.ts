import { describe, expect, it } from 'vitest';
import type { FindingKind } from '../../../src/model/primitive';
import { runC } from './c';
import { declarations, testPrimitives } from './primitives';

/** Around the body of `long f(long n)`. */
const before = `${declarations}
struct s { int a; long b; char text[8]; unsigned int x : 3, y : 5; };
static const int table[4] = { 1, 2, 3, 4 };
long counter = 7;
static char area[16384] __attribute__((aligned(4096)));
long unknown_long(void); _Bool unknown_bool(void); struct s *unknown_object(void);
static long id(long v) { return v; }
static long *dangling(void) { long v = 3; long *p = &v; return p; }
static long deep(long n) { return n <= 0 ? 0 : deep(n - 1) + 1; }
`;

const run = (body: string) => runC(`${before}long f(long n) {\n${body}\n}`, [3], testPrimitives);

/** What fires, and a twin that differs in nothing but the mistake. */
const pairs: readonly (readonly [kind: FindingKind, fires: string, message: RegExp, silent: string, value: string])[] = [
  [
    'null-deref',
    'struct s *p = 0; return p->b;',
    /Read of 8 bytes through a NULL pointer at offset 8/,
    'struct s v = { 1, 2 }, *p = &v; return p->b;',
    '2',
  ],
  ['null-deref', 'long (*g)(long) = 0; return g(1);', /function pointer that is NULL/, 'long (*g)(long) = id; return g(1);', '1'],
  [
    'err-ptr-deref',
    'struct s *p = (void *)-12l; return p->b;',
    /error pointer -ENOMEM at offset 8/,
    'struct s *p = (void *)-12l; return (long)p;',
    '-12',
  ],
  ['wild-pointer', 'return *(long *)0x123456789000;', /0x123456789000, which is in no object/, 'return *(long *)&counter;', '7'],
  ['wild-pointer', 'return *(long *)id;', /the code of id\(\)/, 'return id(4);', '4'],
  [
    'wild-pointer',
    'long (*g)(long) = (void *)&counter; return g(1);',
    /which is data: the global counter/,
    'long (*g)(long) = id; return g(2);',
    '2',
  ],
  [
    'use-after-free',
    'long *p = alloc(8); *p = 1; release(p); return *p;',
    /offset 0 of the alloc object .*freed in f\(\)/,
    'long *p = alloc(8); *p = 1; long v = *p; release(p); return v;',
    '1',
  ],
  ['use-after-free', 'return *dangling();', /local variable v of dangling\(\), which has returned/, 'return dangling() != 0;', '1'],
  [
    'double-free',
    'long *p = alloc(8); release(p); release(p); return 0;',
    /freed before/,
    'long *p = alloc(8); release(p); return 0;',
    '0',
  ],
  [
    'bad-free',
    'long *p = alloc(16); release(p + 1); return 0;',
    /8 bytes inside the alloc object/,
    'long *p = alloc(16); release(p); return 0;',
    '0',
  ],
  [
    'out-of-bounds',
    'int *p = alloc(12); p[n] = 1; return 0;',
    /offset 12 of the alloc object .*which has 12 bytes: 0 bytes behind its end/,
    'int *p = alloc(12); p[n - 1] = 1; return p[2];',
    '1',
  ],
  [
    'out-of-bounds',
    'long *p = alloc(12); *(long *)((char *)p + 8) = 1; return 0;',
    /its last 4 bytes and beyond/,
    'long *p = alloc(16); p[1] = 1; return p[1];',
    '1',
  ],
  ['out-of-bounds', 'int v[3] = { 0 }; return v[n];', /local variable v of f\(\)/, 'int v[3] = { 0 }; return v[n - 1];', '0'],
  ['out-of-bounds', 'return table[n + 1];', /global table/, 'return table[n];', '4'],
  ['out-of-bounds', 'int *p = alloc(12); return p[-n];', /12 bytes before it/, 'int *p = alloc(12); p[0] = 5; return p[n - 3];', '5'],
  [
    'uninitialised-read',
    'long *p = alloc(16); p[0] = 1; return p[1] * 0;',
    /offset 8 of the alloc object/,
    'long *p = alloc(16); p[0] = 1; return p[0];',
    '1',
  ],
  [
    'uninitialised-read',
    'struct s v; v.a = 1; return v.b * 0;',
    /local variable v of f\(\)/,
    'struct s v, w; v.a = 1; w = v; return w.a;',
    '1',
  ],
  ['uninitialised-read', 'long v; if (n > 5) v = 1; return v;', /variable v is read/, 'long v; if (n > 1) v = 1; return v;', '1'],
  ['uninitialised-read', 'struct s v; v.a = 1; return v.x;', /local variable v/, 'struct s v; v.x = 2; v.y = 1; return v.x;', '2'],
  ['read-only-write', '((int *)table)[0] = 1; return 0;', /global table, which is read-only/, 'counter = 1; return counter;', '1'],
  [
    'hvo-write',
    'share(area + 4096, 2, area); area[4096] = 1; return 0;',
    /optimised away/,
    'area[1] = 7; share(area + 4096, 2, area); return area[4097] + area[8193];',
    '14',
  ],
  [
    'hvo-write',
    'share(area + 4096, 2, area); unshare(area + 4096, 1); area[8192] = 1; return 0;',
    /optimised away/,
    'area[1] = 7; share(area + 4096, 2, area); unshare(area + 4096, 2); area[8193] = 1; return area[1] + area[4097] + area[8193];',
    '15',
  ],
  ['divide-by-zero', 'return 1 / (n - 3);', /divisor of a quotient is 0/, 'return 6 / n;', '2'],
  ['divide-by-zero', 'return 1ul % (n - 3);', /divisor of a remainder is 0/, 'return 7 % n;', '1'],
  ['unreachable', 'if (n == 3) __builtin_unreachable(); return 0;', /never reached/, 'if (n == 4) __builtin_unreachable(); return 0;', '0'],
  ['warn-on', 'warn(); return 0;', /warned/, 'return 0;', '0'],
  ['bug-on', 'bug(); return 0;', /a bug/, 'return 0;', '0'],
  [
    'self-deadlock',
    'long l = 0; lock(&l); lock(&l); return 0;',
    /P0 waits for the lock, which it holds itself/,
    'long l = 0; lock(&l); unlock(&l); lock(&l); return l;',
    '1',
  ],
  ['self-deadlock', 'long l = 9; lock(&l); return 0;', /which P8 holds|no task/, 'long l = 0; lock(&l); return 0;', '0'],
];

describe('checks of the machine', () => {
  it.each(pairs)('%s: fires on %s', (kind, fires, message) => {
    const machine = run(fires);
    expect(machine.findings().map((finding) => finding.kind)).toEqual([kind]);
    expect(machine.findings()[0]?.message).toMatch(message);
    expect(machine.findings()[0]).toMatchObject({ file: 'a.c', task: 0 });
  });

  it.each(pairs)('%s: is silent when not %s', (_kind, _fires, _message, silent, value) => {
    const machine = run(silent);
    expect({ findings: machine.findings(), status: machine.status() }).toEqual({ findings: [], status: { kind: 'returned', value } });
  });

  it('goes on after a warning and an uninitialised read, and stops at a fault', () => {
    expect(run('warn(); long *p = alloc(8); long v = *p + *p; return v + 4;').status()).toEqual({ kind: 'returned', value: '4' });
    const stopped = run('int *p = 0; *p = 1; counter = 1; return 0;');
    expect(stopped.status()).toMatchObject({ kind: 'stopped', finding: { kind: 'null-deref', function: 'f', line: stopped.place().line } });
  });

  it('is undecided where the bounds end', () => {
    expect(run('for (;;) ; return 0;').status()).toEqual({ kind: 'running' });
    expect(run('return deep(100);').status()).toEqual({ kind: 'returned', value: '100' });
    expect(run('return deep(100000);').status()).toMatchObject({
      kind: 'undecided',
      why: expect.stringContaining('deeper than the bound') as unknown,
    });
  });

  it('names what is unknown, and takes its usual value', () => {
    const machine = run('struct s *p = unknown_object(); return unknown_long() + unknown_bool() + p->b;');
    expect(machine.status()).toEqual({ kind: 'returned', value: '0' });
    expect(machine.unknowns()).toEqual(['unknown_object', 'unknown_long', 'unknown_bool']);
    expect(machine.choices().map(({ choice }) => choice.options)).toEqual([
      ['object', 'NULL'],
      ['0', '-EINVAL', '-ENOMEM'],
      ['false', 'true'],
    ]);
    expect(
      machine
        .fidelity()
        .filter((row) => row.mode === 'unknown')
        .map((row) => row.function),
    ).toEqual(['unknown_object', 'unknown_long', 'unknown_bool']);
  });
});
