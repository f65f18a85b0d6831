/** Runs a program over simulated memory one step at a time, forward and back, and checks as it goes. */
import type { Choice } from '../model/primitive';
import type { RunStatus } from '../protocol/simulation';
import type { Bounds, HeapObject, Machine, MachineOptions, Mark, Protection } from './api';
import { pagesOf } from './address-space';
import { type Cpu, RETURNED, SCRATCH, stepsOf } from './cpu';
import { addStack, createCpu } from './create-cpu';
import { execute, isOver, NEVER, type StopWhen } from './execute';
import { coverageOf, fidelityOf } from './fidelity';
import { enter } from './frames';
import { layNext, markBefore, untilMark } from './history';
import { aliasPages, dropPages, liveObjects, protectPages } from './kernel';
import { layoutOf } from './layout';
import { eventsOf, placeNow, placeOfPc } from './log';
import { dropMark, layMark, restoreMark, type SavedState } from './marks';
import { addRegion, type SimulatedObject } from './objects';
import { createRecollections, keepRun, recallRun } from './recall';
import { HVO, READ_ONLY, WRITABLE } from './page-table';
import { stackOf } from './positions';
import { loadTask, saveTask, switchTo } from './scheduling';
import { stateHash } from './state-hash';
import { stateKey } from './state-key';
import { stepFrom } from './stepping';
import { valueShape, returnType } from './value-shape';
import { bigOf, highOf, highOfBig, lowOfBig } from './word';

const BOUNDS: Bounds = { steps: 2_000_000_000, depth: 512, memory: 480 * 1024 * 1024, events: 10_000, findings: 1_000 };
const PROTECTIONS: Readonly<Record<Protection, number>> = { writable: WRITABLE, 'read-only': READ_ONLY, hvo: HVO };

