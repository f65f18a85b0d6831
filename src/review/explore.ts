/** Explores the failures of a function of a tree: what `folioscope explore` prints. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { exploreFailures, type ExploreBounds, type ExploreResult } from '../explore/explore-failures';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import { programFor } from './read-for-simulation';
import type { SimulateOptions } from './simulate';
import { settled, startRun } from './start-run';

export interface ExploreOptions extends Omit<SimulateOptions, 'fail' | 'choices'> {
  readonly bounds?: Partial<ExploreBounds>;
}

/**
 * A verdict on one function in one scenario, with allocations failing and unknown functions giving other results.
 *
 * *Fails* as `programFor` and `startRun`.
 */
export function exploreFunction(tree: SourceTree, index: TreeIndex, options: ExploreOptions, progress: Progress): Outcome<ExploreResult> {
  progress.report(`Reading ${options.function}() and what it calls`);
  const program = programFor(tree, index, options.function, options);
  if (program.kind !== 'done') return program;
  const { function: name, scenario, then } = options;
  const setup = settled({ program: program.value, function: name, scenario, ...(then === undefined ? {} : { then }) });
  if (setup.kind !== 'done') return setup;
  const run = startRun(setup.value, { pauseAtChoices: true, history: false });
  if (run.kind !== 'done') return run;
  progress.report('Exploring failures');
  const result = exploreFailures(run.value.machine, progress, options.bounds ?? {});
  return progress.cancelled ? cancelled : done(result);
}
