/** Plays a scenario on several designs on one clock: forth and back, to a step or a line, to the next trouble; shows what is asked of each state. */
import { cancelled, done, refused, type Outcome } from '../base/outcome';
import { createHostModel } from '../model/host/create-host-model';
import type { CreateHostModel, FileExtent, HostModel, ModelMark } from '../model/host/host-model';
import type { DesignId, Operation } from '../model/host/operation';
import type {
  CursorFacts,
  DesignView,
  EventWindow,
  PlayedDesign,
  PlayedParallel,
  ScenarioView,
  SeekAim,
  SeenTrouble,
  StepAnswer,
  ValueSeries,
  ViewRequest,
} from '../protocol/scenario-page';
import { operationText } from '../scenario/gmem/print-gmem';
import type { GmemScenario, OperationStep } from '../scenario/gmem/scenario';
import { moved } from './run-gmem-moving';
import { COLOURINGS, extentAt, fileRuns, poolAmounts, poolRuns, sectionsOf } from './scenario-map';
import { factsOf } from './scenario-facts';
import { operationsOf, ScenarioClock, type ClockMark } from './scenario-clock';
import { answerOf, checkedAnswer, modelFor, NOT_YET } from './scenario-model';
import { KeptMarks } from './scenario-marks';
import { linesOf, orderChosen, orderedBlocks, type OrderedBlock } from './scenario-orders';
import { StepPlaces } from './scenario-places';
import { SeenTroubles } from './scenario-troubles';
import { ValueNames, ValueSamples } from './scenario-values';

/** As many as can be told apart side by side. */
export const MOST_DESIGNS = 5;
/** A scenario is cut here, as its runner cuts it. */
const MOST_STEPS = 2_000_000;

export interface ScenarioPlayer {
  readonly designs: readonly PlayedDesign[];
  readonly parallels: readonly PlayedParallel[];
  /** Steps done. */
  tick(): number;
  /** Steps of the whole; null where chance decides. */
  readonly total: number | null;
  ended(): boolean;
  /** One step on. False at the end. */
  step(): boolean;
  /** Begins to go to a step; `advance` goes on to it, as far as the scenario has it. */
  aimAt(tick: number): void;
  /** Begins to go to where a line is done first. */
  aimAtLine(line: number): void;
  /** Begins to go on to the next step that has something of the kind. */
  aimFor(aim: SeekAim): void;
  /** Begins to go on to the next step of a `parallel` in which something goes wrong. */
  aimForTroubleIn(block: number): void;
  /** Goes on to what was aimed at by so many steps at most. True when it is there. */
  advance(steps: number): boolean;
  view(request: ViewRequest): ScenarioView;
  /** Names of all values met so far: those of a view are numbers in it. */
  names(): readonly string[];
  series(names: readonly string[]): readonly ValueSeries[];
  /** The last events of a design, at most so many. */
  events(design: DesignId, most: number): EventWindow;
}

interface Lane {
  readonly design: DesignId;
  readonly model: HostModel;
  readonly samples: ValueSamples;
  readonly places: StepPlaces;
  answer: StepAnswer;
  /** Extents of files as of this step, by file; filled as they are looked at. */
  extents: Map<string, readonly FileExtent[]>;
}

interface PlayerMark {
  readonly tick: number;
  readonly clock: ClockMark;
  readonly models: readonly ModelMark[];
  readonly answers: readonly StepAnswer[];
  readonly last: LastStep;
}

interface LastStep {
  readonly line: number;
  readonly operation: Operation | null;
  readonly turns: readonly string[];
}

type Aim =
  | { readonly kind: 'tick'; readonly tick: number }
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'trouble'; readonly from: number; readonly lines: ReadonlySet<number> }
  | { readonly kind: SeekAim; readonly from: number };

const PASSED_OVER: StepAnswer = { kind: 'passed-over', text: 'not for this design', pages: 0 };

/**
 * @param orders of each `parallel`, as `orderedBlocks` numbers them
 *
 * *Fails* `scenario/no-design` where none of the designs can be made; a design that cannot be made beside others is told as such.
 */
export function createScenarioPlayer(
  scenario: GmemScenario,
  wanted: readonly DesignId[],
  orders: readonly number[] = [],
  create: CreateHostModel = createHostModel,
): Outcome<ScenarioPlayer> {
  const chosen = (wanted.length > 0 ? wanted : scenario.designs).slice(0, MOST_DESIGNS);
  const names = new ValueNames();
  const designs: PlayedDesign[] = [];
  const lanes: Lane[] = [];
  for (const design of chosen) {
    const made = modelFor(scenario, design, create);
    if (made.kind === 'cancelled') return cancelled;
    const problem = made.kind === 'refused' ? `${made.refusal.met} ${made.refusal.means} ${made.refusal.todo}` : '';
    designs.push({ design, problem });
    if (made.kind !== 'done') continue;
    const model = made.value;
    const samples = new ValueSamples(design, model, names);
    lanes.push({ design, model, samples, places: new StepPlaces(), answer: NOT_YET, extents: new Map() });
  }
  const why = designs.map(({ design, problem }) => `${design}: ${problem}`).join(' ');
  return lanes.length === 0
    ? refused('scenario/no-design', why, 'No design can run the scenario.', 'Correct its host or its switches.')
    : done(new Player(scenario, designs, lanes, names, orders));
}

