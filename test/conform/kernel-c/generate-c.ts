/** Makes C functions without undefined behaviour: expressions over all integer types, and statements around them. */
import fc from 'fast-check';

/** Hands out what must be different each time in one function. */
interface Fresh {
  next(): number;
}
type Text = (fresh: Fresh) => string;

export const parameters =
  'signed char a, unsigned char b, short c, unsigned short d, int e, unsigned int f, long g, unsigned long h, _Bool i';
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const types = ['signed char', 'unsigned char', 'short', 'unsigned short', 'int', 'unsigned int', 'long', 'unsigned long', '_Bool', 'char'];

/** What the functions use beside their parameters. `reset` puts it back. */
export const surroundings = `
struct inner { short x; unsigned char y; long z; };
struct outer { unsigned int u3 : 3; int s5 : 5; unsigned long w40 : 40; signed char s1 : 1; struct inner in; int list[4]; union { unsigned int word; unsigned char bytes[4]; }; struct inner *to; };
enum colour { RED, GREEN = 5, BLUE = -2 };
static struct outer o;
static unsigned long total;
static int twice(int x) { return x * 2; }
static unsigned char narrow(unsigned char x) { return x + 1; }
static struct inner pair(short x, long z) { struct inner it = { .x = x, .z = z }; return it; }
static long take(struct inner it) { it.x += 1; return it.x + it.y + it.z; }
static int (*const table[2])(int) = { twice, twice };
static void left(int *p) { total = total * 3 + *p; }
static void reset(void) { struct outer fresh = { 5, -7, 0x123456789aUL, -1, { 3, 4, 5 }, { 1, -2, 3, [3] = 1 << 30 }, { .word = 0xdeadbeef }, &o.in }; o = fresh; total = 7; }
`;

