/**
 * Initial states as text, one fact a line: `folios split`, `held mapping->invalidate_lock`, `# a comment`.
 *
 * Reading never fails: what a line does not say rightly is a problem at its place, and the rest of the text counts.
 */
import type { Refusal } from '../base/outcome';
import type { Scenario } from '../protocol/simulation';
import { defaultScenario } from './defaults';
import { namedStates } from './named-states';
import { readLine, type Said, type WordPlace } from './state-lines';

/** What is wrong with a text, and where. */
export interface StateProblem extends Refusal {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** How many units it is about. */
  readonly length: number;
}

export interface StateRead {
  /** What the lines without a problem say; where nothing is said, as in the state that is taken by default. */
  readonly scenario: Scenario;
  /** In order of place. */
  readonly problems: readonly StateProblem[];
}

/** A text that is longer is no state. */
const LONGEST_TEXT = 65_536;
/** Nobody reads more. */
const MOST_PROBLEMS = 100;

/** Shape: `stateText(readState(text).scenario)` is the text in its plain form. */
export function readState(text: string): StateRead {
  const problems: StateProblem[] = [];
  if (text.length > LONGEST_TEXT) {
    const met = `The text has ${text.length} characters, more than the ${LONGEST_TEXT} of any state.`;
    return { scenario: defaultScenario, problems: [{ ...TOO_LONG, met, line: 1, column: 1, length: 1 }] };
  }
  const said = new Map<string, Said>();
  const all: Said[] = [];
  text.split(/\r\n|[\n\r]/).forEach((content, index) => {
    if (problems.length >= MOST_PROBLEMS) return;
    const read = readLine(content, index + 1);
    if (read === null) return;
    if ('met' in read) return void problems.push(read);
    const earlier = read.once === '' ? undefined : said.get(read.once);
    if (earlier !== undefined) return void problems.push(again(read, earlier));
    said.set(read.once, read);
    all.push(read);
  });
  const base = namedStates.find((each) => each.name === said.get('state')?.text)?.scenario ?? defaultScenario;
  const scenario = all.reduce((so, each) => each.apply(so), base);
  return { scenario: normal(scenario), problems: [...problems, ...outOfRange(scenario, all)].sort(byPlace).slice(0, MOST_PROBLEMS) };
}

const TOO_LONG = {
  code: 'state/too-long',
  means: 'None of it is read.',
  todo: 'Name a file that describes one initial state.',
};

const byPlace = (a: StateProblem, b: StateProblem): number => a.line - b.line || a.column - b.column;

const again = (read: Said, earlier: Said): StateProblem => ({
  code: 'state/said-twice',
  met: `Line ${read.place.line} says "${read.once}" again, which line ${earlier.place.line} has said.`,
  means: 'The first of them counts.',
  todo: 'Take one of the two lines out.',
  ...read.place,
});

/** What can only be seen when the whole text is read. */
function outOfRange(scenario: Scenario, all: readonly Said[]): StateProblem[] {
  const problem = (place: WordPlace, code: string, met: string, todo: string): StateProblem => ({
    code,
    met,
    means: 'This line does not count.',
    todo,
    ...place,
  });
  const pages = scenario.blocks * 2 ** scenario.order;
  return all.flatMap((said): StateProblem[] => {
    if (said.page !== undefined && said.page >= pages) {
      const met = `Line ${said.place.line} names page ${said.page}, and the inode has ${pages} page${pages === 1 ? '' : 's'}.`;
      return [problem(said.place, 'state/no-such-page', met, `Name a page from 0 to ${pages - 1}.`)];
    }
    if (said.second === true && scenario.blocks === 1) {
      const met = `Line ${said.place.line} says how two blocks stand, and the inode has one.`;
      return [problem(said.place, 'state/no-second-block', met, 'Say "blocks 2", or how one block stands.')];
    }
    return [];
  });
}

/** Without what says nothing, so that equal states are equal. */
function normal(scenario: Scenario): Scenario {
  const { secondFolios, references, held, bound, ...rest } = scenario;
  const pages = scenario.blocks * 2 ** scenario.order;
  const there = (references ?? []).filter((each) => each.index < pages);
  return {
    ...rest,
    ...(secondFolios === undefined || scenario.blocks === 1 || secondFolios === scenario.folios ? {} : { secondFolios }),
    ...(held === undefined ? {} : { held }),
    ...(bound === false ? { bound } : {}),
    ...(there.length === 0 ? {} : { references: there }),
  };
}

/** A state as text that reads back as the same. */
export function stateText(scenario: Scenario): string {
  const { order, blocks, folios, secondFolios, faultable, hvo, held, bound, references = [] } = scenario;
  const lines = [
    `order ${order}`,
    `blocks ${blocks}`,
    `folios ${folios}${blocks === 2 && secondFolios !== undefined ? ` ${secondFolios}` : ''}`,
    `faultable ${faultable}`,
    `hvo ${hvo ? 'on' : 'off'}`,
    ...(bound === false ? ['slot unbound'] : []),
    ...Object.entries(scenario.arguments).map(([name, value]) => `argument ${name} = ${value}`),
    ...(held?.length === 0 ? ['held nothing'] : (held ?? []).map((path) => `held ${path}`)),
    ...references.map(({ index, count }) => `reference page ${index} +${count}`),
  ];
  return `${lines.join('\n')}\n`;
}