class Player implements ScenarioPlayer {
  readonly parallels: readonly PlayedParallel[];
  readonly total: number | null;
  private readonly clock: ScenarioClock;
  private readonly troubles: SeenTroubles;
  private readonly blocks: readonly OrderedBlock[];
  private readonly marks: KeptMarks<PlayerMark>;
  private now = 0;
  private known = 0;
  private isAtEnd = false;
  private last: LastStep = { line: 0, operation: null, turns: [] };
  private aim: Aim | null = null;
  /** Pages of each file that was created in some design. */
  private readonly files = new Map<string, number>();
  private nextLine: number | null = null;

  constructor(
    scenario: GmemScenario,
    readonly designs: readonly PlayedDesign[],
    private readonly lanes: readonly Lane[],
    private readonly valueNames: ValueNames,
    chosen: readonly number[],
  ) {
    const blocks = orderedBlocks(scenario.steps);
    this.blocks = blocks;
    this.parallels = blocks.map(({ step, orders, all }, at) => {
      const order = chosen[at] ?? 0;
      return { line: step.span.line, orders, all, chosen: order < orders.length ? order : 0 };
    });
    const total = operationsOf(scenario);
    this.total = total === null ? null : Math.min(total, MOST_STEPS);
    this.clock = new ScenarioClock(scenario.steps, (step) => orderChosen(blocks, chosen, step));
    this.troubles = new SeenTroubles();
    for (const { samples } of lanes) samples.at(0, false);
    this.isAtEnd = this.total === 0;
    this.marks = new KeptMarks(this.mark());
  }

  tick(): number {
    return this.now;
  }

  ended(): boolean {
    return this.isAtEnd;
  }

  names(): readonly string[] {
    return this.valueNames.all;
  }

  step(): boolean {
    if (this.isAtEnd) return false;
    for (;;) {
      const next = this.clock.next();
      if (next === null) {
        this.finish();
        return false;
      }
      if (next.kind === 'operation') {
        this.operation(next.step, next.turn);
        this.endBlocks();
        return true;
      }
      this.check(next.step, next.expects.length);
    }
  }

  aimAt(tick: number): void {
    const target = Math.max(0, Math.min(Math.floor(tick), this.total ?? MOST_STEPS));
    this.aim = { kind: 'tick', tick: target };
    const from = this.marks.before(target);
    // The state at hand may be nearer than any that was kept.
    if (target < this.now || from.tick > this.now) this.restore(from);
    this.marks.aim(this.now, target);
  }

  aimAtLine(line: number): void {
    this.restore(this.marks.first);
    this.marks.arrived();
    this.aim = { kind: 'line', line };
  }

  aimFor(aim: SeekAim): void {
    const seen = this.troubles.all.find(({ kind, tick }) => tick > this.now && kind === kindOf(aim));
    if (seen !== undefined) return this.aimAt(seen.tick);
    this.marks.arrived();
    this.aim = { kind: aim, from: this.now };
    // What is known has none: it is passed without a look.
    const furthest = this.marks.before(this.known);
    if (furthest.tick > this.now) this.restore(furthest);
  }

  aimForTroubleIn(block: number): void {
    this.marks.arrived();
    this.aim = { kind: 'trouble', from: this.now, lines: new Set(linesOf(this.blocks[block]?.step)) };
  }

  advance(steps: number): boolean {
    for (let budget = steps; ; budget--) {
      const { aim } = this;
      if (aim === null || this.isAtEnd || this.isThere(aim)) {
        this.aim = null;
        this.marks.arrived();
        return true;
      }
      if (budget <= 0) return false;
      this.step();
    }
  }

  view(request: ViewRequest): ScenarioView {
    const pools = this.lanes.map(({ model }) => poolAmounts(model.counters()));
    const designs = this.lanes.map((lane, at): DesignView => {
      const { design, model, answer } = lane;
      return {
        design,
        answer,
        time: model.time(),
        values: request.withValues ? this.valueNames.valuesOf(model) : [],
        cells: request.windows.map((window) => {
          const [kind, name] = [window.section.slice(0, 4), window.section.slice(5)];
          return kind === 'file'
            ? fileRuns(this.extentsOf(lane, name), window, COLOURINGS[request.colour])
            : poolRuns(pools[at]!.get(window.section) ?? [], window);
        }),
        facts: this.factsAt(lane, request.cursor),
        violations: model.violations().length,
        failed: this.troubles.failedBefore(design, this.now),
      };
    });
    this.nextLine ??= this.isAtEnd ? 0 : this.clock.peekLine();
    return {
      tick: this.now,
      total: this.total,
      known: this.known,
      ended: this.isAtEnd,
      line: this.last.line,
      text: this.last.operation === null ? '' : operationText(this.last.operation),
      turns: this.last.turns,
      nextLine: this.nextLine,
      sections: sectionsOf(pools, this.files),
      designs,
      troubles: request.withValues ? this.troubles.all : [],
      expectations: request.withValues ? this.troubles.expectations() : [],
    };
  }

