/** The kinds of arguments that statements take: how each is read, written, explained and completed. */
import { DESIGNS } from '../../model/host/operation';
import type { ArgumentReader, Value } from './argument-reader';
import type { NamesInScope } from './names-in-scope';
import { readAmount, readCondition, readValue } from './expression';
import { shown } from './problem';
import { RANGE_WORDS, readBytes, readPages } from './range-arguments';
import { quoted, unquoted } from './tokens';
import { bytesOf, bytesText, countOf, MOST_BYTES, numberOf, PAGE, pagesOf, pagesText, rangeText, timeOf, timeText } from './units';
import {
  COMPARISONS,
  COUNTER_NAMES,
  counterPattern,
  COUNTERS,
  ERRORS,
  INVARIANTS,
  LABELS,
  type Meanings,
  METRICS,
  PROPERTIES,
  SWITCHES,
} from './vocabulary';

export interface ArgumentKind {
  /** Goes into "is not …" and "Write … here". */
  readonly what: string;
  /** Null once a problem has been reported. */
  readonly read: (reader: ArgumentReader) => Value | null;
  readonly print: (value: Value) => string;
  /** Words that can stand here. */
  readonly words: (scope: NamesInScope, before: Readonly<Record<string, Value>>) => readonly string[];
  /** Scope of the grammar for its tokens. */
  readonly grammar: 'entity.name' | 'variable.other' | 'constant.numeric' | 'constant.language' | 'string.quoted';
}

const none = (): readonly string[] => [];
const plain = (value: Value): string => (typeof value === 'object' ? '' : String(value));

interface Names extends Iterable<string> {
  has: (name: string) => boolean;
}

function nameOf(what: string, known: (scope: NamesInScope) => Names): ArgumentKind {
  return {
    what,
    grammar: 'variable.other',
    print: plain,
    words: (scope) => [...known(scope)],
    read: (reader) => {
      const token = reader.take(['word'], what);
      if (token === null) return null;
      if (known(reader.scope).has(token.text)) return token.text;
      reader.refuseWord(token, `${what} declared above`, known(reader.scope));
      return null;
    },
  };
}

function newName(what: string): ArgumentKind {
  return {
    what,
    grammar: 'entity.name',
    print: plain,
    words: none,
    read: (reader) => {
      const token = reader.take(['word'], what);
      if (token === null) return null;
      if (token.text.length <= LONGEST_NAME) return token.text;
      reader.refuseAt(reader.spanOf(token), `The name has ${token.text.length} letters.`, `Take one of at most ${LONGEST_NAME}.`);
      return null;
    },
  };
}

const LONGEST_NAME = 60;

function numeral(what: string, of: (text: string) => number | null, print: (value: number) => string, most: number): ArgumentKind {
  return {
    what,
    grammar: 'constant.numeric',
    print: (value) => (typeof value === 'number' ? print(value) : ''),
    words: none,
    read: (reader) => {
      const token = reader.take(['number'], what);
      if (token === null) return null;
      const value = of(token.text);
      if (value !== null && value <= most) return value;
      const met = value === null ? `"${shown(token.text)}" is not ${what}.` : `"${shown(token.text)}" is more than any host has.`;
      reader.refuseAt(reader.spanOf(token), met, value === null ? `Write ${what} here.` : `Write at most ${print(most)}.`);
      return null;
    },
  };
}

function oneOf(what: string, known: Meanings): ArgumentKind {
  const words = Object.keys(known);
  return choice(words, what);
}

/** One of a few words, as in `read|write`. They may look like numbers: `1G`. */
export function choice(words: readonly string[], what = words.length > 6 ? 'a word that is known here' : words.join(' or ')): ArgumentKind {
  return {
    what,
    grammar: 'constant.language',
    print: plain,
    words: () => words,
    read: (reader) => {
      const token = reader.take(['word', 'number', 'mark'], what);
      if (token === null) return null;
      if (words.includes(token.text)) return token.text;
      reader.refuseWord(token, what, words);
      return null;
    },
  };
}

