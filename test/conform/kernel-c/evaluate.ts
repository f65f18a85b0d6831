/** Runs a lowered program in the plainest way: big integers, one array of bytes. Slow, and simple enough to be believed. */
import type { FunctionCode, Instr, Operand, Program } from '../../../src/kernel-c/program';

/** A C function that a test supplies. */
export type Outside = (args: readonly bigint[], memory: Memory) => bigint;

export interface Memory {
  load(address: bigint, size: number): bigint;
  store(address: bigint, size: number, value: bigint): void;
  text(address: bigint): string;
}

export interface Evaluation {
  call(name: string, args: readonly bigint[]): bigint;
  readonly memory: Memory;
  /** Address of a global. */
  symbol(name: string): bigint;
  /** Instructions run so far. */
  readonly steps: number;
}

/** More than any test needs: beyond it a loop does not end. */
const MOST_STEPS = 20_000_000;
const MEMORY_BYTES = 1 << 22;
const FIRST_ADDRESS = 0x10000;

const signed = (value: bigint): bigint => BigInt.asIntN(64, value);
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value);
const extended = (value: bigint, bits: number, isSigned: boolean): bigint =>
  isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);

export function evaluation(program: Program, outside: Readonly<Record<string, Outside>> = {}, bytes = MEMORY_BYTES): Evaluation {
  const memory = new DataView(new ArrayBuffer(bytes));
  const symbols = new Map<string, bigint>();
  const functionsAt = new Map<bigint, string>();
  let top = FIRST_ADDRESS;
  const room = (size: number, align: number): bigint => {
    top = Math.ceil(top / Math.max(align, 1)) * Math.max(align, 1);
    const at = top;
    top += size;
    if (top > bytes) throw new Error('out of memory');
    return BigInt(at);
  };
  for (const name of [...Object.keys(program.functions), ...Object.keys(program.prototypes)]) {
    const at = room(16, 16);
    symbols.set(name, at);
    functionsAt.set(at, name);
  }
  for (const [name, object] of Object.entries(program.globals)) symbols.set(name, room(object.size, object.align));
  const symbol = (name: string): bigint => {
    const at = symbols.get(name);
    if (at === undefined) throw new Error(`no symbol ${name}`);
    return at;
  };
  const checked = (address: bigint, size: number): number => {
    const at = unsigned(address);
    if (at < BigInt(FIRST_ADDRESS) || at + BigInt(size) > BigInt(bytes)) throw new Error(`bad address ${at.toString(16)}`);
    return Number(at);
  };
  const load = (address: bigint, size: number, isSigned: boolean): bigint => {
    const at = checked(address, size);
    const value = size === 1 ? BigInt(memory.getUint8(at)) : size === 2 ? BigInt(memory.getUint16(at, true)) : size === 4 ? BigInt(memory.getUint32(at, true)) : memory.getBigUint64(at, true); // prettier-ignore
    return signed(extended(value, size * 8, isSigned));
  };
  const store = (address: bigint, size: number, value: bigint): void => {
    const at = checked(address, size);
    for (let i = 0; i < size; i += 1) memory.setUint8(at + i, Number((unsigned(value) >> BigInt(8 * i)) & 0xffn));
  };
  const copy = (to: bigint, from: bigint, size: number): void => {
    new Uint8Array(memory.buffer).copyWithin(checked(to, size), checked(from, size), checked(from, size) + size);
  };
  for (const [name, object] of Object.entries(program.globals)) {
    object.bytes.forEach((byte, i) => store(symbol(name) + BigInt(i), 1, BigInt(byte)));
    for (const { offset, symbol: target, addend } of object.relocations)
      store(symbol(name) + BigInt(offset), 8, symbol(target) + BigInt(addend));
  }
  let steps = 0;
  const api: Memory = {
    load: (address, size) => load(address, size, false),
    store,
    text: (address) => {
      let out = '';
      for (let at = address; load(at, 1, false) !== 0n; at += 1n) out += String.fromCharCode(Number(load(at, 1, false)));
      return out;
    },
  };

  const call = (name: string, args: readonly bigint[]): bigint => {
    const code = program.functions[name];
    if (code !== undefined) return run(code, args);
    const given = outside[name] ?? builtins[name];
    if (given === undefined) throw new Error(`no function ${name}`);
    return signed(given(args, api));
  };

  const run = (code: FunctionCode, args: readonly bigint[]): bigint => {
    const frame = top;
    const registers: (bigint | null)[] = [];
    for (let i = 0; i < code.registers; i += 1) registers.push(i < args.length ? args[i]! : null);
    const locals = code.locals.map(({ size, align }) => room(size, align));
    const value = (operand: Operand): bigint => {
      if (operand < 0) {
        const [low, high] = code.constants[~operand]!;
        return signed((BigInt(high) << 32n) | BigInt(low >>> 0));
      }
      const found = registers[operand];
      if (found === null || found === undefined) throw new Error(`${code.name}: register ${operand} is read before it is written`);
      return found;
    };
    let at = 0;
    for (;;) {
      steps += 1;
      if (steps > MOST_STEPS) throw new Error('too many steps');
      const instr: Instr | undefined = code.code[at];
      if (instr === undefined) throw new Error(`${code.name}: fell off its end`);
      at += 1;
      switch (instr.op) {
        case 'move':
          registers[instr.dst] = value(instr.a);
          break;
        case 'add':
        case 'sub':
        case 'mul':
        case 'div':
        case 'mod':
        case 'and':
        case 'or':
        case 'xor':
        case 'shl':
        case 'shr':
          registers[instr.dst] = binary(instr.op, value(instr.a), value(instr.b), instr.bits, instr.signed);
          break;
        case 'eq':
          registers[instr.dst] = value(instr.a) === value(instr.b) ? 1n : 0n;
          break;
        case 'ne':
          registers[instr.dst] = value(instr.a) !== value(instr.b) ? 1n : 0n;
          break;
        case 'lt':
        case 'le': {
          const a = instr.signed ? value(instr.a) : unsigned(value(instr.a));
          const b = instr.signed ? value(instr.b) : unsigned(value(instr.b));
          registers[instr.dst] = (instr.op === 'lt' ? a < b : a <= b) ? 1n : 0n;
          break;
        }
        case 'neg':
          registers[instr.dst] = signed(extended(-value(instr.a), instr.bits, instr.signed));
          break;
        case 'not':
          registers[instr.dst] = signed(extended(~value(instr.a), instr.bits, instr.signed));
          break;
        case 'extend':
          registers[instr.dst] = extended(value(instr.a), instr.bits, instr.signed);
          break;
        case 'bool':
          registers[instr.dst] = value(instr.a) !== 0n ? 1n : 0n;
          break;
        case 'load':
          registers[instr.dst] = load(value(instr.addr) + BigInt(instr.offset), instr.size, instr.signed);
          break;
        case 'store':
          store(value(instr.addr) + BigInt(instr.offset), instr.size, value(instr.value));
          break;
        case 'load-bits': {
          const unit = load(value(instr.addr) + BigInt(instr.offset), instr.unit, false);
          registers[instr.dst] = signed(extended(unsigned(unit) >> BigInt(instr.at), instr.width, instr.signed));
          break;
        }
        case 'store-bits': {
          const address = value(instr.addr) + BigInt(instr.offset);
          const mask = ((1n << BigInt(instr.width)) - 1n) << BigInt(instr.at);
          const old = unsigned(load(address, instr.unit, false));
          store(address, instr.unit, (old & ~mask) | ((unsigned(value(instr.value)) << BigInt(instr.at)) & mask));
          break;
        }
        case 'copy':
          copy(value(instr.to), value(instr.from), instr.size);
          break;
        case 'zero':
          for (let i = 0; i < instr.size; i += 1) store(value(instr.to) + BigInt(i), 1, 0n);
          break;
        case 'local':
          registers[instr.dst] = locals[instr.local]!;
          break;
        case 'enter-local':
          for (let i = 0; i < code.locals[instr.local]!.size; i += 1) store(locals[instr.local]! + BigInt(i), 1, 0xa5n);
          break;
        case 'symbol':
          registers[instr.dst] = symbol(instr.name) + BigInt(instr.addend);
          break;
        case 'poison':
          registers[instr.dst] = null;
          break;
        case 'check':
          value(instr.a);
          break;
        case 'jump':
          at = instr.to;
          break;
        case 'branch':
          at = value(instr.a) !== 0n ? instr.then : instr.else;
          break;
        case 'switch': {
          const a = value(instr.a);
          at = instr.cases.find(({ from, to }) => a >= BigInt(from) && a <= BigInt(to))?.target ?? instr.otherwise;
          break;
        }
        case 'call':
        case 'call-pointer': {
          const name = instr.op === 'call' ? instr.callee : functionsAt.get(value(instr.pointer));
          if (name === undefined) throw new Error(`${code.name}: call of no function`);
          const result = call(name, instr.args.map(value));
          if (instr.dst !== null) registers[instr.dst] = result;
          break;
        }
        case 'return':
          top = frame;
          return instr.a === null ? 0n : value(instr.a);
        case 'unreachable':
          throw new Error(`${code.name}: unreachable code is reached`);
        case 'unsupported':
          throw new Error(`${code.name}: ${instr.what}`);
      }
    }
  };
  return {
    call: (name, args) => call(name, args.map(signed)),
    memory: api,
    symbol,
    get steps() {
      return steps;
    },
  };
}

