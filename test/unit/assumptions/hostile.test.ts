import { beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { functionsOf } from '../../../src/assumptions/functions';
import { lexicalOf } from '../../../src/assumptions/lexical';
import { occurrencesOf } from '../../../src/assumptions/occurrences';
import { SYMBOLS } from '../../../src/assumptions/rules';
import { sitesOf } from '../../../src/assumptions/sites';
import type { CParser } from '../../../src/worktree/tree-sitter';
import { parserOfPackages } from './parser';
import { onCpu } from '../../cpu-time';

let parser: CParser;
beforeAll(async () => {
  parser = await parserOfPackages();
});

const sites = (text: string) => parser.parsed(text, (root) => sitesOf({ path: 'x.c', text, root }));

describe('text that was made to hurt', () => {
  it.each([
    ['one line of open calls', 'PageHuge('.repeat(50_000)],
    ['a macro head without end', `#define f(${'PageHuge '.repeat(50_000)}`],
    ['a macro of its own name', `#define PageHuge ${'PageHuge '.repeat(50_000)}`],
    ['open comments after braces', '{ /* '.repeat(60_000)],
    ['braces at line ends', 'a(b) {\n'.repeat(60_000)],
    ['closed parentheses', `${')'.repeat(300_000)} {\n`],
    ['many short functions', 'int f(void)\n{\n\tPageHuge(p);\n}\n'.repeat(12_000)],
    ['spliced lines', 'PageHuge \\\n'.repeat(50_000)],
    ['quotes', '"PageHuge\n'.repeat(50_000)],
  ])('is done with in a few seconds: %s', (_name, text) => {
    expect(onCpu(() => sites(text)).milliseconds).toBeLessThan(20_000);
  });

  it('never throws, and each site is where its name is', () => {
    const pieces = [
      '{',
      '}',
      '(',
      ')',
      '"',
      "'",
      '/*',
      '*/',
      '//',
      '\n',
      '\\\n',
      '#define ',
      '#if ',
      ';',
      ',',
      ' ',
      'int f(void)',
      '->',
      ' é😀 ',
      '\0',
    ];
    const words = fc.constantFrom(...pieces, ...SYMBOLS.keys(), 'return', 'struct vm_area_struct *vma');
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        const lines = text.split('\n');
        for (const site of sites(text)) {
          expect(lines[site.line - 1]?.slice(site.column - 1, site.column - 1 + site.length)).toBe(site.symbol);
        }
        let last = 0;
        for (const { from, to } of lexicalOf(text).hidden) {
          expect(from).toBeGreaterThanOrEqual(last);
          expect(to).toBeGreaterThan(from);
          last = to;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('what a name is', () => {
  const role = (text: string): readonly string[] =>
    parser.parsed(text, (root) => occurrencesOf({ path: 'x.c', text, root }).map((one) => one.role));

  it.each([
    ['void f(void)\n{\n\tfor_each(x)\n\t\thugetlb_vma_lock_read(vma);\n}\n', 'use'],
    ['void f(void)\n{\n\treturn /* why */ PageHuge(page);\n}\n', 'use'],
    ['void f(void)\n{\n\tx = 2 * huge_pte_offset(mm, a, b);\n}\n', 'use'],
    ['static struct ops ops = {\n\t.fault = hugetlb_fault,\n};\n', 'use'],
    ['static int tests[] = {\n\t[0 ... VM_HUGETLB] = 1,\n};\n', 'use'],
    ['int (*PageHuge)(struct page *);\n', 'declaration'],
    ['void g(int VM_HUGETLB);\n', 'declaration'],
    ['extern pte_t\n*huge_pte_offset(struct mm_struct *mm, unsigned long a);\n', 'declaration'],
    ['static __always_inline __must_check bool PageHuge(const struct page *page)\n{\n}\n', 'declaration'],
    ['struct ops ops = { .hstate_file = NULL };\n', 'member'],
    ['#elif defined(VM_HUGETLB)\n', 'directive'],
    ['#include "PageHuge"\n', 'string'],
    ["x = 'VM_HUGETLB';\n", 'string'],
    ['// one \\\nPageHuge(x)\n', 'comment'],
    ['EXPORT_SYMBOL_FOR_KVM(hstate_vma);\nEXPORT_SYMBOL_GPL(PageHuge);\n', 'use export'],
    ['#define W(hstate_vma) 1\n', 'macro-name'],
  ])('%j: %s', (text, expected) => {
    expect(role(text).join(' ')).toBe(expected.replace('use export', 'export export'));
  });
});

describe('the functions of a file', () => {
  const functions = (text: string, parsed = true): readonly string[] =>
    parsed
      ? parser.parsed(text, (root) => functionsOf({ path: 'x.c', text, root }).map((one) => one.name))
      : functionsOf({ path: 'x.c', text, root: null }).map((one) => one.name);
  const HARD = [
    'static int __init __attribute__((cold)) one(void)\n{\n\treturn 0;\n}\n',
    'SYSCALL_LIKE struct page *\ntwo(int a,\n    int (*f)(int b)) /* odd */\n\t__must_hold(&lock)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (!a) {\n#endif\n\t\treturn NULL;\n\t}\n}\n',
    'static inline void three(void) { }\n',
    '#ifdef B\nvoid four(int a)\n#else\nvoid four(long a)\n#endif\n{\n}\n',
    'struct ops o = {\n\t.a = five_not,\n};\nint\nfive(void) {\n\treturn 1;\n}\n',
  ].join('\n');

  it('are found by layout alone', () => {
    expect(functions(HARD, false)).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('are found with the tree too, each once', () => {
    expect(functions(HARD)).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('end where they end although a macro misled the parser', () => {
    const text = `int a(void)\n{\n\tfor_each_odd(x, {)\n\t\tPageHuge(x);\n}\n\nint b(void)\n{\n\treturn PageHuge(y);\n}\n`;
    expect(sites(text).map((site) => site.function)).toEqual(['a', 'b']);
  });
});
