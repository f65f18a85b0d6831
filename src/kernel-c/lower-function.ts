/** A parsed function to flat code. */
import { createCodeMaker, type Label } from './lower-code';
import { createExpressionLowering, type Home, trust } from './lower-expression';
import type { ParsedFunction } from './parse-function';
import type { FunctionCode, MemoryLocal, Register, Variable } from './program';
import type { Block, Expr, Local, Stmt } from './syntax';
import type { TypeTable } from './type-table';
import type { TypeId } from './types';
import { visitStatement } from './visit';

export interface LoweredFunction {
  readonly code: FunctionCode;
  /** Functions called by name, with the type they are called by. */
  readonly calls: ReadonlyMap<string, TypeId>;
  /** Globals and functions whose address is taken. */
  readonly refers: ReadonlySet<string>;
  readonly unsupported: readonly { readonly what: string; readonly line: number }[];
}

interface Loop {
  readonly onBreak: Label;
  readonly onContinue: Label | null;
  /** Clean-ups that are pending outside of it. */
  readonly depth: number;
}

interface Cleanup {
  readonly local: Local;
  readonly call: string;
  readonly block: Block;
}

export function lowerFunction(parsed: ParsedFunction, file: string, types: TypeTable): LoweredFunction {
  const maker = createCodeMaker();
  const locals: MemoryLocal[] = [];
  const variables: Variable[] = [];
  const homes = new Map<Local, Home>();
  const calls = new Map<string, TypeId>();
  const refers = new Set<string>();
  const unsupported: { what: string; line: number }[] = [];
  const assigned = { current: new Set<Local>() };
  const labels = new Map<string, { label: Label; block: Block | null }>();
  const cleanups: Cleanup[] = [];
  const loops: Loop[] = [];
  const switches: { cases: { from: bigint; to: bigint; label: Label }[]; otherwise: Label | null }[] = [];
  let currentBlock: Block = parsed.body;

  markAddressed(parsed.body);
  const labelBlocks = blocksOfLabels(parsed.body);
  const returns = functionResult(types, parsed.type);
  const through = /^(struct|union)$/.test(types.of(returns).kind);
  const isAggregate = (type: TypeId): boolean => /^(struct|union|array)$/.test(types.of(type).kind);

  const memory = (name: string, type: TypeId): number => locals.push({ name, size: types.size(type), align: types.align(type), type }) - 1;

  const homeOf = (local: Local): Home => {
    let home = homes.get(local);
    if (!home) {
      home = local.inMemory ? { kind: 'local', local: memory(local.name, local.type) } : { kind: 'register', register: maker.register() };
      homes.set(local, home);
    }
    return home;
  };

  const stopAt = (what: string): void => {
    unsupported.push({ what, line: maker.line });
    maker.emit({ op: 'unsupported', what });
  };

  const expressions = createExpressionLowering({
    maker,
    types,
    homeOf,
    temporary: (type) => memory('', type),
    assigned,
    block: (block, into) => lowerBlock(block, into),
    called: (name, type) => calls.set(name, type),
    referred: (name) => refers.add(name),
    unsupported: (what) => {
      if (what === '__builtin_unreachable') maker.emit({ op: 'unreachable' });
      else stopAt(what);
    },
  });

  const runCleanups = (depth: number): void => {
    for (let i = cleanups.length - 1; i >= depth; i--) cleanUp(cleanups[i]!);
  };

  const cleanUp = ({ local, call }: Cleanup): void => {
    const home = homeOf(local);
    if (home.kind !== 'local') return;
    const mark = maker.used;
    const dst = maker.register();
    maker.emit({ op: 'local', dst, local: home.local });
    const type = types.func(types.void, [types.pointer(local.type)], false);
    calls.set(call, type);
    maker.emit({ op: 'call', dst: null, callee: call, args: [dst], type });
    maker.release(mark);
  };

  const lowerBlock = (block: Block, into: Register | null): void => {
    const outer = currentBlock;
    const depth = cleanups.length;
    const mark = maker.used;
    const shown = variables.length;
    currentBlock = block;
    block.body.forEach((stmt, i) => {
      const last = i === block.body.length - 1;
      if (last && into !== null && stmt.kind === 'expression') {
        maker.statement(stmt.line);
        const got = expressions.value(stmt.expr, into);
        if (got !== into) maker.emit({ op: 'move', dst: into, a: got });
      } else lower(stmt);
    });
    maker.line = block.endLine;
    if (maker.open) runCleanups(depth);
    cleanups.length = depth;
    for (let i = shown; i < variables.length; i++) {
      const one = variables[i]!;
      if (one.to < 0) variables[i] = { ...one, to: maker.code.length };
    }
    maker.release(mark);
    currentBlock = outer;
  };

  const simple = (line: number, work: () => void): void => {
    maker.statement(line);
    const mark = maker.used;
    work();
    maker.release(mark);
  };

  const labelOf = (name: string): { label: Label; block: Block | null } => {
    let known = labels.get(name);
    if (!known) labels.set(name, (known = { label: maker.label(), block: null }));
    return known;
  };

  const declare = (stmt: Stmt & { kind: 'declare' }): void => {
    const { local } = stmt;
    const home = homeOf(local);
    maker.statement(stmt.line);
    const mark = maker.used;
    assigned.current.delete(local);
    if (stmt.init) expressions.initialise(local, stmt.init);
    else if (home.kind === 'local') maker.emit({ op: 'enter-local', local: home.local });
    else maker.emit({ op: 'poison', dst: home.register });
    maker.release(mark);
    if (local.name) variables.push({ name: local.name, type: local.type, home, from: maker.code.length, to: -1 });
    if (local.cleanup) cleanups.push({ local, call: local.cleanup, block: currentBlock });
  };

  const loop = (onBreak: Label, onContinue: Label | null, work: () => void): void => {
    const inherited = onContinue ?? loops[loops.length - 1]?.onContinue ?? null;
    loops.push({ onBreak, onContinue: inherited, depth: cleanups.length });
    work();
    loops.pop();
  };

  const branchOn = (line: number, condition: Expr, yes: Label, no: Label): void => {
    simple(line, () => expressions.condition(condition, yes, no));
  };

  const lower = (stmt: Stmt): void => {
    switch (stmt.kind) {
      case 'block':
        return lowerBlock(stmt, null);
      case 'expression':
        return simple(stmt.line, () => expressions.effect(stmt.expr));
      case 'declare':
        return declare(stmt);
      case 'if': {
        const yes = maker.label();
        const no = maker.label();
        const end = stmt.no ? maker.label() : no;
        branchOn(stmt.line, stmt.condition, yes, no);
        const before = new Set(assigned.current);
        maker.place(yes);
        lower(stmt.yes);
        const afterYes = maker.open ? assigned.current : null;
        if (stmt.no) maker.jump(end);
        assigned.current = before;
        maker.place(no);
        if (stmt.no) {
          lower(stmt.no);
          const openNo = maker.open;
          maker.place(end);
          if (afterYes) assigned.current = openNo ? both(afterYes, assigned.current) : afterYes;
        } else if (afterYes) assigned.current = both(afterYes, assigned.current);
        return;
      }
      case 'while': {
        const top = maker.label();
        const body = maker.label();
        const end = maker.label();
        maker.place(top);
        branchOn(stmt.line, stmt.condition, body, end);
        const before = new Set(assigned.current);
        maker.place(body);
        loop(end, top, () => lower(stmt.body));
        maker.jump(top);
        assigned.current = before;
        maker.place(end);
        return;
      }
      case 'do': {
        const top = maker.label();
        const next = maker.label();
        const end = maker.label();
        const before = new Set(assigned.current);
        maker.place(top);
        loop(end, next, () => lower(stmt.body));
        const once = stmt.condition.kind === 'constant' && stmt.condition.value === 0n;
        const fell = maker.open ? assigned.current : before;
        maker.place(next);
        // `do { … } while (0)` is no step of its own.
        if (once) maker.jump(end);
        else branchOn(stmt.endLine, stmt.condition, top, end);
        assigned.current = hasBreak(stmt.body) ? before : fell;
        maker.place(end);
        return;
      }
      case 'for': {
        const top = maker.label();
        const body = maker.label();
        const next = maker.label();
        const end = maker.label();
        stmt.init.forEach(lower);
        maker.place(top);
        const { condition, step } = stmt;
        if (condition) branchOn(stmt.line, condition, body, end);
        const before = new Set(assigned.current);
        maker.place(body);
        loop(end, next, () => lower(stmt.body));
        maker.place(next);
        if (step) simple(stmt.line, () => expressions.effect(step));
        maker.jump(top);
        assigned.current = before;
        maker.place(end);
        return;
      }
      case 'switch':
        return lowerSwitch(stmt);
      case 'case': {
        const label = maker.label();
        switches[switches.length - 1]?.cases.push({ from: stmt.from, to: stmt.to, label });
        maker.place(label);
        return lower(stmt.body);
      }
      case 'default': {
        const label = maker.label();
        const top = switches[switches.length - 1];
        if (top) top.otherwise = label;
        maker.place(label);
        return lower(stmt.body);
      }
      case 'label': {
        const known = labelOf(stmt.name);
        known.block = stmt.block;
        // What jumps here is not followed: only what is in memory or checked is trusted.
        assigned.current = new Set();
        maker.place(known.label);
        return lower(stmt.body);
      }
      case 'goto': {
        maker.statement(stmt.line);
        const target = labelBlocks.get(stmt.name) ?? null;
        for (let i = cleanups.length - 1; i >= 0; i--) {
          const one = cleanups[i]!;
          if (target && isWithin(target, one.block)) break;
          cleanUp(one);
        }
        if (target) maker.jump(labelOf(stmt.name).label);
        else stopAt(`goto ${stmt.name}, a label that the function does not have`);
        return;
      }
      case 'break':
      case 'continue': {
        maker.statement(stmt.line);
        const top = loops[loops.length - 1];
        const to = stmt.kind === 'break' ? top?.onBreak : top?.onContinue;
        if (!top || !to) return stopAt(`${stmt.kind} outside a loop`);
        runCleanups(stmt.kind === 'break' ? top.depth : continueDepth());
        maker.jump(to);
        return;
      }
      case 'return':
        return lowerReturn(stmt);
      case 'empty':
        return;
      default:
        maker.statement(stmt.line);
        stopAt(stmt.what);
    }
  };

  /** `continue` in a switch leaves the switch too: its depth is that of the loop around. */
  const continueDepth = (): number => {
    const to = loops[loops.length - 1]?.onContinue;
    for (let i = loops.length - 1; i >= 0; i--) {
      if (loops[i - 1]?.onContinue !== to) return loops[i]!.depth;
    }
    return 0;
  };

  const lowerSwitch = (stmt: Stmt & { kind: 'switch' }): void => {
    const end = maker.label();
    const dispatch = maker.label();
    let operand = 0;
    maker.statement(stmt.line);
    const mark = maker.used;
    operand = expressions.value(stmt.value, maker.register());
    maker.jump(dispatch);
    const before = new Set(assigned.current);
    const own: (typeof switches)[number] = { cases: [], otherwise: null };
    switches.push(own);
    loop(end, null, () => lower(stmt.body));
    switches.pop();
    maker.jump(end);
    maker.place(dispatch);
    maker.line = stmt.line;
    maker.switch(operand, own.cases, own.otherwise ?? end);
    assigned.current = before;
    maker.place(end);
    maker.release(mark);
  };

  const lowerReturn = (stmt: Stmt & { kind: 'return' }): void => {
    maker.statement(stmt.line);
    const mark = maker.used;
    const { value } = stmt;
    if (!value || types.of(returns).kind === 'void') {
      if (value) expressions.effect(value);
      runCleanups(0);
      maker.emit({ op: 'return', a: null });
    } else if (through) {
      const from = expressions.value(value);
      maker.emit({ op: 'copy', to: 0, from, size: types.size(returns) });
      runCleanups(0);
      maker.emit({ op: 'return', a: null });
    } else {
      const converted = value.type === returns ? value : ({ kind: 'cast', type: returns, a: value } as const);
      let got = expressions.value(converted);
      if (cleanups.length > 0 && got >= 0) {
        const kept = maker.register();
        maker.emit({ op: 'move', dst: kept, a: got });
        got = kept;
      }
      runCleanups(0);
      maker.emit({ op: 'return', a: got });
    }
    maker.release(mark);
  };

  // Parameters come in the first registers; those that need an address are put into memory.
  const first = through ? 1 : 0;
  maker.line = parsed.line;
  for (let i = 0; i < first + parsed.params.length; i++) maker.register();
  parsed.params.forEach((local, i) => {
    const register = first + i;
    if (!local.inMemory) homes.set(local, { kind: 'register', register });
    else {
      const home = homeOf(local);
      if (home.kind === 'local') {
        maker.emit({ op: 'enter-local', local: home.local });
        const mark = maker.used;
        const dst = maker.register();
        maker.emit({ op: 'local', dst, local: home.local });
        if (isAggregate(local.type)) maker.emit({ op: 'copy', to: dst, from: register, size: types.size(local.type) });
        else maker.emit({ op: 'store', addr: dst, offset: 0, size: types.size(local.type) as 1 | 2 | 4 | 8, value: register });
        maker.release(mark);
      }
    }
    trust(assigned, local);
    if (local.name) variables.push({ name: local.name, type: local.type, home: homeOf(local), from: 0, to: -1 });
  });
  lowerBlock(parsed.body, null);
  maker.line = parsed.endLine;
  maker.finish();
  const end = maker.code.length;
  return {
    code: {
      name: parsed.name,
      file,
      line: parsed.line,
      endLine: parsed.endLine,
      type: parsed.type,
      inline: parsed.inline,
      params: parsed.params.map((one) => one.name),
      returnsThrough: through,
      registers: Math.max(1, maker.most),
      locals,
      variables: variables.map((one) => (one.to < 0 ? { ...one, to: end } : one)),
      constants: maker.constants,
      code: maker.code,
      lines: maker.lines,
      statements: maker.statements,
    },
    calls,
    refers,
    unsupported,
  };
}

