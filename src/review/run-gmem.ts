/** Runs a scenario on the model of a design: what each step gives, whether each expectation is met, and the metrics over the run. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { createHostModel } from '../model/host/create-host-model';
import type { CreateHostModel, HostModel } from '../model/host/host-model';
import type { DesignId, ErrorName, Operation, OperationResult } from '../model/host/operation';
import { operationText } from '../scenario/gmem/print-gmem';
import type { GmemScenario, OperationStep, ParallelStep, RandomStep, Step } from '../scenario/gmem/scenario';
import { SWITCHES } from '../scenario/gmem/vocabulary';
import { ExpectationLedger } from './run-gmem-expectations';
import { moved } from './run-gmem-moving';
import { ordersRun } from './run-gmem-orders';
import type { DesignRun, StepRun } from './run-gmem-report';
import { MetricSamples, ViolationSet } from './run-gmem-samples';

/** More operations than this are not done, whatever orders and repetitions ask for. */
const MOST_OPERATIONS = 2_000_000;
/** Operations between two looks at whether somebody has cancelled. */
const BETWEEN_LOOKS = 256;

export interface RunOptions {
  /** Stops once the step in this line has been done for the first time. */
  readonly untilLine?: number;
  readonly create?: CreateHostModel;
}

/**
 * *Fails* as `createHostModel`. A step that cannot be done at all (its file was never created) is no failure of the run:
 * it is said of the step, and expectations of it are not met.
 */
export function runScenario(scenario: GmemScenario, design: DesignId, progress: Progress, options: RunOptions = {}): Outcome<DesignRun> {
  const { host, vms, switches } = scenario;
  // A switch that is said of no design in particular is one of those that have it.
  const own = switches.filter(({ name, designs }) =>
    designs.length === 0 ? (SWITCHES[name]?.designs.includes(design) ?? false) : designs.includes(design),
  );
  const created = (options.create ?? createHostModel)({ host, design, vms, switches: own, seed: 1 });
  if (created.kind !== 'done') return created;
  const run = new GmemRun(scenario, design, created.value, progress, options.untilLine ?? 0);
  run.steps(scenario.steps, 0);
  return run.isCancelled ? cancelled : done(run.report());
}

class GmemRun {
  isCancelled = false;
  private isStopped = false;
  private operations = 0;
  private readonly lines = new Map<number, MutableStepRun>();
  private readonly orders: DesignRun['orders'][number][] = [];
  private readonly samples: MetricSamples;
  private readonly violations = new ViolationSet();
  private readonly ledger: ExpectationLedger;
  /** While orders of a `parallel` are tried, their metrics are none of the run's. */
  private isTrying = false;

  constructor(
    private readonly scenario: GmemScenario,
    private readonly design: DesignId,
    private readonly model: HostModel,
    private readonly progress: Progress,
    private readonly untilLine: number,
  ) {
    this.samples = new MetricSamples(model);
    this.ledger = new ExpectationLedger(model, design);
    this.ledger.announce(scenario.steps);
  }

  /** @param turn of the innermost block that repeats, from 0 */
  steps(steps: readonly Step[], turn: number): void {
    for (const step of steps) {
      if (this.ended) return;
      this.step(step, turn);
    }
  }

  report(): DesignRun {
    this.samples.last();
    this.violations.add(this.model.violations());
    const steps = [...this.lines.values()];
    const expectations = this.ledger.entries();
    const isMet = expectations.every(({ status }) => status !== 'failed') && steps.every(({ refusal }) => refusal === null);
    return {
      scenario: this.scenario.name,
      design: this.design,
      status: isMet ? 'passed' : 'failed',
      operations: this.operations,
      time: this.model.time(),
      steps,
      expectations,
      orders: this.orders,
      samples: this.samples.kept,
      counters: this.model.counters(),
      metrics: this.model.metrics(),
      events: this.model.events(),
      violations: this.violations.list,
      isCut: this.isCut,
    };
  }

