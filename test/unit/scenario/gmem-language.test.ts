import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { runScenario } from '../../../src/review/run-gmem';
import { completionsAt } from '../../../src/scenario/gmem/completion';
import { formatGmem } from '../../../src/scenario/gmem/format-gmem';
import { gmemGrammar } from '../../../src/scenario/gmem/grammar';
import { hoverAt } from '../../../src/scenario/gmem/hover';
import { outlineOf, runnableAt } from '../../../src/scenario/gmem/language';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import { referencePage } from '../../../src/scenario/gmem/reference';
import { STATEMENTS } from '../../../src/scenario/gmem/statements';
import { textWith } from './gmem-text';

const head = `scenario "x"
  let span 64MiB
  vm td type tdx
  process vmm
  device nic
  create gmem0 for td size 2GiB
`;

/** Words offered where `|` stands. */
function offered(text: string): string[] {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  return completionsAt(text.replace('|', ''), { line: before.length, column: (before.at(-1) ?? '').length + 1 }).map(({ word }) => word);
}

/** What is said of the word at `|`. */
function said(text: string): string | undefined {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  return hoverAt(text.replace('|', ''), { line: before.length, column: (before.at(-1) ?? '').length + 1 })?.text;
}

describe('completion', () => {
  it('offers statements at the beginning of a line, scenarios at the margin', () => {
    expect(offered('|')).toEqual(['scenario']);
    const inside = offered(`${head}  |`);
    expect(inside).toEqual(expect.arrayContaining(['create', 'convert', 'expect', 'repeat', 'vm']));
    expect(inside).not.toContain('scenario');
    expect(inside).toHaveLength(new Set(inside).size);
  });

  it.each([
    ['  convert |', ['gmem0']],
    ['  convert gmem0 |', ['pages', 'page', 'block', 'blocks', 'all']],
    ['  convert gmem0 page 0 |', ['to']],
    ['  convert gmem0 page 0 to |', ['shared', 'private']],
    ['  convert gmem0 page 0 to sh|', ['shared', 'private']],
    ['  convert gmem0 page 0 to shared |', ['by', 'moving', 'for']],
    ['  convert gmem0 page 0 to shared moving 4K |', ['by', 'for']],
    ['  convert gmem0 page 0 to shared for A |', ['A', 'B', 'B2', 'C', 'D', 'E']],
    ['  pin |', ['vmm', 'nic']],
    ['  host-fault vmm gmem0 page 0 |', ['read', 'write', 'moving', 'for']],
    ['  expect state gmem0 page 0 block |', ['empty', 'whole', 'split', 'mixed', 'orphan', 'draining']],
    ['  expect held SHARE|', undefined],
    ['  create other for td size |', ['$span']],
    ['  meanwhile punch |', ['gmem0']],
  ])('offers at "%s" what can stand there', (line, words) => {
    const found = offered(`${head}${line}`);
    if (words === undefined) expect(found).toEqual(expect.arrayContaining(['SHARE=>SPLIT', 'NO-LEAK']));
    else expect(found).toEqual(words);
  });

  it('offers what `expect` can go on with, errors among it', () => {
    expect(offered(`${head}  expect |`)).toEqual(
      expect.arrayContaining(['ok', 'counter', 'metric', 'held', 'violated', 'state', 'EAGAIN']),
    );
  });

  it('offers counters with the names of the text', () => {
    expect(offered(`${head}  expect counter |`)).toEqual(
      expect.arrayContaining(['hstate.1G.free_huge_pages', 'subpool.gmem0.used_hpages', 'charge.td.memcg']),
    );
  });

  it('offers the values of a switch', () => {
    expect(offered('scenario "x"\n  switch A-2 |')).toEqual(['as-written', 'as-intended']);
  });

  it('offers nothing in comments, texts, and lines that are complete or unknown', () => {
    for (const line of ['  # conv|', '  about "conv|', '  nonsense |', '  close gmem9 |'])
      expect([line, offered(`${head}${line}`)]).toEqual([line, []]);
  });

  it('replaces the word at hand', () => {
    const text = `${head}  conv`;
    const found = completionsAt(text, { line: 7, column: 7 }).find(({ word }) => word === 'convert');
    expect(found).toMatchObject({ from: 3, to: 7, detail: expect.stringContaining('shared or private') as unknown });
  });
});

describe('hover', () => {
  it.each(STATEMENTS.map((each) => [each.word, each] as const))('explains "%s"', (_word, statement) => {
    const { text, line } = textWith(statement);
    const column = (text.split('\n')[line - 1] ?? '').search(/\S/) + 1;
    expect(hoverAt(text, { line, column })?.text).toContain(statement.meaning);
  });

  it.each([
    ['  close gmem0\n    expect EAG|AIN', 'tries again'],
    ['  close gmem0\n    expect metric hvo-ke|pt = 1', '1 - vmemmap pages'],
    ['  close gmem0\n    expect counter subpool.gmem0.used_hp|ages = 1', 'allocated and not returned'],
    ['  close gmem0\n    expect held NO-L|EAK', 'orphaned'],
    ['  create other for td size 64M|iB', '67,108,864 bytes, 16,384 pages of 4 KiB'],
    ['  create other for td size $sp|an', '`$span` is 64MiB (line 2)'],
    ['  wait 10m|s', '10,000 microseconds'],
    ['  meanwhile pun|ch gmem0 [0, 4K)', 'FALLOC_FL_PUNCH_HOLE'],
  ])('says at "%s" what is meant', (line, text) => {
    expect(said(`${head}${line}`)).toContain(text);
  });

  it('says nothing of names, marks and white space', () => {
    for (const line of ['  close gme|m0', '  expect metric splits |= 1', ' | close gmem0'])
      expect([line, said(`${head}${line}`)]).toEqual([line, undefined]);
  });
});

