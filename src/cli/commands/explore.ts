/** `folioscope explore --tree DIR --function NAME`: every failure and unknown result of one function, within bounds. */
import { done } from '../../base/outcome';
import type { ExplorationReport, ExploredFinding } from '../../protocol/exploration';
import { exploreFunction } from '../../review/explore';
import { type CliCommand, requiredText } from '../command';
import { defineStates, statesOf } from '../explore-options';
import { defineSequences, exploreSequencesOf } from '../explore-sequences';
import { defineTree, indexedTree } from '../tree-reading';

export const explore: CliCommand = {
  name: 'explore',
  summary: 'visit every failure and unknown result of a function within bounds, and give a verdict with witnesses',
  endsAtOnce: true,
  define: (command) => {
    defineTree(command, false);
    defineStates(command);
    defineSequences(command);
  },
  run: async (_args, options, progress) => {
    if (options['steps'] !== undefined) return await exploreSequencesOf(options, progress);
    const states = statesOf(options);
    if (states.kind !== 'done') return states;
    const name = requiredText(options, 'function');
    const read = indexedTree(options, progress);
    if (read.kind !== 'done') return read;
    const { tree, index, config } = read.value;
    const result = exploreFunction(tree, index, { function: name, states: states.value, config }, progress);
    return result.kind === 'done' ? done({ json: result.value, text: textOf(result.value) }) : result;
  },
};

function textOf(report: ExplorationReport): string {
  const lines = [`${report.function}() at ${report.file}:${report.line}: ${report.verdict}`];
  for (const why of report.because) lines.push(`  because: ${why}`);
  lines.push(`  bounds: ${report.bounds}`);
  for (const { state, verdict, paths, steps } of report.states) lines.push(`  state ${state}: ${verdict}, ${paths} paths, ${steps} steps`);
  for (const { state, why } of report.unfit) lines.push(`  state ${state} left out: ${why}`);
  for (const assumption of report.assumptions) lines.push(`  taken as given: ${assumption}`);
  for (const finding of report.findings) lines.push('', ...findingLines(report.function, finding));
  return lines.join('\n');
}

function findingLines(name: string, finding: ExploredFinding): string[] {
  const { kind, file, line, message, state, then, choices, trace } = finding;
  const calls = [name, ...then].map((each) => `${each}()`).join(', then ');
  return [
    `${kind} at ${file}:${line} in ${finding.function}(): ${message}`,
    `  in state ${state}, calling ${calls}; choices ${choices.length === 0 ? 'as usual' : choices.join(',')}`,
    ...trace.map((entry) => `    ${entry.file}:${entry.line} ${entry.function}(): ${entry.text}`),
  ];
}