  private get isCut(): boolean {
    return this.operations >= MOST_OPERATIONS;
  }

  private get ended(): boolean {
    return this.isCancelled || this.isStopped || this.isCut;
  }

  private step(step: Step, turn: number): void {
    switch (step.kind) {
      case 'operation':
        this.operation(step, turn);
        return;
      case 'repeat':
        for (let inner = 0; inner < step.times && !this.ended; inner++) this.steps(step.steps, inner);
        break;
      case 'random':
        this.random(step);
        break;
      case 'parallel':
        this.parallel(step);
        break;
    }
    if (!this.ended) this.ledger.check(step.expects, null);
  }

  private operation(step: OperationStep, turn: number): void {
    if (step.designs.length > 0 && !step.designs.includes(this.design)) {
      if (step.span.line === this.untilLine) this.isStopped = true;
      return;
    }
    if (this.operations % BETWEEN_LOOKS === 0) this.look();
    if (this.isCancelled) return;
    this.operations += 1;
    const operation = moved(step.operation, (step.moving ?? 0) * turn);
    const outcome = this.model.apply(operation);
    const result = outcome.kind === 'done' ? outcome.value : null;
    const refusal = outcome.kind === 'refused' ? outcome.refusal.met : null;
    this.note(step, operation, result, refusal);
    if (!this.isTrying) this.samples.next();
    this.ledger.check(step.expects, { result, refusal });
    if (step.span.line === this.untilLine) this.isStopped = true;
  }

  private note(step: OperationStep, operation: Operation, result: OperationResult | null, refusal: string | null): void {
    const { line } = step.span;
    let entry = this.lines.get(line);
    if (entry === undefined) {
      entry = { line, text: operationText(operation), times: 0, errors: {}, pages: 0, last: null, refusal: null };
      this.lines.set(line, entry);
    }
    entry.times += 1;
    entry.last = result;
    entry.refusal ??= refusal;
    entry.pages += result?.pages ?? 0;
    const error = result?.error ?? null;
    if (error !== null) entry.errors[error] = (entry.errors[error] ?? 0) + 1;
  }

  private random({ steps, times, seed }: RandomStep): void {
    if (steps.length === 0) return;
    const next = numbersFrom(seed);
    for (let turn = 0; turn < times && !this.ended; turn++) {
      const step = steps[Math.floor(next() * steps.length)];
      if (step !== undefined) this.step(step, turn);
    }
  }

  /** Every order is tried; the run goes on from the first, in which one branch follows the other. */
  private parallel(step: ParallelStep): void {
    const { orders, all } = ordersRun(step.branches);
    const before = this.model.mark();
    const wasTrying = this.isTrying;
    for (const order of [...orders.slice(1), orders[0] ?? []]) {
      if (this.ended) return;
      this.model.restore(before);
      this.isTrying = wasTrying || order !== orders[0];
      const at = step.branches.map(() => 0);
      for (const branch of order) {
        const index = at[branch] ?? 0;
        at[branch] = index + 1;
        const next = step.branches[branch]?.[index];
        if (next !== undefined && !this.ended) this.step(next, 0);
      }
      this.violations.add(this.model.violations());
      // Those of the first order are checked by the caller.
      if (order !== orders[0] && !this.ended) this.ledger.check(step.expects, null);
    }
    this.isTrying = wasTrying;
    if (!wasTrying) this.orders.push({ line: step.span.line, run: orders.length, all });
  }

  private look(): void {
    this.isCancelled = this.progress.cancelled;
    if (this.operations > 0) this.progress.report(`${this.scenario.name}, design ${this.design}: ${this.operations} operations`);
  }
}

type MutableStepRun = { -readonly [Key in keyof Omit<StepRun, 'errors'>]: StepRun[Key] } & { errors: Partial<Record<ErrorName, number>> };

/** Numbers from 0 to below 1, the same for the same seed. *Source* Mulberry32. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
