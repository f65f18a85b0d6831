/**
 * Marks: states of a run that can be gone back to. A mark copies what is small (stacks, tasks, counters, lengths of lists); pages are copied
 * when they are first written after it (see memory.ts), so its cost is what changed, not how much memory there is.
 */
import type { Mark } from './api';
import { type Cpu, FIRST_CONSTANT, FRAME_NUMBERS, stepsOf, type Task } from './cpu';
import { COPY_BYTES, dropReadTlb, dropWriteTlb, emptyJournal, type MemoryJournal, spareCopy, undo } from './memory';
import type { SimulatedObject } from './objects';
import { loadTask, saveTask } from './scheduling';

interface SavedTask {
  readonly task: Task;
  /** Its fields as they were. */
  readonly fields: Omit<Task, 'records'>;
  readonly records: Int32Array;
  readonly stack: Int32Array;
  readonly poisoned: Uint8Array;
}

/** The fields of the machine that are replaced, never changed in place, or plain numbers. */
const SCALARS = [
  'task',
  'progress',
  'nextLocals',
  'deadLocalsNext',
  'pending',
  'end',
  'eventsCut',
  'findingsCut',
  'started',
  'told',
  'unsupported',
  'stepsBefore',
] as const;
const LISTS = ['events', 'findings', 'made', 'unknowns'] as const;
type Scalars = Pick<Cpu, (typeof SCALARS)[number]>;

export interface SavedState extends Mark {
  readonly scalars: Scalars;
  readonly tasks: readonly SavedTask[];
  readonly front: Int32Array;
  readonly value: Int32Array;
  readonly unitCalls: Int32Array;
  readonly calleeCalls: readonly number[];
  readonly deadLocals: Float64Array;
  readonly lists: readonly { readonly list: unknown[]; readonly length: number }[];
  /** Of the last event. */
  readonly times: number;
  readonly seen: number;
  readonly heap: number;
  readonly nextHeap: number;
  readonly regions: number;
  // What has changed since.
  journal: MemoryJournal;
  freed: SimulatedObject[];
  /** Somebody outside wants to go back to it. */
  held: boolean;
}

export function layMark(cpu: Cpu, marks: SavedState[], held: boolean): SavedState {
  cpu.recording = null;
  saveTask(cpu);
  const state: SavedState = {
    step: stepsOf(cpu),
    scalars: Object.fromEntries(SCALARS.map((name) => [name, cpu[name]])) as unknown as Scalars,
    tasks: cpu.tasks.map((task) => saved(cpu, task)),
    front: cpu.stack.slice(0, FIRST_CONSTANT),
    value: cpu.value.slice(),
    unitCalls: cpu.unitCalls.slice(),
    calleeCalls: cpu.calleeCalls.slice(),
    deadLocals: cpu.deadLocals.slice(),
    lists: LISTS.map((name) => ({ list: cpu[name], length: cpu[name].length })),
    times: cpu.events.at(-1)?.times ?? 0,
    seen: cpu.seenOrder.length,
    heap: cpu.objects.heap.length,
    nextHeap: cpu.objects.nextHeap,
    regions: cpu.objects.regions.length,
    journal: emptyJournal(),
    freed: [],
    held,
  };
  marks.push(state);
  beginEpoch(cpu, state);
  return state;
}

function saved(cpu: Cpu, task: Task): SavedTask {
  const { records, ...fields } = task;
  const top = topOf(cpu, task);
  return {
    task,
    fields,
    records: records.slice(0, task.depth * FRAME_NUMBERS),
    stack: cpu.stack.slice(task.from, top),
    poisoned: cpu.poisoned.slice(task.from >> 1, top >> 1),
  };
}

/** One behind the last int32 of the task's stack that is in use. */
export function topOf(cpu: Cpu, task: Task): number {
  const unit = task.depth === 0 ? undefined : cpu.units[task.records[(task.depth - 1) * FRAME_NUMBERS + 3]!];
  return unit === undefined ? task.from : task.fp + unit.frameSize;
}

function beginEpoch(cpu: Cpu, state: SavedState): void {
  cpu.journal = state.journal;
  cpu.freedNow = state.freed;
  cpu.epoch++;
  dropWriteTlb(cpu);
}

/** Back to the state; later ones are gone. @throws when it is not among the marks */
export function restoreMark(cpu: Cpu, marks: SavedState[], state: SavedState): void {
  const index = marks.indexOf(state);
  if (index < 0) throw new Error('the mark was dropped when the run went back behind it');
  cpu.recording = null;
  cpu.epoch++;
  for (let at = marks.length - 1; at >= index; at--) {
    const { journal, freed } = marks[at]!;
    cpu.journalBytes -= bytesOf(journal);
    undo(cpu, journal);
    for (const object of freed) object.freed = null;
  }
  marks.length = index + 1;
  state.journal = emptyJournal();
  state.freed = [];
  Object.assign(cpu, state.scalars);
  cpu.stepsNow = 0;
  cpu.tasks = state.tasks.map((each) => putBack(cpu, each));
  cpu.stack.set(state.front);
  cpu.value.set(state.value);
  cpu.unitCalls.set(state.unitCalls);
  cpu.calleeCalls = state.calleeCalls.slice();
  cpu.deadLocals.set(state.deadLocals);
  state.lists.forEach(({ list, length }, at) => {
    list.length = length;
    Object.assign(cpu, { [LISTS[at]!]: list });
  });
  const last = cpu.events.at(-1);
  if (last !== undefined) last.times = state.times;
  for (const pc of cpu.seenOrder.splice(state.seen)) cpu.seen[pc] = 0;
  cpu.objects.heap.length = state.heap;
  cpu.objects.nextHeap = state.nextHeap;
  cpu.objects.regions.length = state.regions;
  cpu.call = null;
  cpu.stopped = false;
  cpu.nesting = 0;
  const running = cpu.tasks[cpu.task];
  if (running !== undefined) loadTask(cpu, running);
  dropReadTlb(cpu);
  beginEpoch(cpu, state);
}

function putBack(cpu: Cpu, { task, fields, records, stack, poisoned }: SavedTask): Task {
  Object.assign(task, fields);
  task.records.set(records);
  cpu.stack.set(stack, task.from);
  cpu.poisoned.set(poisoned, task.from >> 1);
  return task;
}

export const bytesOf = (journal: MemoryJournal): number => journal.frames.length * COPY_BYTES + (journal.entries.length / 4) * 32;

/** Takes a mark out; what has changed since it is then known to the one before it. */
export function dropMark(cpu: Cpu, marks: SavedState[], index: number): void {
  const [state] = marks.splice(index, 1);
  if (state === undefined) return;
  const before = marks[index - 1];
  if (before === undefined) {
    cpu.journalBytes -= bytesOf(state.journal);
    // Nobody can go back behind the first mark, and without one nobody at all.
    if (marks.length === 0) cpu.journal = null;
    return;
  }
  const { journal } = before;
  const kept = new Set(journal.frames);
  state.journal.frames.forEach((frame, at) => {
    if (kept.has(frame)) {
      cpu.journalBytes -= COPY_BYTES;
      spareCopy(cpu, state.journal.copies[at]!);
    } else {
      journal.frames.push(frame);
      journal.copies.push(state.journal.copies[at]!);
      journal.versions.push(state.journal.versions[at]!);
    }
  });
  for (const number of state.journal.entries) journal.entries.push(number);
  before.freed.push(...state.freed);
  if (cpu.journal === state.journal) {
    cpu.journal = journal;
    cpu.freedNow = before.freed;
  }
}
