/** Typed expressions to instructions. */
import type { CodeMaker, Label } from './lower-code';
import type { Operand, Register } from './program';
import type { Block, Compare, Expr, Init, Local } from './syntax';
import type { TypeTable } from './type-table';
import type { CType, TypeId } from './types';

/** Where an lvalue is. */
export type Place =
  | { readonly kind: 'register'; readonly register: Register; readonly local: Local }
  | {
      readonly kind: 'memory';
      readonly base: Operand;
      readonly offset: number;
      readonly bits?: { readonly at: number; readonly width: number; readonly unit: 1 | 2 | 4 | 8 };
    };

export type Home = { readonly kind: 'register'; readonly register: Register } | { readonly kind: 'local'; readonly local: number };

export interface ExpressionParts {
  readonly maker: CodeMaker;
  readonly types: TypeTable;
  homeOf(local: Local): Home;
  /** A local without a name that lives in memory. */
  temporary(type: TypeId): number;
  /** Register variables that surely have a value here. */
  readonly assigned: { current: Set<Local> };
  /** Lowers a block whose last expression's value goes to `into`. */
  block(block: Block, into: Register | null): void;
  called(name: string, type: TypeId): void;
  referred(name: string): void;
  unsupported(what: string): void;
}

export interface ExpressionLowering {
  value(expr: Expr, hint?: Register): Operand;
  effect(expr: Expr): void;
  condition(expr: Expr, yes: Label, no: Label): void;
  initialise(local: Local, init: Init): void;
  place(expr: Expr): Place;
  addressOf(place: Place): Operand;
}

/** Variables of a function that are followed; the sets are copied at every branch. Others are checked whenever they are read. */
const mostFollowed = 400;

/** From here on the variable is known to have a value. */
export function trust(assigned: { readonly current: Set<Local> }, local: Local): void {
  if (assigned.current.size < mostFollowed) assigned.current.add(local);
}

