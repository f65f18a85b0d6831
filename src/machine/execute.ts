/** The loop over instructions, and what is done when an instruction does not simply name the next one. */
import { resumed, runCall } from './calls';
import { BLOCKED, CHOOSE, type Cpu, type End, ENDED, RESUME, RETURNED, SCRATCH } from './cpu';
import { Fault, Undecided } from './faults';
import { addFinding } from './log';
import { afterStop } from './scheduling';

/** When a slice of a run stops before its budget is used up. */
export interface StopWhen {
  /** At a statement, in a frame no deeper than this; -1: nowhere. */
  readonly statementUpTo: number;
  /** As soon as fewer frames than this are on the stack; 0: never. */
  readonly shallowerThan: number;
  readonly task: number;
}

export const NEVER: StopWhen = { statementUpTo: -1, shallowerThan: 0, task: -1 };

/**
 * Runs at most `budget` steps. It returns early when the run has ended (`cpu.end`, or all tasks returned), at a choice (`cpu.pending`), or as
 * `stop` says (then it gives true); at least one step is done first.
 */
export function execute(cpu: Cpu, budget: number, stop: StopWhen): boolean {
  let left = budget;
  cpu.stopped = false;
  while (left > 0 && cpu.end === null && cpu.pending === null && !isOver(cpu) && !cpu.stopped) left -= slice(cpu, left, stop);
  return cpu.stopped;
}

export const isOver = (cpu: Cpu): boolean => cpu.tasks.length === 0 || cpu.tasks.every((task) => task.done);

function slice(cpu: Cpu, budget: number, stop: StopWhen): number {
  cpu.stepsNow = 0;
  try {
    loop(cpu, budget, stop);
  } catch (problem) {
    cpu.end = endBy(cpu, problem);
    cpu.call = null;
    cpu.nesting = 0;
    // The instruction that failed counts: it is what the run ended with.
    cpu.stepsNow++;
  }
  const done = cpu.stepsNow;
  cpu.stepsBefore += done;
  cpu.stepsNow = 0;
  return done;
}

function endBy(cpu: Cpu, problem: unknown): End {
  if (problem instanceof Fault) return { kind: 'stopped', finding: addFinding(cpu, problem.kind, problem.message) };
  if (problem instanceof Undecided) return { kind: 'undecided', why: problem.message, pc: cpu.pc };
  throw problem;
}

function loop(cpu: Cpu, budget: number, stop: StopWhen): void {
  const { code, seen } = cpu;
  let pc = cpu.pc;
  let steps = 0;
  const call = cpu.retry;
  if (call !== null) {
    cpu.retry = null;
    pc = runCall(cpu, call);
    steps = count(pc);
  }
  const watches = stop.statementUpTo >= 0 || stop.shallowerThan > 0;
  if (watches) {
    while (pc >= 0 && steps < budget) {
      if (cpu.stepsBefore + steps > cpu.watchFrom && stopsAt(cpu, pc, stop)) {
        cpu.stopped = true;
        break;
      }
      if (seen[pc] === 0) noteSeen(cpu, pc);
      cpu.pc = pc;
      cpu.stepsNow = steps;
      pc = code[pc]!(cpu);
      steps += pc === CHOOSE || pc === BLOCKED ? 0 : 1;
    }
  } else {
    while (pc >= 0 && steps < budget) {
      if (seen[pc] === 0) noteSeen(cpu, pc);
      cpu.pc = pc;
      cpu.stepsNow = steps;
      pc = code[pc]!(cpu);
      steps++;
    }
    if (pc === CHOOSE || pc === BLOCKED) steps--;
  }
  cpu.stepsNow = steps;
  settle(cpu, pc);
}

/** Waiting is no step. */
const count = (pc: number): number => (pc === CHOOSE || pc === BLOCKED ? 0 : 1);

function stopsAt(cpu: Cpu, pc: number, stop: StopWhen): boolean {
  if (stop.shallowerThan > 0 && cpu.depth < stop.shallowerThan && cpu.task === stop.task) return true;
  return cpu.isStatement[pc] === 1 && (cpu.depth <= stop.statementUpTo || cpu.task !== stop.task);
}

function noteSeen(cpu: Cpu, pc: number): void {
  cpu.seen[pc] = 1;
  cpu.seenOrder.push(pc);
}

/** Leaves the machine so that the next slice goes on at the right place. */
function settle(cpu: Cpu, pc: number): void {
  switch (pc) {
    case CHOOSE:
    case ENDED:
      return;
    case BLOCKED:
      return standStill(cpu);
    case RESUME:
      cpu.retry = resumed(cpu);
      cpu.pc = cpu.retry.pc;
      return;
    case RETURNED: {
      const task = cpu.tasks[cpu.task]!;
      task.done = true;
      if (task.number === 0) cpu.value.set(cpu.stack.subarray(SCRATCH, SCRATCH + 2));
      return standStill(cpu);
    }
    default:
      cpu.pc = pc;
  }
}

function standStill(cpu: Cpu): void {
  const next = afterStop(cpu);
  if (typeof next === 'object') cpu.pending = next;
  else if (next === 'deadlock') cpu.end = { kind: 'stopped', finding: cpu.findings.at(-1)! };
}
