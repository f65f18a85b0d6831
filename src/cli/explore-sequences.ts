/** `folioscope explore --steps K`: all sequences of operations of users, guest and host on the C of a tree. */
import type { Command } from 'commander';
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { SequenceFindingView, SequenceReport } from '../protocol/exploration';
import { exploreSteps } from '../review/explore-steps';
import { defaultScenario } from '../scenario/defaults';
import { type Answer, numberOption, type Options, UsageError } from './command';
import { MAX_ORDER } from './scenario-options';
import { indexedTree } from './tree-reading';

const MOST_STEPS = 12;
const USUAL_ORDER = 2;
const USUAL_BLOCKS = 2;
/** Sequences in which an allocation fails are so many operations shorter where it is not said: each operation has several that can. */
const SHORTER = 2;

/** Where a file begins its life: nothing is in it, and all of it is private to the guest, or all of it may be mapped. */
const STARTS = [
  { name: 'all-private', faultable: 'none' },
  { name: 'all-shared', faultable: 'all' },
] as const;

/** Adds the options to the command. */
export function defineSequences(command: Command): void {
  command
    .option('--steps <k>', 'instead of one function: all sequences of up to so many operations of users, guest and host')
    .option(
      '--steps-with-failure <k>',
      'with --steps: up to so many operations where one allocation fails, 0 for none (default: two fewer)',
    );
}

/** *Fails* as `indexedTree` and `exploreSteps`. */
export async function exploreSequencesOf(options: Options, progress: Progress): Promise<Outcome<Answer>> {
  if (options['function'] !== undefined) throw new UsageError('--steps explores operations, not a function: leave out --function');
  const steps = numberOption(options, 'steps', 1, MOST_STEPS) ?? 1;
  const order = numberOption(options, 'order', 0, MAX_ORDER) ?? USUAL_ORDER;
  const blocks = numberOption(options, 'blocks', 1, 2) ?? USUAL_BLOCKS;
  const stepsWithFailure = numberOption(options, 'stepsWithFailure', 0, MOST_STEPS) ?? Math.max(steps - SHORTER, 0);
  const read = indexedTree(options, progress);
  if (read.kind !== 'done') return read;
  const { tree, index, config } = read.value;
  const starts = STARTS.map(({ name, faultable }) => ({
    name,
    scenario: { ...defaultScenario, order, blocks, folios: 'absent' as const, faultable, hvo: options['hvo'] !== false },
  }));
  const report = exploreSteps(tree, index, { starts, steps, stepsWithFailure, config }, progress);
  return report.kind === 'done' ? done({ json: report.value, text: textOf(report.value) }) : report;
}

function textOf(report: SequenceReport): string {
  const lines = [`sequences of up to ${report.steps} operations: ${report.verdict}`];
  for (const why of report.because) lines.push(`  because: ${why}`);
  lines.push(`  bounds: ${report.bounds}`);
  for (const finding of report.findings) lines.push('', ...findingLines(finding));
  return lines.join('\n');
}

function findingLines({ kind, file, line, function: name, message, state, sequence }: SequenceFindingView): string[] {
  return [
    `${kind}${file === '' ? '' : ` at ${file}:${line} in ${name}()`}: ${message}`,
    `  from ${state}:`,
    ...sequence.map(({ text, failing }, at) => `    ${at + 1}. ${text}${failing === 0 ? '' : `, allocation ${failing} failing`}`),
  ];
}
