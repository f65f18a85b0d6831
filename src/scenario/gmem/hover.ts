/** What the word at a place of a scenario text means. */
import { joined } from './argument-reader';
import { bytesOf, bytesText, PAGE, timeOf } from './units';
import { linesOf, type Token } from './tokens';
import type { TextPosition } from './completion';
import { spanOfToken } from './problem';
import type { TextSpan } from './scenario';
import type { Statement } from './statement';
import { statementOf } from './statements';
import { meaningOf } from './vocabulary';

export interface Hover {
  /** Markdown. */
  readonly text: string;
  readonly span: TextSpan;
}

/** Null where there is nothing to say. */
export function hoverAt(text: string, { line: number, column }: TextPosition): Hover | null {
  const tokens = linesOf(text)[number - 1]?.tokens ?? [];
  const index = tokens.findIndex((each) => each.column <= column && column <= each.endColumn);
  const token = tokens[index];
  if (token === undefined) return null;
  const said = textOf(tokens, index, text);
  return said === '' ? null : { text: said, span: spanOfToken(number, token) };
}

function textOf(tokens: readonly Token[], index: number, text: string): string {
  const [first, second] = tokens;
  const token = tokens[index];
  if (first === undefined || token === undefined) return '';
  if (first.text === 'meanwhile' && index > 0) return textOf(tokens.slice(1), index - 1, text);
  const statement = statementOf(first.text, second?.text ?? '');
  if (statement !== undefined && index < statement.compiled.words.length) return statementMarkdown(statement);
  switch (token.kind) {
    case 'word': {
      const meaning = meaningOf(token.text);
      return meaning === '' ? '' : `\`${token.text}\`: ${meaning}`;
    }
    case 'number':
      return meaningOf(token.text) !== '' ? `\`${token.text}\`: ${meaningOf(token.text)}` : numberText(token.text);
    case 'parameter':
      return parameterText(token.text, text);
    case 'string':
    case 'mark':
    case 'bad':
      return '';
  }
}

export function statementMarkdown({ pattern, meaning, example }: Statement): string {
  return [`\`\`\`gmem\n${pattern}\n\`\`\``, meaning, `For example: \`${example}\``].join('\n\n');
}

/** The number in the other units that it can be meant in. */
function numberText(text: string): string {
  const time = timeOf(text);
  if (time !== null) return `${time.toLocaleString('en-US')} microseconds`;
  const bytes = bytesOf(text);
  if (bytes === null || !/[A-Za-z]$/.test(text)) return '';
  const pages = bytes % PAGE === 0 ? `, ${(bytes / PAGE).toLocaleString('en-US')} pages of 4 KiB` : '';
  return `${bytesText(bytes)}: ${bytes.toLocaleString('en-US')} bytes${pages}`;
}

function parameterText(name: string, text: string): string {
  const declared = linesOf(text).find(({ tokens: [first, second] }) => first?.text === 'let' && `$${second?.text ?? ''}` === name);
  const value = joined(declared?.tokens.slice(2) ?? []);
  return value === '' ? '' : `\`${name}\` is ${value} (line ${declared?.number ?? 0})`;
}