export function createExpressionLowering(parts: ExpressionParts): ExpressionLowering {
  const { maker, types, assigned } = parts;
  const typeOf = (id: TypeId): CType => types.of(id);
  const isAggregate = (id: TypeId): boolean => /^(struct|union|array)$/.test(typeOf(id).kind);

  const shape = (id: TypeId): { size: 1 | 2 | 4 | 8; signed: boolean } => {
    const type = typeOf(id);
    if (type.kind === 'bool') return { size: 1, signed: false };
    if (type.kind === 'int' || type.kind === 'enum') {
      if (type.bits === 128) {
        parts.unsupported('a 128-bit integer');
        return { size: 8, signed: false };
      }
      return { size: (type.bits / 8) as 1 | 2 | 4 | 8, signed: type.signed };
    }
    if (type.kind === 'float') parts.unsupported('a floating-point value');
    return { size: 8, signed: false };
  };
  const width = (id: TypeId): { bits: 32 | 64; signed: boolean } => {
    const { size, signed } = shape(id);
    return { bits: size === 8 ? 64 : 32, signed };
  };

  const fresh = (hint?: Register): Register => hint ?? maker.register();

  const place = (expr: Expr): Place => {
    switch (expr.kind) {
      case 'local': {
        const home = parts.homeOf(expr.local);
        if (home.kind === 'register') return { kind: 'register', register: home.register, local: expr.local };
        const dst = maker.register();
        maker.emit({ op: 'local', dst, local: home.local });
        return { kind: 'memory', base: dst, offset: 0 };
      }
      case 'global': {
        const dst = maker.register();
        parts.referred(expr.name);
        maker.emit({ op: 'symbol', dst, name: expr.name, addend: 0 });
        return { kind: 'memory', base: dst, offset: 0 };
      }
      case 'deref':
        return pointed(expr.pointer);
      case 'member': {
        const base = place(expr.base);
        if (base.kind === 'register') {
          parts.unsupported('a member of a value in a register');
          return { kind: 'memory', base: maker.constant(0n), offset: 0 };
        }
        return { kind: 'memory', base: base.base, offset: base.offset + expr.offset, ...(expr.bits ? { bits: expr.bits } : {}) };
      }
      case 'literal': {
        initialise(expr.local, expr.init);
        return place({ kind: 'local', type: expr.type, local: expr.local });
      }
      case 'comma':
        effect(expr.a);
        return place(expr.b);
      case 'cast':
        if (isAggregate(expr.type)) return place(expr.a);
        return inMemory(expr);
      default:
        return isAggregate(expr.type) ? { kind: 'memory', base: value(expr), offset: 0 } : inMemory(expr);
    }
  };

  /** A scalar that has no place gets one. */
  const inMemory = (expr: Expr): Place => {
    const { size } = shape(expr.type);
    const local = parts.temporary(expr.type);
    maker.emit({ op: 'enter-local', local });
    const dst = maker.register();
    const from = value(expr);
    maker.emit({ op: 'local', dst, local });
    maker.emit({ op: 'store', addr: dst, offset: 0, size, value: from });
    return { kind: 'memory', base: dst, offset: 0 };
  };

  /** The place that a pointer expression points to, constant steps kept as an offset. */
  const pointed = (pointer: Expr): Place => {
    if (pointer.kind === 'address') {
      const target = place(pointer.of);
      if (target.kind === 'memory') return target;
    }
    if (pointer.kind === 'cast' && typeOf(pointer.a.type).kind === 'pointer') return pointed(pointer.a);
    if (pointer.kind === 'binary' && typeOf(pointer.type).kind === 'pointer' && pointer.b.kind === 'constant') {
      const step = Number(BigInt.asIntN(64, pointer.b.value));
      if (Math.abs(step) < 0x40000000) {
        const inner = pointed(pointer.a);
        if (inner.kind === 'memory') return { ...inner, offset: inner.offset + (pointer.op === 'add' ? step : -step) };
      }
    }
    return { kind: 'memory', base: value(pointer), offset: 0 };
  };

  const addressOf = (at: Place): Operand => {
    if (at.kind === 'register') {
      parts.unsupported('the address of a value in a register');
      return maker.constant(0n);
    }
    if (at.offset === 0) return at.base;
    const dst = maker.register();
    maker.emit({ op: 'add', dst, a: at.base, b: maker.constant(BigInt(at.offset)), bits: 64, signed: false });
    return dst;
  };

  const load = (at: Place, type: TypeId, hint?: Register): Operand => {
    if (at.kind === 'register') {
      if (!assigned.current.has(at.local)) maker.emit({ op: 'check', a: at.register, name: at.local.name });
      return at.register;
    }
    if (isAggregate(type)) return addressOf(at);
    const { size, signed } = shape(type);
    const dst = fresh(hint);
    if (at.bits) maker.emit({ op: 'load-bits', dst, addr: at.base, offset: at.offset, ...at.bits, signed });
    else maker.emit({ op: 'load', dst, addr: at.base, offset: at.offset, size, signed });
    return dst;
  };

  const store = (at: Place, type: TypeId, from: Operand): void => {
    if (at.kind === 'register') {
      if (from !== at.register) maker.emit({ op: 'move', dst: at.register, a: from });
      trust(assigned, at.local);
      return;
    }
    if (at.bits) maker.emit({ op: 'store-bits', addr: at.base, offset: at.offset, ...at.bits, value: from });
    else maker.emit({ op: 'store', addr: at.base, offset: at.offset, size: shape(type).size, value: from });
  };

  const convert = (a: Expr, to: TypeId, hint?: Register): Operand => {
    const target = typeOf(to);
    if (target.kind === 'void') {
      effect(a);
      return maker.constant(0n);
    }
    const from = typeOf(a.type);
    if (target.kind === 'bool') {
      if (from.kind === 'bool' || a.kind === 'compare' || a.kind === 'not' || a.kind === 'logical') return value(a, hint);
      const operand = value(a);
      const dst = fresh(hint);
      maker.emit({ op: 'bool', dst, a: operand });
      return dst;
    }
    const t = shape(to);
    const f = shape(a.type);
    const sub = a.kind === 'cast' ? undefined : hint;
    if (t.size === 8 || (from.kind === 'bool' && t.size >= 1)) return value(a, t.size === 8 ? hint : sub);
    if (f.size < t.size ? !f.signed || t.signed : f.size === t.size && f.signed === t.signed) return value(a, hint);
    const operand = value(a);
    const dst = fresh(hint);
    maker.emit({ op: 'extend', dst, a: operand, bits: (t.size * 8) as 8 | 16 | 32, signed: t.signed });
    return dst;
  };

  const compare = (op: Compare, signed: boolean, a: Operand, b: Operand, dst: Register): void => {
    if (op === 'eq' || op === 'ne') maker.emit({ op, dst, a, b });
    else if (op === 'lt' || op === 'le') maker.emit({ op, dst, a, b, signed });
    else maker.emit({ op: op === 'gt' ? 'lt' : 'le', dst, a: b, b: a, signed });
  };

  /** Keeps a value that is a variable's own register, because what is evaluated next may assign to it. */
  const kept = (operand: Operand, next: Expr): Operand => {
    if (operand < 0 || next.kind === 'constant' || next.kind === 'local' || next.kind === 'member' || next.kind === 'address')
      return operand;
    if (!mayAssign(next)) return operand;
    const dst = maker.register();
    maker.emit({ op: 'move', dst, a: operand });
    return dst;
  };

  const value = (expr: Expr, hint?: Register): Operand => {
    switch (expr.kind) {
      case 'constant':
        return maker.constant(expr.value);
      case 'local':
      case 'global':
      case 'deref':
      case 'member':
      case 'literal':
        return load(place(expr), expr.type, hint);
      case 'address':
        return address(expr.of, hint);
      case 'binary': {
        const a = kept(value(expr.a), expr.b);
        const b = value(expr.b);
        const dst = fresh(hint);
        const pointer = typeOf(expr.type).kind === 'pointer';
        maker.emit({ op: expr.op, dst, a, b, ...(pointer ? { bits: 64 as const, signed: false } : width(expr.type)) });
        return dst;
      }
      case 'compare': {
        const a = kept(value(expr.a), expr.b);
        const b = value(expr.b);
        const dst = fresh(hint);
        compare(expr.op, expr.signed, a, b, dst);
        return dst;
      }
      case 'negate':
      case 'invert': {
        const a = value(expr.a);
        const dst = fresh(hint);
        maker.emit({ op: expr.kind === 'negate' ? 'neg' : 'not', dst, a, ...width(expr.type) });
        return dst;
      }
      case 'not': {
        const a = value(expr.a);
        const dst = fresh(hint);
        maker.emit({ op: 'eq', dst, a, b: maker.constant(0n) });
        return dst;
      }
      case 'logical':
        return truthValue(expr);
      case 'conditional':
        return conditional(expr);
      case 'cast':
        return convert(expr.a, expr.type, hint);
      case 'assign':
        return assign(expr);
      case 'update':
        return update(expr);
      case 'call':
        return call(expr, hint);
      case 'comma':
        effect(expr.a);
        return value(expr.b, hint);
      case 'statements': {
        if (typeOf(expr.type).kind === 'void') {
          parts.block(expr.block, null);
          return maker.constant(0n);
        }
        const dst = maker.register();
        parts.block(expr.block, dst);
        return dst;
      }
      default:
        parts.unsupported(expr.what);
        return maker.constant(0n);
    }
  };

  const address = (of: Expr, hint?: Register): Operand => {
    if (of.kind === 'global') {
      const dst = fresh(hint);
      parts.referred(of.name);
      maker.emit({ op: 'symbol', dst, name: of.name, addend: 0 });
      return dst;
    }
    const at = place(of);
    if (at.kind === 'memory' && at.offset !== 0 && hint !== undefined) {
      maker.emit({ op: 'add', dst: hint, a: at.base, b: maker.constant(BigInt(at.offset)), bits: 64, signed: false });
      return hint;
    }
    return addressOf(at);
  };

  const truthValue = (expr: Expr): Operand => {
    const dst = maker.register();
    const yes = maker.label();
    const no = maker.label();
    const end = maker.label();
    condition(expr, yes, no);
    maker.place(yes);
    maker.emit({ op: 'move', dst, a: maker.constant(1n) });
    maker.jump(end);
    maker.place(no);
    maker.emit({ op: 'move', dst, a: maker.constant(0n) });
    maker.place(end);
    return dst;
  };

  const conditional = (expr: Expr & { kind: 'conditional' }): Operand => {
    const empty = typeOf(expr.type).kind === 'void';
    const dst = maker.register();
    const yes = maker.label();
    const no = maker.label();
    const end = maker.label();
    const put = (one: Expr): void => {
      if (empty) effect(one);
      else {
        const got = value(one, dst);
        if (got !== dst) maker.emit({ op: 'move', dst, a: got });
      }
    };
    if (expr.yes) condition(expr.condition, yes, no);
    else {
      // Widening keeps zero apart from the rest, so that the converted value can be tested.
      const got = value(expr.condition);
      const to = shape(expr.type);
      const from = shape(expr.condition.type);
      if (to.size === 4 && from.signed && !to.signed) maker.emit({ op: 'extend', dst, a: got, bits: 32, signed: false });
      else maker.emit({ op: 'move', dst, a: got });
      maker.branch(dst, end, no);
    }
    const before = new Set(assigned.current);
    if (expr.yes) {
      maker.place(yes);
      put(expr.yes);
      maker.jump(end);
    }
    const after = assigned.current;
    assigned.current = before;
    maker.place(no);
    put(expr.no);
    assigned.current = intersection(after, assigned.current);
    maker.place(end);
    return dst;
  };

  const assign = (expr: Expr & { kind: 'assign' }): Operand => {
    if (isAggregate(expr.type)) {
      const to = addressOf(place(expr.to));
      const from = value(expr.value);
      maker.emit({ op: 'copy', to, from, size: types.size(expr.type) });
      return to;
    }
    if (expr.to.kind === 'local') {
      const home = parts.homeOf(expr.to.local);
      if (home.kind === 'register') {
        const from = value(expr.value, home.register);
        if (from !== home.register) maker.emit({ op: 'move', dst: home.register, a: from });
        trust(assigned, expr.to.local);
        return home.register;
      }
    }
    const from = value(expr.value);
    const at = place(expr.to);
    store(at, expr.type, from);
    if (at.kind === 'memory' && at.bits) return truncated(from, at.bits.width, shape(expr.type).signed);
    return from;
  };

  /** The value that a bit-field assignment has: what the field can hold of it. */
  const truncated = (from: Operand, bits: number, signed: boolean): Operand => {
    const dst = maker.register();
    const by = maker.constant(BigInt(64 - bits));
    maker.emit({ op: 'shl', dst, a: from, b: by, bits: 64, signed: false });
    maker.emit({ op: 'shr', dst, a: dst, b: by, bits: 64, signed });
    return dst;
  };

  const update = (expr: Expr & { kind: 'update' }): Operand => {
    const at = place(expr.to);
    let old = load(at, expr.type);
    if (expr.before && at.kind === 'register') {
      const copy = maker.register();
      maker.emit({ op: 'move', dst: copy, a: old });
      old = copy;
    }
    const by = value(expr.value);
    const pointer = typeOf(expr.at).kind === 'pointer';
    const how = pointer ? { bits: 64 as const, signed: false } : width(expr.at);
    const left = narrowed(old, expr.type, expr.at);
    const result = at.kind === 'register' && expr.type === expr.at ? at.register : maker.register();
    maker.emit({ op: expr.op, dst: result, a: left, b: by, ...how });
    const back = expr.type === expr.at ? result : narrowed(result, expr.at, expr.type);
    store(at, expr.type, back);
    return expr.before ? old : at.kind === 'register' ? at.register : back;
  };

  const narrowed = (operand: Operand, from: TypeId, to: TypeId): Operand => {
    const target = typeOf(to);
    if (from === to || target.kind === 'pointer') return operand;
    const dst = maker.register();
    if (target.kind === 'bool') {
      maker.emit({ op: 'bool', dst, a: operand });
      return dst;
    }
    const t = shape(to);
    const f = shape(from);
    if (t.size === 8 || (f.size < t.size && (!f.signed || t.signed)) || (f.size === t.size && f.signed === t.signed)) return operand;
    maker.emit({ op: 'extend', dst, a: operand, bits: (t.size * 8) as 8 | 16 | 32, signed: t.signed });
    return dst;
  };

  const call = (expr: Expr & { kind: 'call' }, hint?: Register): Operand => {
    const pointer = typeOf(expr.callee.type);
    const type = pointer.kind === 'pointer' ? pointer.to : expr.callee.type;
    const through = isAggregate(expr.type);
    const args: Operand[] = [];
    let result: Operand | null = null;
    if (through) {
      const local = parts.temporary(expr.type);
      maker.emit({ op: 'enter-local', local });
      result = maker.register();
      maker.emit({ op: 'local', dst: result, local });
      args.push(result);
    }
    const direct = expr.callee.kind === 'address' && expr.callee.of.kind === 'global' ? expr.callee.of.name : null;
    const target = direct === null ? value(expr.callee) : 0;
    expr.args.forEach((arg, i) => {
      const later = expr.args.slice(i + 1);
      let operand = value(arg);
      if (operand >= 0 && arg.kind === 'local' && later.some(mayAssign)) {
        const copy = maker.register();
        maker.emit({ op: 'move', dst: copy, a: operand });
        operand = copy;
      }
      args.push(operand);
    });
    const dst = through || typeOf(expr.type).kind === 'void' ? null : fresh(hint);
    const line = maker.line;
    maker.line = expr.line || line;
    if (direct !== null) {
      parts.called(direct, type);
      maker.emit({ op: 'call', dst, callee: direct, args, type });
    } else maker.emit({ op: 'call-pointer', dst, pointer: target, args, type });
    maker.line = line;
    return result ?? dst ?? maker.constant(0n);
  };

  const effect = (expr: Expr): void => {
    switch (expr.kind) {
      case 'constant':
        return;
      case 'local':
        // `(void)x` reads nothing.
        return;
      case 'cast':
        if (typeOf(expr.type).kind === 'void') return effect(expr.a);
        value(expr);
        return;
      case 'comma':
        effect(expr.a);
        return effect(expr.b);
      case 'statements':
        parts.block(expr.block, null);
        return;
      case 'update':
        // Nobody looks at the value before.
        update({ ...expr, before: false });
        return;
      case 'address':
        if (expr.of.kind === 'local' || expr.of.kind === 'global' || expr.of.kind === 'member') return;
        value(expr);
        return;
      case 'logical': {
        const rest = maker.label();
        const end = maker.label();
        if (expr.op === 'and') condition(expr.a, rest, end);
        else condition(expr.a, end, rest);
        const before = new Set(assigned.current);
        maker.place(rest);
        effect(expr.b);
        assigned.current = before;
        maker.place(end);
        return;
      }
      default:
        if (isAggregate(expr.type) && (expr.kind === 'deref' || expr.kind === 'global' || expr.kind === 'member')) return;
        value(expr);
    }
  };

  const condition = (expr: Expr, yes: Label, no: Label): void => {
    switch (expr.kind) {
      case 'constant':
        maker.jump(expr.value !== 0n ? yes : no);
        return;
      case 'not':
        return condition(expr.a, no, yes);
      case 'logical': {
        const rest = maker.label();
        if (expr.op === 'and') condition(expr.a, rest, no);
        else condition(expr.a, yes, rest);
        maker.place(rest);
        // What the right side assigns is not surely assigned.
        const before = new Set(assigned.current);
        condition(expr.b, yes, no);
        assigned.current = before;
        return;
      }
      case 'cast': {
        const target = typeOf(expr.type);
        const from = typeOf(expr.a.type);
        const widens = from.kind === 'int' && target.kind === 'int' && from.bits <= target.bits;
        if (target.kind === 'bool' || widens || from.kind === 'bool') return condition(expr.a, yes, no);
        break;
      }
      default:
    }
    maker.branch(value(expr), yes, no);
  };

  const initialise = (local: Local, init: Init): void => {
    const home = parts.homeOf(local);
    if (home.kind === 'register') {
      const source = init.whole ?? init.items[0]?.value;
      if (!source) maker.emit({ op: 'move', dst: home.register, a: maker.constant(0n) });
      else {
        const got = value(source, home.register);
        if (got !== home.register) maker.emit({ op: 'move', dst: home.register, a: got });
      }
      trust(assigned, local);
      return;
    }
    const size = types.size(local.type);
    if (init.whole) {
      // The value is made before the new bytes begin: it may come from the same variable of the turn before.
      const from = value(init.whole);
      maker.emit({ op: 'enter-local', local: home.local });
      const at = maker.register();
      maker.emit({ op: 'local', dst: at, local: home.local });
      if (isAggregate(local.type)) maker.emit({ op: 'copy', to: at, from, size });
      else store({ kind: 'memory', base: at, offset: 0 }, local.type, from);
      return;
    }
    maker.emit({ op: 'enter-local', local: home.local });
    const at = maker.register();
    maker.emit({ op: 'local', dst: at, local: home.local });
    maker.emit({ op: 'zero', to: at, size });
    for (const item of init.items) {
      const mark = maker.used;
      const from = value(item.value);
      if (isAggregate(item.type)) {
        const to = addressOf({ kind: 'memory', base: at, offset: item.offset });
        maker.emit({ op: 'copy', to, from, size: types.size(item.type) });
      } else store({ kind: 'memory', base: at, offset: item.offset, ...(item.bits ? { bits: item.bits } : {}) }, item.type, from);
      maker.release(mark);
    }
  };

  return { value, effect, condition, initialise, place, addressOf };
}

const intersection = (a: ReadonlySet<Local>, b: ReadonlySet<Local>): Set<Local> => new Set([...a].filter((one) => b.has(one)));

/** Whether evaluating it may assign a variable. Calls cannot: what they could reach is in memory. */
function mayAssign(expr: Expr): boolean {
  switch (expr.kind) {
    case 'assign':
    case 'update':
    case 'statements':
      return true;
    case 'binary':
    case 'compare':
    case 'logical':
    case 'comma':
      return mayAssign(expr.a) || mayAssign(expr.b);
    case 'negate':
    case 'invert':
    case 'not':
    case 'cast':
      return mayAssign(expr.a);
    case 'conditional':
      return mayAssign(expr.condition) || (expr.yes !== null && mayAssign(expr.yes)) || mayAssign(expr.no);
    case 'deref':
      return mayAssign(expr.pointer);
    case 'member':
      return mayAssign(expr.base);
    case 'address':
      return mayAssign(expr.of);
    case 'call':
      return mayAssign(expr.callee) || expr.args.some(mayAssign);
    default:
      return false;
  }
}
