/** The TextMate grammar of the language, from the table of statements: `syntaxes/gmem.tmLanguage.json`. */
import type { Pattern } from './pattern';
import type { StatementPlace } from './statement';
import { STATEMENTS } from './statements';
import { COUNTERS, DESIGN_TITLES, ERRORS, INVARIANTS, METRICS, PROPERTIES, SWITCHES } from './vocabulary';

/** Scope of a statement's own words. */
const SCOPES: Readonly<Record<StatementPlace, string>> = {
  file: 'keyword.control.scenario.gmem',
  declaration: 'keyword.other.declaration.gmem',
  step: 'support.function.step.gmem',
  attached: 'keyword.control.meanwhile.gmem',
  block: 'keyword.control.block.gmem',
  branch: 'keyword.control.block.gmem',
  expectation: 'keyword.operator.expect.gmem',
};

/** As text, with a newline at the end. */
export function gmemGrammar(): string {
  const grammar = {
    $schema: 'https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json',
    name: 'Folioscope Scenario',
    scopeName: 'source.gmem',
    patterns: ['comment', 'string', 'statement', 'parameter', 'number', 'constant', 'argument', 'operator'].map((each) => ({
      include: `#${each}`,
    })),
    repository: {
      comment: { name: 'comment.line.number-sign.gmem', match: '#.*$' },
      string: {
        name: 'string.quoted.double.gmem',
        begin: '"',
        end: '"|$',
        patterns: [{ name: 'constant.character.escape.gmem', match: '\\\\.' }],
      },
      statement: { patterns: statementPatterns() },
      parameter: { name: 'variable.parameter.gmem', match: '\\$[A-Za-z_][A-Za-z0-9_-]*' },
      number: { name: 'constant.numeric.gmem', match: '(?<![A-Za-z0-9_.-])-?[0-9][0-9_]*(?:\\.[0-9][0-9_]*)?[A-Za-z]*' },
      constant: { name: 'constant.language.gmem', match: whole(constants()) },
      argument: { name: 'keyword.other.argument.gmem', match: whole(argumentWords()) },
      operator: { name: 'keyword.operator.gmem', match: '\\.\\.|!=|<=|>=|[<>=+*/-]' },
    },
  };
  return `${JSON.stringify(grammar, null, 2)}\n`;
}

/** A statement's words count as such at the beginning of a line, and behind `meanwhile`. */
function statementPatterns(): readonly unknown[] {
  const places = [...new Set(STATEMENTS.map(({ place }) => place))];
  return places.map((place) => {
    const words = STATEMENTS.filter((each) => each.place === place).map(({ word }) => word.replace(' ', '\\s+'));
    return {
      match: `^\\s*(?:(meanwhile)\\s+)?(${longestFirst(words).join('|')})(?![A-Za-z0-9_-])`,
      captures: { 1: { name: SCOPES.attached }, 2: { name: SCOPES[place] } },
    };
  });
}

const constants = (): readonly string[] => [
  ...Object.keys(DESIGN_TITLES),
  ...Object.keys(ERRORS),
  ...Object.keys(INVARIANTS),
  ...Object.keys(METRICS),
  ...Object.keys(PROPERTIES),
  ...Object.keys(SWITCHES),
  ...Object.keys(COUNTERS).filter((each) => !each.includes('*')),
];

const argumentWords = (): readonly string[] => [...new Set(STATEMENTS.flatMap(({ compiled }) => wordsOf(compiled)))];

const wordsOf = ({ parts, groups }: Pattern): readonly string[] =>
  [...parts, ...groups.flat()].flatMap((part) => (part.kind === 'word' ? [part.word] : part.choices));

/** Any of the words, not as a part of a longer one. */
function whole(words: readonly string[]): string {
  const escaped = longestFirst([...new Set(words)]).map((each) => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return `(?<![A-Za-z0-9_.=>-])(?:${escaped.join('|')})(?![A-Za-z0-9_-]|[.=][A-Za-z])`;
}

const longestFirst = (words: readonly string[]): string[] =>
  [...words].sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
