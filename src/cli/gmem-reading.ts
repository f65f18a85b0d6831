/** Reads a scenario file for the commands that run it. */
import { readFileSync } from 'node:fs';
import { done, type Outcome, refused } from '../base/outcome';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { ForDesigns, GmemScenario, TextProblem } from '../scenario/gmem/scenario';
import { designNamed, DESIGN_TITLES } from '../scenario/gmem/vocabulary';
import { type Options, textOption, UsageError } from './command';

export interface GmemFile {
  readonly text: string;
  readonly scenarios: readonly GmemScenario[];
  /** Errors before warnings come as they stand in the text. */
  readonly problems: readonly TextProblem[];
}

/** *Fails* `gmem/no-file`, `gmem/no-scenario`. `--scenario` leaves one of the scenarios. */
export function gmemFile(path: string, options: Options): Outcome<GmemFile> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refused('gmem/no-file', `${path} cannot be read: ${String(error)}.`, 'There is no scenario to run.', 'Name a .gmem file.');
  }
  const { scenarios, problems } = readGmem(text);
  const name = textOption(options, 'scenario');
  const chosen = name === undefined ? scenarios : scenarios.filter((each) => each.name === name);
  if (chosen.length === 0 && problems.length === 0) {
    const has = scenarios.map((each) => `"${each.name}"`).join(', ');
    const met = name === undefined ? `${path} holds no scenario.` : `${path} holds no scenario "${name}".`;
    return refused('gmem/no-scenario', met, 'There is nothing to run.', has === '' ? 'Write one: scenario "Name".' : `It has: ${has}.`);
  }
  return done({ text, scenarios: chosen, problems });
}

export const problemLines = (path: string, problems: readonly TextProblem[]): string =>
  problems.map(({ severity, span, message }) => `${path}:${span.line}:${span.column}: ${severity}: ${message}`).join('\n');

export const hasErrors = ({ problems }: GmemFile): boolean => problems.some(({ severity }) => severity === 'error');

/** Those of `--design A,B`; null where it is not given. */
export function designsOf(options: Options): ForDesigns | null {
  const text = textOption(options, 'design');
  if (text === undefined) return null;
  return text.split(',').map((name) => {
    const design = designNamed(name.trim());
    if (design === undefined) throw new UsageError(`--design wants some of ${Object.keys(DESIGN_TITLES).join(',')}, not "${name.trim()}"`);
    return design;
  });
}