function wordList(what: string, read: (reader: ArgumentReader) => Value | null, words: ArgumentKind['words']): ArgumentKind {
  return {
    what,
    grammar: 'constant.language',
    words,
    print: (value) => (Array.isArray(value) ? value.join(' ') : ''),
    read: (reader) => {
      const found = new Set<string>();
      do {
        const word = read(reader);
        if (typeof word !== 'string') return null;
        found.add(word);
      } while (!reader.ended);
      return [...found];
    },
  };
}

/** A counter: one of the table's, with a name, size or number for `*`. */
function counter(): ArgumentKind {
  const what = 'a counter';
  const words = (scope: NamesInScope): string[] =>
    Object.keys(COUNTERS).flatMap((each) => {
      const names = namesOfCounter(each, scope);
      return each.includes('*') ? names.map((name) => each.replace('*', name)) : [each];
    });
  return {
    what,
    grammar: 'constant.language',
    print: plain,
    words,
    read: (reader) => {
      const token = reader.take(['word'], what);
      if (token === null) return null;
      if (counterPattern(token.text) !== null) return token.text;
      reader.refuseWord(token, what, words(reader.scope));
      return null;
    },
  };
}

function namesOfCounter(pattern: string, scope: NamesInScope): readonly string[] {
  switch (COUNTER_NAMES[pattern.split('.')[0] ?? '']) {
    case 'size':
      return ['1G', '2M'];
    case 'vm':
      return [...scope.vms];
    case 'node':
      return ['0', '1'];
    default:
      return [...scope.files.keys()];
  }
}

/** The value of a property: a number, or one of its words. */
function propertyValue(): ArgumentKind {
  const valuesOf = (before: Readonly<Record<string, Value>>): readonly string[] | null => {
    const { property } = before;
    return (typeof property === 'string' ? PROPERTIES[property]?.values : null) ?? null;
  };
  return {
    what: 'a value of the property',
    grammar: 'constant.language',
    print: plain,
    words: (_, before) => valuesOf(before) ?? [],
    read: (reader) => {
      const values = valuesOf(reader.values);
      if (values !== null && values.length > 0) return choice(values).read(reader);
      if (values !== null) return newName('a name').read(reader);
      const token = reader.take(['number'], 'a number');
      if (token === null) return null;
      const value = numberOf(token.text);
      if (value !== null && Number.isInteger(value)) return String(value);
      reader.refuseAt(reader.spanOf(token), `"${shown(token.text)}" is not a whole number.`, 'Write a whole number here.');
      return null;
    },
  };
}

const namesOf = (map: ReadonlyMap<string, unknown>): Names => ({
  has: (name) => map.has(name),
  [Symbol.iterator]: () => map.keys(),
});

/** The number of a node of the host. @param none another number that can stand here */
function nodeNumber(what: string, none: readonly number[]): ArgumentKind {
  return {
    ...numeral(what, numberOf, String, Number.MAX_SAFE_INTEGER),
    words: ({ nodes }) => [...nodes, ...none].map(String),
    read: (reader) => {
      const token = reader.take(['number'], what);
      if (token === null) return null;
      const value = numberOf(token.text);
      const known = [...reader.scope.nodes, ...none];
      if (value !== null && known.includes(value)) return value;
      reader.refuseAt(reader.spanOf(token), `The host has no node ${shown(token.text)}.`, `Write one of ${known.join(', ')}.`);
      return null;
    },
  };
}

const design = nameOf('a design', () => new Set<string>(DESIGNS));

const designOfScenario: ArgumentKind = nameOf('a design of the scenario', (scope) => new Set<string>(scope.designs));

const parameterValue: ArgumentKind = {
  what: 'a number or a word',
  grammar: 'constant.numeric',
  print: plain,
  words: none,
  read: (reader) => reader.take(['number', 'word'], 'a number or a word')?.text ?? null,
};