  series(names: readonly string[]): readonly ValueSeries[] {
    return names.flatMap((name) => this.lanes.map(({ samples }) => samples.seriesOf(name)));
  }

  events(design: DesignId, most: number): EventWindow {
    const lane = this.lanes.find((one) => one.design === design);
    const all = lane?.model.events() ?? [];
    const events = all.slice(Math.max(0, all.length - most));
    return { design, total: all.length, events, places: events.map(({ step }) => lane!.places.of(step)) };
  }

  private operation(step: OperationStep, turn: number): void {
    const operation = moved(step.operation, (step.moving ?? 0) * turn);
    const isNew = this.now >= this.known;
    for (const lane of this.lanes) {
      lane.extents = new Map();
      if (step.designs.length > 0 && !step.designs.includes(lane.design)) {
        lane.answer = PASSED_OVER;
        continue;
      }
      const before = lane.model.steps();
      const outcome = lane.model.apply(operation);
      lane.answer = answerOf(outcome);
      if (!isNew) continue;
      if (lane.model.steps() > before) lane.places.add({ line: step.span.line, branch: this.clock.branch() + 1, tick: this.now + 1 });
      this.troubles.check(lane, step, checkedAnswer(outcome), this.now + 1);
      if (outcome.kind === 'refused') this.troubles.refused(lane.design, step.span.line, outcome.refusal.met, this.now + 1);
    }
    if (operation.kind === 'create') this.files.set(operation.file, Math.ceil(operation.size / 4096));
    this.now += 1;
    this.last = { line: step.span.line, operation, turns: this.clock.turns() };
    this.nextLine = null;
    if (isNew) this.noteNew(step.span.line);
    if (this.now >= MOST_STEPS) this.isAtEnd = true;
    if (!this.isAtEnd) this.marks.keep(this.now, () => this.mark());
  }

  private noteNew(line: number): void {
    this.known = this.now;
    const isLast = this.total !== null && this.now >= this.total;
    for (const lane of this.lanes) {
      this.troubles.violations(lane, line, this.now);
      lane.samples.at(this.now, isLast);
    }
  }

  /** Expectations of blocks that end with the step are held against its state. */
  private endBlocks(): void {
    for (;;) {
      const here = this.clock.mark();
      const next = this.clock.next();
      if (next === null) return this.finish();
      if (next.kind === 'operation') return this.clock.restore(here);
      this.check(next.step, next.expects.length);
    }
  }

  private check(step: Parameters<SeenTroubles['check']>[1], count: number): void {
    if (count === 0 || this.now < this.known) return;
    for (const lane of this.lanes) this.troubles.check(lane, step, null, this.now);
  }

  private finish(): void {
    this.isAtEnd = true;
    this.known = Math.max(this.known, this.now);
    this.nextLine = 0;
    for (const { samples } of this.lanes) samples.at(this.now, true);
  }

  private isThere(aim: Aim): boolean {
    if (aim.kind === 'tick') return this.now >= aim.tick;
    if (aim.kind === 'line') return this.last.line === aim.line;
    const seen = this.troubles.all.filter(({ tick }) => tick === this.now && tick > aim.from);
    if (aim.kind === 'trouble') return seen.some(({ line }) => aim.lines.has(line));
    return aim.kind !== 'end' && seen.some(({ kind }) => kind === kindOf(aim.kind));
  }

  private extentsOf(lane: Lane, file: string): readonly FileExtent[] {
    let extents = lane.extents.get(file);
    if (extents === undefined) {
      extents = lane.model.extents(file);
      lane.extents.set(file, extents);
    }
    return extents;
  }

  private factsAt(lane: Lane, cursor: ViewRequest['cursor']): CursorFacts | null {
    const extent = cursor === null ? undefined : extentAt(this.extentsOf(lane, cursor.file), cursor.page);
    return cursor === null || extent === undefined ? null : factsOf(extent, cursor.page, lane.model.references(cursor.file, cursor.page));
  }

  private mark(): PlayerMark {
    return {
      tick: this.now,
      clock: this.clock.mark(),
      models: this.lanes.map(({ model }) => model.mark()),
      answers: this.lanes.map(({ answer }) => answer),
      last: this.last,
    };
  }

  private restore(mark: PlayerMark): void {
    this.clock.restore(mark.clock);
    this.lanes.forEach((lane, at) => {
      lane.model.restore(mark.models[at]!);
      lane.answer = mark.answers[at]!;
      lane.extents = new Map();
    });
    this.now = mark.tick;
    this.last = mark.last;
    this.isAtEnd = this.total !== null && this.now >= this.total;
    this.nextLine = null;
  }
}

const kindOf = (aim: SeekAim): SeenTrouble['kind'] | null => (aim === 'violation' ? 'violation' : aim === 'failure' ? 'expectation' : null);
