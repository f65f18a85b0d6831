/** Calls of modelled and unknown functions: the choice before, the run, and what a run may ask for instead of returning. */
import type { Address, Control, Result, Word } from '../model/primitive';
import { NULL_END } from './address-space';
import { BLOCKED, type Call, CHOOSE, type Cpu, ENDED, RESUME, SCRATCH } from './cpu';
import { nameOfObject } from './explain-fault';
import { Fault, Undecided } from './faults';
import { enter } from './frames';
import { functionAt, objectAt } from './objects';
import { scheduleChoice } from './scheduling';
import { hexOfWord, highOf, highOfBig, lowOfBig, wordOf } from './word';

/** Primitives that call primitives without C between: more than any kernel function does. */
const MOST_NESTED = 64;

/** The phase of a call that only gives back what its callee returned. */
const GIVES_BACK = -1;

/** Runs the callee, or gives CHOOSE or BLOCKED with `cpu.retry` set and nothing done. */
export function runCall(cpu: Cpu, call: Call): number {
  const { callee } = call;
  cpu.pc = call.pc;
  if (call.phase === GIVES_BACK) return finish(cpu, call, call.returned);
  if (call.phase === 0) {
    if (callee.visible && cpu.tasks.length > 1 && !cpu.mayGo) {
      const choice = scheduleChoice(cpu);
      if (choice !== null) return wait(cpu, call, choice);
    }
    if (call.decision < 0 && callee.bound.choice !== undefined) {
      cpu.call = call;
      const choice = callee.bound.choice(cpu.kernel);
      cpu.call = null;
      if (choice !== null) return wait(cpu, call, choice);
    }
  }
  cpu.call = call;
  const result = callee.bound.run(cpu.kernel);
  cpu.call = null;
  if (typeof result === 'object') {
    if (result.control === 'block') {
      const task = cpu.tasks[cpu.task]!;
      task.wait = result.wait;
      task.waitedAt = cpu.progress;
      cpu.mayGo = false;
      cpu.retry = call;
      return BLOCKED;
    }
    progressed(cpu, call);
    return obey(cpu, call, result);
  }
  progressed(cpu, call);
  return finish(cpu, call, result);
}

function wait(cpu: Cpu, call: Call, choice: NonNullable<Cpu['pending']>): number {
  cpu.pending = choice;
  cpu.retry = call;
  return CHOOSE;
}

function progressed(cpu: Cpu, { callee, phase }: Call): void {
  if (phase !== 0) return;
  cpu.calleeCalls[callee.index] = (cpu.calleeCalls[callee.index] ?? 0) + 1;
  if (callee.visible) {
    cpu.mayGo = false;
    cpu.progress++;
  }
}

function finish(cpu: Cpu, call: Call, result: Exclude<Result, Control>): number {
  if (call.result >= 0 && call.bits > 0) {
    let low = typeof result === 'bigint' ? lowOfBig(result) : (result ?? 0) | 0;
    let high = typeof result === 'bigint' ? highOfBig(result) : highOf(result ?? 0);
    if (call.bits === 1) {
      low = (low | high) === 0 ? 0 : 1;
      high = 0;
    } else if (call.bits < 64) {
      const unused = 32 - call.bits;
      low = call.signed || unused === 0 ? (low << unused) >> unused : (low << unused) >>> unused;
      high = call.signed ? low >> 31 : 0;
    }
    cpu.stack[call.result] = low;
    cpu.stack[call.result + 1] = high;
    cpu.poisoned[call.result >> 1] = 0;
  }
  return call.next;
}

function obey(cpu: Cpu, call: Call, control: Exclude<Control, { control: 'block' }>): number {
  switch (control.control) {
    case 'call':
      cpu.calls = [...cpu.calls, { ...call, phase: control.phase, saved: control.saved }];
      return callFrom(cpu, call, control.callee, control.args, RESUME, SCRATCH);
    case 'tail':
      if (call.bits === 64 || call.result < 0) return callFrom(cpu, call, control.callee, control.args, call.next, call.result);
      // What comes back is a value of the callee's type, and has to become one of this function's.
      cpu.calls = [...cpu.calls, { ...call, phase: GIVES_BACK }];
      return callFrom(cpu, call, control.callee, control.args, RESUME, SCRATCH);
    case 'stop': {
      const finding = cpu.findings.at(-1);
      cpu.end =
        finding === undefined
          ? { kind: 'undecided', why: `${call.callee.name}() ended the run and gave no reason.`, pc: call.pc }
          : { kind: 'stopped', finding };
      return ENDED;
    }
  }
}

/** A primitive calls by name or by address. */
function callFrom(cpu: Cpu, call: Call, callee: Address | string, args: readonly Word[], next: number, result: number): number {
  const name = typeof callee === 'string' ? callee : functionAt(cpu.objects, callee);
  if (name === null) throw badCall(cpu, callee as Address);
  const unit = cpu.unitByName.get(name);
  const pairs: number[] = [];
  for (const word of args) pairs.push(word | 0, highOf(word));
  if (unit !== undefined) {
    const given = Math.min(args.length, unit.code.registers);
    if (call.fp + unit.frameSize <= cpu.stackEnd)
      for (let index = 0; index < given * 2; index++) cpu.stack[call.fp + index] = pairs[index]!;
    return enter(cpu, unit, call.fp, given, next, result);
  }
  if (++cpu.nesting > MOST_NESTED) throw new Undecided(`${call.callee.name}() and ${name}() call one another without end.`);
  const other = cpu.callees.calleeOf(name, cpu.program.prototypes[name]?.type ?? -1, null);
  const code = runCall(cpu, { ...call, callee: other, next, result, args: pairs, phase: 0, saved: [], returned: 0, decision: -1 });
  cpu.nesting--;
  return code;
}

/** A callee of a modelled function has returned: the call that goes on with the result. */
export function resumed(cpu: Cpu): Call {
  const call = cpu.calls.at(-1);
  if (call === undefined) throw new Error('a function returned into a modelled one, and none waits');
  cpu.calls = cpu.calls.slice(0, -1);
  return { ...call, returned: wordOf(cpu.stack[SCRATCH]!, cpu.stack[SCRATCH + 1]!) };
}

export function badCall(cpu: Cpu, at: number): Fault {
  if (at >= 0 && at < NULL_END)
    return new Fault('null-deref', `A call through a function pointer that is ${at === 0 ? 'NULL' : hexOfWord(at)}.`);
  const object = objectAt(cpu.objects, at);
  const what = object === null ? 'where no code is' : `which is data: the ${nameOfObject(cpu, object)}`;
  return new Fault('wild-pointer', `A call through a function pointer to ${hexOfWord(at)}, ${what}.`);
}
