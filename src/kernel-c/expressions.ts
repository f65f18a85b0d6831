/** Makes typed expressions: conversions, pointer arithmetic and constant folding as C11 6.3 and 6.5 have them. */
import type { Binary, Compare, Expr, Local } from './syntax';
import type { TypeTable } from './type-table';
import type { CType, TypeId } from './types';

export const wrap = (value: bigint, type: CType): bigint => {
  switch (type.kind) {
    case 'bool':
      return value === 0n ? 0n : 1n;
    case 'int':
    case 'enum':
      return type.signed ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value);
    case 'pointer':
      return BigInt.asUintN(64, value);
    default:
      return value;
  }
};

export interface ExpressionMaker {
  constant(value: bigint, type: TypeId): Expr;
  local(local: Local): Expr;
  /** Array and function to pointer; the rest as it is (C11 6.3.2.1). */
  decay(a: Expr): Expr;
  promote(a: Expr): Expr;
  cast(a: Expr, type: TypeId): Expr;
  /** As by assignment: scalars are converted, aggregates stay. */
  convert(a: Expr, type: TypeId): Expr;
  binary(op: string, a: Expr, b: Expr): Expr;
  logical(op: 'and' | 'or', a: Expr, b: Expr): Expr;
  not(a: Expr): Expr;
  unary(op: '-' | '~' | '+', a: Expr): Expr;
  deref(a: Expr): Expr;
  address(a: Expr): Expr;
  member(base: Expr, name: string): Expr | null;
  conditional(condition: Expr, yes: Expr | null, no: Expr): Expr;
  assign(to: Expr, value: Expr): Expr;
  update(op: string, to: Expr, value: Expr, before: boolean): Expr;
  truth(a: Expr): boolean | null;
}

const arithmetic: Readonly<Record<string, Binary>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '%': 'mod',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'shl',
  '>>': 'shr',
};
const comparisons: Readonly<Record<string, Compare>> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' };

