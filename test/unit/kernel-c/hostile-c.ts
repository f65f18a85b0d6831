/** C that was made to hurt: each piece asks for `main` of mm/a.c, alone or among a few files. */

export interface HostileCase {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** A problem, or an instruction that says what is not run, is expected; otherwise the piece reads well. */
  readonly says: RegExp | null;
}

const deep = 100_000;
/** About ten megabytes. */
const huge = 10 * 1024 * 1024;
const times = (text: string, count: number): string => text.repeat(count);
const filled = (text: string, bytes = huge): string => text.repeat(Math.ceil(bytes / text.length));
const doubling = (levels: number, text: (level: number) => string): string =>
  Array.from({ length: levels }, (_, level) => text(level)).join('\n');
const one = (name: string, source: string, says: RegExp | null = null): HostileCase => ({ name, files: { 'mm/a.c': source }, says });
const returning = (expression: string): string => `int main(int a) { return ${expression}; }\n`;
const trouble = /./;

const brokenPlaces: readonly HostileCase[] = [
  one(
    'a syntax error in the middle of the function',
    'int main(int a)\n{\n\ta++;\n\ta = = 3 +;\n\treturn a;\n}\n',
    /expected an expression/,
  ),
  one('a body that never closes', 'int main(int a)\n{\n\tif (a) {\n\t\ta++;\n', /no end/),
  one('a syntax error in a callee', 'static int f(int a) { return a ] 3; }\nint main(int a) { return f(a); }\n', /expected/),
  one('a callee whose parameters make no sense', 'static int f(int a, +) { return a; }\nint main(int a) { return f(a); }\n', trouble),
  {
    name: 'a syntax error in a header',
    files: {
      'include/linux/b.h': 'struct b { int x;;; int +; };\nstatic inline int f(struct b *b) { return b->x; }\n',
      'mm/a.c': '#include <linux/b.h>\nint main(struct b *b) { return f(b); }\n',
    },
    says: trouble,
  },
  one('a header that is missing', '#include <linux/gone.h>\nint main(struct gone *g) { gone_t t = make(g); return g->x + t; }\n', /gone/),
  one('a type that is missing', 'int main(struct gone *g) { struct gone copy; return copy.x; }\n', /no member x/),
  one('a file of nothing but brackets', `${times('}', deep)}int main(void) { return 0; }${times('{(', deep)}`),
  one('a name without an end', `int main(void) { return ${filled('a')}; }\n`, /larger than 1 MB/),
  one('a name of 1 MB', `int main(void) { return ${filled('a', 1_000_000)}; }\n`, /nothing named/),
  { name: 'a file that is empty', files: { 'mm/a.c': '' }, says: /No definition/ },
];