export function createMachine(options: MachineOptions): Machine {
  const { program } = options;
  const bounds = { ...BOUNDS, ...options.bounds };
  const layout = layoutOf(program);
  let inHook = false;
  const cpu = createCpu(options, bounds, layout, () => inHook);
  const front = cpu.stack.length;
  const marks: SavedState[] = [];
  const recollections = createRecollections();
  /** Options to take, by number of the choice; what was decided is kept for the next time the run comes there. */
  let script: number[] = [...(options.choices ?? [])];

  const start = (name: string, args: readonly (number | bigint)[]): void => {
    cpu.recording = null;
    cpu.tasks = [];
    cpu.task = 0;
    cpu.end = null;
    cpu.pending = null;
    cpu.told = false;
    cpu.progress = 0;
    cpu.started++;
    putTask(name, args);
    loadTask(cpu, cpu.tasks[0]!);
    rebase();
  };

  /** What led here was done from outside, and cannot be replayed. */
  const rebase = (): void => {
    if (inHook || options.history === false) return;
    for (let index = marks.length - 1; index >= 0; index--) if (!marks[index]!.held) dropMark(cpu, marks, index);
    layMark(cpu, marks, false);
  };

  const putTask = (name: string, args: readonly (number | bigint)[]): number => {
    const unit = cpu.unitByName.get(name);
    if (unit === undefined) throw new Error(`the program has no function ${name}() with a body`);
    saveTask(cpu);
    const task = addStack(cpu, front, unit.index);
    loadTask(cpu, task);
    args.slice(0, unit.code.registers).forEach((value, index) => {
      const place = task.from + index * 2;
      cpu.stack[place] = typeof value === 'bigint' ? lowOfBig(value) : value | 0;
      cpu.stack[place + 1] = typeof value === 'bigint' ? highOfBig(value) : highOf(value);
    });
    cpu.pc = enter(cpu, unit, task.from, Math.min(args.length, unit.code.registers), RETURNED, SCRATCH);
    saveTask(cpu);
    loadTask(cpu, cpu.tasks[0]!);
    return task.number;
  };

  /** Settles the pending choice by what is written for it, or by what is usual; false when somebody outside has to. */
  let failing = options.fail ?? 0;
  const settleChoice = (): boolean => {
    const choice = cpu.pending;
    if (choice === null) return true;
    const written = script[cpu.made.length];
    if (written !== undefined && Number.isInteger(written) && written >= 0 && written < choice.options.length) take(choice, written);
    else if (options.pauseAtChoices === true) return false;
    else
      take(choice, choice.kind === 'allocation' && failing > 0 && allocations() + 1 === failing ? choice.options.length - 1 : choice.usual);
    return true;
  };

  const take = (choice: Choice, option: number): void => {
    cpu.made.push({ ...placeNow(cpu), step: stepsOf(cpu), choice, option });
    cpu.pending = null;
    if (choice.kind === 'task') {
      const number = Number(choice.options[option]!.slice(1));
      if (number === cpu.task && cpu.retry !== null && cpu.tasks[number]!.wait === null) cpu.mayGo = true;
      else switchTo(cpu, number);
    } else cpu.retry = { ...cpu.retry!, decision: option };
  };

  const allocations = (): number => cpu.made.reduce((sum, { choice }) => sum + (choice.kind === 'allocation' ? 1 : 0), 0);

  /** True when nothing can go on until somebody outside does something. */
  const ended = (): boolean => {
    if (cpu.recording !== null && (cpu.end !== null || isOver(cpu))) keepRun(cpu, recollections);
    if (cpu.end !== null) return true;
    if (!isOver(cpu)) return cpu.pending !== null && !settleChoice();
    if (cpu.started > 0 && !cpu.told) {
      cpu.told = true;
      inHook = true;
      try {
        options.atReturn?.(machine);
      } finally {
        inHook = false;
      }
      return isOver(cpu);
    }
    return true;
  };

  /** At most `budget` steps; true when the run has ended, waits, or has come where `stop` says. */
  const advance = (budget: number, stop: StopWhen): boolean => {
    let left = budget;
    cpu.watchFrom = stepsOf(cpu);
    while (!ended()) {
      if (left <= 0) return false;
      if (stepsOf(cpu) >= bounds.steps) {
        cpu.end = { kind: 'undecided', why: `The run takes more than ${bounds.steps} steps, the bound that it was given.`, pc: cpu.pc };
        return true;
      }
      let most = Math.min(left, bounds.steps - stepsOf(cpu), 0x3fffffff);
      if (options.history !== false) {
        if (untilMark(cpu, marks) === 0) layNext(cpu, marks);
        most = Math.min(most, untilMark(cpu, marks));
      }
      const before = stepsOf(cpu);
      const came = execute(cpu, most, stop);
      left -= stepsOf(cpu) - before;
      if (came) return true;
    }
    return true;
  };

  const goTo = (step: number): void => {
    const target = Math.max(0, Math.floor(step));
    if (target < stepsOf(cpu)) {
      const index = markBefore(marks, target);
      restoreMark(cpu, marks, marks[Math.max(index, 0)] ?? noWayBack());
    }
    if (target > stepsOf(cpu)) advance(target - stepsOf(cpu), NEVER);
  };

  const machine: Machine = {
    program,
    layout,
    kernel: cpu.kernel,
    map: (at, size, name = 'memory') => void addRegion(cpu.objects, at, size, name),
    unmap(at, pages) {
      const index = cpu.objects.regions.findIndex((region) => region.at === at && pagesOf(region.size) === pages);
      if (index >= 0) cpu.objects.regions.splice(index, 1);
      dropPages(cpu, at, pages);
    },
    alias: (at, pages, source, protection) => aliasPages(cpu, at, pages, source, PROTECTIONS[protection]),
    protect: (at, pages, protection) => protectPages(cpu, at, pages, PROTECTIONS[protection]),
    start,
    addTask(name, args) {
      cpu.recording = null;
      const number = putTask(name, args);
      rebase();
      return number;
    },
    settle(choices, fail = options.fail ?? 0) {
      failing = fail;
      if (choices !== undefined) script = [...choices];
      for (let index = marks.length - 1; index >= 0; index--) if (!marks[index]!.held) dropMark(cpu, marks, index);
      cpu.recording = null;
      beginAgain(cpu);
    },
    recall(what) {
      if (options.history !== false || cpu.tasks.length !== 1) return false;
      const isKnown = recallRun(cpu, recollections, what);
      if (isKnown) script = cpu.made.map(({ option }) => option);
      return isKnown;
    },
    status: () => statusOf(cpu),
    steps: () => stepsOf(cpu),
    started: () => cpu.started,
    choice() {
      settleChoice();
      return cpu.pending;
    },
    decide(option) {
      const choice = cpu.pending;
      if (choice?.options[option] === undefined) throw new Error(`there is no option ${option} to take here`);
      script = [...script.slice(0, cpu.made.length), option];
      take(choice, option);
    },
    run: (budget) => advance(budget, NEVER),
    stepInstruction: () => advance(1, NEVER),
    step: () => stepFrom(cpu, advance, 'in'),
    stepOver: () => stepFrom(cpu, advance, 'over'),
    stepOut: () => stepFrom(cpu, advance, 'out'),
    stepBack() {
      const now = stepsOf(cpu);
      for (let index = markBefore(marks, now - 1); index >= 0; index--) {
        const from = marks[index]!;
        const until = Math.min(now, marks[index + 1]?.step ?? now);
        restoreMark(cpu, marks, from);
        const last = lastStatement(cpu, until, advance);
        if (last >= 0) return goTo(last);
      }
    },
    goTo,
    mark: () => layMark(cpu, marks, true),
    restore(mark: Mark) {
      restoreMark(cpu, marks, mark as SavedState);
      if (options.pauseAtChoices === true) script.length = Math.min(script.length, cpu.made.length);
    },
    release(mark: Mark) {
      const index = marks.indexOf(mark as SavedState);
      if (index < 0) return;
      marks[index]!.held = false;
      if (options.history === false) dropMark(cpu, marks, index);
    },
    place: () => (cpu.end?.kind === 'stopped' ? cpu.end.finding : placeNow(cpu)),
    stack: () => stackOf(cpu),
    events: () => eventsOf(cpu),
    findings: () => cpu.findings,
    choices: () => cpu.made,
    fidelity: () => fidelityOf(cpu),
    coverage: () => coverageOf(cpu),
    unknowns: () => cpu.unknowns,
    objects: () => liveObjects(cpu).map((object) => heapObject(cpu, object)),
    allocations,
    hash: () => stateHash(cpu),
    key: (ignored) => stateKey(cpu, ignored),
    memoryUsed: () => cpu.u8.length + cpu.shadow.length + cpu.journalBytes,
  };
  return machine;
}

