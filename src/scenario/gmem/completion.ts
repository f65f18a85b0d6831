/** Words that can stand at a place of a scenario text, by the table of statements. */
import { ArgumentReader } from './argument-reader';
import { treeOf, type LineNode } from './line-tree';
import { nothingInScope, type NamesInScope } from './names-in-scope';
import { beginnings, type Part, type Pattern } from './pattern';
import { DeclarationReader } from './read-declarations';
import { LinesReader } from './read-line';
import { StepReader } from './read-steps';
import type { Statement } from './statement';
import { OPERATION_ROWS, STATEMENTS, statementOf } from './statements';
import { type Line, linesOf, type Token } from './tokens';
import { meaningOf } from './vocabulary';

/** Lines and columns from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

export interface Completion {
  readonly word: string;
  readonly kind: 'statement' | 'word' | 'name' | 'value';
  /** One line; empty where there is nothing to say. */
  readonly detail: string;
  /** Columns of the text that it replaces. */
  readonly from: number;
  readonly to: number;
}

/** *Shape* in the order in which they are to be shown; those that do not begin like the word at hand are among them. */
export function completionsAt(text: string, { line: number, column }: TextPosition): readonly Completion[] {
  const lines = linesOf(text);
  const line = lines[number - 1];
  if (line === undefined || isInComment(line, text.split('\n')[number - 1] ?? '', column)) return [];
  const tokens = line.tokens.filter((each) => each.endColumn < column);
  const atHand = line.tokens.find((each) => each.column < column && column <= each.endColumn);
  const place = { from: atHand?.column ?? column, to: Math.max(atHand?.endColumn ?? column, column) };
  if (atHand?.kind === 'string' || atHand?.text.startsWith('"') === true) return [];
  const scope = scopeAt(lines, number);
  return words(tokens, line, scope, column).map((each) => ({ ...each, ...place }));
}

type Word = Pick<Completion, 'word' | 'kind' | 'detail'>;

function words(tokens: readonly Token[], line: Line, scope: NamesInScope, column: number): readonly Word[] {
  const [first, second] = tokens;
  if (first === undefined) return statementWords(line, column);
  if (first.text === 'meanwhile') {
    if (second !== undefined) return words(tokens.slice(1), line, scope, column);
    return OPERATION_ROWS.map((each): Word => ({ word: each.word, kind: 'statement', detail: each.meaning }));
  }
  const statement = statementOf(first.text, second?.text ?? '');
  if (statement === undefined) return [];
  const rest = statement.compiled.words.length;
  // `expect` is a statement itself, and the beginning of others.
  const longer = tokens.length === 1 ? STATEMENTS.filter((each) => each.word.startsWith(`${first.text} `)) : [];
  const reader = new ArgumentReader({ ...line, tokens }, scope, rest);
  const next = nextParts(statement.compiled, reader);
  const own = next?.flatMap((each) => partWords(each, reader)) ?? [];
  const parameters = [...scope.parameters].map(([name, value]): Word => ({ word: `$${name}`, kind: 'name', detail: value }));
  const isNumber = next !== null && own.length === 0 && !(next.length === 0 && reader.problems.length === 0);
  return [
    ...longer.map((each): Word => ({ word: each.word.split(' ')[1] ?? '', kind: 'statement', detail: each.meaning })),
    ...own,
    ...(isNumber && statement.place !== 'file' ? parameters : []),
  ];
}

function statementWords(line: Line, column: number): readonly Word[] {
  const isMargin = Math.min(line.tokens[0]?.column ?? column, column) === 1;
  const of = (each: Statement): boolean => (isMargin ? each.place === 'file' : each.place !== 'file');
  const seen = new Set<string>();
  return STATEMENTS.filter(of).flatMap((each) => {
    const [word = ''] = each.word.split(' ');
    if (seen.has(word)) return [];
    seen.add(word);
    return [{ word, kind: 'statement', detail: statementOf(word, '')?.meaning ?? each.meaning }];
  });
}

/** What can come behind the tokens: the next part, or the beginnings of the groups that are left. Null: they are wrong already. */
function nextParts(pattern: Pattern, reader: ArgumentReader): readonly Part[] | null {
  for (const part of pattern.parts) {
    if (reader.ended) return [part];
    if (!readPart(part, reader)) return unread(reader);
  }
  const left = [...pattern.groups];
  while (!reader.ended) {
    const word = reader.peek()?.text ?? '';
    const index = left.findIndex((group) => beginnings(group).includes(word));
    const [group] = index < 0 ? [] : left.splice(index, 1);
    if (group === undefined) return null;
    for (const part of group) {
      if (reader.ended) return [part];
      if (!readPart(part, reader)) return unread(reader);
      // A list goes on to the end of the line.
      if (reader.ended && part.kind === 'argument' && Array.isArray(reader.values[part.name])) return [part];
    }
  }
  return left.flatMap(([first]) => (first === undefined ? [] : [first]));
}

/** Within an argument of several words nothing is known to offer; with a wrong word, nothing can follow. */
const unread = (reader: ArgumentReader): readonly Part[] | null => (reader.stopsAtTheEnd ? [] : null);

const readPart = (part: Part, reader: ArgumentReader): boolean =>
  part.kind === 'word' ? reader.accept(part.word) : reader.argument(part.name, part.of.read);

function partWords(part: Part, reader: ArgumentReader): readonly Word[] {
  if (part.kind === 'word') return [{ word: part.word, kind: 'word', detail: '' }];
  const kind = part.of.grammar === 'variable.other' ? 'name' : 'value';
  return part.of.words(reader.scope, reader.values).map((word) => ({ word, kind, detail: meaningOf(word) }));
}

/** What the lines of the same scenario above this one declare. */
function scopeAt(lines: readonly Line[], number: number): NamesInScope {
  const scope = nothingInScope();
  const reader = new LinesReader(scope, []);
  const root = treeOf(lines.filter((each) => each.number < number)).at(-1);
  if (root === undefined) return scope;
  const declarations = new DeclarationReader(reader, {});
  const steps: LineNode[] = [];
  for (const child of root.children) {
    if (reader.statementOf(child.line)?.place === 'declaration') declarations.read(child);
    else steps.push(child);
  }
  new StepReader(reader).read(steps);
  return scope;
}

function isInComment({ comment }: Line, text: string, column: number): boolean {
  return comment !== '' && column > text.trimEnd().length - comment.length + 1;
}
