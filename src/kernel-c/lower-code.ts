/** The instruction list of a function while it is made: labels, registers, constants, lines. */
import type { Instr, Operand, Register, Target } from './program';

/** A place in the code that may not be known yet. */
export interface Label {
  at: Target;
  /** What stands for it in the instructions until they are patched. */
  readonly id: number;
}

export interface CodeMaker {
  readonly code: Instr[];
  readonly lines: number[];
  readonly statements: Target[];
  readonly constants: (readonly [number, number])[];
  line: number;
  emit(instr: Instr): void;
  label(): Label;
  place(label: Label): void;
  jump(to: Label): void;
  branch(a: Operand, yes: Label, no: Label): void;
  switch(a: Operand, cases: readonly { from: bigint; to: bigint; label: Label }[], otherwise: Label): void;
  constant(value: bigint): Operand;
  register(): Register;
  /** Registers made after `mark` may be used again. */
  release(mark: Register): void;
  readonly used: Register;
  readonly most: Register;
  statement(line: number): void;
  /** Whether code emitted now can be reached by falling into it. */
  readonly open: boolean;
  /** Writes the labels' places into the instructions; the code is complete then. */
  finish(): void;
}

export function createCodeMaker(): CodeMaker {
  const code: Instr[] = [];
  const lines: number[] = [];
  const statements: Target[] = [];
  const constants: (readonly [number, number])[] = [];
  const known = new Map<bigint, Operand>();
  const labels: Label[] = [];
  let used = 0;
  let most = 0;
  let placed = -1;
  const ends = (instr: Instr | undefined): boolean =>
    instr !== undefined && /^(jump|branch|switch|return|unreachable|unsupported)$/.test(instr.op);
  const reference = (label: Label): number => -1 - label.id;
  const resolved = (target: Target): Target => (target < 0 ? (labels[-1 - target]?.at ?? 0) : target);

  const maker: CodeMaker = {
    code,
    lines,
    statements,
    constants,
    line: 0,
    emit: (instr) => {
      // Nothing falls into code after a jump unless a label stands there.
      if (!maker.open) return;
      code.push(instr);
      lines.push(maker.line);
    },
    label: () => {
      const label = { at: -1, id: labels.length };
      labels.push(label);
      return label;
    },
    place: (label) => {
      label.at = code.length;
      placed = code.length;
    },
    jump: (to) => {
      maker.emit({ op: 'jump', to: reference(to) });
    },
    branch: (a, yes, no) => {
      maker.emit({ op: 'branch', a, then: reference(yes), else: reference(no) });
    },
    switch: (a, cases, otherwise) => {
      maker.emit({
        op: 'switch',
        a,
        cases: cases.map((one) => ({ from: String(one.from), to: String(one.to), target: reference(one.label) })),
        otherwise: reference(otherwise),
      });
    },
    constant: (value) => {
      const key = BigInt.asIntN(64, value);
      let operand = known.get(key);
      if (operand === undefined) {
        operand = ~(constants.push([Number(BigInt.asIntN(32, key)), Number(BigInt.asIntN(32, key >> 32n))]) - 1);
        known.set(key, operand);
      }
      return operand;
    },
    register: () => {
      const one = used++;
      if (used > most) most = used;
      return one;
    },
    release: (mark) => {
      used = mark;
    },
    get used() {
      return used;
    },
    get most() {
      return most;
    },
    statement: (line) => {
      maker.line = line;
      if (maker.open && statements[statements.length - 1] !== code.length) statements.push(code.length);
    },
    get open() {
      return placed === code.length || !ends(code[code.length - 1]);
    },
    finish: () => {
      // A label at the very end needs an instruction to stand at.
      if (labels.some((one) => one.at === code.length) || maker.open) maker.emit({ op: 'return', a: null });
      for (let i = 0; i < code.length; i++) {
        const instr = code[i]!;
        if (instr.op === 'jump') code[i] = { ...instr, to: resolved(instr.to) };
        else if (instr.op === 'branch') code[i] = { ...instr, then: resolved(instr.then), else: resolved(instr.else) };
        else if (instr.op === 'switch')
          code[i] = {
            ...instr,
            otherwise: resolved(instr.otherwise),
            cases: instr.cases.map((one) => ({ ...one, target: resolved(one.target) })),
          };
      }
    },
  };
  return maker;
}
