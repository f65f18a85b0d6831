/** What came of a run as states of the rows of the Test Explorer. */
import * as vscode from 'vscode';
import type { DesignResult, ExpectationResult } from '../protocol/scenario-runs';
import { expectsOf, rangeOf, subjectOf } from './scenario-tests-items';

/** Where states go: a `vscode.TestRun`, with a memory of what it was told. */
export interface StateSink {
  passed(item: vscode.TestItem, took?: number): void;
  failed(item: vscode.TestItem, messages: vscode.TestMessage[], took?: number): void;
  errored(item: vscode.TestItem, message: vscode.TestMessage): void;
  skipped(item: vscode.TestItem): void;
}

/**
 * @param steps the rows that were asked for; `design` itself gets a state where the run went to the end
 * @param isWhole whether it did
 */
export function tellDesign(
  sink: StateSink,
  design: vscode.TestItem,
  steps: readonly vscode.TestItem[],
  result: DesignResult,
  isWhole: boolean,
): void {
  const unmet = new Map(result.expectations.map((each) => [each.span.line, each]));
  for (const step of steps) {
    for (const line of linesOf(step)) unmet.delete(line);
    tellStep(sink, step, result);
  }
  if (!isWhole) return;
  const rest = [...unmet.values()].filter(({ status }) => status === 'failed').map((each) => unmetMessage(design, result, each));
  if (result.isCut) {
    const text = vscode.l10n.t(
      'The run stopped at the bound of {0} operations. What comes after is not known. Repeat less, or expect earlier.',
      result.operations,
    );
    sink.errored(design, at(new vscode.TestMessage(text), design, design.range));
  } else if (result.status === 'passed') sink.passed(design, result.took);
  else sink.failed(design, rest, result.took);
}

const linesOf = (item: vscode.TestItem): readonly number[] => {
  const subject = subjectOf(item);
  return subject?.kind === 'step' ? expectsOf(subject.step, subject.design) : [];
};

function tellStep(sink: StateSink, item: vscode.TestItem, result: DesignResult): void {
  const subject = subjectOf(item);
  if (subject?.kind !== 'step') return;
  const lines = linesOf(item);
  const expectations = result.expectations.filter(({ span }) => lines.includes(span.line));
  const done = result.steps.find(({ line }) => line === subject.step.span.line);
  const messages = expectations.filter(({ status }) => status === 'failed').map((each) => unmetMessage(item, result, each));
  if (done?.isDone === false) {
    const text = vscode.l10n.t('Design {0}: the step could not be done. {1}', result.design, done.answer);
    messages.unshift(at(new vscode.TestMessage(text), item, item.range));
  }
  const wasChecked = expectations.some(({ status }) => status !== 'not-run');
  if (messages.length > 0) sink.failed(item, messages);
  else if (done !== undefined || wasChecked || (isBlock(subject.step) && lines.length === 0)) sink.passed(item);
  else sink.skipped(item);
}

/** A block has no result of its own: what is expected of it tells. */
const isBlock = ({ text }: { readonly text: string }): boolean => /^(?:repeat|random|parallel)\b/.test(text);

function unmetMessage(item: vscode.TestItem, { design }: DesignResult, { span, expected, actual }: ExpectationResult): vscode.TestMessage {
  const text = vscode.l10n.t('Design {0}: expected {1}; it was {2}', design, expected, actual);
  return at(vscode.TestMessage.diff(text, expected, actual), item, rangeOf(span));
}

export function at(message: vscode.TestMessage, item: vscode.TestItem, range: vscode.Range | undefined): vscode.TestMessage {
  if (item.uri !== undefined && range !== undefined) message.location = new vscode.Location(item.uri, range);
  return message;
}
