/** Runs sequences of operations of users, the guest and the host on the C of a tree, and checks the invariants after each. */
import { done, type Outcome, refused } from '../base/outcome';
import type { KernelConfig } from '../kernel-c/config';
import type { Program } from '../kernel-c/program';
import type { Needs } from '../kernel-c/read-request';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import type { Machine, MachineOptions } from '../machine/api';
import { createMachine } from '../machine/machine';
import { primitives } from '../model/primitives/all';
import { withModelGlobals } from '../model/record';
import { buildUsers } from '../model/userspace/build';
import { violationsIn, violationsInReading } from '../model/userspace/invariants/all';
import { forgetReading } from '../model/userspace/step';
import { STEP_NEEDS, stepCallables, stepFunction, stepRoots, steps, withSteps } from '../model/userspace/steps';
import { readingOf } from '../model/userspace/reading';
import { type StateOfFile, userState, userStates, type UserState } from '../model/userspace/user-state';
import type { Choice } from '../model/primitive';
import type { World } from '../model/world';
import type { MadeChoice, RunEvent, RunFinding, RunStatus, Scenario } from '../protocol/simulation';
import { prepare } from './prepare-simulation';
import { defaultScope, programFor } from './read-for-simulation';
import { lostObjects } from './lost-objects';
import { readerOf } from './start-run';

/** A step with its arguments by name; those left out are 0. */
export interface StepCall {
  readonly step: string;
  readonly arguments: Readonly<Record<string, number>>;
  /** The allocation of this step that fails, from 1; none where left out or 0. */
  readonly failing?: number;
}

export interface StepOutcome {
  readonly call: StepCall;
  readonly status: RunStatus;
  /** 0 or a negative error number; null where the step did not return. */
  readonly value: number | null;
  /** What the checks met in this step, violated invariants (kind `invariant`) last. */
  readonly findings: readonly RunFinding[];
  readonly events: readonly RunEvent[];
  readonly choices: readonly MadeChoice[];
  /** Allocations of the step that could have failed. */
  readonly allocations: number;
}

export interface StepSession {
  readonly machine: Machine;
  readonly world: World;
  /**
   * Runs one step to its end. *Fails* `steps/no-step`, `steps/no-argument`.
   *
   * @param fails says of an allocation whether it fails; where left out, the call does
   * @param stops asked between parts of the step: whether nobody wants its end any more
   */
  run(call: StepCall, fails?: (choice: Choice) => boolean, stops?: () => boolean): Outcome<StepOutcome>;
  /** Enters steps as tasks that run together, task 0 first; who runs the machine settles its choices. *Fails* as `run`. */
  enter(calls: readonly StepCall[]): Outcome<null>;
  /** Of the present file. */
  state(): UserState;
  /** Of all files. */
  states(): readonly StateOfFile[];
}

export interface StepsSetup {
  /** As `programForSteps` gives it. */
  readonly program: Program;
  readonly scenario: Scenario;
}

/** Far more than any step at order 18 takes. */
const STEP_BUDGET = 500_000_000;
/** Instructions between two looks whether the end of a step is still wanted. */
const SLICE = 5_000_000;
/** Where steps of users enter the kernel. */
const KVM_MAIN = 'virt/kvm/kvm_main.c';

/** What is entered beside the usual steps. */
export interface MoreRoots {
  /** Functions; those that the tree does not have are left out. */
  readonly roots?: readonly string[];
  readonly needs?: Partial<Needs>;
}

/**
 * The C that steps enter.
 *
 * *Fails* `kernel-c/no-function` where the tree has no guest_memfd with shared memory.
 */
