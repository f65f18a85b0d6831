/** The initial state that a user names: one of the named ones, or a file that describes one. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { done, type Outcome, refused } from '../base/outcome';
import type { Scenario } from '../protocol/simulation';
import { smallOrder } from '../scenario/defaults';
import { namedStates } from '../scenario/named-states';
import { readState, type StateProblem } from '../scenario/state-text';

/** More problems of a file than a person reads at once. */
const SHOWN_PROBLEMS = 10;
/** A file that is larger describes no state. */
const LARGEST_FILE = 1_000_000;

export const stateNames = namedStates.map((each) => each.name).join(', ');

/**
 * @param said a name, or the path of a file
 * @param order replaces the order that the state has
 *
 * *Fails* `state/not-found`, `state/bad-text`.
 */
export function stateOf(said: string, order: number | undefined): Outcome<Scenario> {
  const named = namedStates.find((each) => each.name === said);
  const read = named === undefined ? fromFile(said) : done(named.scenario);
  if (read.kind !== 'done' || order === undefined) return read;
  return done(smallOrder({ ...read.value, order }, order));
}

function fromFile(path: string): Outcome<Scenario> {
  const isFile = existsSync(path) && statSync(path).isFile();
  if (!isFile || statSync(path).size > LARGEST_FILE) {
    return refused(
      'state/not-found',
      `"${path}" is no initial state by name, and no file that could describe one.`,
      'It is not known how memory is to look.',
      `Name one of ${stateNames}, or a file of lines as "folioscope states" prints them.`,
    );
  }
  const { scenario, problems } = readState(readFileSync(path, 'utf8'));
  return problems.length === 0 ? done(scenario) : badText(path, problems);
}

function badText(path: string, problems: readonly StateProblem[]): Outcome<never> {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ line, column, met, todo }) => `${path}:${line}:${column}: ${met} ${todo}`);
  const more = problems.length - shown.length;
  return refused(
    'state/bad-text',
    [...shown, ...(more > 0 ? [`and ${more} more.`] : [])].join('\n'),
    'The state that the file describes is not clear.',
    'Mend these lines.',
  );
}
