/** Runs a function of a tree to its end and reports: what `folioscope simulate` prints. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { KernelConfig } from '../kernel-c/config';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import type { Scenario, SimulationReport } from '../protocol/simulation';
import { programFor } from './read-for-simulation';
import { createSimulation } from './simulation';

export interface SimulateOptions {
  readonly function: string;
  readonly scenario: Scenario;
  /** Functions to run after it in the same memory. */
  readonly then?: readonly string[];
  /** Fail the k-th allocation, from 1. */
  readonly fail?: number;
  readonly choices?: readonly number[];
  readonly config?: KernelConfig;
  readonly scope?: readonly string[];
}

/** Instructions between two looks at whether the user has cancelled. */
const SLICE = 2_000_000;

/**
 * The report of one run.
 *
 * *Fails* as `programFor` and `createSimulation`.
 */
export function simulateFunction(
  tree: SourceTree,
  index: TreeIndex,
  options: SimulateOptions,
  progress: Progress,
): Outcome<SimulationReport> {
  progress.report(`Reading ${options.function}() and what it calls`);
  const program = programFor(tree, index, options.function, options);
  if (program.kind !== 'done') return program;
  progress.report('Building the memory of the scenario');
  const simulation = createSimulation({
    program: program.value,
    function: options.function,
    scenario: options.scenario,
    ...(options.then === undefined ? {} : { then: options.then }),
    ...(options.fail === undefined ? {} : { fail: options.fail }),
    ...(options.choices === undefined ? {} : { choices: options.choices }),
  });
  if (simulation.kind !== 'done') return simulation;
  for (let slices = 1; !simulation.value.run(SLICE); slices++) {
    if (progress.cancelled) return cancelled;
    progress.report(`Running: ${slices * (SLICE / 1_000_000)} million instructions`);
  }
  return done(simulation.value.report());
}
