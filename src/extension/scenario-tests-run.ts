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

interface RunOrder {
  readonly tests: vscode.TestController;
  readonly files: ScenarioFiles;
  readonly engine: Engine;
  readonly request: vscode.TestRunRequest;
  readonly token: vscode.CancellationToken;
  /** Directory of the kernel tree on whose C it is run; the models where it is left out. */
  readonly tree?: string;
  /** Told every state, beside the editor. */
  readonly told: (item: vscode.TestItem, state: ToldState) => void;
}

/** The design that the C of the series is. */
const DESIGN_OF_C = 'A';

export async function runTests(order: RunOrder): Promise<void> {
  const { tests, files, request, token, told } = order;
  const run = tests.createTestRun(request);
  const source = new vscode.CancellationTokenSource();
  const stops = [token, run.token].map((one) => one.onCancellationRequested(() => source.cancel()));
  if (token.isCancellationRequested) source.cancel();
  try {
    const texts = await readFiles(tests, files, request);
    const all = order.tree === undefined ? workOf(tests, request) : workOf(tests, request).flatMap(onlyOfC);
    for (const work of all) for (const { item, steps } of work.designs.values()) for (const one of [item, ...steps]) run.enqueued(one);
    const sink = sinkOf(run, told);
    for (const [index, work] of all.entries()) {
      const text = texts.get(work.file);
      if (source.token.isCancellationRequested || text === undefined) skip(work, sink);
      else await runOne({ work, text, run, sink, isRead: index > 0 }, order, source.token);
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

/** Nothing of a scenario that design A was not asked for in. */
function onlyOfC(work: ScenarioWork): ScenarioWork[] {
  const design = work.designs.get(DESIGN_OF_C);
  if (design === undefined) return [];
  return [{ ...work, designs: new Map([[DESIGN_OF_C, { ...design, isWhole: true }]]) }];
}

interface OneRun {
  readonly work: ScenarioWork;
  readonly text: string;
  readonly run: vscode.TestRun;
  readonly sink: StateSink;
  /** The tree was read for one before it. */
  readonly isRead: boolean;
}

async function runOne(one: OneRun, { engine, tree }: RunOrder, token: vscode.CancellationToken): Promise<void> {
  const { work, text, run, sink, isRead } = one;
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
    for (const { item, steps } of designs) for (const each of [item, ...steps]) run.started(each);
    const file = baseName(work.file.uri?.path ?? work.file.label);
    const onC = tree === undefined ? {} : { tree, isRead };
    const params = { text, file, line: scenario.span.line, designs: scenario.designs.filter(isAmong(designs)), untilLine, ...onC };
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
      for (const { item, steps, isWhole } of designs) {
        const result = outcome.value.designs.find(({ design }) => design === item.id);
        if (result !== undefined) tellDesign(sink, item, [...steps], result, isToEnd && isWhole);
        // The C cannot be asked for it; the report says why.
        else for (const each of [item, ...steps]) sink.skipped(each);
      }
    }
  }
}
