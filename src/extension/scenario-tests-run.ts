/** Runs rows of the Test Explorer: which scenarios and designs they mean, one after the other, in the server's thread. */
import * as vscode from 'vscode';
import { cancelled, type Outcome, refusalText } from '../base/outcome';
import { runScenario } from '../protocol/requests';
import type { RunScenarioParams, ScenarioResult, ScenarioTest } from '../protocol/scenario-runs';
import { type Engine, failed } from './engine';
import type { ScenarioFiles } from './scenario-tests-files';
import { rangeOf, subjectOf } from './scenario-tests-items';
import { at, type StateSink, tellDesign } from './scenario-tests-results';
import { baseName } from './words';

/** A design of a scenario that is to be run, and the steps of it that were asked for. */
interface DesignWork {
  readonly item: vscode.TestItem;
  readonly steps: Set<vscode.TestItem>;
  /** It is run to the end: the design itself was asked for. */
  isWhole: boolean;
}

interface ScenarioWork {
  readonly item: vscode.TestItem;
  readonly file: vscode.TestItem;
  readonly designs: Map<string, DesignWork>;
}

/** @param sink is told every state, beside the editor */
export async function runTests(
  tests: vscode.TestController,
  files: ScenarioFiles,
  engine: Engine,
  request: vscode.TestRunRequest,
  token: vscode.CancellationToken,
  told: (item: vscode.TestItem, state: ToldState) => void,
): Promise<void> {
  const run = tests.createTestRun(request);
  const source = new vscode.CancellationTokenSource();
  const stops = [token, run.token].map((one) => one.onCancellationRequested(() => source.cancel()));
  if (token.isCancellationRequested) source.cancel();
  try {
    const texts = await readFiles(tests, files, request);
    const all = workOf(tests, request);
    for (const work of all) for (const { item, steps } of work.designs.values()) for (const one of [item, ...steps]) run.enqueued(one);
    const sink = sinkOf(run, told);
    for (const work of all) {
      const text = texts.get(work.file);
      if (source.token.isCancellationRequested || text === undefined) skip(work, sink);
      else await runOne(work, text, engine, run, sink, source.token);
    }
  } finally {
    run.end();
    for (const one of stops) one.dispose();
    source.dispose();
  }
}

export interface ToldState {
  readonly state: 'passed' | 'failed' | 'errored' | 'skipped';
  readonly messages: readonly vscode.TestMessage[];
  readonly took: number | undefined;
}

const sinkOf = (run: vscode.TestRun, told: (item: vscode.TestItem, state: ToldState) => void): StateSink => ({
  passed: (item, took) => {
    run.passed(item, took);
    told(item, { state: 'passed', messages: [], took });
  },
  failed: (item, messages, took) => {
    run.failed(item, messages, took);
    told(item, { state: 'failed', messages, took });
  },
  errored: (item, message) => {
    run.errored(item, message);
    told(item, { state: 'errored', messages: [message], took: undefined });
  },
  skipped: (item) => {
    run.skipped(item);
    told(item, { state: 'skipped', messages: [], took: undefined });
  },
});

/** Renews the rows of every file that is asked for, so that rows and text belong together. */
async function readFiles(
  tests: vscode.TestController,
  files: ScenarioFiles,
  { include }: vscode.TestRunRequest,
): Promise<ReadonlyMap<vscode.TestItem, string>> {
  if (include === undefined) await files.find();
  const wanted = new Set(include === undefined ? [...tests.items].map(([, item]) => item) : include.map(fileOf));
  const texts = new Map<vscode.TestItem, string>();
  for (const file of wanted) {
    const text = await files.read(file);
    if (text !== undefined) texts.set(file, text);
  }
  return texts;
}

export function fileOf(item: vscode.TestItem): vscode.TestItem {
  let file = item;
  while (file.parent !== undefined) file = file.parent;
  return file;
}

function workOf(tests: vscode.TestController, { include, exclude }: vscode.TestRunRequest): readonly ScenarioWork[] {
  const left = new Set(exclude ?? []);
  const all = new Map<vscode.TestItem, ScenarioWork>();
  const take = (item: vscode.TestItem, isWhole: boolean): void => {
    if (left.has(item)) return;
    const subject = subjectOf(item);
    const { parent } = item;
    if (subject === undefined) return;
    if (subject.kind === 'step') {
      if (parent?.parent !== undefined) designIn(all, parent.parent, parent).steps.add(item);
      return;
    }
    if (subject.kind === 'scenario') scenarioIn(all, item);
    if (subject.kind === 'design' && parent !== undefined) designIn(all, parent, item).isWhole ||= isWhole;
    item.children.forEach((child) => take(child, isWhole));
  };
  for (const item of include ?? [...tests.items].map(([, each]) => each)) take(item, true);
  return [...all.values()];
}