const macros: readonly HostileCase[] = [
  one('a macro of itself', `#define f f + 1\n${returning('f')}`, /nothing named f/),
  one('macros of each other', `#define f g + 1\n#define g f + 1\n${returning('f')}`, /nothing named f/),
  one(
    'macros that double',
    `${doubling(60, (n) => `#define m${n} m${n + 1} + m${n + 1}`)}\n#define m60 1\n${returning('m0')}`,
    /without end/,
  ),
  one(
    'macros that take ten of each other',
    `${doubling(12, (n) => `#define m${n} ${times(`m${n + 1} `, 10)}`)}\n${returning('m0')}`,
    /without end/,
  ),
  one('calls of a macro in its own arguments', `#define f(x) x x\n${returning(`${times('f(', 40)}1${times(')', 40)}`)}`, /without end/),
  one(
    'macros that double through arguments',
    `${doubling(60, (n) => `#define m${n}(x) m${n + 1}(x) + m${n + 1}(x)`)}\n#define m60(x) x\n${returning('m0(a)')}`,
    /without end/,
  ),
  one(
    'macros that double their argument',
    `${doubling(60, (n) => `#define m${n}(x) m${n + 1}(x x)`)}\n#define m60(x) x\n${returning('m0(a)')}`,
    /without end/,
  ),
  one(
    'macros that double through pasting',
    `#define cat(a, b) a ## b\n${doubling(60, (n) => `#define m${n}(x) cat(m, ${n + 1})(x) + cat(m, ${n + 1})(x)`)}\n#define m60 1\n${returning('m0(1)')}`,
    trouble,
  ),
  one(
    'a name that doubles by pasting',
    `${doubling(40, (n) => `#define m${n}(x) m${n + 1}(x ## x)`)}\n#define m40(x) x\n${returning('m0(ab)')}`,
    trouble,
  ),
  one(
    'a string that doubles',
    `#define s_(x) #x\n#define s(x) s_(x)\n${doubling(40, (n) => `#define m${n}(x) m${n + 1}(s(x) s(x))`)}\n#define m40(x) sizeof(x)\n${returning('m0(ab)')}`,
    trouble,
  ),
  one('a macro with arguments that never close', `#define f(x) x\n${returning(times('f(', 20_000))}`, trouble),
  one('many macros of one name', `${doubling(20_000, (n) => `#define m ${n}\n#undef m`)}\n#define m 1\n${returning('m + m + m')}`),
  one(
    'conditions about each other',
    `${doubling(2_000, (n) => `#if defined(c${n + 1}) || !defined(c${n + 2})\n#define c${n} 1\n#endif`)}\n${returning('c0 + 0')}`,
    null,
  ),
  one(
    'a condition that doubles',
    `${doubling(40, (n) => `#define m${n} (m${n + 1} || m${n + 1})`)}\n#if m0\nint x;\n#endif\n${returning('x')}`,
    trouble,
  ),
];

const large: readonly HostileCase[] = [
  one('10 MB of statements', `int main(int a)\n{\n${filled('\ta += 1;\n')}\treturn a;\n}\n`, trouble),
  one(
    '10 MB of statements in a callee',
    `static int f(int a)\n{\n${filled('\ta += 1;\n')}\treturn a;\n}\nint main(int a) { return f(a); }\n`,
    trouble,
  ),
  one('an expression of 10 MB', returning(`${filled('a + ')}1`), /larger than 1 MB/),
  one('an expression of 10 MB in parentheses', returning(`${filled('(a + 1) * ')}1`), /larger than 1 MB/),
  one('1 MB of statements', `int main(int a)\n{\n${filled('\ta += 1;\n', 1_000_000)}\treturn a;\n}\n`),
  one('an expression of 1 MB', returning(`${filled('a + ', 1_000_000)}1`), /too long/),
  one('an initialiser of 1 MB', `static int x[] = { ${filled('1, ', 1_000_000)} };\n${returning('x[a]')}`),
  one('a string of 256 kB', `static char x[] = "${filled('x', 260_000)}";\n${returning('x[a]')}`),
  one('a string of 1 MB', `static char x[] = "${filled('x', 1_000_000)}";\n${returning('x[a]')}`, /too long/),
  one(
    '20,000 locals and ifs',
    `int main(int a) { ${Array.from({ length: 20_000 }, (_, n) => `int v${n}; if (a) v${n} = a; else v${n} = 2;`).join('\n')} return v1; }\n`,
  ),
  one('arguments of 10 MB', `int f();\n${returning(`f(${filled('a, ')}1)`)}`, trouble),
  one('an initialiser of 10 MB', `static int x[] = { ${filled('1, ')} };\n${returning('x[a]')}`, trouble),
  one('a string of 10 MB', `static char x[] = "${filled('x')}";\n${returning('x[a]')}`, trouble),
  one('a string of 10 MB in an expression', returning(`"${filled('x')}"[a]`), trouble),
  one('a string literal in 10 MB of pieces', returning(`${filled('"x" ')}[a]`), trouble),
  one('a comment of 10 MB', `/*${filled('x')}*/ ${returning('a')}`),
  one('a line of 10 MB', `int main(int a) { ${filled('a += 1; ')} return a; }`, trouble),
  one('a directive of 10 MB', `#if ${filled('1 + ')} 1\nint x;\n#endif\n${returning('x')}`, trouble),
  one('a macro of 10 MB', `#define m ${filled('a + ')} 1\n${returning('m')}`, trouble),
  one('a struct of 10 MB', `struct s { ${filled('int a; ')} };\nint main(struct s *s) { return s->a; }\n`, trouble),
  one(
    'an enum of 5 MB',
    `enum e { ${Array.from({ length: 300_000 }, (_, n) => `E${n}`).join(', ')} };\n${returning('E299999')}`,
    /larger than 1 MB/,
  ),
  one(
    'a struct of 100,000 members',
    `struct s { ${Array.from({ length: 100_000 }, (_, n) => `int m${n};`).join(' ')} };\nint main(struct s *s) { return s->m99999; }\n`,
  ),
  one(
    'a switch of 100,000 cases',
    `int main(int a) { switch (a) { ${Array.from({ length: 100_000 }, (_, n) => `case ${n}:`).join(' ')} return 1; } return 0; }\n`,
    trouble,
  ),
  one(
    'a switch of 50,000 cases with statements',
    `int main(int a) { switch (a) { ${Array.from({ length: 50_000 }, (_, n) => `case ${n}: a++; break;`).join('\n')} } return a; }\n`,
  ),
  one('50,000 locals', `int main(int a) { ${Array.from({ length: 50_000 }, (_, n) => `int v${n} = a;`).join('\n')} return v1; }\n`),
  one(
    '50,000 labels',
    `int main(int a) { ${Array.from({ length: 50_000 }, (_, n) => `l${n}: if (a) goto l${49_999 - n};`).join('\n')} return a; }\n`,
  ),
  one('50,000 calls', `int f(int);\nint main(int a) { ${times('a = f(a);\n', 50_000)} return a; }\n`),
  one(
    '20,000 functions that call each other',
    `${doubling(20_000, (n) => `static int f${n}(int a) { return f${n + 1}(a); }`)}\nint f20000(int a);\n${returning('f0(a)')}`,
    null,
  ),
  one('20,000 ifs', `int main(int a) { ${times('if (a) a++; else a--;\n', 20_000)} return a; }\n`),
  one('20,000 strings', returning(Array.from({ length: 900 }, (_, n) => `"s${n}"[a]`).join(' + '))),
  one('100,000 declarations of one name', `${times('extern int x;\n', 100_000)}${returning('x')}`),
];

const cycles: readonly HostileCase[] = [
  one(
    'a struct in itself',
    'struct a { struct a b; int c; };\nint main(struct a *a) { struct a x = *a; return sizeof(x) + x.b.b.c; }\n',
    /incomplete/,
  ),
  one(
    'structs in each other',
    'struct a { struct b x; };\nstruct b { struct a x; };\nint main(void) { struct b y; return sizeof(struct a) + sizeof(y); }\n',
    /incomplete/,
  ),
  one('a union in itself', 'union u { union u v; int w; };\nint main(union u *u) { return u->v.v.w; }\n', /incomplete/),
  one('an anonymous member of itself', 'struct a { struct a; int x; };\nint main(struct a *a) { return a->y; }\n', /no member y/),
  one('an array of itself', 'struct a { struct a b[4]; };\nint main(void) { return sizeof(struct a); }\n', /incomplete/),
  one('a typedef of itself', 'typedef t t;\nint main(void) { t x = 1; return x; }\n', trouble),
  one('typedefs of each other', 'typedef u t;\ntypedef t u;\nint main(void) { t x = 1; return x; }\n', trouble),
  one('an enum of itself', 'enum e { A = B, B = A };\nint main(void) { return A; }\n', trouble),
  one('enums of each other', 'enum e { A = C };\nenum f { C = A };\nint main(void) { return A + C; }\n', trouble),
  one('an array as long as itself', 'static int x[sizeof(x)];\nint main(void) { return sizeof(x); }\n', trouble),
  one(
    'arrays as long as each other',
    'extern int x[sizeof(y)];\nextern int y[sizeof(x)];\nint main(void) { return sizeof(x); }\n',
    trouble,
  ),
  one('a struct as long as itself', 'struct s { char x[sizeof(struct s) + 1]; };\nint main(void) { return sizeof(struct s); }\n', null),
  one(
    'a chain of 20,000 structs',
    `${doubling(20_000, (n) => `struct s${n} { struct s${n + 1} a; };`)}\nstruct s20000 { int x; };\n${returning('sizeof(struct s0)')}`,
    /too deeply/,
  ),
  one(
    'a chain of 20,000 typedefs',
    `${doubling(20_000, (n) => `typedef t${n + 1} t${n};`)}\ntypedef int t20000;\nint main(void) { t0 x = 1; return x; }\n`,
    trouble,
  ),
  one(
    'a chain of 20,000 macros',
    `${doubling(20_000, (n) => `#define m${n} m${n + 1}`)}\n#define m20000 1\n${returning('m0')}`,
    /without end/,
  ),
  one(
    'a chain of 20,000 conditions',
    `${doubling(20_000, (n) => `#ifdef c${n + 1}\n#define c${n} 1\n#endif`)}\n#define c20000\n${returning('c0')}`,
    trouble,
  ),
  one(
    'a chain of 20,000 enumerators',
    `${doubling(20_000, (n) => `enum { E${n} = E${n + 1} };`)}\nenum { E20000 };\n${returning('E0')}`,
    trouble,
  ),
  one(
    'a chain of 20,000 typeofs',
    `${doubling(20_000, (n) => `extern __typeof__(x${n + 1}) x${n};`)}\nextern int x20000;\n${returning('x0')}`,
    trouble,
  ),
  one(
    'a chain of 20,000 initialisers',
    `${doubling(20_000, (n) => `extern int *x${n + 1};\nint *x${n} = (int *)&x${n + 1};`)}\nint *x20000;\nint main(void) { return *x0; }\n`,
  ),
  one('typeof of itself', 'static __typeof__(x) x;\nint main(void) { return x; }\n', trouble),
  one('a function that returns what it is', '__typeof__(f()) f(void);\nint main(void) { return f(); }\n', null),
  one('an initialiser that uses itself', 'static void *x = &x;\nint main(void) { return x == &x; }\n'),
  one('functions that call each other', 'int g(int);\nint main(int a) { return g(a); }\nint g(int a) { return main(a); }\n'),
  one(
    'structs that double',
    `${doubling(200, (n) => `struct s${n} { struct s${n + 1} a, b; };`)}\nstruct s200 { int x; };\n${returning('sizeof(struct s0)')}`,
    null,
  ),
  one(
    'anonymous members that double',
    `${doubling(24, (n) => `struct s${n} { struct { struct s${n + 1} a${n}; }; struct { struct s${n + 1} b${n}; }; };`)}\nstruct s24 { int x; };\nint main(struct s0 *s) { return s->nowhere; }\n`,
    /nowhere/,
  ),
  one('arrays of arrays', `int main(void) { int x${times('[1000]', 30)}; return sizeof(x); }\n`, /larger than memory/),
  one('an array of minus one', 'int main(void) { int x[-1]; return sizeof(x); }\n', /negative length/),
  one('an array of 2^62', 'static char x[1ul << 62];\nint main(void) { x[0] = 1; return x[1]; }\n', trouble),
  one('an initialiser of 2^30 elements', 'static int x[] = { [0 ... 1073741823] = 1 };\nint main(void) { return x[1]; }\n', trouble),
  one(
    'ranges in ranges',
    'static int x[1000][1000][1000] = { [0 ... 999] = { [0 ... 999] = { [0 ... 999] = 1 } } };\nint main(void) { return x[1][1][1]; }\n',
    trouble,
  ),
  one('a bit-field of 2^31 bits', 'struct s { int x : 2147483647; };\nint main(struct s *s) { return s->x; }\n', trouble),
  one('an alignment of 2^60', 'struct s { int x __attribute__((aligned(1ul << 60))); };\nint main(struct s *s) { return s->x; }\n', null),
  one('a shift by a million', returning('(1 << 1000000) + (1ul << (1ul << 40))'), null),
  one('a division by zero', returning('1 / 0 + 1 % 0'), null),
  one('an enumerator of a million bits', `enum e { A = ${times('9', 300_000)} };\n${returning('A')}`, null),
];

const nested: readonly HostileCase[] = (
  [
    ['parentheses', returning(`${times('(', deep)}1${times(')', deep)}`)],
    ['parentheses that never close', returning(times('(', deep))],
    ['blocks', `int main(void) { ${times('{', deep)}${times('}', deep)} return 1; }\n`],
    ['blocks that never close', `int main(void) { ${times('{', deep)}`],
    ['unary operators', returning(`${times('-!~', deep)}1`)],
    ['stars', returning(`${times('*', deep)}a`)],
    ['increments', returning(`${times('++ ', deep)}a`)],
    ['sizeofs', returning(`${times('sizeof ', deep)}a`)],
    ['casts', returning(`${times('(long)', deep)}a`)],
    ['pointers', `int ${times('*', deep)}main(void) { return 0; }\n`],
    ['declarators', `int main(void) { int ${times('(', deep)}x${times(')', deep)}; return 0; }\n`],
    ['functions of functions', `int main(void) { int ${times('(*', deep)}x${times(')(void)', deep)}; return 0; }\n`],
    ['parameters of parameters', `int main(void) { int x${times('(int (*p)', 2_000)}(void)${times(')', 2_000)}; return 0; }\n`],
    ['ternaries', returning(`${times('a ? a : ', deep)}1`)],
    ['ternaries in the middle', returning(`${times('a ? ', deep)}1${times(' : 2', deep)}`)],
    ['assignments', returning(`${times('a = ', deep)}1`)],
    ['indexes', returning(`${times('a[', deep)}1${times(']', deep)}`)],
    ['calls', `int f(int);\n${returning(`${times('f(', deep)}1${times(')', deep)}`)}`],
    ['statement expressions', returning(`${times('({ ', deep)}1;${times(' })', deep)}`)],
    ['typeofs', `int main(void) { ${times('__typeof__(', deep)}int${times(')', deep)} x; return 0; }\n`],
    ['else ifs', `int main(int a) { ${times('if (a) a++; else ', deep)} return 1; }\n`],
    ['ifs', `int main(int a) { ${times('if (a) ', deep)} return 1; }\n`],
    ['loops', `int main(int a) { ${times('while (a) ', deep)} return 1; }\n`],
    ['fors', `int main(int a) { ${times('for (;;) ', deep)} return 1; }\n`],
    ['switches', `int main(int a) { ${times('switch (a) case 1: ', deep)} return 1; }\n`],
    ['labels', `int main(int a) { ${Array.from({ length: deep }, (_, n) => `l${n}:`).join(' ')} return 1; }\n`],
    ['structs', `${times('struct { ', deep)}int a;${times('} b;', deep)}\n${returning('1')}`],
    ['structs in the function', `int main(void) { ${times('struct { ', deep)}int a;${times('} b;', deep)} return 1; }\n`],
    ['initialisers', `static int x = ${times('{', deep)}1${times('}', deep)};\n${returning('x')}`],
    ['initialisers in the function', `int main(void) { int x[] = ${times('{', deep)}1${times('}', deep)}; return 1; }\n`],
    ['attributes', `int main(void) { int x ${times('__attribute__((aligned(', deep)}8${times(')))', deep)}; return 1; }\n`],
    ['members', `struct s { struct s *n; };\nint main(struct s *s) { return s${times('->n', deep)} == 0; }\n`],
    ['commas', returning(`(${times('a, ', deep)}1)`)],
    ['generic selections', returning(`${times('_Generic(1, int: ', deep)}1${times(')', deep)}`)],
    ['conditions', `${times('#if 1\n', deep)}${returning('1')}${times('#endif\n', deep)}`],
    ['conditions that never end', `${times('#ifdef A\n', deep)}${returning('1')}`],
    ['conditions in the function', `int main(void) {\n${times('#if 1\n', deep)}return 1;\n${times('#endif\n', deep)}}\n`],
    ['elifs', `#if 0\n${times('#elif 0\n', 20_000)}#else\n${returning('1')}#endif\n`],
    ['elifs in the function', `int main(void) {\n#if 0\n${times('#elif 0\n', deep)}#else\nreturn 1;\n#endif\n}\n`],
    ['parentheses in a condition', `#if ${times('(', deep)}1${times(')', deep)}\n#endif\n${returning('1')}`],
    ['nots in a condition', `#if ${times('!', deep)}1\nint x;\n#endif\n${returning('x')}`],
    ['ternaries in a condition', `#if ${times('1 ? ', deep)}1${times(' : 0', deep)}\nint x;\n#endif\n${returning('x')}`],
    ['arguments of a macro', `#define f(x) (x)\n${returning(`${times('f(', deep)}1${times(')', deep)}`)}`],
    ['types in a designator', `static int x[] = { ${times('[', deep)}0${times(']', deep)} = 1 };\n${returning('x[0]')}`],
  ] as const
).map(([name, source]) => one(`nested ${name}`, source));

const bytes: readonly HostileCase[] = [
  one(
    'bytes that are no UTF-8',
    Buffer.concat([
      Buffer.from('int main(void) { return "'),
      Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
      Buffer.from('"[0]; }\n'),
    ]).toString(),
  ),
  one('half of a surrogate pair', `int main(void) { return "\ud800"[0] + '\udc00'; }\n`),
  one('NUL bytes', 'int ma\0in(void) { return 0; }\nint main(void) { return 1\0 + 2; }\n', trouble),
  one(
    'CRLF',
    'int f(int);\r\n#define two(x) \\\r\n\t(2 * \\\r\n\t(x))\r\n#if defined(two) && \\\r\n\t1\r\nint main(int a)\r\n{\r\n\t/* x */\r\n\treturn two(a); // y\r\n}\r\n#endif\r\n',
  ),
  one('trigraphs', 'int main(int a) ??< return a ??( 0 ??) ??/\n; ??>\nint main(int a) { return "??="[0]; }\n', null),
  one('no newline at the end', 'int main(void) { return 1; }'),
  one('a backslash at the end', 'int main(void) { return 1; }\n#define x \\'),
  one('a hash at the end', 'int main(void) { return 1; }\n#'),
  one('a directive at the end', 'int main(void) { return 1; }\n#if'),
  one('a comment that never closes', 'int main(void) { return 1; }\n/* and so'),
  one('a comment that never closes in the function', 'int main(void) { /* and so return 1; }\n', /no end/),
  one('a string that never closes', 'int main(void) { return "and so; }\n', trouble),
  one('a string that never closes at the end', 'int main(void) { return "and so', trouble),
  one('many strings that never close', `int main(void) {\n${times('"\n', deep)}return 1; }\n`, trouble),
  one('many comments that never close', `int main(void) { return 1; }\n${times('/*\n', deep)}`),
  one('many directives with comments', `${times('#define x /* a\n b */ 1\n', deep)}${returning('x')}`),
  one('many lone invocations', `${times('NAME(x)\n', deep)}${returning('a')}`),
  one('many lone invocations on a line', `${times('NAME(x) ', deep)}\n${returning('a')}`),
  one('spaces before many names', `${times(`NAME(x)${times(' ', 200)}`, 20_000)}\n${returning('a')}`),
  one('many braces', `x ${times('{} ', deep)};\n${returning('a')}`),
  one('many assigned braces', `int x = ${times('{} ', deep)};\n${returning('a')}`),
  one('many declarators of 10 MB', `int ${filled('x, ')}y;\n${returning('y')}`, trouble),
  one('10 MB of directives', `${filled('#define x\n')}${returning('a')}`),
  one('10 MB of conditions', `${filled('#if 1\n#endif\n')}${returning('a')}`),
  one('starred groups with long spaces', `int (${times(' ', 1_000_000)}*${times(' ', 1_000_000)}x)(void);\n${returning('a')}`),
  one('many stars in a group', `int (${times('*', deep)}x)(void);\n${returning('a')}`),
  one('many names in a declaration', `int ${times('__x ', deep)};\n${returning('a')}`),
  one('many declarators', `int ${times('x, ', deep)}y;\n${returning('y')}`),
  one('odd characters', `int main(void) { return @ \` \\ $ 1; }\n`, trouble),
  one('other alphabets', 'int größe = 1;\nint main(void) { return größe + \u{1F600}; }\n', trouble),
  one('numbers of no kind', returning("0x + 08 + 1e5 + 0b2 + 1uuu + 1.2.3 + 0x1p3 + 1'000"), trouble),
  one('escapes of no kind', returning(`'\\' + '' + 'abcdefgh' + '\\x' + '\\xfffffff' + '\\q'`), null),
];

export const hostileCases: readonly HostileCase[] = [...brokenPlaces, ...macros, ...large, ...cycles, ...nested, ...bytes];