function functionResult(types: TypeTable, type: TypeId): TypeId {
  const func = types.of(type);
  return func.kind === 'function' ? func.returns : types.void;
}

/** Scalars whose address is taken live in memory. */
function markAddressed(body: Block): void {
  visitStatement(body, (expr: Expr) => {
    if (expr.kind === 'address' && expr.of.kind === 'local') expr.of.local.inMemory = true;
  });
}

const both = (a: ReadonlySet<Local>, b: ReadonlySet<Local>): Set<Local> => new Set([...a].filter((one) => b.has(one)));

const isWithin = (inner: Block, outer: Block): boolean => {
  for (let at: Block | null = inner; at; at = at.parent) if (at === outer) return true;
  return false;
};

/** The blocks that a function's labels stand in; of two labels of one name the first counts. */
function blocksOfLabels(body: Block): Map<string, Block> {
  const blocks = new Map<string, Block>();
  const visit = (stmt: Stmt): void => {
    switch (stmt.kind) {
      case 'block':
        return stmt.body.forEach(visit);
      case 'label':
        if (!blocks.has(stmt.name)) blocks.set(stmt.name, stmt.block);
        return visit(stmt.body);
      case 'if':
        visit(stmt.yes);
        if (stmt.no) visit(stmt.no);
        return;
      case 'while':
      case 'do':
      case 'for':
      case 'switch':
      case 'case':
      case 'default':
        return visit(stmt.body);
      default:
    }
  };
  visit(body);
  return blocks;
}

/** A break that leaves this loop's body (not one of a loop or switch inside). */
function hasBreak(stmt: Stmt): boolean {
  switch (stmt.kind) {
    case 'break':
    case 'continue':
      return true;
    case 'block':
      return stmt.body.some(hasBreak);
    case 'if':
      return hasBreak(stmt.yes) || (stmt.no !== null && hasBreak(stmt.no));
    case 'case':
    case 'default':
    case 'label':
      return hasBreak(stmt.body);
    case 'switch':
      return hasBreak(stmt.body);
    default:
      return false;
  }
}
