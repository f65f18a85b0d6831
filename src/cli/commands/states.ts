/** `folioscope states [NAME|FILE]`: the initial states that have a name, and a state as the text that describes it. */
import { done, type Outcome } from '../../base/outcome';
import type { Scenario } from '../../protocol/simulation';
import { namedStates } from '../../scenario/named-states';
import { stateText } from '../../scenario/state-text';
import { type Answer, type CliCommand, numberOption } from '../command';
import { MAX_ORDER } from '../scenario-options';
import { stateOf } from '../state-option';

interface ShownState {
  readonly name: string;
  readonly what: string;
  readonly scenario: Scenario;
  /** The lines that describe it, as `--state FILE` reads them. */
  readonly text: string;
}

export const states: CliCommand = {
  name: 'states',
  summary: 'list the initial states that have a name, or print the text of one',
  define: (command) => {
    command
      .argument('[state]', 'a name or a file: print the text that describes it')
      .option('--order <n>', 'order of a huge page, instead of what the state has');
  },
  run: (args, options) => {
    const order = numberOption(options, 'order', 0, MAX_ORDER);
    return Promise.resolve(args[0] === undefined ? list(order) : one(args[0], order));
  },
};

function list(order: number | undefined): Outcome<Answer> {
  const all: ShownState[] = [];
  for (const { name, what } of namedStates) {
    const state = stateOf(name, order);
    if (state.kind !== 'done') return state;
    all.push({ name, what, scenario: state.value, text: stateText(state.value) });
  }
  const width = Math.max(...all.map((each) => each.name.length));
  return done({ json: { states: all }, text: all.map((each) => `${each.name.padEnd(width)}  ${each.what}`).join('\n') });
}

function one(said: string, order: number | undefined): Outcome<Answer> {
  const state = stateOf(said, order);
  if (state.kind !== 'done') return state;
  const what = namedStates.find((each) => each.name === said)?.what ?? '';
  const text = `${what === '' ? '' : `# ${what}\n`}${stateText(state.value)}`;
  const shown: ShownState = { name: said, what, scenario: state.value, text };
  return done({ json: { states: [shown] }, text: text.trimEnd() });
}
