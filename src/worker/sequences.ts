/** A thread of a search over sequences: those that begin in the states that it is given. May be ended at any time. */
import { parentPort, workerData } from 'node:worker_threads';
import { unwatched } from '../base/progress';
import type { Program } from '../kernel-c/program';
import { exploreStepsOf, type ExploreStepsOptions } from '../review/explore-steps';

const { program, options } = workerData as { readonly program: Program; readonly options: ExploreStepsOptions };
parentPort?.postMessage(exploreStepsOf(program, options, unwatched));