export function programForSteps(tree: SourceTree, index: TreeIndex, config?: KernelConfig, more: MoreRoots = {}): Outcome<Program> {
  const [first = '', ...then] = stepRoots;
  const isThere = (name: string): boolean => (index.byName.get(name) ?? []).some(({ definition }) => definition.kind === 'function');
  const needs = (list: keyof Needs): readonly string[] => [...STEP_NEEDS[list], ...(more.needs?.[list] ?? [])];
  const program = programFor(tree, index, first, {
    then: [...then, ...(more.roots ?? []).filter(isThere)],
    scope: [...defaultScope, KVM_MAIN],
    needs: { types: needs('types'), constants: needs('constants'), functions: needs('functions'), globals: needs('globals') },
    ...(config === undefined ? {} : { config }),
  });
  return program.kind === 'done' ? done(withSteps(withModelGlobals(program.value))) : program;
}

export interface StepSessionOptions {
  /** Look for memory that nothing points at after each step. Cost: all memory is read each time. */
  readonly lostMemory?: boolean;
  readonly bounds?: MachineOptions['bounds'];
  /** Pages of the largest file that there will be; those of the scenario's where left out. */
  readonly indices?: number;
  /** Take the end of a step that was seen to read the same from there; its coverage and its events are then not counted again. */
  readonly recalls?: boolean;
  /** True where all invariants were found to hold in this very state; then only what the step has read is checked. */
  readonly held?: (machine: Machine) => boolean;
}

/**
 * A scenario with its users, in which nothing was done yet.
 *
 * *Fails* as `prepare`; `steps/no-users` where the tree's types do not make a guest_memfd.
 */
export function createStepSession({ program, scenario }: StepsSetup, options: StepSessionOptions = {}): Outcome<StepSession> {
  let world: World | null = null;
  const machine = createMachine({
    program,
    primitives: [...primitives, ...stepCallables],
    history: false,
    pauseAtChoices: true,
    ...(options.bounds === undefined ? {} : { bounds: options.bounds }),
    atReturn: (ended) => {
      if (world === null) return;
      reportViolations(ended, world, options.held?.(ended) === true);
      if (options.lostMemory === true) reportLost(ended, world);
    },
  });
  const prepared = prepare(machine, { program, scenario, function: '' });
  if (prepared.kind !== 'done') return prepared;
  buildUsers(machine.kernel, machine.layout, prepared.value, options.indices);
  machine.settle([]);
  if (stateOf(machine, prepared.value) === null) return noUsers;
  world = prepared.value;
  return done(sessionOf(machine, prepared.value, options.recalls === true));
}

const noUsers = refused(
  'steps/no-users',
  'The tree does not declare the types of a guest_memfd over hugetlb.',
  'No process and no guest can be set up around it.',
  'Name a tree with the series applied.',
);

const stateOf = (machine: Machine, world: World): UserState | null => userState(readerOf(machine), machine.layout, world);

/** One finding for each violation that was not told before; also those of an earlier step stand in the machine's list. */
function reportViolations(machine: Machine, world: World, held: boolean): void {
  const violations = held ? violationsInReading(readingOf(readerOf(machine))) : violationsIn(stateOrThrow(machine, world));
  if (violations.length === 0) return;
  const told = new Set(machine.findings().map((finding) => finding.message));
  for (const { invariant, message } of violations) {
    const text = `${invariant}: ${message}`;
    if (!told.has(text)) machine.kernel.report('invariant', text);
  }
}

function reportLost(machine: Machine, world: World): void {
  const told = new Set(machine.findings().map((finding) => finding.message));
  for (const { name, size, at } of lostObjects(machine, readerOf(machine), world, null)) {
    const place = `0x${BigInt.asUintN(64, BigInt(at)).toString(16)}`;
    const text = `The ${name} object of ${size} bytes at ${place} was allocated by a step, and nothing points at it any more.`;
    if (!told.has(text)) machine.kernel.report('leak-memory', text);
  }
}

function stateOrThrow(machine: Machine, world: World): UserState {
  const state = stateOf(machine, world);
  if (state === null) throw new Error('a scenario has lost its users');
  return state;
}

