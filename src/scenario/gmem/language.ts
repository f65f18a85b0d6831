/** What an editor asks about a scenario text: problems, completions, hovers, outline, and what can be run. */
import { formatGmem } from './format-gmem';
import { treeOf, type LineNode } from './line-tree';
import { spanOfLine } from './problem';
import { readGmem } from './read-gmem';
import type { TextProblem, TextSpan } from './scenario';
import { statementOf } from './statements';
import { linesOf, unquoted } from './tokens';

export const diagnosticsOf = (text: string): readonly TextProblem[] => readGmem(text).problems;

export const formatOf = formatGmem;

export interface OutlineEntry {
  readonly name: string;
  /** What stands behind the name. */
  readonly detail: string;
  readonly kind: 'scenario' | 'declaration' | 'step' | 'block';
  /** Of the line. */
  readonly span: TextSpan;
  /** Its last line, those below it included. */
  readonly lastLine: number;
  readonly children: readonly OutlineEntry[];
}

/** Scenarios with their declarations and steps, in order; expectations are left out. */
export function outlineOf(text: string): readonly OutlineEntry[] {
  return treeOf(linesOf(text)).flatMap(entryOf);
}

function entryOf(node: LineNode): readonly OutlineEntry[] {
  const [first, second, ...more] = node.line.tokens;
  const statement = statementOf(first?.text ?? '', second?.text ?? '');
  if (first === undefined || statement === undefined || statement.place === 'expectation' || statement.place === 'attached') return [];
  const children = node.children.flatMap(entryOf);
  const span = spanOfLine(node.line);
  const lastLine = lastOf(node);
  if (statement.place === 'file') {
    const name = second?.kind === 'string' ? unquoted(second.text) : (second?.text ?? '');
    return [{ name: name === '' ? 'scenario' : name, detail: '', kind: 'scenario', span, lastLine, children }];
  }
  const kind = statement.place === 'branch' ? 'block' : statement.place;
  const detail = [second, ...more].flatMap((each) => (each === undefined ? [] : [each.text])).join(' ');
  return [{ name: first.text, detail, kind, span, lastLine, children }];
}

function lastOf(node: LineNode): number {
  let last = node;
  for (let next = last.children.at(-1); next !== undefined; next = last.children.at(-1)) last = next;
  return last.line.number;
}

/** Something with a run button. */
export interface Runnable {
  readonly kind: 'scenario' | 'step';
  readonly scenario: string;
  /** Empty for the scenario itself; else the line without its indentation. */
  readonly step: string;
  /** Number of the step among those of the scenario, at whatever depth, from 0; -1 for the scenario itself. */
  readonly index: number;
  readonly span: TextSpan;
  readonly lastLine: number;
}

/** Each scenario, then its steps at any depth, in the order of the text. Those that cannot be read are there all the same. */
export function runnableAt(text: string): readonly Runnable[] {
  const lines = text.split('\n');
  return outlineOf(text).flatMap((scenario) => {
    if (scenario.kind !== 'scenario') return [];
    const whole: Runnable = {
      kind: 'scenario',
      scenario: scenario.name,
      step: '',
      index: -1,
      span: scenario.span,
      lastLine: scenario.lastLine,
    };
    const steps = stepsBelow(scenario).map((each, index): Runnable => {
      const { line, column, endColumn } = each.span;
      const step = lines[line - 1]?.slice(column - 1, endColumn - 1) ?? '';
      return { kind: 'step', scenario: scenario.name, step, index, span: each.span, lastLine: each.lastLine };
    });
    return [whole, ...steps];
  });
}

const stepsBelow = (entry: OutlineEntry): readonly OutlineEntry[] =>
  entry.children.flatMap((each) => (each.kind === 'step' ? [each] : stepsBelow(each)));
