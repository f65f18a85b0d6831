/** Variables as a debugger prints them. */
import type { Variable } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import type { Address } from '../model/primitive';
import type { VariableView } from '../protocol/simulation';
import { peekByte } from './peek';
import { FIRST_ERROR } from './address-space';
import type { Cpu, Unit } from './cpu';
import { errnoName } from './errno';
import { functionAt, objectAt } from './objects';
import { sizeOfType } from './value-shape';
import { bigOf, hexOfWord, wordOf } from './word';

/** Members and elements shown of an aggregate. */
const MOST_PARTS = 12;
const MOST_TEXT = 64;

/** @param at instruction of the function, which says what a name means there */
export function variablesOf(cpu: Cpu, unit: Unit, at: number, fp: number): VariableView[] {
  return unit.code.variables
    .filter((variable) => at >= variable.from && at < variable.to)
    .map((variable) => ({
      name: variable.name,
      type: typeName(cpu.program.types, variable.type),
      value: valueOf(cpu, unit, variable, fp),
    }));
}

function valueOf(cpu: Cpu, unit: Unit, { home, type }: Variable, fp: number): string {
  const kind = cpu.program.types[type];
  if (kind === undefined) return '?';
  if (home.kind === 'register') {
    const place = fp + home.register * 2;
    if (cpu.poisoned[place >> 1] === 1) return 'uninitialised';
    return scalarText(cpu, kind, bigOf(cpu.stack[place]!, cpu.stack[place + 1]!));
  }
  const base = fp + unit.code.registers * 2;
  const at = wordOf(cpu.stack[base]!, cpu.stack[base + 1]!) + (unit.localOffsets[home.local] ?? 0);
  return memoryText(cpu, kind, at, 0);
}

/** What the bytes at an address are as a value of the type. */
function memoryText(cpu: Cpu, type: CType, at: Address, depth: number): string {
  const { types } = cpu.program;
  switch (type.kind) {
    case 'struct':
    case 'union': {
      if (depth > 0) return '{…}';
      const parts = type.fields.slice(0, MOST_PARTS).map((field) => {
        const of = types[field.type];
        const value = of === undefined || field.bits !== undefined ? '…' : memoryText(cpu, of, at + field.offset, depth + 1);
        return field.name === '' ? value : `.${field.name} = ${value}`;
      });
      return `{${parts.join(', ')}${type.fields.length > MOST_PARTS ? ', …' : ''}}`;
    }
    case 'array': {
      const of = types[type.of];
      if (of === undefined || type.length === null) return hexOfWord(at);
      if (of.kind === 'int' && of.bits === 8) return textOf(cpu, at, type.length);
      if (depth > 0) return '{…}';
      const size = sizeOfType(types, of);
      const parts = Array.from({ length: Math.min(type.length, MOST_PARTS) }, (_, index) =>
        memoryText(cpu, of, at + index * size, depth + 1),
      );
      return `{${parts.join(', ')}${type.length > MOST_PARTS ? ', …' : ''}}`;
    }
    default: {
      const size = sizeOfType(types, type);
      let value = 0n;
      for (let byte = size - 1; byte >= 0; byte--) value = (value << 8n) | BigInt(peekByte(cpu, at + byte));
      const signed = type.kind === 'pointer' || ((type.kind === 'int' || type.kind === 'enum') && type.signed);
      return scalarText(cpu, type, signed ? BigInt.asIntN(size * 8, value) : value);
    }
  }
}

function textOf(cpu: Cpu, at: Address, length: number): string {
  let text = '';
  for (let index = 0; index < Math.min(length, MOST_TEXT); index++) {
    const code = peekByte(cpu, at + index);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return JSON.stringify(text);
}

function scalarText(cpu: Cpu, type: CType, value: bigint): string {
  switch (type.kind) {
    case 'bool':
      return value === 0n ? 'false' : 'true';
    case 'pointer':
      return pointerText(cpu, Number(value), type.to);
    case 'int':
      return (type.signed ? value : BigInt.asUintN(Math.min(type.bits, 64), value)).toString();
    case 'void':
      return '';
    default:
      return value.toString();
  }
}

function pointerText(cpu: Cpu, at: Address, to: TypeId): string {
  if (at === 0) return 'NULL';
  if (at < 0 && at >= FIRST_ERROR) return `ERR_PTR(${errnoName(-at)})`;
  const type = `(${typeName(cpu.program.types, to)} *)`;
  const code = functionAt(cpu.objects, at);
  if (code !== null) return `${hexOfWord(at)} ${code}()`;
  const object = objectAt(cpu.objects, at);
  if (object === null || object.kind === 'region') return `${hexOfWord(at)} ${type}`;
  const offset = at === object.at ? '' : ` + ${at - object.at}`;
  return `${hexOfWord(at)} ${type} ${object.freed === null ? '' : 'freed '}${object.name}${offset}`;
}

/** As C writes it, arrays and functions after the fashion of a cast. */
function typeName(types: readonly CType[], id: TypeId, depth = 0): string {
  const type = types[id];
  if (type === undefined || depth > 8) return '?';
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'bool':
      return 'bool';
    case 'int':
      return type.name;
    case 'float':
      return type.bits === 32 ? 'float' : type.bits === 64 ? 'double' : 'long double';
    case 'enum':
      return `enum ${type.tag}`;
    case 'pointer': {
      const to = typeName(types, type.to, depth + 1);
      return types[type.to]?.kind === 'function' ? to : to.endsWith('*') ? `${to}*` : `${to} *`;
    }
    case 'array':
      return `${typeName(types, type.of, depth + 1)}[${type.length ?? ''}]`;
    case 'function':
      return `${typeName(types, type.returns, depth + 1)} (*)(${type.params.map((param) => typeName(types, param, depth + 1)).join(', ')})`;
    default:
      return `${type.kind} ${type.tag}`;
  }
}