function sessionOf(machine: Machine, world: World, recalls: boolean): StepSession {
  return {
    machine,
    world,
    run(call, fails, stops) {
      const args = argumentsOf(call);
      const asks: StepAsks = { recalls: recalls && fails === undefined, fails, stops };
      return args.kind === 'done' ? done(runStep(machine, call, args.value, asks)) : args;
    },
    enter(calls) {
      const all = calls.map(argumentsOf);
      const refusal = all.find((args) => args.kind !== 'done');
      if (refusal !== undefined) return refusal;
      forgetReading(machine.kernel);
      all.forEach((args, task) => {
        const name = stepFunction(calls[task]?.step ?? '');
        const values = args.kind === 'done' ? args.value : [];
        if (task === 0) machine.start(name, values);
        else machine.addTask(name, values);
      });
      return done(null);
    },
    state: () => stateOrThrow(machine, world),
    states: () => userStates(readerOf(machine), machine.layout, world),
  };
}

const STEP_BY_NAME = new Map(steps.map((step) => [step.name, step]));

function argumentsOf(call: StepCall): Outcome<number[]> {
  const step = STEP_BY_NAME.get(call.step);
  if (step === undefined) {
    return refused(
      'steps/no-step',
      `There is no step ${call.step}.`,
      'It cannot be run.',
      `Name one of ${steps.map((each) => each.name).join(', ')}.`,
    );
  }
  const other = Object.keys(call.arguments).find((name) => !step.params.includes(name));
  if (other !== undefined) {
    return refused(
      'steps/no-argument',
      `The step ${call.step} has no argument ${other}.`,
      'It is not clear what is meant.',
      `Its arguments are ${step.params.join(', ') || 'none'}.`,
    );
  }
  return done(step.params.map((name) => call.arguments[name] ?? 0));
}

interface StepAsks {
  /** Nothing but what the machine remembers says how the step goes. */
  readonly recalls: boolean;
  readonly fails: ((choice: Choice) => boolean) | undefined;
  readonly stops: (() => boolean) | undefined;
}

function runStep(machine: Machine, call: StepCall, args: readonly number[], { recalls, fails: failsHere, stops }: StepAsks): StepOutcome {
  const findings = machine.findings().length;
  const events = machine.events().length;
  const choices = machine.choices().length;
  forgetReading(machine.kernel);
  machine.start(stepFunction(call.step), args);
  const begun = machine.steps();
  if (recalls) machine.recall(`${call.step} ${args.join(' ')} ${call.failing ?? 0}`);
  let allocations = 0;
  const left = (): number => Math.max(0, STEP_BUDGET - (machine.steps() - begun));
  for (;;) {
    if (!machine.run(stops === undefined ? left() : Math.min(left(), SLICE))) {
      if (left() === 0 || stops?.() !== false) break;
      continue;
    }
    const choice = machine.choice();
    if (choice === null) break;
    const fails = choice.kind === 'allocation' && (++allocations === call.failing || failsHere?.(choice) === true);
    machine.decide(fails ? choice.options.length - 1 : choice.usual);
  }
  const status = machine.status();
  const made = machine.choices().slice(choices);
  return {
    call,
    status,
    value: status.kind === 'returned' ? Number(status.value) : null,
    findings: machine.findings().slice(findings),
    events: machine.events().slice(events),
    choices: made,
    allocations: made.reduce((sum, { choice }) => sum + (choice.kind === 'allocation' ? 1 : 0), 0),
  };
}

export interface StepsRun {
  /** Shape: one for each step that was begun; the last one may not have returned. */
  readonly outcomes: readonly StepOutcome[];
  readonly final: UserState;
}

/**
 * All steps in order, up to the first that does not return.
 *
 * *Fails* as `createStepSession` and `StepSession.run`.
 */
export function runSteps(setup: StepsSetup, calls: readonly StepCall[]): Outcome<StepsRun> {
  const session = createStepSession(setup, { lostMemory: true });
  if (session.kind !== 'done') return session;
  const outcomes: StepOutcome[] = [];
  for (const call of calls) {
    const outcome = session.value.run(call);
    if (outcome.kind !== 'done') return outcome;
    outcomes.push(outcome.value);
    if (outcome.value.value === null) break;
  }
  return done({ outcomes, final: session.value.state() });
}
