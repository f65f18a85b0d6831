/** The rows of the Test Explorer: a file, its scenarios, their designs, the steps of each. Kept while the text changes, as far as they stay. */
import * as vscode from 'vscode';
import type { DesignId, LineSpan, ScenarioTest, ScenarioTests, StepTest } from '../protocol/scenario-runs';
import { counted } from './words';

/** What a row stands for. */
export type TestSubject =
  | { readonly kind: 'file' }
  | { readonly kind: 'scenario'; readonly scenario: ScenarioTest }
  | { readonly kind: 'design'; readonly scenario: ScenarioTest; readonly design: DesignId }
  | { readonly kind: 'step'; readonly scenario: ScenarioTest; readonly design: DesignId; readonly step: StepTest };

const subjects = new WeakMap<vscode.TestItem, TestSubject>();

export const subjectOf = (item: vscode.TestItem): TestSubject | undefined => subjects.get(item);

interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly span: LineSpan;
  readonly subject: TestSubject;
  readonly error: string;
  readonly children: readonly Row[];
}

/** A file without its scenarios: they are read when somebody looks. */
export function fileItem(tests: vscode.TestController, uri: vscode.Uri, label: string, description: string): vscode.TestItem {
  const item = tests.createTestItem(uri.toString(), label, uri);
  item.description = description;
  item.canResolveChildren = true;
  subjects.set(item, { kind: 'file' });
  return item;
}

/** Makes the rows below a file those of its text. Rows that stay keep what came of their last run. */
export function showTests(tests: vscode.TestController, file: vscode.TestItem, { scenarios, leftOut, titles }: ScenarioTests): void {
  const named = numbered();
  take(
    tests,
    file,
    scenarios.map((scenario) => scenarioRow(scenario, titles, named(scenario.name))),
  );
  file.error =
    leftOut === 0
      ? undefined
      : vscode.l10n.t('{0} more scenarios and steps are not shown: the text has too many. Use several files.', leftOut);
}

function scenarioRow(scenario: ScenarioTest, titles: ScenarioTests['titles'], id: string): Row {
  return {
    id,
    label: scenario.name,
    description: scenario.labels.join(', '),
    span: scenario.span,
    subject: { kind: 'scenario', scenario },
    error: scenario.problem === null ? '' : vscode.l10n.t('Line {0}: {1}', scenario.problem.span.line, scenario.problem.message),
    children: scenario.problem === null ? scenario.designs.map((design) => designRow(scenario, design, titles[design] ?? '')) : [],
  };
}

function designRow(scenario: ScenarioTest, design: DesignId, title: string): Row {
  const named = numbered();
  return {
    id: design,
    label: vscode.l10n.t('Design {0}', design),
    description: title,
    span: scenario.span,
    subject: { kind: 'design', scenario, design },
    error: '',
    children: scenario.steps.filter((step) => isFor(step.designs, design)).map((step) => stepRow(scenario, design, step, named(step.text))),
  };
}

function stepRow(scenario: ScenarioTest, design: DesignId, step: StepTest, id: string): Row {
  const expected = expectsOf(step, design).length;
  const description = counted(expected, vscode.l10n.t('1 expectation'), vscode.l10n.t('{0} expectations', expected));
  return {
    id,
    label: step.text,
    description: expected === 0 ? '' : description,
    span: step.span,
    subject: { kind: 'step', scenario, design, step },
    error: '',
    children: [],
  };
}

const isFor = (designs: readonly DesignId[], design: DesignId): boolean => designs.length === 0 || designs.includes(design);

/** Lines of what a step expects of a design. */
export const expectsOf = (step: StepTest, design: DesignId): readonly number[] =>
  step.expects.filter(({ designs }) => isFor(designs, design)).map(({ line }) => line);

/** Names that come again get a number, so that rows have ids of their own. */
function numbered(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  };
}

function take(tests: vscode.TestController, parent: vscode.TestItem, rows: readonly Row[]): void {
  const wanted = new Set(rows.map(({ id }) => id));
  parent.children.forEach((item) => {
    if (!wanted.has(item.id)) parent.children.delete(item.id);
  });
  for (const [index, row] of rows.entries()) {
    const known = parent.children.get(row.id);
    const item = known ?? tests.createTestItem(row.id, row.label, parent.uri);
    const range = rangeOf(row.span);
    // Each setting is a message to the editor.
    if (item.range === undefined || !item.range.isEqual(range)) item.range = range;
    if (item.description !== row.description) item.description = row.description;
    const sortText = String(index).padStart(5, '0');
    if (item.sortText !== sortText) item.sortText = sortText;
    const error = row.error === '' ? undefined : row.error;
    if (item.error !== error) item.error = error;
    if (known === undefined && row.subject.kind === 'design') item.tags = [new vscode.TestTag(row.subject.design)];
    subjects.set(item, row.subject);
    take(tests, item, row.children);
    if (known === undefined) parent.children.add(item);
  }
}

export const rangeOf = ({ line, column, endColumn }: LineSpan): vscode.Range =>
  new vscode.Range(line - 1, column - 1, line - 1, Math.max(column, endColumn) - 1);