export function createExpressionMaker(types: TypeTable): ExpressionMaker {
  const int = types.int('int');
  const long = types.int('long');
  const ulong = types.int('unsigned long');
  const typeOf = (a: Expr): CType => types.of(a.type);
  const constant = (value: bigint, type: TypeId): Expr => ({ kind: 'constant', type, value: wrap(value, types.of(type)) });

  const isInteger = (type: CType): type is CType & { kind: 'int' | 'enum' | 'bool' } =>
    type.kind === 'int' || type.kind === 'enum' || type.kind === 'bool';

  const decay = (a: Expr): Expr => {
    const type = typeOf(a);
    if (type.kind === 'array') return { kind: 'address', type: types.pointer(type.of), of: a };
    if (type.kind === 'function') return a.kind === 'deref' ? a.pointer : { kind: 'address', type: types.pointer(a.type), of: a };
    return a;
  };

  const cast = (from: Expr, to: TypeId): Expr => {
    const a = decay(from);
    if (a.type === to) return a;
    const target = types.of(to);
    if (a.kind === 'constant' && (isInteger(target) || target.kind === 'pointer')) return constant(a.value, to);
    return { kind: 'cast', type: to, a };
  };

  const convert = (from: Expr, to: TypeId): Expr => {
    const target = types.of(to).kind;
    return target === 'struct' || target === 'union' || target === 'array' || target === 'void' ? from : cast(from, to);
  };

  const promotedType = (id: TypeId, width?: number): TypeId => {
    const type = types.of(id);
    if (type.kind === 'bool') return int;
    if (type.kind === 'enum') return type.bits === 64 ? (type.signed ? long : ulong) : type.signed ? int : types.int('unsigned int');
    if (
      type.kind === 'int' &&
      (type.bits < 32 || (width !== undefined && (width < 32 || (width === 32 && type.signed && type.bits === 32))))
    )
      return int;
    return id;
  };
  const promote = (from: Expr): Expr => {
    const a = decay(from);
    return cast(a, promotedType(a.type, a.kind === 'member' ? a.bits?.width : undefined));
  };

  /** C11 6.3.1.8 for integers: the rank of long is over int's, long long's over long's. */
  const rank = (type: CType): number =>
    type.kind === 'int' ? type.bits * 2 + (type.name.includes('long long') ? 1 : 0) : type.kind === 'float' ? 1000 + type.bits : 0;
  const commonType = (a: TypeId, b: TypeId): TypeId => {
    const x = types.of(a);
    const y = types.of(b);
    if (a === b) return a;
    if (x.kind === 'float' || y.kind === 'float') return rank(x) >= rank(y) ? a : b;
    if (x.kind !== 'int' || y.kind !== 'int') return a;
    const [high, low] = rank(x) >= rank(y) ? [a, b] : [b, a];
    const [h, l] = rank(x) >= rank(y) ? [x, y] : [y, x];
    if (h.signed && !l.signed && l.bits >= h.bits)
      return h.name === 'long long' ? types.int('unsigned long long') : h.name === 'long' ? ulong : low;
    return high;
  };

  const fold = (op: Binary, a: bigint, b: bigint, type: CType): bigint | null => {
    const bits = type.kind === 'int' ? BigInt(type.bits) : 64n;
    switch (op) {
      case 'add':
        return a + b;
      case 'sub':
        return a - b;
      case 'mul':
        return a * b;
      case 'div':
        return b === 0n ? null : a / b;
      case 'mod':
        return b === 0n ? null : a % b;
      case 'and':
        return a & b;
      case 'or':
        return a | b;
      case 'xor':
        return a ^ b;
      case 'shl':
        return a << (b & (bits - 1n));
      default:
        return a >> (b & (bits - 1n));
    }
  };

  const arithmeticOf = (op: Binary, a: Expr, b: Expr, type: TypeId): Expr => {
    const x = cast(a, type);
    const y = op === 'shl' || op === 'shr' ? b : cast(b, type);
    if (types.of(type).kind === 'float') return { kind: 'unsupported', type, what: 'floating-point arithmetic' };
    if (x.kind === 'constant' && y.kind === 'constant') {
      const value = fold(op, x.value, y.value, types.of(type));
      if (value !== null) return constant(value, type);
    }
    if (y.kind === 'constant') {
      if (y.value === 0n && (op === 'add' || op === 'sub' || op === 'or' || op === 'xor' || op === 'shl' || op === 'shr')) return x;
      if (y.value === 1n && (op === 'mul' || op === 'div')) return x;
    }
    return { kind: 'binary', type, op, a: x, b: y };
  };

  const scaled = (index: Expr, element: TypeId): Expr =>
    arithmeticOf('mul', cast(promote(index), long), constant(BigInt(types.size(element)), long), long);

  const pointerArithmetic = (op: string, a: Expr, b: Expr): Expr | null => {
    const x = typeOf(a);
    const y = typeOf(b);
    if (x.kind === 'pointer' && y.kind === 'pointer' && op === '-') {
      const bytes = arithmeticOf('sub', { kind: 'cast', type: long, a }, { kind: 'cast', type: long, a: b }, long);
      return arithmeticOf('div', bytes, constant(BigInt(Math.max(1, types.size(x.to))), long), long);
    }
    if (x.kind === 'pointer' && isInteger(y) && (op === '+' || op === '-')) {
      const step = scaled(b, x.to);
      if (step.kind === 'constant') {
        if (step.value === 0n) return a;
        if (a.kind === 'constant') return constant(op === '+' ? a.value + step.value : a.value - step.value, a.type);
      }
      return { kind: 'binary', type: a.type, op: op === '+' ? 'add' : 'sub', a, b: step };
    }
    if (y.kind === 'pointer' && isInteger(x) && op === '+') return pointerArithmetic('+', b, a);
    return null;
  };

  const compareOf = (op: Compare, a: Expr, b: Expr): Expr => {
    const x = typeOf(a);
    const y = typeOf(b);
    const pointers = x.kind === 'pointer' || y.kind === 'pointer';
    const common = pointers ? ulong : commonType(a.type, b.type);
    const left = pointers ? a : cast(a, common);
    const right = pointers ? b : cast(b, common);
    const type = types.of(common);
    if (type.kind === 'float') return { kind: 'unsupported', type: int, what: 'floating-point comparison' };
    const signed = !pointers && type.kind === 'int' && type.signed;
    if (left.kind === 'constant' && right.kind === 'constant') {
      const p = left.value;
      const q = right.value;
      const yes = { eq: p === q, ne: p !== q, lt: p < q, le: p <= q, gt: p > q, ge: p >= q }[op];
      return constant(yes ? 1n : 0n, int);
    }
    return { kind: 'compare', type: int, op, signed, a: left, b: right };
  };

  const binary = (op: string, first: Expr, second: Expr): Expr => {
    const a = decay(first);
    const b = decay(second);
    const compare = comparisons[op];
    const pointers = typeOf(a).kind === 'pointer' || typeOf(b).kind === 'pointer';
    if (compare) return compareOf(compare, pointers ? a : promote(a), pointers ? b : promote(b));
    if (pointers) {
      const made = pointerArithmetic(op, a, b);
      if (made) return made;
      return { kind: 'unsupported', type: int, what: `operator ${op} on a pointer` };
    }
    const x = promote(a);
    const y = promote(b);
    const made = arithmetic[op];
    if (!made) return { kind: 'unsupported', type: int, what: `operator ${op}` };
    return arithmeticOf(made, x, y, made === 'shl' || made === 'shr' ? x.type : commonType(x.type, y.type));
  };

  const truth = (from: Expr): boolean | null => {
    const a = decay(from);
    if (a.kind === 'constant') return a.value !== 0n;
    // An object has an address.
    if (a.kind === 'address' && (a.of.kind === 'local' || a.of.kind === 'global')) return true;
    return null;
  };

  const logical = (op: 'and' | 'or', first: Expr, second: Expr): Expr => {
    const a = decay(first);
    const b = decay(second);
    const x = truth(a);
    const y = truth(b);
    if (x !== null && op === 'and' && !x) return constant(0n, int);
    if (x !== null && op === 'or' && x) return constant(1n, int);
    if (x !== null && y !== null) return constant(y ? 1n : 0n, int);
    return { kind: 'logical', type: int, op, a, b };
  };

  const isNullConstant = (a: Expr): boolean => {
    if (a.kind !== 'constant' || a.value !== 0n) return false;
    const type = typeOf(a);
    return isInteger(type) || (type.kind === 'pointer' && types.of(type.to).kind === 'void');
  };

  const conditional = (condition: Expr, yes: Expr | null, no: Expr): Expr => {
    const test = decay(condition);
    const a = decay(yes ?? test);
    const b = decay(no);
    const x = typeOf(a);
    const y = typeOf(b);
    let type: TypeId;
    if (x.kind === 'void' || y.kind === 'void') type = types.void;
    else if (x.kind === 'pointer' || y.kind === 'pointer') {
      if (isNullConstant(b) && x.kind === 'pointer') type = a.type;
      else if (isNullConstant(a) && y.kind === 'pointer') type = b.type;
      else if (x.kind !== 'pointer') type = b.type;
      else if (y.kind !== 'pointer') type = a.type;
      else type = types.of(x.to).kind === 'void' ? a.type : types.of(y.to).kind === 'void' ? b.type : a.type;
    } else if (isInteger(x) && isInteger(y)) type = commonType(promote(a).type, promote(b).type);
    else type = a.type;
    const known = truth(test);
    if (known === true) return yes ? convert(a, type) : convert(test, type);
    if (known === false) return convert(b, type);
    return { kind: 'conditional', type, condition: test, yes: yes ? convert(a, type) : null, no: convert(b, type) };
  };

  const deref = (from: Expr): Expr => {
    const a = decay(from);
    const type = typeOf(a);
    if (type.kind !== 'pointer') return { kind: 'unsupported', type: int, what: 'dereference of something that is no pointer' };
    // `*&x` is x, also through a cast that keeps the size (READ_ONCE).
    const inner = a.kind === 'cast' && a.a.kind === 'address' ? a.a : a;
    if (inner.kind === 'address' && inner.of.kind !== 'global') {
      const target = types.of(type.to);
      const whole = types.of(inner.of.type);
      if (inner.of.type === type.to) return inner.of;
      const scalar = (one: CType): boolean => isInteger(one) || one.kind === 'pointer';
      if (
        scalar(target) &&
        scalar(whole) &&
        types.size(type.to) === types.size(inner.of.type) &&
        target.kind === whole.kind &&
        inner.of.kind === 'local'
      ) {
        return inner.of;
      }
    }
    return { kind: 'deref', type: type.to, pointer: a };
  };

  const address = (a: Expr): Expr => {
    if (a.kind === 'deref') return { ...a.pointer, ...(a.pointer.kind === 'cast' || a.pointer.kind === 'constant' ? {} : {}) };
    if (a.kind === 'literal' || a.kind === 'local' || a.kind === 'global' || a.kind === 'member') {
      if (a.kind === 'member' && a.bits) return { kind: 'unsupported', type: types.pointer(a.type), what: 'address of a bit-field' };
      return { kind: 'address', type: types.pointer(a.type), of: a };
    }
    return { kind: 'address', type: types.pointer(a.type), of: a };
  };

  const member = (base: Expr, name: string): Expr | null => {
    const found = types.field(base.type, name);
    if (!found) return null;
    const bits = found.bits ? { bits: found.bits } : {};
    if (base.kind === 'member' && !base.bits) {
      return { kind: 'member', type: found.type, base: base.base, offset: base.offset + found.offset, ...bits };
    }
    return { kind: 'member', type: found.type, base, offset: found.offset, ...bits };
  };

  return {
    constant,
    local: (local) => ({ kind: 'local', type: local.type, local }),
    decay,
    promote,
    cast,
    convert,
    binary,
    logical,
    not: (from) => {
      const a = decay(from);
      const known = truth(a);
      if (known !== null) return constant(known ? 0n : 1n, int);
      if (a.kind === 'compare') {
        const opposite = { eq: 'ne', ne: 'eq', lt: 'ge', ge: 'lt', gt: 'le', le: 'gt' } as const;
        return { ...a, op: opposite[a.op] };
      }
      return { kind: 'not', type: int, a };
    },
    unary: (op, from) => {
      const a = promote(from);
      if (op === '+') return a;
      if (types.of(a.type).kind === 'float') return { kind: 'unsupported', type: a.type, what: 'floating-point arithmetic' };
      if (a.kind === 'constant') return constant(op === '-' ? -a.value : ~a.value, a.type);
      return { kind: op === '-' ? 'negate' : 'invert', type: a.type, a };
    },
    deref,
    address,
    member,
    conditional,
    assign: (to, value) => ({ kind: 'assign', type: to.type, to, value: convert(value, to.type) }),
    update: (op, to, value, before) => {
      const made = arithmetic[op];
      if (!made) return { kind: 'unsupported', type: to.type, what: `operator ${op}=` };
      const target = typeOf(to);
      if (target.kind === 'float') return { kind: 'unsupported', type: to.type, what: 'floating-point arithmetic' };
      if (target.kind === 'pointer')
        return { kind: 'update', type: to.type, op: made, to, value: scaled(decay(value), target.to), at: to.type, before };
      const right = promote(value);
      const left = promotedType(to.type, to.kind === 'member' ? to.bits?.width : undefined);
      const shift = made === 'shl' || made === 'shr';
      const at = shift ? left : commonType(left, right.type);
      return { kind: 'update', type: to.type, op: made, to, value: shift ? right : cast(right, at), at, before };
    },
    truth,
  };
}
