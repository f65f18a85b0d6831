/** The thread that runs scenarios for the language server. May be ended at any time. */
import { parentPort } from 'node:worker_threads';
import { done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import type { DesignResult, FromScenarioThread, ScenarioResult, StepResult, ToScenarioThread } from '../protocol/scenario-runs';
import { programForScenarios, runScenarioOnC } from '../review/c-scenario';
import { scenarioOnCText } from '../review/c-scenario-text';
import { runText } from '../review/gmem-report';
import { runScenario } from '../review/run-gmem';
import type { DesignRun, StepRun } from '../review/run-gmem-report';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { GmemScenario } from '../scenario/gmem/scenario';
import { diskTree } from '../worktree/disk-tree';
import { kernelConfigOf } from '../worktree/kernel-config';
import { cachedTreeIndex } from '../worktree/tree-index-cache';

/** Runs that end sooner tell nothing; the others no more often. */
const REPORT_MS = 250;

parentPort?.on('message', (message: ToScenarioThread) => {
  tell({ kind: 'result', id: message.id, outcome: resultOf(message) });
});

const tell = (message: FromScenarioThread): void => parentPort?.postMessage(message);

function resultOf({ id, text, file, line, designs, untilLine, tree, isRead }: ToScenarioThread): Outcome<ScenarioResult> {
  const scenario = scenarioAt(text, line);
  if (scenario.kind !== 'done') return scenario;
  // Whether the run is wanted still the thread need not ask: it is ended where not.
  let told = performance.now();
  const report = (said: string): void => {
    if (performance.now() - told < REPORT_MS) return;
    told = performance.now();
    tell({ kind: 'progress', id, text: said });
  };
  const progress: Progress = { report, cancelled: false };
  if (tree !== undefined) return resultOnC(file, scenario.value, tree, isRead === true, progress);
  const runs: DesignRun[] = [];
  const results: DesignResult[] = [];
  for (const design of designs) {
    const began = performance.now();
    const run = runScenario(scenario.value, design, progress, untilLine === 0 ? {} : { untilLine });
    if (run.kind !== 'done') return run;
    runs.push(run.value);
    results.push(shownOf(run.value, performance.now() - began));
  }
  return done({ designs: results, report: runText({ file, scenario: scenario.value, runs }) });
}

/** The tree that was read last. */
let read: { readonly tree: string; readonly program: Program } | null = null;

function resultOnC(file: string, scenario: GmemScenario, tree: string, isRead: boolean, progress: Progress): Outcome<ScenarioResult> {
  const program = isRead && read?.tree === tree ? done(read.program) : programIn(tree, progress);
  if (program.kind !== 'done') return program;
  read = { tree, program: program.value };
  const began = performance.now();
  const onC = runScenarioOnC(program.value, scenario, progress);
  if (onC.kind !== 'done') return onC;
  const { run } = onC.value;
  return done({
    designs: run === null ? [] : [shownOf(run, performance.now() - began)],
    report: scenarioOnCText(file, scenario, onC.value),
  });
}

function programIn(root: string, progress: Progress): Outcome<Program> {
  const tree = diskTree(root);
  const index = cachedTreeIndex(root, tree, progress);
  return index.kind === 'done' ? programForScenarios(tree, index.value, kernelConfigOf(root)) : index;
}

function scenarioAt(text: string, line: number): Outcome<GmemScenario> {
  const { scenarios, problems } = readGmem(text);
  const scenario = scenarios.find(({ span }) => span.line === line);
  if (scenario === undefined) {
    return refused(
      'gmem/no-scenario',
      `No scenario that can be read begins in line ${line}.`,
      'There is nothing to run.',
      'Open one there: scenario "Name".',
    );
  }
  const first = problems.find(({ severity, span }) => severity === 'error' && span.line >= line && span.line <= scenario.lastLine);
  if (first === undefined) return done(scenario);
  return refused('gmem/problems', `Line ${first.span.line} is wrong: ${first.message}`, 'The scenario cannot be run.', 'Correct the line.');
}

const shownOf = ({ design, status, operations, steps, expectations, isCut }: DesignRun, took: number): DesignResult => ({
  design,
  status,
  operations,
  took,
  steps: steps.map(stepOf),
  expectations: expectations.map(({ span: { line, column, endColumn }, ...rest }) => ({ ...rest, span: { line, column, endColumn } })),
  isCut,
});

function stepOf({ line, times, errors, last, refusal }: StepRun): StepResult {
  if (refusal !== null) return { line, times, answer: refusal, isDone: false };
  const failed = Object.entries(errors).map(([error, count]) => (times === 1 ? error : `${error} in ${count} of ${times}`));
  const offset = times === 1 && last !== null && last.errorOffset >= 0 ? ` at ${last.errorOffset}` : '';
  return { line, times, answer: failed.length === 0 ? 'ok' : `${failed.join(', ')}${offset}`, isDone: true };
}
