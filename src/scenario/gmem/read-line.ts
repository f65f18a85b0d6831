/** Reads single lines by the table of statements. */
import { ArgumentReader, type Value } from './argument-reader';
import type { NamesInScope } from './names-in-scope';
import { nearestWord } from './nearest-word';
import { readArguments } from './pattern';
import { problem, shown, spanOfLine, spanOfToken } from './problem';
import type { TextProblem, TextSpan } from './scenario';
import type { Statement } from './statement';
import { STATEMENTS, statementOf } from './statements';
import type { Line } from './tokens';

export interface ReadLine {
  readonly statement: Statement;
  readonly values: Readonly<Record<string, Value>>;
  /** Empty where no argument uses a parameter. */
  readonly written: Readonly<Record<string, string>>;
  readonly span: TextSpan;
}

/** A list of problems that nobody reads to its end helps nobody: what follows is not read. */
export const MOST_PROBLEMS = 500;

export class LinesReader {
  constructor(
    readonly scope: NamesInScope,
    private readonly problems: TextProblem[],
  ) {}

  statementOf(line: Line): Statement | undefined {
    const [first, second] = line.tokens;
    return first?.kind === 'word' ? statementOf(first.text, second?.text ?? '') : undefined;
  }

  /** Null once a problem has been reported, or where there are too many. */
  read(line: Line): ReadLine | null {
    if (this.problems.length >= MOST_PROBLEMS) return null;
    const statement = this.statementOf(line);
    if (statement === undefined) {
      this.unknown(line);
      return null;
    }
    const reader = new ArgumentReader(line, this.scope, statement.compiled.words.length);
    const isRead = readArguments(statement.compiled, reader);
    this.problems.push(...reader.problems);
    return isRead ? { statement, values: reader.values, written: reader.written, span: spanOfLine(line) } : null;
  }

  refuse(span: TextSpan, met: string, means: string, todo: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push(problem(span, met, means, todo));
  }

  private unknown(line: Line): void {
    const [first] = line.tokens;
    if (first === undefined) return;
    const words = new Set(STATEMENTS.map((each) => each.word.split(' ')[0] ?? ''));
    const near = nearestWord(first.text, words);
    this.refuse(
      spanOfToken(line.number, first),
      `There is no statement "${shown(first.text)}".`,
      'The line is left out of the scenario.',
      near === null ? 'Begin it with a statement such as create, convert or expect.' : `Did you mean "${near}"?`,
    );
  }
}
