import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Rule {
  readonly include?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly name?: string;
  readonly captures?: Readonly<Record<string, { readonly name?: string; readonly patterns?: readonly Rule[] }>>;
  readonly patterns?: readonly Rule[];
}
interface Grammar {
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}

const root = join(__dirname, '../../..');
const grammar = JSON.parse(readFileSync(join(root, 'syntaxes/review-mail.tmLanguage.json'), 'utf8')) as Grammar;

/** Oniguruma's as JavaScript's, as far as this grammar goes: `\A` is the start of the first line. */
const regex = (source: string): RegExp => new RegExp(source.replaceAll('\\A', '^'), 'm');

function rulesIn(rule: Rule): Rule[] {
  const below = [...(rule.patterns ?? []), ...Object.values(rule.captures ?? {}).flatMap((capture) => capture.patterns ?? [])];
  return [rule, ...below.flatMap(rulesIn)];
}
const allRules = [...grammar.patterns, ...Object.values(grammar.repository)].flatMap(rulesIn);

/** The rules of a part with its includes opened, in order. */
const opened = (rules: readonly Rule[]): Rule[] =>
  rules.flatMap((rule) => {
    const included = rule.include === undefined ? rule : grammar.repository[rule.include.slice(1)]!;
    return included.match === undefined && included.begin === undefined ? opened(included.patterns ?? []) : [included];
  });

/** Names that the first rule matching at the start of a line gives it, and its parts. */
function namesOf(line: string, rules: readonly Rule[] = grammar.patterns): string {
  for (const rule of opened(rules)) {
    const match = regex((rule.match ?? rule.begin)!).exec(line);
    if (match?.index !== 0) continue;
    return [rule.name, ...Object.entries(rule.captures ?? {}).map(([group, capture]) => (match[Number(group)] ? capture.name : ''))]
      .filter(Boolean)
      .join(' ');
  }
  return '';
}
const body = grammar.patterns.filter((rule) => rule.include !== '#headers');
const inDiff = grammar.repository['diff']!.patterns!;

describe('the grammar of review mail', () => {
  it('is the one of the manifest', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      contributes: { grammars: { scopeName: string; path: string }[] };
    };
    expect(
      manifest.contributes.grammars.filter((one) => one.path === './syntaxes/review-mail.tmLanguage.json').map((one) => one.scopeName),
    ).toEqual([grammar.scopeName]);
  });

  it('has only patterns that compile and includes that are there', () => {
    for (const rule of allRules) {
      for (const source of [rule.match, rule.begin, rule.end]) if (source !== undefined) expect(() => regex(source)).not.toThrow();
      if (rule.include !== undefined) expect(Object.keys(grammar.repository)).toContain(rule.include.slice(1));
    }
  });

  it.each([
    ['On Tue, 10 Sep 2024 23:43:55 +0000, Ada Field wrote:', 'comment.line.attribution'],
    ['> +\tadded();', 'markup.inserted.diff'],
    ['> > -\tgone();', 'markup.deleted.diff'],
    ['> @@ -1,2 +3,4 @@ int foo(void)', 'meta.diff.range'],
    ['> diff --git a/x.c b/x.c', 'meta.diff.header'],
    ['> prose', 'quote.level1'],
    ['> > prose', 'quote.level2'],
    ['>> > prose', 'quote.level3'],
    ['Reviewed-by: Ada Field <ada@example.org>', 'meta.trailer'],
    ['[...]', 'comment.line.dropped'],
    ['-- ', 'comment.block.signature'],
    ['https://example.org/x', 'markup.underline.link'],
    ['diff --git a/x.c b/x.c', 'meta.diff'],
  ])('knows %j', (line, name) => {
    expect(namesOf(line, body)).toContain(name);
  });

  it.each([
    ['+added', 'markup.inserted.diff'],
    ['-removed', 'markup.deleted.diff'],
    ['--- removed comment', 'markup.deleted.diff'],
    ['--- a/x.c', 'meta.diff.header.from-file'],
    ['+++ b/x.c', 'meta.diff.header.to-file'],
    ['@@ -1 +1 @@', 'meta.diff.range'],
  ])('knows %j in a patch', (line, name) => {
    expect(namesOf(line, inDiff)).toContain(name);
  });

  it('marks prose as nothing', () => {
    expect(namesOf('+1 from me', body)).toBe('');
    expect(namesOf('Note: this is prose.', body)).toBe('');
  });

  it('marks headers before the body only', () => {
    expect(namesOf('Subject: Re: [PATCH 1/2] x', grammar.repository['headers']!.patterns)).toContain('entity.name.section.subject');
    expect(regex(grammar.repository['headers']!.end!).test('')).toBe(true);
  });
});
