import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SYMBOLS } from '../../../src/assumptions/rules';

interface Grammar {
  readonly injectionSelector: string;
  readonly patterns: readonly { readonly match: string; readonly name: string }[];
}

const grammar = JSON.parse(readFileSync(join(__dirname, '../../../syntaxes/hugetlb-words.tmLanguage.json'), 'utf8')) as Grammar;
const namesIn = (text: string): readonly string[] =>
  grammar.patterns.flatMap(({ match, name }) => [...text.matchAll(new RegExp(match, 'g'))].map((found) => `${found[0]} ${name}`));

describe('the words that are highlighted without a server', () => {
  it('are those of every rule', () => {
    const missing = [...SYMBOLS.keys()].filter((name) => namesIn(`${name}(x)`).every((found) => found.split(' ')[0] !== name));
    expect(missing).toEqual([]);
  });

  it('are each of one kind, and whole words', () => {
    expect(namesIn('if (folio_test_hugetlb(folio) && vma->vm_flags & VM_HUGETLB)')).toEqual([
      'folio_test_hugetlb keyword.control.hugetlb-test.folioscope',
      'VM_HUGETLB constant.language.vma-flag.folioscope',
    ]);
    // Bold: themes colour every function alike.
    expect(namesIn('hstate_vma(vma)')).toEqual(['hstate_vma support.function.hugetlb-operation.folioscope strong']);
    expect(namesIn('my_PageHuge(x); folio_test_locked(folio); page;')).toEqual([]);
  });

  it('are left alone in comments and strings', () => {
    expect(grammar.injectionSelector).toContain('-comment');
    expect(grammar.injectionSelector).toContain('-string');
  });
});
