/** Makes the state of a machine that has run nothing yet: code laid out, constants placed, memory empty. */
import type { Layout } from '../model/primitive';
import type { Bounds, MachineOptions } from './api';
import { LOCALS } from './address-space';
import { builtinsOf } from './builtins';
import { createCallees } from './callees';
import { constantsOf, layCode, unitsOf } from './compile';
import { type Cpu, FRAME_NUMBERS, type Task } from './cpu';
import { createKernel } from './kernel';
import { createMemory } from './memory';
import { createObjects } from './objects';
import { bindUnknown } from './unknown';

/** Registers of one task's stack: 256 KiB. */
const STACK_REGISTERS = 32_768;
/** Dead activations whose locals are still known by name. */
const REMEMBERED = 64;

export function createCpu(options: MachineOptions, bounds: Bounds, layout: Layout, mayReport: (cpu: Cpu) => boolean): Cpu {
  const { program } = options;
  const units = unitsOf(program);
  const constants = constantsOf(units);
  const instructions = units.reduce((sum, unit) => sum + unit.code.code.length, 0);
  const callees = createCallees(
    options.primitives,
    builtinsOf(() => cpu),
    layout,
    (name, type, caller) => bindUnknown(() => cpu, name, type, caller),
  );
  const cpu: Cpu = {
    ...createMemory(bounds.memory),
    program,
    bounds,
    stack: new Int32Array(constants.values.length),
    poisoned: new Uint8Array(0),
    fp: 0,
    depth: 0,
    records: new Int32Array(0),
    stackRecords: [],
    stackEnd: 0,
    pc: 0,
    calls: [],
    retry: null,
    mayGo: false,
    task: 0,
    tasks: [],
    code: [],
    units,
    unitByName: new Map(units.map((unit) => [unit.code.name, unit])),
    isStatement: new Uint8Array(instructions),
    stepsBefore: 0,
    stepsNow: 0,
    seen: new Uint8Array(instructions),
    seenOrder: [],
    unitCalls: new Int32Array(units.length),
    calleeCalls: [],
    progress: 0,
    objects: createObjects(program),
    nextLocals: LOCALS,
    freedNow: [],
    deadLocals: new Float64Array(REMEMBERED * 2),
    deadLocalsNext: 0,
    out: new Int32Array(2),
    call: null,
    pending: null,
    nesting: 0,
    end: null,
    events: [],
    eventsCut: 0,
    findings: [],
    findingsCut: 0,
    made: [],
    unknowns: [],
    started: 0,
    recording: null,
    value: new Int32Array(2),
    watchFrom: 0,
    stopped: false,
    told: false,
    unsupported: [],
    callees,
    kernel: null as never,
  };
  cpu.stack.set(constants.values);
  cpu.kernel = createKernel(cpu, layout, () => mayReport(cpu));
  layCode(cpu, constants, callees);
  return cpu;
}

/** A task with a stack of its own behind those of the others, about to enter nothing. */
export function addStack(cpu: Cpu, constants: number, root: number): Task {
  const number = cpu.tasks.length;
  const from = constants + number * STACK_REGISTERS * 2;
  const to = from + STACK_REGISTERS * 2;
  if (cpu.stack.length < to) {
    const stack = new Int32Array(to);
    stack.set(cpu.stack);
    cpu.stack = stack;
    const poisoned = new Uint8Array(to >> 1);
    poisoned.set(cpu.poisoned);
    cpu.poisoned = poisoned;
  }
  const task: Task = {
    number,
    root,
    from,
    to,
    records: (cpu.stackRecords[number] ??= new Int32Array((cpu.bounds.depth + 1) * FRAME_NUMBERS)),
    fp: from,
    depth: 0,
    pc: 0,
    calls: [],
    retry: null,
    done: false,
    wait: null,
    waitedAt: 0,
    mayGo: false,
  };
  cpu.tasks.push(task);
  return task;
}
