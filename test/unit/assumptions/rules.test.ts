import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasSymbol } from '../../../src/assumptions/occurrences';
import { RULES, SYMBOLS } from '../../../src/assumptions/rules';
import { sitesOf } from '../../../src/assumptions/sites';
import type { CParser } from '../../../src/worktree/tree-sitter';
import { parserOfPackages } from './parser';

let parser: CParser;
beforeAll(async () => {
  parser = await parserOfPackages();
});

/** An example without its marks, and what is marked as `line:column name`. */
function unmarked(example: string): { readonly text: string; readonly marked: readonly string[] } {
  const marked: string[] = [];
  let text = '';
  for (const part of example.split(/(«\w+»)/)) {
    if (part.startsWith('«')) {
      const before = text.split('\n');
      marked.push(`${before.length}:${(before.at(-1) ?? '').length + 1} ${part.slice(1, -1)}`);
      text += part.slice(1, -1);
    } else text += part;
  }
  return { text, marked };
}

const found = (text: string, rule: string, parsed: boolean): readonly string[] => {
  const sites = parsed
    ? parser.parsed(text, (root) => sitesOf({ path: 'mm/x.c', text, root }))
    : sitesOf({ path: 'mm/x.c', text, root: null });
  return sites.filter((site) => site.rule === rule).map((site) => `${site.line}:${site.column} ${site.symbol}`);
};

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  it('finds what its examples mark, and nothing else', () => {
    for (const example of rule.examples.fires) {
      const { text, marked } = unmarked(example);
      expect(marked.length, example).toBeGreaterThan(0);
      expect(found(text, id, true), text).toEqual(marked);
    }
  });

  it('is silent where its examples say so', () => {
    for (const example of rule.examples.silent) expect(found(example, id, true), example).toEqual([]);
  });

  it('has words for everything', () => {
    for (const words of [rule.title, rule.assumes, rule.ask, ...rule.symbols.flatMap(({ does, source }) => [does, source])])
      expect(words.length).toBeGreaterThan(5);
  });
});

describe('the list', () => {
  it('has each file once, under its name', () => {
    const files = readdirSync(join(__dirname, '../../../src/assumptions/rules')).map((file) => file.replace(/\.ts$/, ''));
    expect(RULES.map((rule) => rule.id).sort()).toEqual(files.sort());
  });

  it('has no name in two rules', () => {
    expect(SYMBOLS.size).toBe(RULES.reduce((sum, rule) => sum + rule.symbols.length, 0));
  });

  it('finds each name by the fast search', () => {
    for (const name of SYMBOLS.keys()) {
      expect(hasSymbol(`x = ${name}(y);`), name).toBe(true);
      expect(hasSymbol(`x = ${name}_other(y);`), name).toBe(SYMBOLS.has(`${name}_other`));
    }
    expect(hasSymbol('huge pages and their hstate')).toBe(false);
  });
});
