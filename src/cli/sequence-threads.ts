/** Searches over sequences from several states, each state in a thread of its own as far as there are any. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { SequenceReport } from '../protocol/exploration';
import { exploreStepsOf, type ExploreStepsOptions } from '../review/explore-steps';
import { joinedReports } from '../review/joined-sequences';

const SCRIPT = 'sequence-worker.js';

/**
 * The last of the states is searched from in this thread, which nobody else can use meanwhile.
 *
 * *Fails* as `exploreStepsOf`.
 */
export async function exploreInThreads(
  program: Program,
  options: ExploreStepsOptions,
  progress: Progress,
): Promise<Outcome<SequenceReport>> {
  const script = typeof __dirname === 'undefined' ? '' : join(__dirname, SCRIPT);
  if (options.starts.length < 2 || !existsSync(script)) return exploreStepsOf(program, options, progress);
  const part = (from: number, to?: number): ExploreStepsOptions => ({ ...options, starts: options.starts.slice(from, to) });
  const others = options.starts.slice(0, -1).map((_, at) => inThread(script, program, part(at, at + 1)));
  // The threads are told apart from this one before it is taken up.
  await new Promise((resolve) => setImmediate(resolve));
  const own = exploreStepsOf(program, part(-1), progress);
  const reports: SequenceReport[] = [];
  for (const outcome of [...(await Promise.all(others)), own]) {
    if (outcome.kind !== 'done') return outcome;
    reports.push(outcome.value);
  }
  return done(joinedReports(reports));
}

function inThread(script: string, program: Program, options: ExploreStepsOptions): Promise<Outcome<SequenceReport>> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: { program, options } });
    worker.once('message', (outcome: Outcome<SequenceReport>) => {
      resolve(outcome);
      void worker.terminate();
    });
    worker.once('error', reject);
  });
}
