/** What went wrong in a run that is played: violations, expectations that were not met, steps that could not be done; each at the step after which it was seen first. */
import type { HostModel } from '../model/host/host-model';
import type { DesignId } from '../model/host/operation';
import type { ExpectationView, SeenTrouble } from '../protocol/scenario-page';
import type { Step } from '../scenario/gmem/scenario';
import { ExpectationLedger, type StepAnswer } from './run-gmem-expectations';

/** More are counted with the last of them only. */
const MOST_TROUBLES = 1_000;

interface Lane {
  readonly design: DesignId;
  readonly model: HostModel;
}

interface Entry {
  readonly line: number;
  readonly expected: string;
  readonly results: Map<DesignId, Mutable<ExpectationView['results'][number]>>;
}
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class SeenTroubles {
  /** In order of their steps. */
  readonly all: SeenTrouble[] = [];
  private readonly violationsSeen = new Map<DesignId, number>();
  private readonly failures: { readonly design: DesignId; readonly tick: number }[] = [];
  private readonly entries = new Map<string, Entry>();
  private shown: readonly ExpectationView[] | null = null;

  /** Holds the expectations of a step, or of a block that has ended, against the model. */
  check({ design, model }: Lane, step: Step, answer: StepAnswer, tick: number): void {
    if (step.expects.length === 0) return;
    const ledger = new ExpectationLedger(model, design);
    ledger.announce([step.kind === 'operation' ? step : { kind: 'repeat', times: 0, steps: [], expects: step.expects, span: step.span }]);
    ledger.check(step.expects, answer);
    for (const { span, status, expected, actual } of ledger.entries()) {
      if (status === 'not-run') continue;
      this.note(design, span.line, expected, status, actual, tick);
    }
  }

  /** Violations that the last step has brought. */
  violations({ design, model }: Lane, line: number, tick: number): void {
    const found = model.violations();
    const before = this.violationsSeen.get(design) ?? 0;
    if (found.length <= before) return;
    this.violationsSeen.set(design, found.length);
    for (const { invariant, met, label } of found.slice(before))
      this.push({ kind: 'violation', design, tick, line, name: invariant, text: met, label });
  }

  /** A step that could not be done at all. */
  refused(design: DesignId, line: number, why: string, tick: number): void {
    if (this.all.some((each) => each.design === design && each.line === line && each.name === NOT_DONE)) return;
    this.failures.push({ design, tick });
    this.push({ kind: 'expectation', design, tick, line, name: NOT_DONE, text: why, label: '' });
  }

  /** Lines that were not met in a design up to a step. */
  failedBefore(design: DesignId, tick: number): number {
    return this.failures.filter((each) => each.design === design && each.tick <= tick).length;
  }

  /** By line. */
  expectations(): readonly ExpectationView[] {
    this.shown ??= [...this.entries.values()]
      .sort((left, right) => left.line - right.line)
      .map(({ line, expected, results }) => ({ line, expected, results: [...results.values()].map((each) => ({ ...each })) }));
    return this.shown;
  }

  private note(design: DesignId, line: number, expected: string, status: 'passed' | 'failed', actual: string, tick: number): void {
    this.shown = null;
    const key = `${line} ${expected}`;
    let entry = this.entries.get(key);
    if (entry === undefined) {
      entry = { line, expected, results: new Map() };
      this.entries.set(key, entry);
    }
    const known = entry.results.get(design);
    if (known === undefined) entry.results.set(design, { design, status, actual, tick, times: 1 });
    else known.times += 1;
    if (known?.status === 'failed' || status === 'passed') return;
    if (known !== undefined) Object.assign(known, { status, actual, tick });
    this.failures.push({ design, tick });
    this.push({ kind: 'expectation', design, tick, line, name: expected, text: actual, label: '' });
  }

  private push(trouble: SeenTrouble): void {
    if (this.all.length < MOST_TROUBLES) this.all.push(trouble);
  }
}

const NOT_DONE = 'not done';
