/** The statements of the language, in the order of its reference: parser, printer, editor and documentation go by this table. */
import { BLOCKS, DECLARATIONS } from './declarations';
import { EXPECTATIONS } from './expectations';
import type { Statement } from './statement';
import { FILE_STEPS, HOLDER_STEPS, HOST_STEPS, PAGE_STEPS } from './steps';

export const OPERATION_ROWS = [...FILE_STEPS, ...PAGE_STEPS, ...HOLDER_STEPS, ...HOST_STEPS];

export const STATEMENTS: readonly Statement[] = [...DECLARATIONS, ...OPERATION_ROWS, ...BLOCKS, ...EXPECTATIONS];

const BY_WORD: ReadonlyMap<string, Statement> = new Map(STATEMENTS.map((each) => [each.word, each]));

/** The statement that a line begins with, by its first two words or its first. */
export function statementOf(first: string, second: string): Statement | undefined {
  return BY_WORD.get(`${first} ${second}`) ?? BY_WORD.get(first);
}
