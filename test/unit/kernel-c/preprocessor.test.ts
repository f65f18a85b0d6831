import { describe, expect, it } from 'vitest';
import { indexText } from '../../../src/kernel-c/file-index';
import { createPreprocessor, type Preprocessor } from '../../../src/kernel-c/preprocessor';
import { tokensOf } from '../../../src/kernel-c/tokens';
import { createTreeIndex } from '../../../src/kernel-c/tree-index';
import { onCpu } from '../../cpu-time';

const on = { CONFIG_NUMA: 'y', CONFIG_SHIFT: '3', CONFIG_MOD: 'm' };

function preprocessorOf(files: Readonly<Record<string, string>>, modelled: readonly string[] = []): Preprocessor {
  const paths = Object.keys(files);
  const index = createTreeIndex(paths.map((path) => indexText(path, files[path]!)));
  return createPreprocessor({ paths, read: (path) => files[path] ?? null }, index, on, new Set(modelled));
}

/** The expansion of `text` at the end of mm/a.c. */
function expanded(text: string, files: string | Readonly<Record<string, string>>, modelled: readonly string[] = []): string {
  const all = typeof files === 'string' ? { 'mm/a.c': files } : { 'mm/a.c': '', ...files };
  return preprocessorOf(all, modelled)
    .expand(tokensOf(text, 0, text.length, 10_000), { file: 'mm/a.c', line: 10_000 })
    .map((one) => one.text)
    .join(' ');
}

describe('macro expansion', () => {
  it.each([
    ['A', '#define A 1 + B\n#define B 2', '1 + 2'],
    ['f(1, (2, 3))', '#define f(x, y) y x', '( 2 , 3 ) 1'],
    ['f', '#define f(x) x', 'f'],
    ['f (1)', '#define f(x) x', '1'],
    ['A', '#define A (1)', '( 1 )'],
    // C11 6.10.3.4: a macro is not expanded inside itself.
    ['x', '#define x x + y\n#define y x', 'x + x'],
    ['f(f(1))', '#define f(a) a + f', '1 + f + f'],
    // C11 6.10.3.5 example 3.
    [
      'g(x+(3,4)-w) | h 5) & m(f)^m(m);',
      '#define x 2\n#define f(a) f(x * (a))\n#define z z[0]\n#define g f\n#define h g(~\n#define m(a) a(w)\n#define w 0,1\n#define t(a) a',
      'f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ;',
    ],
    ['s(a  "b\\n" c)', '#define s(x) #x', '"a \\"b\\\\n\\" c"'],
    ['c(a, b)', '#define c(x, y) x ## y ## 1', 'ab1'],
    ['c(, b)', '#define c(x, y) x ## y', 'b'],
    ['c(A, B)', '#define A no\n#define c(x, y) x ## y\n#define AB 7', '7'],
    ['e("x")', '#define e(f, ...) p(f, ##__VA_ARGS__)', 'p ( "x" )'],
    ['e("x", 1, 2)', '#define e(f, ...) p(f, ##__VA_ARGS__)', 'p ( "x" , 1 , 2 )'],
    ['e("x", 1)', '#define e(f, args...) p(f, ##args)', 'p ( "x" , 1 )'],
    ['o(1) o(1, 2)', '#define o(a, ...) [a __VA_OPT__(, __VA_ARGS__)]', '[ 1 ] [ 1 , 2 ]'],
    ['A', '#define A B\n#undef B\n#define B 1\n#undef B\n#define B 2', '2'],
    ['IS_ENABLED(CONFIG_NUMA) IS_ENABLED(CONFIG_MOD) IS_ENABLED(CONFIG_X)', '', '1 1 0'],
    ['CONFIG_SHIFT CONFIG_NUMA CONFIG_X', '', '3 1 CONFIG_X'],
  ])('%s with %j', (text, macros, result) => {
    expect(expanded(text, macros)).toBe(result);
  });

  it('leaves modelled macros alone', () => {
    expect(expanded('m(A)', '#define A 1\n#define m(x) other(x)', ['m'])).toBe('m ( 1 )');
  });

  it('counts __COUNTER__ and says __LINE__', () => {
    expect(expanded('c(__COUNTER__) c(__COUNTER__) __LINE__', '#define c(x) x')).toBe('0 1 10000');
  });

  it('ends on macros that feed each other', () => {
    const doubling = Array.from({ length: 40 }, (_, i) => `#define a${i} a${i + 1} a${i + 1}`).join('\n');
    expect(onCpu(() => expanded('a0', doubling)).milliseconds).toBeLessThan(20_000);
  });
});

describe('which definition is seen', () => {
  it('is the last one before the place in the same file', () => {
    const files = { 'mm/a.c': '#define A 1\nint x;\n#undef A\n#define A 2\nint y;\n' };
    const at = (line: number): string | undefined => preprocessorOf(files).macro('A', { file: 'mm/a.c', line })?.body[0]?.text;
    expect([at(2), at(5)]).toEqual(['1', '2']);
  });

  it('is that of arch/x86 before include/linux before asm-generic, and never one of another architecture or of tools', () => {
    const files = {
      'tools/include/linux/a.h': '#define A tools',
      'arch/arm64/include/asm/a.h': '#define A arm',
      'include/asm-generic/a.h': '#define A generic\n#define B generic',
      'include/linux/a.h': '#define A linux\n#define B linux\n#define C linux',
      'arch/x86/include/asm/a.h': '#define A x86',
    };
    expect(expanded('A B C', files)).toBe('x86 linux linux');
  });

  it('follows the configuration', () => {
    const text =
      '#ifdef CONFIG_NUMA\n#define A numa\n#else\n#define A uma\n#endif\n#if defined(CONFIG_X) || CONFIG_SHIFT > 3\n#define B 1\n#elif CONFIG_SHIFT == 3\n#define B 2\n#endif';
    expect(expanded('A B', { 'include/linux/a.h': text })).toBe('numa 2');
  });

  it('sees through include guards, and lets an override stand before a default', () => {
    const files = {
      'include/linux/a.h': '#ifndef _A_H\n#define _A_H\n#ifndef A\n#define A default\n#endif\n#ifndef B\n#define B default\n#endif\n#endif',
      'arch/x86/include/asm/a.h': '#ifndef _X_A_H\n#define _X_A_H\n#define A x86\n#endif',
    };
    expect(expanded('A B', files)).toBe('x86 default');
  });

  it('gives the tokens of a range with its inner conditions obeyed', () => {
    const text = 'int a[] = {\n#ifdef CONFIG_NUMA\n1,\n#else\n2,\n#endif\n3 };\n';
    const preprocessor = preprocessorOf({ 'mm/a.c': text });
    const file = indexText('mm/a.c', text);
    expect(
      preprocessor
        .tokens(file, 0, text.length, 1)
        .map((one) => one.text)
        .join(' '),
    ).toBe('int a [ ] = { 1 , 3 } ;');
  });
});
