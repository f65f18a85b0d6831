/** The orders of the `parallel` blocks of a scenario: which there are, and in which of them something goes wrong. */
import { createHostModel } from '../model/host/create-host-model';
import type { CreateHostModel, HostModel } from '../model/host/host-model';
import type { DesignId } from '../model/host/operation';
import type { OrderVerdict } from '../protocol/scenario-page';
import type { GmemScenario, ParallelStep, Step } from '../scenario/gmem/scenario';
import { moved } from './run-gmem-moving';
import { ordersRun } from './run-gmem-orders';
import { ScenarioClock, type Next } from './scenario-clock';
import { checkedAnswer, modelFor } from './scenario-model';
import { SeenTroubles } from './scenario-troubles';

/** A `parallel` with the orders in which it can be played. */
export interface OrderedBlock {
  readonly step: ParallelStep;
  /** *Shape* numbers of the branches whose next step comes; the first is one branch after the other. */
  readonly orders: readonly (readonly number[])[];
  /** All that there are, where that is more. */
  readonly all: number;
}

/** As they stand in the text, an outer block before those in it. */
export function orderedBlocks(steps: readonly Step[]): readonly OrderedBlock[] {
  return steps.flatMap((step): readonly OrderedBlock[] => {
    if (step.kind === 'operation') return [];
    if (step.kind !== 'parallel') return orderedBlocks(step.steps);
    return [{ step, ...ordersRun(step.branches) }, ...orderedBlocks(step.branches.flat())];
  });
}

/** Every line of a step and of what is in it. */
export function linesOf(step: Step | undefined): readonly number[] {
  if (step === undefined) return [];
  const inner = step.kind === 'operation' ? [] : step.kind === 'parallel' ? step.branches.flat() : step.steps;
  return [step.span.line, ...step.expects.map(({ span }) => span.line), ...inner.flatMap(linesOf)];
}

/** The order that is chosen for a block, its first where none is or where there is none of that number. */
export function orderChosen(blocks: readonly OrderedBlock[], chosen: readonly number[], step: ParallelStep): readonly number[] {
  const at = blocks.findIndex((block) => block.step === step);
  const orders = blocks[at]?.orders ?? [];
  return orders[chosen[at] ?? 0] ?? orders[0] ?? [];
}

/** Steps of all orders together that are tried; what is behind them is not known. */
const MOST_STEPS = 300_000;

/** Tries every order of every block from the state in which the block is met first. Works a step at a time, beside what is played. */
export class OrderSurvey {
  /** Of the orders that were tried to their end. */
  readonly verdicts: OrderVerdict[] = [];
  private readonly work: Generator<void, void, void>;
  private left = MOST_STEPS;

  /** False: the bound came first, and of some orders nothing is known. */
  get isWhole(): boolean {
    return this.left > 0;
  }

  /** @param chosen orders of the blocks that come before another one */
  constructor(
    private readonly scenario: GmemScenario,
    private readonly blocks: readonly OrderedBlock[],
    private readonly chosen: readonly number[],
    designs: readonly DesignId[],
    private readonly create: CreateHostModel = createHostModel,
  ) {
    this.work = this.designs(blocks.length === 0 ? [] : designs);
  }

  /** True once nothing is left to be tried. */
  advance(steps: number): boolean {
    for (let count = 0; count < steps; count++) {
      if (this.left <= 0 || this.work.next().done === true) return true;
      this.left -= 1;
    }
    return false;
  }

  private *designs(designs: readonly DesignId[]): Generator<void, void, void> {
    for (const design of designs) {
      const made = modelFor(this.scenario, design, this.create);
      if (made.kind === 'done') yield* this.design(design, made.value);
    }
  }

  private *design(design: DesignId, model: HostModel): Generator<void, void, void> {
    const entered: ParallelStep[] = [];
    const seen = new Set<ParallelStep>();
    const clock = new ScenarioClock(this.scenario.steps, (step) => {
      if (!seen.has(step)) entered.push(step);
      seen.add(step);
      return orderChosen(this.blocks, this.chosen, step);
    });
    while (seen.size < this.blocks.length || entered.length > 0) {
      const next = clock.next();
      // The block was entered, and none of its steps is done.
      for (const step of entered.splice(0)) yield* this.block(design, model, step);
      if (next === null) return;
      if (next.kind === 'operation' && isFor(next, design)) model.apply(operationOf(next));
      yield;
    }
  }

  private *block(design: DesignId, model: HostModel, step: ParallelStep): Generator<void, void, void> {
    const block = this.blocks.findIndex((one) => one.step === step);
    const before = model.mark();
    const lane = { design, model };
    for (const [at, order] of (this.blocks[block]?.orders ?? []).entries()) {
      const troubles = new SeenTroubles();
      troubles.violations(lane, 0, 0);
      const known = troubles.all.length;
      const clock = new ScenarioClock([step], (inner) => (inner === step ? order : orderChosen(this.blocks, this.chosen, inner)));
      let tick = 0;
      for (let next = clock.next(); next !== null; next = clock.next()) {
        if (next.kind === 'block-end') troubles.check(lane, next.step, null, tick);
        else if (isFor(next, design)) {
          tick += 1;
          const outcome = model.apply(operationOf(next));
          const { line } = next.step.span;
          troubles.check(lane, next.step, checkedAnswer(outcome), tick);
          if (outcome.kind === 'refused') troubles.refused(design, line, outcome.refusal.met, tick);
          troubles.violations(lane, line, tick);
        }
        yield;
      }
      const names = troubles.all.slice(known).map(({ kind, name }) => (kind === 'violation' ? name : `not met: ${name}`));
      this.verdicts.push({ block, order: at, design, troubles: [...new Set(names)] });
      model.restore(before);
    }
  }
}

type NextOperation = Extract<Next, { kind: 'operation' }>;

const isFor = ({ step }: NextOperation, design: DesignId): boolean => step.designs.length === 0 || step.designs.includes(design);
const operationOf = ({ step, turn }: NextOperation) => moved(step.operation, (step.moving ?? 0) * turn);
