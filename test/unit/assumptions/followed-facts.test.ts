import { describe, expect, it } from 'vitest';
import type { FileFacts } from '../../../src/assumptions/facts';
import { factsOf } from '../../../src/assumptions/file-facts';
import { packedFacts, unpackedFacts } from '../../../src/assumptions/pack-facts';
import { PLAIN_VOCABULARY } from '../../../src/assumptions/vocabulary';
import { FollowedFacts } from '../../../src/server/assumption-chunks';

const FUNCTION = (name: string, body: string): string =>
  `static int ${name}(struct folio *folio, struct vm_area_struct *vma)\n{\n${body}\treturn 0;\n}\n\n`;
const TEXT = [
  '#include <linux/mm.h>\n#define HUGE(folio) folio_test_hugetlb(folio)\n\n',
  FUNCTION('first', '\tif (folio_test_hugetlb(folio))\n\t\thstate_vma(vma);\n'),
  FUNCTION('second', '\tfirst(folio, vma);\n'),
  FUNCTION('third', '\tif (is_vm_hugetlb_page(vma))\n\t\tsecond(folio, vma);\n'),
  'static const struct vm_operations_struct ops = {\n\t.fault = third,\n};\n',
].join('');

const NONE: FileFacts = { functions: [], loose: [], tables: [], unread: [], wrappers: [] };

/** Order says nothing. */
const plain = (facts: FileFacts): unknown =>
  (packedFacts(facts) as readonly (readonly unknown[])[]).map((list) => list.map((one) => JSON.stringify(one)).sort());

function prepared(text: string): FollowedFacts {
  const followed = new FollowedFacts(PLAIN_VOCABULARY);
  // As from the disk.
  followed.follow(text, unpackedFacts(JSON.parse(JSON.stringify(packedFacts(factsOf(text, PLAIN_VOCABULARY))))) ?? NONE);
  let parts = 1;
  // One chunk at a call: others are let in between.
  for (let asked = 0; !followed.prepare(() => asked++ % 2 === 1); parts += 1);
  expect(parts).toBeGreaterThan(2);
  return followed;
}

describe('facts of a text that is edited', () => {
  it('are those of the text after each key, also while braces stand open', () => {
    const followed = prepared(TEXT);
    const at = TEXT.indexOf('\tfirst(folio');
    const keys = '\tif (folio_test_hugetlb(folio)) { /* " */ }\n';
    for (let typed = 1; typed <= keys.length; typed += 1) {
      const text = TEXT.slice(0, at) + keys.slice(0, typed) + TEXT.slice(at);
      expect(plain(followed.of(text)), keys.slice(0, typed)).toEqual(plain(factsOf(text, PLAIN_VOCABULARY)));
    }
    expect(plain(followed.of(TEXT))).toEqual(plain(factsOf(TEXT, PLAIN_VOCABULARY)));
  });

  it('are the same object while they say the same, so that what was joined with them holds', () => {
    const followed = prepared(TEXT);
    const at = TEXT.indexOf('\treturn 0;\n}\n\nstatic int second');
    const typed = (keys: string): FileFacts => followed.of(TEXT.slice(0, at) + keys + TEXT.slice(at));
    const first = typed('\tso');
    expect(typed('\tsom')).toBe(first);
    expect(typed('\tsome();')).not.toBe(first);
    expect(typed('\tsome();\n')).not.toEqual(first);
  });

  it('are those of the text when much of it is cut out or put in', () => {
    const followed = prepared(TEXT);
    const second = TEXT.indexOf('static int second');
    const third = TEXT.indexOf('static int third');
    const texts = [
      TEXT.slice(0, second) + TEXT.slice(third),
      TEXT.slice(0, second) + TEXT.slice(second, third).repeat(3) + TEXT.slice(third),
      '',
      TEXT,
    ];
    for (const text of texts) expect(plain(followed.of(text))).toEqual(plain(factsOf(text, PLAIN_VOCABULARY)));
  });

  it('cost the reading of one function and not of all', () => {
    const many = Array.from({ length: 400 }, (_, at) =>
      FUNCTION(`f${at}`, '\tif (folio_test_hugetlb(folio))\n\t\thstate_vma(vma);\n'),
    ).join('');
    const followed = prepared(many);
    const at = many.indexOf('static int f200') + many.slice(many.indexOf('static int f200')).indexOf('{') + 2;
    const spent = (work: () => void): number => {
      const from = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(from);
      return user + system;
    };
    const texts = Array.from({ length: 10 }, (_, key) => `${many.slice(0, at)}${'\tx();\n'.repeat(key + 1)}${many.slice(at)}`);
    const whole = spent(() => {
      for (const text of texts) factsOf(text, PLAIN_VOCABULARY);
    });
    const one = spent(() => {
      for (const text of texts) followed.of(text);
    });
    expect(one).toBeLessThan(whole / 2);
  });
});
