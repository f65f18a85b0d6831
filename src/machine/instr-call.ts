/** `call`, `call-pointer` and `symbol`: entering functions of the program, and handing over to modelled and unknown ones. */
import type { Operand } from '../kernel-c/program';
import type { TypeId } from '../kernel-c/types';
import { badCall, runCall } from './calls';
import type { InstrOf, Site } from './compiling';
import type { Call, Callee, CalleeTable, Closure, Cpu, Unit } from './cpu';
import { enter } from './frames';
import { addressOfSymbol, functionAt } from './objects';
import { returnType, valueShape } from './value-shape';
import { highOf, wordOf } from './word';

/** Families that need to know the callees. */
export function callFamily(cpu: Cpu, callees: CalleeTable): (instr: InstrOf<'call' | 'call-pointer' | 'symbol'>, site: Site) => Closure {
  return (instr, site) => {
    switch (instr.op) {
      case 'symbol': {
        const { next } = site;
        const value = addressOfSymbol(cpu.objects, instr.name) + instr.addend;
        const dst = site.placeOfRegister(instr.dst);
        const [low, high] = [value | 0, highOf(value)];
        return ({ stack, fp }) => {
          stack[fp + dst] = low;
          stack[fp + dst + 1] = high;
          return next;
        };
      }
      case 'call': {
        const unit = cpu.unitByName.get(instr.callee);
        const shape = shapeOf(cpu, instr.type, instr.args, instr.dst, site);
        return unit !== undefined ? callUnit(unit, shape) : callCallee(callees.calleeOf(instr.callee, instr.type, site.code), shape);
      }
      case 'call-pointer':
        return callPointer(callees, instr, shapeOf(cpu, instr.type, instr.args, instr.dst, site), site);
    }
  };
}

/** What a call instruction says, ready for use. */
interface Shape {
  readonly pc: number;
  readonly next: number;
  /** Place of the result from the frame pointer, or -1. */
  readonly dst: number;
  /** Mask and place of each argument. */
  readonly args: Int32Array;
  readonly frameSize: number;
  readonly bits: number;
  readonly signed: boolean;
}

function shapeOf(cpu: Cpu, type: TypeId, args: readonly Operand[], dst: number | null, site: Site): Shape {
  const { bits, signed } = valueShape(returnType(cpu.program.types, type));
  return {
    pc: site.pc,
    next: site.next,
    dst: dst === null ? -1 : site.placeOfRegister(dst),
    args: new Int32Array(args.flatMap((operand) => [site.maskOf(operand), site.placeOf(operand)])),
    frameSize: site.unit.frameSize,
    bits,
    signed,
  };
}

function callUnit(unit: Unit, { args, frameSize, next, dst }: Shape): Closure {
  const given = Math.min(args.length / 2, unit.code.registers);
  return (cpu) => {
    const { stack, fp } = cpu;
    const to = fp + frameSize;
    if (to + unit.frameSize <= cpu.stackEnd) {
      for (let index = 0; index < given; index++) {
        const from = (fp & args[index * 2]!) + args[index * 2 + 1]!;
        stack[to + index * 2] = stack[from]!;
        stack[to + index * 2 + 1] = stack[from + 1]!;
      }
    }
    return enter(cpu, unit, to, given, next, dst < 0 ? -1 : fp + dst);
  };
}

function callOf(cpu: Cpu, callee: Callee, shape: Shape): Call {
  const { stack, fp } = cpu;
  // A plain array: making a typed one costs more than the call.
  const values: number[] = [];
  for (let index = 0; index < shape.args.length; index += 2) {
    const from = (fp & shape.args[index]!) + shape.args[index + 1]!;
    values.push(stack[from]!, stack[from + 1]!);
  }
  const { pc, next, dst, bits, signed } = shape;
  return {
    callee,
    pc,
    next,
    result: dst < 0 ? -1 : fp + dst,
    bits,
    signed,
    args: values,
    phase: 0,
    saved: NOTHING,
    returned: 0,
    decision: -1,
    fp: fp + shape.frameSize,
  };
}

const NOTHING: readonly number[] = [];

const callCallee =
  (callee: Callee, shape: Shape): Closure =>
  (cpu) =>
    runCall(cpu, callOf(cpu, callee, shape));

function callPointer(callees: CalleeTable, instr: InstrOf<'call-pointer'>, shape: Shape, site: Site): Closure {
  const [mask, place] = [site.maskOf(instr.pointer), site.placeOf(instr.pointer)];
  const direct = new Map<string, Closure>();
  return (cpu) => {
    const x = (cpu.fp & mask) + place;
    const at = wordOf(cpu.stack[x]!, cpu.stack[x + 1]!);
    const name = functionAt(cpu.objects, at);
    if (name === null) throw badCall(cpu, at);
    let closure = direct.get(name);
    if (closure === undefined) {
      const unit = cpu.unitByName.get(name);
      closure = unit !== undefined ? callUnit(unit, shape) : callCallee(callees.calleeOf(name, instr.type, site.code), shape);
      direct.set(name, closure);
    }
    return closure(cpu);
  };
}
