/** The arguments of a statement, from the pattern in its row of the table: `create <file:new-file> for <vm:vm> [pages <pageSize:2M|1G>]`. */
import { ARGUMENT_KINDS, type ArgumentKind, type ArgumentKindName, choice } from './argument-kinds';
import type { ArgumentReader, Value } from './argument-reader';

export type Part =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'argument'; readonly name: string; readonly of: ArgumentKind; readonly choices: readonly string[] };

export interface Pattern {
  /** The statement's own word or words. */
  readonly words: readonly string[];
  readonly parts: readonly Part[];
  /** Each may stand once, behind the parts, in any order; `for` is the last. */
  readonly groups: readonly (readonly Part[])[];
}

/** `words`: how many of the pattern's first words name the statement. */
export function patternOf(text: string, words: number): Pattern {
  const groups = [...text.matchAll(/\[([^\]]*)\]/g)].map((match) => partsOf(match[1] ?? ''));
  const parts = partsOf(text.replace(/\[[^\]]*\]/g, ' '));
  const own = parts.slice(0, words).map((each) => (each.kind === 'word' ? each.word : ''));
  return { words: own, parts: parts.slice(words), groups };
}

function partsOf(text: string): Part[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((each) => each !== '')
    .map(partOf);
}

function partOf(text: string): Part {
  const match = /^<([^:]+):(.+)>$/.exec(text);
  if (match === null) return { kind: 'word', word: text };
  const [, name = '', kind = ''] = match;
  if (isKind(kind)) return { kind: 'argument', name, of: ARGUMENT_KINDS[kind], choices: [] };
  const choices = kind.split('|');
  return { kind: 'argument', name, of: choice(choices), choices };
}

const isKind = (name: string): name is ArgumentKindName => Object.hasOwn(ARGUMENT_KINDS, name);

/** Reads the arguments into the reader. False once a problem has been reported. */
export function readArguments(pattern: Pattern, reader: ArgumentReader): boolean {
  if (!pattern.parts.every((part) => readPart(part, reader))) return false;
  const left = [...pattern.groups];
  while (!reader.ended) {
    const index = left.findIndex((group) => begins(group, reader));
    const group = left[index];
    if (group === undefined) return refuseRest(pattern, left, reader);
    left.splice(index, 1);
    if (!group.every((part) => readPart(part, reader))) return false;
  }
  return true;
}

function readPart(part: Part, reader: ArgumentReader): boolean {
  return part.kind === 'word' ? reader.expect(part.word) : reader.argument(part.name, part.of.read);
}

/** Whether the next token begins this group. */
function begins([first]: readonly Part[], reader: ArgumentReader): boolean {
  const token = reader.peek();
  if (token === null || first === undefined) return false;
  return first.kind === 'word' ? token.text === first.word : first.choices.includes(token.text);
}

function refuseRest(pattern: Pattern, left: readonly (readonly Part[])[], reader: ArgumentReader): false {
  const token = reader.peek();
  if (token === null) return false;
  const all = pattern.groups.flatMap(beginnings);
  if (all.includes(token.text)) return reader.refuse(`"${token.text}" stands here twice.`, 'Leave one of them out.');
  const words = left.flatMap(beginnings);
  reader.next();
  return reader.refuseWord(token, words.length === 0 ? 'expected: the line is complete before it' : `one of ${words.join(', ')}`, words);
}

/** The words with which a group can begin. */
export const beginnings = ([first]: readonly Part[]): readonly string[] =>
  first === undefined ? [] : first.kind === 'word' ? [first.word] : first.choices;

/** The line that says these values; a group is left out where none of its arguments has a value. */
export function lineText(
  pattern: Pattern,
  values: Readonly<Record<string, Value | undefined>>,
  written: Readonly<Record<string, string>>,
): string {
  const textOf = (part: Part): string => {
    if (part.kind === 'word') return part.word;
    const value = values[part.name];
    return written[part.name] ?? (value === undefined ? '' : part.of.print(value));
  };
  const given = (group: readonly Part[]): boolean =>
    group.some((part) => part.kind === 'argument' && (written[part.name] !== undefined || isGiven(values[part.name])));
  const groups = pattern.groups.filter(given).flat();
  return [...pattern.words, ...[...pattern.parts, ...groups].map(textOf)].join(' ');
}

const isGiven = (value: Value | undefined): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);
