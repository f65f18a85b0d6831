/** Which task runs: the choice before a visible operation, switching, waiting, and deadlocks. */
import type { Choice } from '../model/primitive';
import type { Cpu, Task } from './cpu';
import { addFinding } from './log';

/** Tasks that can go on: a task that waits can try again once another has done a visible operation. */
export const runnable = (cpu: Cpu): readonly Task[] =>
  cpu.tasks.filter((task) => !task.done && (task.wait === null || cpu.progress > task.waitedAt));

export const taskName = (number: number): string => `P${number}`;

/** Null when there is nobody else. */
export function scheduleChoice(cpu: Cpu): Choice | null {
  const able = runnable(cpu);
  const current = able.findIndex((task) => task.number === cpu.task);
  return able.length < 2
    ? null
    : { kind: 'task', what: 'who runs next', options: able.map((task) => taskName(task.number)), usual: Math.max(current, 0) };
}

/** Puts the registers of the running task away. */
export function saveTask(cpu: Cpu): void {
  const task = cpu.tasks[cpu.task];
  if (task === undefined) return;
  const { fp, depth, pc, calls, retry, mayGo } = cpu;
  Object.assign(task, { fp, depth, pc, calls, retry, mayGo });
}

export function loadTask(cpu: Cpu, task: Task): void {
  cpu.task = task.number;
  cpu.fp = task.fp;
  cpu.depth = task.depth;
  cpu.pc = task.pc;
  cpu.calls = task.calls;
  cpu.retry = task.retry;
  cpu.mayGo = task.mayGo;
  cpu.records = task.records;
  cpu.stackEnd = task.to;
}

/** The task goes on from where it stands; one that stands before a visible operation is not asked for again. */
export function switchTo(cpu: Cpu, number: number): void {
  saveTask(cpu);
  const task = cpu.tasks[number]!;
  task.mayGo = task.retry !== null;
  task.wait = null;
  loadTask(cpu, task);
}

/**
 * The running task cannot go on (it waits, or has returned). Switches to the only other one, gives the choice between several, or reports that
 * nobody can.
 */
export function afterStop(cpu: Cpu): Choice | 'switched' | 'all returned' | 'deadlock' {
  const able = runnable(cpu);
  if (able.length > 1) return { kind: 'task', what: 'who runs next', options: able.map((task) => taskName(task.number)), usual: 0 };
  const only = able[0];
  if (only !== undefined) {
    switchTo(cpu, only.number);
    return 'switched';
  }
  if (cpu.tasks.every((task) => task.done)) return 'all returned';
  reportDeadlock(cpu);
  return 'deadlock';
}

function reportDeadlock(cpu: Cpu): void {
  const waiting = cpu.tasks.flatMap(({ number, done, wait }) => (done || wait === null ? [] : [{ number, wait }]));
  const own = waiting.find(({ number, wait }) => wait.holder === number);
  const parts = waiting.map(({ number, wait: { what, holder } }) => {
    const who = holder === number ? 'it holds itself' : holder < 0 ? 'no task that could let it go holds' : `${taskName(holder)} holds`;
    return `${taskName(number)} waits for ${what}, which ${who}`;
  });
  const first = (own ?? waiting[0])?.number ?? cpu.task;
  if (first !== cpu.task) switchTo(cpu, first);
  addFinding(cpu, own !== undefined || waiting.length === 1 ? 'self-deadlock' : 'deadlock', `${parts.join('; ')}.`);
}
