/** The assumption sites of one C file. */
import { functionAround, type FunctionPlace, functionsOf } from './functions';
import { occurrencesOf } from './occurrences';
import { SYMBOLS } from './rules';
import type { Site } from './site';
import type { ParsedFile } from './syntax';

/**
 * Every use of a name that a rule looks for, in order of line and column: in functions, in initialisers, in bodies of macros, and in each branch of
 * conditional code.
 *
 * @param definitions the file's `functionsOf`, where the caller has it
 * *Fails* never, whatever the text is.
 * *Leaves out* what only macro expansion or types would show: names made by `##`, a test behind another function.
 */
export function sitesOf(file: ParsedFile, definitions?: readonly FunctionPlace[]): readonly Site[] {
  const uses = occurrencesOf(file).filter((one) => one.role === 'use');
  if (uses.length === 0) return [];
  const functions = definitions ?? functionsOf(file);
  const places = new LineCounter(file.text);
  return uses.flatMap(({ symbol, at }) => {
    const known = SYMBOLS.get(symbol);
    if (known === undefined) return [];
    const { line, column } = places.placeOf(at);
    const { kind, id: rule } = known.rule;
    return [{ file: file.path, line, column, length: symbol.length, symbol, function: functionAround(functions, at), kind, rule }];
  });
}

/** Lines and columns (both from 1) of ascending places, in one pass over the text. */
class LineCounter {
  private line = 1;
  private lineFrom = 0;
  private next: number;

  constructor(private readonly text: string) {
    this.next = text.indexOf('\n');
  }

  placeOf(at: number): { readonly line: number; readonly column: number } {
    while (this.next >= 0 && this.next < at) {
      this.line += 1;
      this.lineFrom = this.next + 1;
      this.next = this.text.indexOf('\n', this.lineFrom);
    }
    return { line: this.line, column: at - this.lineFrom + 1 };
  }
}