describe('outline and run buttons', () => {
  const text = `# first
scenario "one"
  vm td type tdx
  create gmem0 for td size 2GiB
  repeat 2
    convert gmem0 page 0 to shared  # note
      expect ok
  expect metric splits = 1

scenario "two"
  wait 1us
`;

  it('show scenarios, and what is in them', () => {
    expect(outlineOf(text).map(({ name, kind, span, lastLine }) => [name, kind, span.line, lastLine])).toEqual([
      ['one', 'scenario', 2, 8],
      ['two', 'scenario', 10, 11],
    ]);
    const [one] = outlineOf(text);
    expect(one?.children.map(({ name, detail, kind }) => [name, detail, kind])).toEqual([
      ['vm', 'td type tdx', 'declaration'],
      ['create', 'gmem0 for td size 2GiB', 'step'],
      ['repeat', '2', 'block'],
    ]);
  });

  it('give each scenario and each step its button', () => {
    expect(runnableAt(text).map(({ kind, scenario, step, index, span }) => [kind, scenario, step, index, span.line])).toEqual([
      ['scenario', 'one', '', -1, 2],
      ['step', 'one', 'create gmem0 for td size 2GiB', 0, 4],
      ['step', 'one', 'convert gmem0 page 0 to shared', 1, 6],
      ['scenario', 'two', '', -1, 10],
      ['step', 'two', 'wait 1us', 0, 11],
    ]);
  });
});

describe('the formatter', () => {
  it('indents by what belongs to what, and keeps comments', () => {
    const ragged = `
# about all

   # about one
scenario   "x"
      vm   td  type tdx   # who


      create gmem0 for td size 2GiB
      expect   ok for A   B
      repeat 2
           convert gmem0 pages 0 .. 1 to shared
           expect ok
           # the end of the turn
      expect metric splits=1
      nonsense [ 0 ,1 ) "open
`;
    expect(formatGmem(ragged)).toBe(
      `
# about all

# about one
scenario "x"
  vm td type tdx  # who

  create gmem0 for td size 2GiB
    expect ok for A B
  repeat 2
    convert gmem0 pages 0..1 to shared
      expect ok
  # the end of the turn
  expect metric splits = 1
  nonsense [0, 1) "open
`.slice(1),
    );
  });
});

describe('the reference', () => {
  it('is as the table makes it', () => {
    const page = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../docs/scenarios.md'), 'utf8');
    expect(page).toBe(referencePage());
  });

  it('opens with a scenario that is right', () => {
    const [, example = ''] = /```gmem\n([^`]*)```/.exec(referencePage()) ?? [];
    const { scenarios, problems } = readGmem(example);
    expect(problems).toEqual([]);
    for (const scenario of scenarios) {
      for (const design of scenario.designs)
        expect(runScenario(scenario, design, unwatched)).toMatchObject({ value: { status: 'passed' } });
    }
  });
});

describe('the grammar', () => {
  it('is as the table makes it', () => {
    const written = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../../syntaxes/gmem.tmLanguage.json'), 'utf8');
    expect(written).toBe(gmemGrammar());
  });

  const grammar = JSON.parse(gmemGrammar()) as {
    repository: Record<string, { match?: string; patterns?: { match: string; captures?: Record<string, { name: string }> }[] }>;
  };

  it.each(STATEMENTS.map((each) => [each.word, each.example] as const))('colours "%s" as a statement', (word, example) => {
    const found = grammar.repository['statement']?.patterns
      ?.map(({ match }) => new RegExp(match).exec(`  ${example}`)?.slice(1, 3))
      .find((each) => each !== undefined);
    expect(found?.find((each) => each !== undefined)).toBe(word);
  });

  it.each([
    ['number', '64MiB', '64MiB'],
    ['number', 'A-2', undefined],
    ['constant', 'SHARE=>SPLIT', 'SHARE=>SPLIT'],
    ['constant', 'B2', 'B2'],
    ['constant', 'vmemmap-pages', 'vmemmap-pages'],
    ['argument', 'gmem0 to shared', 'to'],
    ['parameter', 'size $span', '$span'],
    ['comment', 'wait 1us # why', '# why'],
  ])('finds a %s in "%s"', (rule, text, expected) => {
    expect(new RegExp(grammar.repository[rule]?.match ?? '').exec(text)?.[0]).toBe(expected);
  });
});
