/** Holds the expectations of a scenario against the model, and keeps what came of each. */
import type { FileExtent, HostModel } from '../model/host/host-model';
import type { DesignId, OperationResult } from '../model/host/operation';
import { meets } from '../scenario/gmem/contradictions';
import { expectationText } from '../scenario/gmem/print-gmem';
import type { Expectation, ExpectLine, Step } from '../scenario/gmem/scenario';
import { bytesText } from '../scenario/gmem/units';
import type { ExpectationRun } from './run-gmem-report';

/** What the step above an expectation gave; null where the lines above are a block. */
export type StepAnswer = { readonly result: OperationResult | null; readonly refusal: string | null } | null;

interface Entry {
  readonly line: ExpectLine;
  status: ExpectationRun['status'];
  times: number;
  actual: string;
}

export class ExpectationLedger {
  private readonly known = new Map<ExpectLine, Entry>();

  constructor(
    private readonly model: HostModel,
    private readonly design: DesignId,
  ) {}

  /** Makes room for the expectations of these steps, so that those that are never checked are told too. */
  announce(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.kind === 'parallel') for (const branch of step.branches) this.announce(branch);
      else if (step.kind !== 'operation') this.announce(step.steps);
      const isPassed = step.kind === 'operation' && !this.isFor(step.designs);
      for (const line of step.expects)
        if (!isPassed && line.holds !== false && this.isFor(line.designs))
          this.known.set(line, { line, status: 'not-run', times: 0, actual: '' });
    }
  }

  check(lines: readonly ExpectLine[], answer: StepAnswer): void {
    for (const line of lines) {
      const entry = this.known.get(line);
      if (entry === undefined) continue;
      const { isMet, actual } = this.compared(line.expectation, answer);
      entry.times += 1;
      if (entry.status === 'failed') continue;
      entry.status = isMet ? 'passed' : 'failed';
      entry.actual = actual;
    }
  }

  entries(): ExpectationRun[] {
    const all = [...this.known.values()].map(({ line, status, times, actual }) => ({
      span: line.span,
      status,
      times,
      expected: expectationText(line.expectation),
      actual,
    }));
    return all.sort((left, right) => left.span.line - right.span.line);
  }

  private isFor(designs: ExpectLine['designs']): boolean {
    return designs.length === 0 || designs.includes(this.design);
  }

  private compared(expectation: Expectation, answer: StepAnswer): { readonly isMet: boolean; readonly actual: string } {
    switch (expectation.kind) {
      case 'error': {
        const result = answer?.result ?? null;
        if (result === null) return { isMet: false, actual: `not done: ${answer?.refusal ?? ''}` };
        const { at } = expectation;
        const isMet = result.error === expectation.error && (at === undefined || at === result.errorOffset);
        return { isMet, actual: answerText(result) };
      }
      case 'meanwhile': {
        const result = answer?.result?.meanwhile;
        return result === undefined
          ? { isMet: false, actual: 'nothing happened meanwhile' }
          : { isMet: result.error === expectation.error, actual: answerText(result) };
      }
      case 'counter':
        return quantity(this.model.counters()[expectation.name], expectation);
      case 'metric':
        return quantity(this.model.metrics()[expectation.name], expectation);
      case 'invariant': {
        const found = this.model.violations().find(({ invariant }) => invariant === expectation.name);
        return { isMet: (found === undefined) === expectation.held, actual: found === undefined ? 'held' : `violated: ${found.met}` };
      }
      case 'state':
        return stateOf(this.model, expectation);
    }
  }
}

const answerText = ({ error, errorOffset }: OperationResult): string =>
  error === null ? 'ok' : errorOffset < 0 ? error : `${error} at ${bytesText(errorOffset)}`;

function quantity(
  actual: number | undefined,
  bound: Extract<Expectation, { kind: 'counter' | 'metric' }>,
): { isMet: boolean; actual: string } {
  if (actual === undefined) return { isMet: false, actual: 'there is none' };
  return { isMet: meets(actual, bound), actual: String(actual) };
}

/** Properties whose name is not that of the field. */
const FIELDS: Readonly<Record<string, keyof FileExtent>> = { 'folio-order': 'folioOrder', 'content-of': 'contentOf' };

function stateOf(
  model: HostModel,
  { file, from, to, property, value }: Extract<Expectation, { kind: 'state' }>,
): { isMet: boolean; actual: string } {
  const extents = model.extents(file).filter((each) => each.from < to && each.to > from);
  if (extents.length === 0) return { isMet: false, actual: `there is no file ${file}` };
  for (const extent of extents) {
    const found = wordOf(extent[FIELDS[property] ?? (property as keyof FileExtent)]);
    if (found === value) continue;
    const first = Math.max(from, extent.from);
    const last = Math.min(to, extent.to) - 1;
    return { isMet: false, actual: `${property} ${found} in ${first === last ? `page ${first}` : `pages ${first}..${last + 1}`}` };
  }
  return { isMet: true, actual: `${property} ${value}` };
}

const wordOf = (value: FileExtent[keyof FileExtent]): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value));