function noWayBack(): never {
  throw new Error('the machine keeps no history, and there is no mark to go back to');
}

/** The last step before `until` at which a statement begins, from where the run stands now; -1 when there is none. */
function lastStatement(cpu: Cpu, until: number, advance: (budget: number, stop: StopWhen) => boolean): number {
  let last = cpu.isStatement[cpu.pc] === 1 && cpu.retry === null && stepsOf(cpu) < until ? stepsOf(cpu) : -1;
  while (stepsOf(cpu) < until) {
    const before = stepsOf(cpu);
    advance(until - before, { statementUpTo: Infinity, shallowerThan: 0, task: cpu.task });
    if (stepsOf(cpu) === before) break;
    if (stepsOf(cpu) < until && cpu.isStatement[cpu.pc] === 1) last = stepsOf(cpu);
  }
  return last;
}

function beginAgain(cpu: Cpu): void {
  cpu.stepsBefore = 0;
  cpu.events = [];
  cpu.findings = [];
  cpu.made = [];
  cpu.unknowns = [];
  cpu.unsupported = [];
  cpu.eventsCut = 0;
  cpu.findingsCut = 0;
  cpu.started = 0;
  cpu.tasks = [];
  cpu.depth = 0;
  cpu.calls = [];
  cpu.retry = null;
  cpu.pending = null;
  cpu.end = null;
  cpu.told = false;
  cpu.unitCalls.fill(0);
  cpu.calleeCalls = [];
  for (const pc of cpu.seenOrder.splice(0)) cpu.seen[pc] = 0;
}

function statusOf(cpu: Cpu): RunStatus {
  if (cpu.end?.kind === 'stopped') return { kind: 'stopped', finding: cpu.end.finding };
  if (cpu.end !== null) return { kind: 'undecided', why: cpu.end.why, place: placeOfPc(cpu, cpu.end.pc, cpu.task) };
  if (cpu.tasks.length === 0 || !isOver(cpu)) return { kind: 'running' };
  const root = cpu.units[cpu.tasks[0]!.root]!;
  const { bits, signed } = valueShape(returnType(cpu.program.types, root.code.type));
  if (bits === 0) return { kind: 'returned', value: '' };
  const value = bigOf(cpu.value[0]!, cpu.value[1]!);
  return { kind: 'returned', value: (signed || bits < 64 ? value : BigInt.asIntN(64, value)).toString() };
}

function heapObject(cpu: Cpu, object: SimulatedObject): HeapObject {
  const { at, size, name, kind, allocated } = object;
  return { at, size, name, kind: kind === 'heap' ? 'heap' : 'model', allocated: placeOfPc(cpu, allocated.pc, 0), step: allocated.step };
}