const { expression } = fc.letrec<{ expression: Text; leaf: Text; place: Text }>((tie) => ({
  place: fc.oneof(
    fc
      .constantFrom(
        'o.u3',
        'o.s5',
        '(unsigned long)o.w40',
        'o.s1',
        'o.in.x',
        'o.in.y',
        'o.to->z',
        'o.list[1]',
        'o.word',
        'o.bytes[2]',
        'total',
      )
      .map((text) => () => text),
    fc.tuple(tie('expression')).map(
      ([index]) =>
        (fresh: Fresh) =>
          `o.list[(${index(fresh)}) & 3]`,
    ),
  ),
  leaf: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names).map((text) => () => text) },
    { weight: 3, arbitrary: tie('place') },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom(
          '0',
          '1',
          '-1',
          '2',
          '7',
          '255',
          '0x80',
          '65535',
          '0x7fffffff',
          '0x80000000',
          '4294967295u',
          '0xffffffff',
          '1ul',
          '-1l',
          '0x7fffffffffffffff',
          '0x8000000000000000',
          "'x'",
          "'\\377'",
          '0777',
          'RED',
          'GREEN',
          'BLUE',
          'sizeof(o)',
          'sizeof(short)',
          '(1ll << 40)',
          '(1u << 31)',
        )
        .map((text) => () => text),
    },
    { weight: 2, arbitrary: fc.integer().map((value) => () => (value < 0 ? `(${value})` : String(value))) },
  ),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: tie('leaf') },
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          tie('expression'),
          fc.constantFrom('+', '-', '*', '&', '|', '^', '<', '<=', '>', '>=', '==', '!=', '&&', '||'),
          tie('expression'),
        )
        .map(
          ([x, op, y]) =>
            (fresh: Fresh) =>
              `(${x(fresh)} ${op} ${y(fresh)})`,
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          tie('expression'),
          fc.constantFrom('/', '%'),
          tie('expression'),
          fc.constantFrom('unsigned char', 'long', 'unsigned long', 'short'),
        )
        .map(
          ([x, op, y, type]) =>
            (fresh: Fresh) =>
              `(${x(fresh)} ${op} ((${type})((${y(fresh)}) & 0x7f) + 1))`,
        ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          tie('expression'),
          fc.constantFrom('<<', '>>'),
          tie('expression'),
          fc.constantFrom('int', 'unsigned int', 'long', 'unsigned long'),
        )
        .map(
          ([x, op, y, type]) =>
            (fresh: Fresh) =>
              `((${type})${x(fresh)} ${op} ((${y(fresh)}) & ${type.includes('long') ? 63 : 31}))`,
        ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('-', '~', '!', '+', '!!'), tie('expression')).map(
        ([op, x]) =>
          (fresh: Fresh) =>
            `(${op} ${x(fresh)})`,
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom(...types), tie('expression')).map(
        ([type, x]) =>
          (fresh: Fresh) =>
            `((${type})${x(fresh)})`,
      ),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(tie('expression'), tie('expression'), tie('expression')).map(
        ([x, y, z]) =>
          (fresh: Fresh) =>
            `(${x(fresh)} ? ${y(fresh)} : ${z(fresh)})`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('leaf'), tie('expression')).map(
        ([x, y]) =>
          (fresh: Fresh) =>
            `(${x(fresh)} ?: ${y(fresh)})`,
      ),
    },
    { weight: 1, arbitrary: tie('expression').map((x) => (fresh: Fresh) => `twice(${x(fresh)})`) },
    { weight: 1, arbitrary: tie('expression').map((x) => (fresh: Fresh) => `narrow(${x(fresh)})`) },
    { weight: 1, arbitrary: tie('expression').map((x) => (fresh: Fresh) => `table[${x(fresh)} & 1](3)`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('expression'), tie('expression')).map(
        ([x, y]) =>
          (fresh: Fresh) =>
            `take(pair(${x(fresh)}, ${y(fresh)}))`,
      ),
    },
    { weight: 1, arbitrary: tie('expression').map((x) => (fresh: Fresh) => `((struct inner){ .z = ${x(fresh)}, .y = 300 }).z`) },
    {
      weight: 1,
      arbitrary: fc.tuple(tie('expression'), tie('expression')).map(([x, y]) => (fresh: Fresh) => {
        const name = `t${fresh.next()}`;
        return `({ __auto_type ${name} = 0 + ${x(fresh)}; __typeof__(${name}) ${name}_ = ${y(fresh)}; ${name} > ${name}_ ? ${name} : ${name}_; })`;
      }),
    },
    {
      weight: 1,
      arbitrary: tie('expression').map(
        (x) => (fresh: Fresh) => `_Generic(+(${x(fresh)}), int: 1, unsigned int: 2, long: 3, unsigned long: 4, default: 5)`,
      ),
    },
  ),
}));

const targets = [
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'i',
  'o.u3',
  'o.s5',
  'o.w40',
  'o.s1',
  'o.in.x',
  'o.to->y',
  'o.list[2]',
  'o.bytes[1]',
  'total',
  '*p',
  '*q',
];

