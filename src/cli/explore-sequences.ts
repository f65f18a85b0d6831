/** `folioscope explore --steps K`: all sequences of operations of users, guest and host on the C of a tree. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { SequenceFindingView, SequenceReport } from '../protocol/exploration';
import { programForSteps } from '../review/run-steps';
import { type SavedSequence, sequenceScenarios } from '../review/sequence-scenarios';
import { defaultScenario } from '../scenario/defaults';
import { type Answer, numberOption, type Options, textOption, UsageError } from './command';
import { MAX_ORDER } from './scenario-options';
import { exploreInThreads } from './sequence-threads';
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
    )
    .option('--save <dir>', 'with --steps: write each sequence that was found as a .gmem file that reproduces it on the C');
}

/** *Fails* as `indexedTree`, `programForSteps` and `exploreInThreads`. */
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
  progress.report('Reading what the operations enter');
  const program = programForSteps(tree, index, config);
  if (program.kind !== 'done') return program;
  const report = await exploreInThreads(program.value, { starts, steps, stepsWithFailure }, progress);
  if (report.kind !== 'done') return report;
  const directory = textOption(options, 'save');
  if (directory === undefined) return done({ json: report.value, text: textOf(report.value) });
  const saved = sequenceScenarios(program.value, report.value, progress);
  if (saved.kind !== 'done') return saved;
  const written = writeScenarios(directory, saved.value);
  if (written.kind !== 'done') return written;
  const json = {
    ...report.value,
    saved: saved.value.map(({ finding, file, isReproduced, why }) => ({ finding, file, isReproduced, why })),
  };
  return done({ json, text: [textOf(report.value), '', ...saved.value.map(savedLine)].join('\n') });
}

/** *Fails* `explore/not-written`. */
function writeScenarios(directory: string, saved: readonly SavedSequence[]): Outcome<null> {
  try {
    mkdirSync(directory, { recursive: true });
    for (const { file, text } of saved) writeFileSync(join(directory, file), text);
    return done(null);
  } catch (error) {
    return refused(
      'explore/not-written',
      `${directory} cannot be written: ${String(error)}.`,
      'What was found is not saved.',
      'Name a folder that can be written with --save.',
    );
  }
}

const savedLine = ({ file, isReproduced, why }: SavedSequence): string =>
  `saved ${file}: ${isReproduced ? 'reproduced on the C at 2M' : `not reproduced: ${why}`}`;

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
