/** What a command of the CLI is: its words, its options, and what it answers. */
import type { Command } from 'commander';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';

/** What a command has to say: as JSON for programs, as text for people. */
export interface Answer {
  /** Plain data, as the command's schema describes. */
  readonly json: unknown;
  /** Without a newline at the end. */
  readonly text: string;
  /** What was looked for is not so: exit 1 although there is an answer. */
  readonly isNo?: boolean;
}

export interface CliCommand {
  /** Also the name of its schema, `docs/schemas/NAME.schema.json`. */
  readonly name: string;
  readonly summary: string;
  /** It computes without a pause and leaves nothing that is half done, so that a signal may end it where it is. */
  readonly endsAtOnce?: boolean;
  /** Adds arguments and options. */
  define(command: Command): void;
  /**
   * @param args the arguments in the order in which they were defined
   * @param options by the name that commander gives them
   */
  run(args: readonly string[], options: Options, progress: Progress): Promise<Outcome<Answer>>;
}

/** Options as commander parsed them: text, a list where an option may be repeated, or true for a flag. */
export type Options = Readonly<Record<string, unknown>>;

/** A mistake in how a command was called that commander cannot see: exit 2. */
export class UsageError extends Error {}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function requiredText(options: Options, name: string): string {
  const value = textOption(options, name);
  if (value === undefined) throw new UsageError(`option --${name} needs a value`);
  return value;
}

export const flag = (options: Options, name: string): boolean => options[name] === true;

export const listOption = (options: Options, name: string): readonly string[] => {
  const value = options[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
};

/** A count in an option: decimal, `min` to `max`. */
export function numberOption(options: Options, name: string, min: number, max: number): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new UsageError(`--${name} wants a number from ${min} to ${max}, not "${text}"`);
  return value;
}