function scenarioIn(all: Map<vscode.TestItem, ScenarioWork>, item: vscode.TestItem): ScenarioWork {
  const known = all.get(item) ?? { item, file: fileOf(item), designs: new Map<string, DesignWork>() };
  all.set(item, known);
  return known;
}

function designIn(all: Map<vscode.TestItem, ScenarioWork>, scenario: vscode.TestItem, item: vscode.TestItem): DesignWork {
  const { designs } = scenarioIn(all, scenario);
  const known = designs.get(item.id) ?? { item, steps: new Set<vscode.TestItem>(), isWhole: false };
  designs.set(item.id, known);
  return known;
}

const skip = ({ designs }: ScenarioWork, sink: StateSink): void => {
  for (const { item, steps } of designs.values()) for (const one of [item, ...steps]) sink.skipped(one);
};

async function runOne(
  work: ScenarioWork,
  text: string,
  engine: Engine,
  run: vscode.TestRun,
  sink: StateSink,
  token: vscode.CancellationToken,
): Promise<void> {
  const subject = subjectOf(work.item);
  if (subject?.kind !== 'scenario') return;
  const { scenario } = subject;
  if (scenario.problem !== null || scenario.designs.length === 0) {
    const { span, message } = scenario.problem ?? { span: scenario.span, message: vscode.l10n.t('The scenario cannot be read.') };
    sink.errored(work.item, at(new vscode.TestMessage(message), work.item, rangeOf(span)));
    return;
  }
  for (const [untilLine, designs] of byEnd([...work.designs.values()])) {
    if (token.isCancellationRequested) return skip(work, sink);
    for (const { item, steps } of designs) for (const one of [item, ...steps]) run.started(one);
    const file = baseName(work.file.uri?.path ?? work.file.label);
    const params = { text, file, line: scenario.span.line, designs: scenario.designs.filter(isAmong(designs)), untilLine };
    const outcome = await asked(engine, params, token);
    tell(outcome, work, scenario, designs, untilLine === 0, run, sink);
  }
}

const isAmong =
  (designs: readonly DesignWork[]) =>
  (id: string): boolean =>
    designs.some(({ item }) => item.id === id);

/** Designs by the line behind which their run can end; 0: at the end of the scenario. */
function byEnd(designs: readonly DesignWork[]): ReadonlyMap<number, readonly DesignWork[]> {
  const all = new Map<number, DesignWork[]>();
  for (const work of designs) {
    const line = work.isWhole ? 0 : endOf([...work.steps]);
    all.set(line, [...(all.get(line) ?? []), work]);
  }
  return all;
}

/** Of one step its own line. Of several the run goes to the end: which of them comes last the text does not say. */
function endOf(steps: readonly vscode.TestItem[]): number {
  const [only, ...others] = steps;
  const subject = only && subjectOf(only);
  return others.length === 0 && subject?.kind === 'step' && subject.step.isStop ? subject.step.span.line : 0;
}

async function asked(engine: Engine, params: RunScenarioParams, token: vscode.CancellationToken): Promise<Outcome<ScenarioResult>> {
  try {
    return await engine.ask(runScenario, params, token);
  } catch (error) {
    return token.isCancellationRequested ? cancelled : failed(error);
  }
}

function tell(
  outcome: Outcome<ScenarioResult>,
  { item: scenarioItem }: ScenarioWork,
  scenario: ScenarioTest,
  designs: readonly DesignWork[],
  isToEnd: boolean,
  run: vscode.TestRun,
  sink: StateSink,
): void {
  switch (outcome.kind) {
    case 'cancelled':
      for (const { item, steps } of designs) for (const one of [item, ...steps]) sink.skipped(one);
      return;
    case 'refused': {
      const text = refusalText(outcome.refusal);
      run.appendOutput(`${scenario.name}: ${text}\r\n\r\n`, undefined, scenarioItem);
      for (const { item } of designs) sink.errored(item, at(new vscode.TestMessage(text), item, item.range));
      return;
    }
    case 'done': {
      const took = outcome.value.designs.map((each) => `${each.design} ${each.took.toFixed(1)} ms`).join(', ');
      const report = outcome.value.report.replaceAll('\n', '\r\n');
      run.appendOutput(`${report}\r\n\r\n${vscode.l10n.t('took {0}', took)}\r\n\r\n`, undefined, scenarioItem);
      for (const result of outcome.value.designs) {
        const work = designs.find(({ item }) => item.id === result.design);
        if (work !== undefined) tellDesign(sink, work.item, [...work.steps], result, isToEnd && work.isWhole);
      }
    }
  }
}
