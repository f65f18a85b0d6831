/** What a statement of the language is: one row of the table. */
import type { Operation } from '../../model/host/operation';
import type { Value } from './argument-reader';
import { type Pattern, patternOf } from './pattern';
import type { Expectation } from './scenario';

/** Where a statement may stand: at the left margin, in a scenario before its steps, among its steps, below a fault, in `parallel`, below a step. */
export type StatementPlace = 'file' | 'declaration' | 'step' | 'attached' | 'block' | 'branch' | 'expectation';

interface StatementText {
  /** One or two words. */
  readonly word: string;
  /** Everything, the word included. */
  readonly pattern: string;
  /** One or two sentences. */
  readonly meaning: string;
  /** A line that is right after the declarations of `examples.ts`. */
  readonly example: string;
}

interface Row extends StatementText {
  readonly place: StatementPlace;
  readonly compiled: Pattern;
}

/** A statement whose line does an operation. */
export interface OperationRow extends Row {
  readonly place: 'step';
  readonly operation: {
    readonly kinds: readonly Operation['kind'][];
    readonly make: (values: Arguments) => Operation;
    /** `vmOf`: the VM that a file was created for. */
    readonly values: (operation: Operation, vmOf: (file: string) => string | undefined) => Values;
  };
}

export interface ExpectationRow extends Row {
  readonly place: 'expectation';
  readonly expectation: {
    readonly kind: Expectation['kind'];
    readonly make: (values: Arguments) => Expectation;
    /** Null where another row says it. */
    readonly values: (expectation: Expectation) => Values | null;
  };
}

export interface PlainRow extends Row {
  readonly place: 'file' | 'declaration' | 'attached' | 'block' | 'branch';
}

export type Statement = OperationRow | ExpectationRow | PlainRow;

export type Values = Readonly<Record<string, Value | undefined>>;

/** Arguments that have been read, by the kind that the row gives them. */
export class Arguments {
  constructor(
    private readonly values: Values,
    /** The VM that a file was created for. */
    readonly vmOf: (file: string) => string | undefined,
  ) {}

  text(name: string): string {
    return this.maybeText(name) ?? '';
  }

  maybeText(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number {
    return this.maybeNumber(name) ?? 0;
  }

  maybeNumber(name: string): number | undefined {
    const value = this.values[name];
    return typeof value === 'number' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  range(name: string): { readonly from: number; readonly to: number } {
    const value = this.values[name];
    return typeof value === 'object' && 'from' in value ? value : { from: 0, to: 0 };
  }

  /** One of the words of a choice. */
  word<Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word {
    return words.find((each) => each === this.values[name]) ?? otherwise;
  }

  maybeWord<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    return words.find((each) => each === this.values[name]);
  }
}

const compiled = ({ word, pattern }: StatementText): Pattern => patternOf(pattern, word.split(' ').length);

export const plainRow = (place: PlainRow['place'], text: StatementText): PlainRow => ({ ...text, place, compiled: compiled(text) });

export const expectationRow = (text: StatementText, expectation: ExpectationRow['expectation']): ExpectationRow => ({
  ...text,
  place: 'expectation',
  expectation,
  compiled: compiled(text),
});

/** Every step can be kept to some designs. */
export function operationRow<Kind extends Operation['kind']>(
  text: StatementText,
  kinds: readonly Kind[],
  make: (values: Arguments) => Operation,
  values: (operation: Operation & { readonly kind: Kind }, vmOf: (file: string) => string | undefined) => Values,
): OperationRow {
  const full = { ...text, pattern: `${text.pattern} [for <designs:designs>]` };
  const isOurs = (operation: Operation): operation is Operation & { readonly kind: Kind } => kinds.some((each) => each === operation.kind);
  return {
    ...full,
    place: 'step',
    operation: { kinds, make, values: (operation, vmOf) => (isOurs(operation) ? values(operation, vmOf) : {}) },
    compiled: compiled(full),
  };
}
