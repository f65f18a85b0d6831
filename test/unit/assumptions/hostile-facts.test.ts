import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../../src/assumptions/outline';
import { packedFacts, unpackedFacts } from '../../../src/assumptions/pack-facts';
import { SYMBOLS } from '../../../src/assumptions/rules';
import { factsOf } from '../../../src/assumptions/file-facts';
import { PLAIN_VOCABULARY } from '../../../src/assumptions/vocabulary';
import { unwatched } from '../../../src/base/progress';
import { scanTree } from '../../../src/review/scan';
import { onCpu } from '../../cpu-time';

const scan = (text: string) => {
  const outcome = scanTree({ paths: ['mm/a.c'], read: () => text }, {}, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
};
const inFunction = (body: string): string => `int f(struct folio *folio, struct vm_area_struct *vma)\n{\n${body}\n}\n`;
const test = 'if (folio_test_hugetlb(folio))\n\twork(folio);\n';

describe('C that was made to hurt', () => {
  it.each([
    ['parentheses', inFunction(`x = ${'('.repeat(100_000)}PageHuge(p)`)],
    ['calls in calls', inFunction(`x = ${'PageHuge('.repeat(30_000)}`)],
    ['blocks in blocks', inFunction(`${'{'.repeat(50_000)}PageHuge(p);`)],
    ['blocks that are closed', inFunction(`${'if (PageHuge(p)) {'.repeat(5_000)}${'}'.repeat(5_000)}`)],
    ['statements in statements', inFunction('if (PageHuge(p)) '.repeat(20_000))],
    ['ternaries', inFunction(`x = ${'PageHuge(p) ? a : '.repeat(10_000)}b;`)],
    ['conditions', inFunction(`if (${'PageHuge(p) && '.repeat(10_000)}b) work();`)],
    ['tests after tests', inFunction(test.repeat(6_000))],
    ['tests that leave', inFunction('if (folio_test_hugetlb(folio))\n\tgoto out;\n'.repeat(6_000))],
    [
      'labels and jumps',
      inFunction(Array.from({ length: 5_000 }, (_, at) => `l${at}: if (is_vm_hugetlb_page(vma)) goto l${(at * 7) % 5_000};`).join('\n')),
    ],
    [
      'variables',
      inFunction(
        Array.from({ length: 5_000 }, (_, at) => `struct vm_area_struct *v${at} = v${at + 1};\nsize(hstate_vma(v${at}));`).join('\n'),
      ),
    ],
    [
      'variables that change',
      inFunction(
        Array.from({ length: 3_000 }, (_, at) => `while (a) { v${at} = v${at + 1}; if (is_vm_hugetlb_page(v${at})) b(); }`).join('\n'),
      ),
    ],
    ['conditionals', inFunction('#ifdef A\n\tif (PageHuge(p)) {\n#else\n\t{\n#endif\n'.repeat(5_000))],
    ['conditionals in conditionals', inFunction('#ifdef A\n'.repeat(20_000) + test)],
    ['directives without an end', `${inFunction(test)}${'#if PageHuge\n'.repeat(100_000)}`],
    ['one long line', inFunction(`x = ${'1 + '.repeat(500_000)}PageHuge(p);`)],
    ['a long initialiser', `int t[] = {${'VM_HUGETLB, '.repeat(50_000)}};\n`],
    ['an initialiser in a function', inFunction(`int t[] = {${'{ .a = VM_HUGETLB }, '.repeat(20_000)}};`)],
    [
      'many functions',
      Array.from(
        { length: 10_000 },
        (_, at) => `void f${at}(struct vm_area_struct *vma)\n{\n\tf${at + 1}(vma);\n\thstate_vma(vma);\n}\n`,
      ).join(''),
    ],
    [
      'functions that call each other',
      Array.from(
        { length: 1_000 },
        (_, at) =>
          `void f${at}(struct vm_area_struct *vma)\n{\n${Array.from({ length: 20 }, (_, to) => `\tf${(at * 31 + to) % 1_000}(vma);`).join('\n')}\n\thstate_vma(vma);\n}\n`,
      ).join(''),
    ],
    ['an unfinished string', inFunction(`x = "${'PageHuge(p) '.repeat(50_000)}\n;${test}`)],
    ['five megabytes', `/* vma */\n${'static const int register_field = 0x1234567;\n'.repeat(80_000)}${inFunction(test)}`],
  ])(
    'is done with in a few seconds, with every site told: %s',
    (_name, text) => {
      const { value: found, milliseconds } = onCpu(() => scan(text));
      expect(milliseconds).toBeLessThan(20_000);
      expect(found.sites.length + found.unread.length).toBeGreaterThan(0);
      for (const site of found.sites) if (site.class === 'unread') expect(found.unread.length).toBeGreaterThan(0);
    },
    30_000,
  );

  it('never makes the reader throw; each site stands where its name does; facts survive packing', () => {
    const pieces =
      '{ } ( ) [ ] " \' /* */ // \n \\\n #if\n #else\n #endif\n #define\u0020 ; , : ? = == && || ! & | * . -> + ++ < é😀 \0 0x1 1.5e'.split(
        ' ',
      );
    const words =
      'int f(struct folio *folio) if while for do switch case default return goto break continue else struct vma folio list_for_each_entry(a,b,c)'.split(
        ' ',
      );
    const one = fc.constantFrom(...pieces, ...words, ...SYMBOLS.keys());
    fc.assert(
      fc.property(fc.array(one, { maxLength: 120 }), fc.boolean(), (parts, wrapped) => {
        const text = wrapped ? inFunction(parts.join(' ')) : parts.join(' ');
        const lines = text.split('\n');
        for (const site of scan(text).sites) {
          expect(lines[site.line - 1]?.slice(site.column - 1, site.column - 1 + site.length)).toBe(site.symbol);
          expect(['named', 'unread'].includes(site.class) || site.evidence.length > 0).toBe(true);
        }
        const facts = factsOf(text, PLAIN_VOCABULARY);
        expect(unpackedFacts(JSON.parse(JSON.stringify(packedFacts(facts))))).toEqual(facts);
        for (const { from, to, bodyFrom, bodyTo } of outlineOf(text).functions) {
          expect(from).toBeLessThan(bodyFrom);
          expect(bodyFrom - 1).toBeLessThanOrEqual(bodyTo);
          expect(bodyTo).toBeLessThan(to + 1);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('takes packed facts from elsewhere for what they are', () => {
    for (const value of [null, 3, 'x', [], [[], [], [], []], [[[1]], [], [], [], []], { functions: [] }]) {
      const made = unpackedFacts(value);
      expect(made === null || typeof made === 'object').toBe(true);
    }
    expect(unpackedFacts([])).toBeNull();
    expect(unpackedFacts([[3], [], [], [], []])).toBeNull();
  });
});
