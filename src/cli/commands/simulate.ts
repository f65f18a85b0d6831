/** `folioscope simulate --tree DIR --function NAME`: runs the C of a function over the memory model. */
import { done } from '../../base/outcome';
import { simulateFunction } from '../../review/simulate';
import { defaultScenario } from '../../scenario/defaults';
import { type CliCommand, listOption, numberOption, requiredText, textOption } from '../command';
import { choicesOf, defineScenario, MAX_ORDER, scenarioOf } from '../scenario-options';
import { stateNames, stateOf } from '../state-option';
import { simulationText } from '../simulation-text';
import { defineTree, indexedTree } from '../tree-reading';

/** No run has more allocations that one would fail by number. */
const LAST_ALLOCATION = 1_000_000_000;

export const simulate: CliCommand = {
  name: 'simulate',
  summary: 'run the C of a function over the memory model, with any allocation failing',
  endsAtOnce: true,
  define: (command) => {
    defineTree(command);
    command
      .option('--order <n>', 'order of a huge page: 18 for 1G (the default), 9 for 2M')
      .option('--state <name|file>', `an initial state, which the following change: a file, or one of ${stateNames}`);
    defineScenario(command);
    command
      .option('--fail <k>', 'the allocation that fails, from 1; 0: none', '0')
      .option('--choices <list>', 'options to take at the choices in order, as a report gives them: 0,0,1')
      .option('--then <name...>', 'functions to run after it in the same memory');
  },
  run: async (_args, options, progress) => {
    const said = textOption(options, 'state');
    const base = said === undefined ? done(defaultScenario) : stateOf(said, numberOption(options, 'order', 0, MAX_ORDER));
    if (base.kind !== 'done') return base;
    const scenario = scenarioOf(options, base.value);
    const choices = choicesOf(options);
    const fail = numberOption(options, 'fail', 0, LAST_ALLOCATION) ?? 0;
    const read = indexedTree(options, progress);
    if (read.kind !== 'done') return read;
    const { tree, index, config } = read.value;
    const then = listOption(options, 'then');
    const asked = { function: requiredText(options, 'function'), scenario, then, fail, config, ...(choices ? { choices } : {}) };
    const report = simulateFunction(tree, index, asked, progress);
    return report.kind === 'done' ? done({ json: report.value, text: simulationText(report.value) }) : report;
  },
};