const { statement } = fc.letrec<{ statement: Text }>((tie) => ({
  statement: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 5,
      arbitrary: fc.tuple(fc.constantFrom(...targets), expression).map(
        ([to, x]) =>
          (fresh: Fresh) =>
            `${to} = ${x(fresh)};`,
      ),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...targets), fc.constantFrom('+=', '-=', '*=', '&=', '|=', '^='), expression).map(
        ([to, op, x]) =>
          (fresh: Fresh) =>
            `${to} ${op} ${x(fresh)};`,
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('a', 'e', 'g', 'h', 'o.u3', 'o.s5', 'o.in.x', '*p', 'i'), fc.constantFrom('x++', 'x--', '++x', '--x'))
        .map(
          ([to, step]) =>
            () =>
              `total += (unsigned long)(${step.replace('x', `(${to})`)});`,
        ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(expression, tie('statement'), fc.option(tie('statement'))).map(
        ([x, yes, no]) =>
          (fresh: Fresh) =>
            `if (${x(fresh)}) { ${yes(fresh)} }${no === null ? '' : ` else { ${no(fresh)} }`}`,
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.integer({ min: 0, max: 5 }), tie('statement'), expression, fc.constantFrom('break', 'continue'))
        .map(([count, body, x, leave]) => (fresh: Fresh) => {
          const name = `k${fresh.next()}`;
          return `for (int ${name} = 0; ${name} < ${count}; ${name}++) { if (${x(fresh)}) ${leave}; ${body(fresh)} }`;
        }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), tie('statement'), fc.boolean()).map(([count, body, first]) => (fresh: Fresh) => {
        const name = `k${fresh.next()}`;
        return first
          ? `{ int ${name} = ${count}; do { ${body(fresh)} } while (--${name}); }`
          : `{ unsigned char ${name} = ${count}; while (${name}--) { ${body(fresh)} } }`;
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(expression, tie('statement'), tie('statement'), tie('statement'), fc.boolean()).map(
        ([x, one, two, three, through]) =>
          (fresh: Fresh) =>
            `switch (${x(fresh)}) { case 0: ${one(fresh)} ${through ? '' : 'break;'} case 1 ... 7: case 9: ${two(fresh)} break; case -5: default: ${three(fresh)} }`,
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(expression, tie('statement'), tie('statement')).map(([x, skipped, body]) => (fresh: Fresh) => {
        const label = `l${fresh.next()}`;
        return `{ int seen${label} = 0; again${label}: if (${x(fresh)}) goto ${label}; ${skipped(fresh)} ${label}: ${body(fresh)} if (!seen${label}++) goto again${label}; }`;
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(expression, tie('statement'), fc.constantFrom('', 'return total;')).map(([x, body, leave]) => (fresh: Fresh) => {
        const name = `v${fresh.next()}`;
        return `{ __attribute__((cleanup(left))) int ${name} = ${x(fresh)}; int ${name}b __attribute__((cleanup(left))) = 3; ${body(fresh)} ${leave === '' ? '' : `if (${name} & 1) ${leave}`} }`;
      }),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(expression, expression).map(([x, y]) => (fresh: Fresh) => {
        const name = `v${fresh.next()}`;
        return `{ struct inner ${name}[3] = { [1] = { ${x(fresh)}, .z = 4 }, { .y = ${y(fresh)} } }, ${name}c = ${name}[1]; ${name}c.z += ${name}[2].y; o.in = ${name}c; *q += take(${name}[0]); }`;
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(tie('statement'), tie('statement')).map(
        ([x, y]) =>
          (fresh: Fresh) =>
            `${x(fresh)}\n${y(fresh)}`,
      ),
    },
  ),
}));

const fresh = (): Fresh => {
  let count = 0;
  return { next: () => (count += 1) };
};

/** Functions `unsigned long f<n>(parameters)`, each of one expression. */
export const expressionFunctions = (count: number, seed: number): string[] =>
  fc
    .sample(expression, { numRuns: count, seed })
    .map((text, index) => `static unsigned long f${index}(${parameters}) { return (unsigned long)(${text(fresh())}); }`);

/** The same of several statements; what they change shows in the result. */
export const statementFunctions = (count: number, seed: number): string[] =>
  fc.sample(fc.array(statement, { minLength: 1, maxLength: 5 }), { numRuns: count, seed }).map((texts, index) => {
    const one = fresh();
    const body = texts.map((text) => `\t${text(one)}`).join('\n');
    return `static unsigned long f${index}(${parameters})\n{\n\tint local = 4;\n\tint *p = &local;\n\tlong *q = &o.in.z;\n${body}\n\treturn total * 31 + a + b * 3 + c * 5 + d * 7 + e * 11 + f * 13 + g * 17 + h * 19 + i * 23 + local + o.u3 + o.s5 + o.w40 + o.s1 + o.in.x + o.in.y + o.in.z + o.list[0] + o.list[1] + o.list[2] + o.list[3] + o.word;\n}`;
  });

/** Arguments that reach the edges of each type. */
export const argumentSets: readonly (readonly bigint[])[] = [
  [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
  [-1n, 255n, -1n, 65535n, -1n, 4294967295n, -1n, -1n, 1n],
  [-128n, 128n, -32768n, 32768n, -2147483648n, 2147483648n, -9223372036854775808n, -9223372036854775808n, 1n],
  [127n, 1n, 32767n, 2n, 2147483647n, 3n, 9223372036854775807n, 9223372036854775807n, 0n],
  [5n, 200n, -300n, 40000n, 123456n, 3000000000n, -5000000000n, 81985529216486895n, 1n],
];
