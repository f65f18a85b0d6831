/** One line of a state's text: what it says of the state, or what is wrong with it. */
import type { Refusal } from '../base/outcome';
import { FOLIO_STATES, isArgumentValue, isHeld, isName } from '../protocol/scenario-words';
import type { BlockFolios, Scenario } from '../protocol/simulation';
import { namedStates } from './named-states';

export interface WordPlace {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What a line says. */
export interface Said {
  /** Lines with the same one contradict each other; '' where any number may stand. */
  readonly once: string;
  readonly place: WordPlace;
  readonly text: string;
  readonly apply: (scenario: Scenario) => Scenario;
  /** The page that it names. */
  readonly page?: number;
  /** It says how a second block stands. */
  readonly second?: true;
}

type LineProblem = Refusal & WordPlace;

interface Word {
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

interface Line {
  readonly number: number;
  readonly key: Word;
  /** The words behind the key. */
  readonly words: readonly Word[];
  /** All behind the key, without the spaces around it. */
  readonly rest: string;
}

/** A huge page of 1G; nothing larger is a folio. */
const MAX_ORDER = 18;
/** More references than a page counts. */
const MAX_REFERENCES = 2 ** 20;
const LONGEST_SHOWN = 40;

/** Null for a line that is empty or a comment. */
export function readLine(content: string, number: number): Said | LineProblem | null {
  const code = content.replace(/#.*$/, '');
  const [key, ...words] = [...code.matchAll(/[^\s=]+|=/g)].map((match): Word => ({ text: match[0], at: match.index }));
  if (key === undefined) return null;
  const line: Line = { number, key, words, rest: code.slice(key.at + key.text.length).trim() };
  const form = Object.hasOwn(FORMS, key.text) ? FORMS[key.text] : undefined;
  if (form === undefined) {
    const known = Object.keys(FORMS).join(', ');
    return problem(
      line,
      key,
      'state/unknown-word',
      `begins with "${shown(key.text)}", which says nothing of a state`,
      `Begin with one of ${known}.`,
    );
  }
  return form(line);
}

type Form = (line: Line) => Said | LineProblem;

/** By the word that a line begins with, in the order in which they are told. */
const FORMS: Readonly<Record<string, Form>> = {
  state: (line) =>
    oneWord(
      line,
      namedStates.map((each) => each.name),
      () => (scenario) => scenario,
    ),
  order: (line) => oneNumber(line, 0, MAX_ORDER, (order) => (scenario) => ({ ...scenario, order })),
  blocks: (line) => oneNumber(line, 1, 2, (blocks) => (scenario) => ({ ...scenario, blocks })),
  folios: foliosLine,
  faultable: (line) => oneWord(line, ['none', 'first', 'all'], (faultable) => (scenario) => ({ ...scenario, faultable })),
  hvo: (line) => oneWord(line, ['on', 'off'], (word) => (scenario) => ({ ...scenario, hvo: word === 'on' })),
  slot: (line) => oneWord(line, ['bound', 'unbound'], (word) => (scenario) => ({ ...scenario, bound: word === 'bound' })),
  argument: argumentLine,
  held: heldLine,
  reference: referenceLine,
};

function oneWord<T extends string>(line: Line, allowed: readonly T[], apply: (word: T) => Said['apply']): Said | LineProblem {
  const [word, more] = line.words;
  const found = allowed.find((each) => each === word?.text);
  const wanted = `Write "${line.key.text}" and one of ${allowed.join(', ')}.`;
  if (word === undefined) return problem(line, line.key, 'state/missing-word', `says "${line.key.text}" and not what`, wanted);
  if (found === undefined) return problem(line, word, 'state/unknown-value', `says "${line.key.text} ${shown(word.text)}"`, wanted);
  return more === undefined ? said(line, line.key.text, apply(found)) : tooMuch(line, more, wanted);
}

function oneNumber(line: Line, least: number, most: number, apply: (value: number) => Said['apply']): Said | LineProblem {
  const [word, more] = line.words;
  const wanted = `Write "${line.key.text}" and a number from ${least} to ${most}.`;
  if (word === undefined) return problem(line, line.key, 'state/missing-word', `says "${line.key.text}" and not what`, wanted);
  const value = numberFrom(word.text, least, most);
  if (value === null) return problem(line, word, 'state/bad-number', `says "${line.key.text} ${shown(word.text)}"`, wanted);
  return more === undefined ? said(line, line.key.text, apply(value)) : tooMuch(line, more, wanted);
}

const BLOCKS: readonly BlockFolios[] = ['absent', 'whole', 'split'];

function foliosLine(line: Line): Said | LineProblem {
  const wanted = 'Write "folios" and absent, whole or split; for two blocks one word each.';
  const [first, second, more] = line.words;
  if (first === undefined) return problem(line, line.key, 'state/missing-word', 'says "folios" and not how they stand', wanted);
  const wrong = [first, second].find((word) => word !== undefined && !BLOCKS.some((each) => each === word.text));
  if (wrong !== undefined) return problem(line, wrong, 'state/unknown-value', `says "folios ${shown(wrong.text)}"`, wanted);
  if (more !== undefined) return tooMuch(line, more, wanted);
  const folios = first.text as BlockFolios;
  // One word is for all blocks.
  if (second === undefined) return said(line, 'folios', (scenario) => ({ ...scenario, folios, secondFolios: folios }));
  const secondFolios = second.text as BlockFolios;
  return { ...said(line, 'folios', (scenario) => ({ ...scenario, folios, secondFolios })), second: true };
}

function argumentLine(line: Line): Said | LineProblem {
  const wanted = `Write "argument NAME = VALUE"; a value is a number (decimal or 0x), true, false, NULL, or how a folio stands: ${FOLIO_STATES.join(', ')}.`;
  const [name, equals, value, more] = line.words;
  if (name === undefined || equals?.text !== '=' || value === undefined)
    return problem(line, line.words.at(-1) ?? line.key, 'state/missing-word', 'does not say which argument has which value', wanted);
  if (!isName(name.text)) return problem(line, name, 'state/unknown-value', `names a parameter "${shown(name.text)}"`, wanted);
  if (!isArgumentValue(value.text)) return problem(line, value, 'state/unknown-value', `has the value "${shown(value.text)}"`, wanted);
  if (more !== undefined) return tooMuch(line, more, wanted);
  const entry = [name.text, value.text] as const;
  return said(line, `argument ${name.text}`, (scenario) => ({
    ...scenario,
    arguments: Object.fromEntries([...Object.entries(scenario.arguments), entry]),
  }));
}

function heldLine(line: Line): Said | LineProblem {
  const { rest } = line;
  const wanted = 'Write "held" and a lock as C names it: kvm->slots_lock, hugetlb_lock, mm->mmap_lock (shared); or "held nothing".';
  if (rest === 'nothing') return said(line, 'held nothing', (scenario) => ({ ...scenario, held: scenario.held ?? [] }));
  if (rest === '') return problem(line, line.key, 'state/missing-word', 'says "held" and not what', wanted);
  const word = { text: rest, at: line.words[0]?.at ?? line.key.at };
  if (!isHeld(rest)) return problem(line, word, 'state/unknown-value', `says "held ${shown(rest)}"`, wanted);
  return said(line, `held ${rest}`, (scenario) => ({ ...scenario, held: [...(scenario.held ?? []), rest] }));
}

function referenceLine(line: Line): Said | LineProblem {
  const wanted = 'Write "reference page N +COUNT".';
  const [page, index, count, more] = line.words;
  if (page?.text !== 'page' || index === undefined || count === undefined)
    return problem(
      line,
      line.words.at(-1) ?? line.key,
      'state/missing-word',
      'does not say on which page there are how many references',
      wanted,
    );
  const at = numberFrom(index.text, 0, 2 ** (MAX_ORDER + 1));
  if (at === null) return problem(line, index, 'state/bad-number', `names page "${shown(index.text)}"`, wanted);
  const many = count.text.startsWith('+') ? numberFrom(count.text.slice(1), 1, MAX_REFERENCES) : null;
  if (many === null) return problem(line, count, 'state/bad-number', `has "${shown(count.text)}" references`, wanted);
  if (more !== undefined) return tooMuch(line, more, wanted);
  const apply: Said['apply'] = (scenario) => ({ ...scenario, references: [...(scenario.references ?? []), { index: at, count: many }] });
  return { ...said(line, `reference page ${at}`, apply), page: at };
}

function numberFrom(text: string, least: number, most: number): number | null {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
}

const said = (line: Line, once: string, apply: Said['apply']): Said => ({
  once,
  text: line.rest,
  place: { line: line.number, column: line.key.at + 1, length: line.key.text.length },
  apply,
});

const tooMuch = (line: Line, word: Word, wanted: string): LineProblem =>
  problem(line, word, 'state/too-much', `goes on with "${shown(word.text)}"`, wanted);

const problem = (line: Line, word: Word, code: string, met: string, todo: string): LineProblem => ({
  code,
  met: `Line ${line.number} ${met}.`,
  means: 'This line does not count.',
  todo,
  line: line.number,
  column: word.at + 1,
  length: word.text.length,
});

/** Short enough for a message. */
const shown = (text: string): string => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