const KINDS = {
  'new-file': newName('a name for the file'),
  'new-vm': newName('a name for the VM'),
  'new-parameter': newName('a name for the parameter'),
  'new-names': wordList('names', (reader) => newName('a name').read(reader), none),
  file: nameOf('a file', (scope) => namesOf(scope.files)),
  vm: nameOf('a VM', (scope) => scope.vms),
  process: nameOf('a process', (scope) => scope.processes),
  holder: nameOf('a process or device', (scope) => new Set([...scope.processes, ...scope.devices])),
  parameter: nameOf('a parameter', (scope) => namesOf(scope.parameters)),
  bytes: numeral('a size such as 4K, 64MiB or 16GiB', bytesOf, bytesText, MOST_BYTES),
  'page-count': numeral('a number of pages, or a size of whole pages', pagesOf, pagesText, MOST_BYTES / PAGE),
  count: numeral('a whole number', countOf, String, Number.MAX_SAFE_INTEGER),
  number: numeral('a number', numberOf, String, Number.MAX_VALUE),
  amount: {
    what: 'a number, or a sum such as 16 + 4095 * $blocks',
    grammar: 'constant.numeric',
    print: plain,
    words: none,
    read: readAmount,
  },
  condition: { what: 'a comparison such as $policy = eager', grammar: 'constant.numeric', print: plain, words: none, read: readCondition },
  node: nodeNumber('a node of the host', []),
  'node-or-none': nodeNumber('a node of the host, or -1', [-1]),
  time: numeral('a time such as 10ms', timeOf, timeText, Number.MAX_SAFE_INTEGER),
  pages: {
    what: 'a range of pages',
    grammar: 'constant.numeric',
    read: readPages,
    words: () => RANGE_WORDS,
    print: (value) => (typeof value === 'object' && 'from' in value ? rangeText(value.from, value.to) : ''),
  },
  span: {
    what: 'a range of bytes',
    grammar: 'constant.numeric',
    read: readBytes,
    words: () => RANGE_WORDS,
    print: (value) => (typeof value === 'object' && 'from' in value ? `[${bytesText(value.from)}, ${bytesText(value.to)})` : ''),
  },
  text: {
    what: 'a text in quotes',
    grammar: 'string.quoted',
    words: none,
    print: (value) => quoted(plain(value)),
    read: (reader) => {
      const token = reader.take(['string'], 'a text in quotes');
      return token === null ? null : unquoted(token.text);
    },
  },
  designs: wordList('designs', designOfScenario.read, designOfScenario.words),
  'all-designs': wordList('designs', design.read, design.words),
  labels: wordList('labels', oneOf('a label', LABELS).read, () => Object.keys(LABELS)),
  error: oneOf('an error', ERRORS),
  comparison: oneOf('a comparison', COMPARISONS),
  counter: counter(),
  metric: oneOf('a metric', METRICS),
  invariant: oneOf('an invariant', INVARIANTS),
  property: oneOf('a property', Object.fromEntries(Object.entries(PROPERTIES).map(([name, { meaning }]) => [name, meaning]))),
  'property-value': propertyValue(),
  switch: oneOf('a switch', Object.fromEntries(Object.entries(SWITCHES).map(([name, { meaning }]) => [name, meaning]))),
  'switch-value': {
    ...parameterValue,
    what: 'a value of the switch',
    words: (_, before) => SWITCHES[typeof before['name'] === 'string' ? before['name'] : '']?.values ?? [],
  },
  value: { ...parameterValue, what: 'a number, a word, or a sum such as 16 + 4095 * $blocks', read: readValue },
  values: {
    ...wordList('numbers or words', parameterValue.read, none),
    print: (value) => (Array.isArray(value) ? value.join(' ') : ''),
  },
} as const satisfies Readonly<Record<string, ArgumentKind>>;

export type ArgumentKindName = keyof typeof KINDS;

export const ARGUMENT_KINDS: Readonly<Record<ArgumentKindName, ArgumentKind>> = KINDS;
