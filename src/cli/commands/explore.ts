/** `folioscope explore --tree DIR --function NAME`: every failure and unknown result of one function, within bounds. */
import { done } from '../../base/outcome';
import { exploreFunction } from '../../review/explore';
import { type CliCommand, requiredText } from '../command';
import { defineScenario, scenarioOf } from '../scenario-options';
import { defineTree, indexedTree } from '../tree-reading';

export const explore: CliCommand = {
  name: 'explore',
  summary: 'visit every failure and unknown result of a function within bounds, and give a verdict with witnesses',
  define: (command) => {
    defineTree(command);
    defineScenario(command);
  },
  run: async (_args, options, progress) => {
    const scenario = scenarioOf(options);
    const name = requiredText(options, 'function');
    const read = indexedTree(options, progress);
    if (read.kind !== 'done') return read;
    const { tree, index, config } = read.value;
    const result = exploreFunction(tree, index, { function: name, scenario, config }, progress);
    if (result.kind !== 'done') return result;
    const { verdict, because, bounds, findings, paths, steps } = result.value;
    const lines = [`${name}: ${verdict}`, ...because.map((one) => `  because ${one}`), `  ${paths} paths, ${steps} steps. ${bounds}`];
    for (const one of findings)
      lines.push('', `${one.kind} at ${one.file}:${one.line} in ${one.function}: ${one.message}`, `  --choices ${one.choices.join(',')}`);
    return done({ json: { function: name, scenario, ...result.value }, text: lines.join('\n') });
  },
};
