/** Our own stand-in for csmith's runtime header: the same names, defined for every operand, and a checksum of our own. */

const widths = [8, 16, 32, 64] as const;
const name = (signed: boolean, bits: number): string => `${signed ? '' : 'u'}int${bits}_t`;

function functionsOf(signed: boolean, bits: number): string[] {
  const type = name(signed, bits);
  const wide = bits === 64 ? 'uint64_t' : 'int64_t';
  const both = signed ? 's_s' : 'u_u';
  const one = signed ? 's' : 'u';
  const least = signed ? `b == 0 || (b == -1 && a == (${type})(1ull << ${bits - 1}))` : 'b == 0';
  const lines = [
    ...(['add +', 'sub -', 'mul *'] as const).map((pair) => {
      const [word, sign] = pair.split(' ');
      return `static ${type} safe_${word}_func_${type}_${both}(${type} a, ${type} b) { return (${type})((${wide})a ${sign} (${wide})b); }`;
    }),
    ...(['div /', 'mod %'] as const).map((pair) => {
      const [word, sign] = pair.split(' ');
      return `static ${type} safe_${word}_func_${type}_${both}(${type} a, ${type} b) { return ${least} ? a : a ${sign} b; }`;
    }),
    `static ${type} safe_unary_minus_func_${type}_${one}(${type} a) { return (${type})(0 - (${wide})a); }`,
  ];
  for (const [count, how] of [
    ['int', 's'],
    ['unsigned int', 'u'],
  ] as const) {
    const limit = bits === 64 ? 64 : 32;
    const bad = how === 's' ? `b < 0 || b >= ${limit}` : `b >= ${limit}`;
    lines.push(
      `static ${type} safe_lshift_func_${type}_${one}_${how}(${type} a, ${count} b) { return ${bad} ? a : (${type})(a << b); }`,
      `static ${type} safe_rshift_func_${type}_${one}_${how}(${type} a, ${count} b) { return ${bad} ? a : (${type})(a >> b); }`,
    );
  }
  return lines;
}

export const csmithHeader = [
  ...widths.flatMap((bits) => {
    const word = { 8: 'char', 16: 'short', 32: 'int', 64: 'long' }[bits];
    return [`typedef signed ${word} int${bits}_t;`, `typedef unsigned ${word} uint${bits}_t;`];
  }),
  'typedef unsigned long size_t;',
  'int printf(const char *, ...);',
  ...widths.flatMap((bits) => [...functionsOf(true, bits), ...functionsOf(false, bits)]),
  'static unsigned long crc32_context = 14695981039346656037ul;',
  'unsigned long csmith_result;',
  'static void crc32_gentab(void) { }',
  'static void platform_main_begin(void) { }',
  'static void transparent_crc(uint64_t value, const char *name, int flag) { crc32_context = (crc32_context ^ value) * 1099511628211ul; crc32_context ^= crc32_context >> 29; }',
  'static void platform_main_end(unsigned long sum, int flag) { csmith_result = sum; }',
].join('\n');
