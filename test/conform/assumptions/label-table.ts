/** Tables of sites with what people made of them by reading. */
import { readFileSync } from 'node:fs';
import type { Classified } from '../../../src/assumptions/site';

export interface Label {
  readonly file: string;
  /** '' outside of a function. */
  readonly name: string;
  readonly symbol: string;
  /** Which of the uses of the symbol in the function, from 1. */
  readonly occurrence: number;
  readonly is: string;
}

/** The rows of a table beside this file: tabs between columns, `#` before comments. */
export function labelsIn(table: string): readonly Label[] {
  return readFileSync(new URL(table, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [file = '', name = '', symbol = '', occurrence = '', is = ''] = line.split('\t');
      return { file, name: name === '-' ? '' : name, symbol, occurrence: Number(occurrence), is };
    });
}

/** The site that a label is of. */
export function labelled<S extends Classified>(sites: readonly S[], { file, name, symbol, occurrence }: Label): S | undefined {
  return sites.filter((site) => site.file === file && site.function === name && site.symbol === symbol)[occurrence - 1];
}
