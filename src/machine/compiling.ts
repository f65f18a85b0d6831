/** What the instruction families share when they make closures: where an operand stands, which number an instruction has. */
import type { FunctionCode, Instr, Operand, Register, Target } from '../kernel-c/program';
import type { Closure, Unit } from './cpu';

export type InstrOf<Op extends Instr['op']> = Extract<Instr, { readonly op: Op }>;

/** One family: null when the instruction belongs to another. */
export type Family = (instr: Instr, at: Site) => Closure | null;

/** The instruction being compiled, in its function. */
export interface Site {
  readonly unit: Unit;
  readonly code: FunctionCode;
  /** Number of this instruction and of the one behind it. */
  readonly pc: number;
  readonly next: number;
  /**
   * An operand stands at `(fp & maskOf(operand)) + placeOf(operand)`: constants and registers lie in one array, and the mask takes the frame
   * pointer away from a constant. So one closure does for both.
   */
  maskOf(operand: Operand): number;
  placeOf(operand: Operand): number;
  placeOfRegister(register: Register): number;
  pcOf(target: Target): number;
}
