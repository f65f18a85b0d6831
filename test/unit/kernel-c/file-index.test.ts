import { describe, expect, it } from 'vitest';
import { indexText } from '../../../src/kernel-c/file-index';
import { createTreeIndex, functionsIn } from '../../../src/kernel-c/tree-index';

const namesOf = (text: string): string[] => indexText('a.h', text).definitions.map(({ kind, name }) => `${kind} ${name}`);

describe('what a file defines', () => {
  it.each([
    ['int a;', ['variable a']],
    ['static struct foo bar __read_mostly = { .x = 1 };', ['variable bar']],
    ['extern int __bar;', ['prototype __bar']],
    ['int a, *b[3], (*c)(int) = f;', ['variable a', 'variable b', 'variable c']],
    ['struct foo;', []],
    ['struct foo { int a; };', ['struct foo']],
    ['struct __attribute__((packed)) foo { int a; } __aligned(8);', ['struct foo']],
    ['typedef struct foo { int a; } foo_t;', ['struct foo', 'typedef foo_t']],
    ['typedef int (*handler_t)(int, struct foo *);', ['typedef handler_t']],
    ['typedef void fn_t(int);', ['typedef fn_t']],
    ['typedef u32\n (ACPI_XFACE * handler_t) (void *context);', ['typedef handler_t']],
    ['typedef void (fn_t)(struct foo *it);', ['typedef fn_t']],
    ['typedef int fn_t(char *p, int n);', ['typedef fn_t']],
    ['enum e { A, B = F(1, 2), C };', ['enum e', 'enumerator A', 'enumerator B', 'enumerator C']],
    ['enum { A = 1 << 3 };', ['enumerator A']],
    ['int f(void);', ['prototype f']],
    ['int f(void), g(int);', ['prototype f', 'prototype g']],
    ['static inline __printf(1, 2) int f(const char *p, ...) { return 0; }', ['function f']],
    ['struct foo __f(int a)\n{\n\treturn x;\n}\nint g;', ['function __f', 'variable g']],
    ['enum e f(int a)\n{\n}\nint g;', ['function f', 'variable g']],
    ['int f(int a) __must_hold(&lock) __releases(x)\n{\n}', ['function f']],
    ['PAGEFLAG(Locked, locked, PF_NO_TAIL)\nint f(void);', ['invocation PAGEFLAG', 'prototype f']],
    ['A(x) B(y)\n\tC(z)\nint f(void);', ['invocation A', 'invocation B', 'invocation C', 'prototype f']],
    ['build_mmio_read(readb, "b", unsigned char)\nint g;', ['invocation build_mmio_read', 'variable g']],
    ['static DEFINE_MUTEX(m);\nint g;', ['invocation DEFINE_MUTEX', 'variable g']],
    ['SYSCALL_DEFINE1(x, int, a)\n{\n}\nint g;', ['invocation SYSCALL_DEFINE1', 'function SYSCALL_DEFINE1', 'variable g']],
    ['#define A 1\n#define B(x) \\\n  x\n#undef A', ['macro A', 'function-macro B', 'undef A']],
    ['/* int a; */ // int b;\nchar *s = "int c; { \\" ";', ['variable s']],
  ])('%s', (text, names) => {
    expect(namesOf(text)).toEqual(names);
  });

  it('knows tags and macros inside a type', () => {
    expect(namesOf('struct a {\n#define M 1\n\tstruct b { enum c { C } x; } y;\n};')).toEqual([
      'macro M',
      'enum c',
      'struct b',
      'struct a',
      'enumerator C',
    ]);
  });

  it('goes on after an #ifdef whose branches both open a block', () => {
    expect(namesOf('int f(int a)\n{\n#ifdef X\n\tif (a) {\n#else\n\tif (!a) {\n#endif\n\t}\n}\nint g;')).toEqual([
      'function f',
      'variable g',
    ]);
  });

  it('says which condition a definition stands under', () => {
    const file = indexText('a.h', '#ifdef A\nint a;\n#elif defined(B)\nint b;\n#else\nint c;\n#endif\nint d;');
    expect(file.definitions.map((one) => file.conditions[one.condition])).toMatchObject([
      { is: 'ifdef A', not: [], parent: -1 },
      { is: 'if defined(B)', not: ['ifdef A'] },
      { is: '', not: ['ifdef A', 'if defined(B)'] },
      undefined,
    ]);
  });

  it('takes a head inside an #if with a body after it as standing outside', () => {
    const file = indexText('a.c', '#ifdef A\nint f(int a)\n#else\nint f(void)\n#endif\n{\n}\n');
    expect(file.definitions).toMatchObject([{ name: 'f', kind: 'function', condition: -1, line: 2, endLine: 7 }]);
  });

  it.each(['int f(', '}', 'struct {', '"abc', '/* x', '#if', '#endif\n#else\n', 'int f(int a { }\nint g;', '((((((', '\\'])(
    'ends on %j',
    (text) => {
      expect(() => indexText('a.c', text)).not.toThrow();
    },
  );

  it('goes on after a parenthesis that never closes', () => {
    expect(namesOf('int f(void)\n{\n\tg((1);\n}\nint h;')).toContain('variable h');
    expect(namesOf('struct s {\n\tint a[3;\n};\nint h;')).toContain('variable h');
  });

  it('does not go through conditions without end', () => {
    expect(indexText('a.h', '#if 1\n'.repeat(20_000)).conditions.length).toBeLessThan(1_000);
  });
});

it('functionsIn gives the lines and kinds of functions', () => {
  const index = createTreeIndex([indexText('a.c', '\nstatic inline int f(void)\n{\n\treturn 0;\n}\n\nvoid\ng(void) { }\n')]);
  expect(functionsIn(index, 'a.c')).toEqual([
    { name: 'f', line: 2, endLine: 5, static: true, inline: true },
    { name: 'g', line: 7, endLine: 8, static: false, inline: false },
  ]);
  expect(functionsIn(index, 'b.c')).toEqual([]);
});
