/** Problems of a scenario's text, in three parts at one place. */
import type { TextProblem, TextSpan } from './scenario';
import type { Line, Token } from './tokens';

export const problem = (span: TextSpan, met: string, means: string, todo: string): TextProblem => ({
  severity: 'error',
  span,
  message: `${met} ${means} ${todo}`,
});

export const warning = (span: TextSpan, met: string, means: string, todo: string): TextProblem => ({
  ...problem(span, met, means, todo),
  severity: 'warning',
});

export const spanOfToken = (line: number, { column, endColumn }: Token): TextSpan => ({ line, column, endLine: line, endColumn });

/** From the first token to the last. */
export function spanOfLine({ number, tokens, indent }: Line): TextSpan {
  const column = tokens[0]?.column ?? indent + 1;
  return { line: number, column, endLine: number, endColumn: tokens.at(-1)?.endColumn ?? column };
}

/** Text of the reader's, cut to what a message can hold. */
export const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