function binary(op: string, left: bigint, right: bigint, bits: number, isSigned: boolean): bigint {
  const a = extended(left, bits, isSigned);
  const b = extended(right, bits, isSigned);
  const count = right & BigInt(bits - 1);
  const result = (): bigint => {
    switch (op) {
      case 'add':
        return a + b;
      case 'sub':
        return a - b;
      case 'mul':
        return a * b;
      case 'div':
        return a / b;
      case 'mod':
        return a % b;
      case 'and':
        return a & b;
      case 'or':
        return a | b;
      case 'xor':
        return a ^ b;
      case 'shl':
        return a << count;
      default:
        return a >> count;
    }
  };
  return signed(extended(result(), bits, isSigned));
}

const ones = (value: bigint): bigint => BigInt([...value.toString(2)].filter((bit) => bit === '1').length);
const leadingZeros = (value: bigint, bits: number): bigint => BigInt(value === 0n ? bits : bits - value.toString(2).length);
const trailingZeros = (value: bigint): bigint => BigInt(value.toString(2).match(/0*$/)![0].length);

/** The builtins that are lowered to calls (`builtinCalls`). */
const builtins: Readonly<Record<string, Outside>> = {
  ...Object.fromEntries(
    [
      ['', 32],
      ['l', 64],
      ['ll', 64],
    ].flatMap(([suffix, width]) => {
      const bits = Number(width);
      const word = (args: readonly bigint[]): bigint => BigInt.asUintN(bits, args[0]!);
      const made: [string, Outside][] = [
        [`__builtin_clz${suffix}`, (args) => leadingZeros(word(args), bits)],
        [`__builtin_ctz${suffix}`, (args) => trailingZeros(word(args))],
        [`__builtin_ffs${suffix}`, (args) => (word(args) === 0n ? 0n : trailingZeros(word(args)) + 1n)],
        [`__builtin_popcount${suffix}`, (args) => ones(word(args))],
        [`__builtin_parity${suffix}`, (args) => ones(word(args)) & 1n],
      ];
      return made;
    }),
  ),
  __builtin_memset: (args, memory) => {
    for (let i = 0n; i < args[2]!; i += 1n) memory.store(args[0]! + i, 1, args[1]!);
    return args[0]!;
  },
  __builtin_memcpy: (args, memory) => {
    for (let i = 0n; i < args[2]!; i += 1n) memory.store(args[0]! + i, 1, memory.load(args[1]! + i, 1));
    return args[0]!;
  },
  __builtin_memcmp: (args, memory) => {
    for (let i = 0n; i < args[2]!; i += 1n) {
      const difference = BigInt.asUintN(8, memory.load(args[0]! + i, 1)) - BigInt.asUintN(8, memory.load(args[1]! + i, 1));
      if (difference !== 0n) return difference;
    }
    return 0n;
  },
  __builtin_strlen: (args, memory) => BigInt(memory.text(args[0]!).length),
};
