/** The variables of a function: what each is ever given, which stand for another path, which are copies of a VMA. */
import type { Expr, Statement } from './c-tree';
import { eachExpression, eachStatement } from './each-expression';
import { setByLoop } from './flow';
import { beginsWith, pathOf, rootOf } from './paths';

interface Assignment {
  readonly right: Expr | null;
  /** As C spells it; `declared` without a value, `each` by the head of a loop, `given` where its address is passed. */
  readonly op: string;
}

export interface Variables {
  /** Paths that always stand for another: `vma` for `walk.vma`. */
  readonly aliases: ReadonlyMap<string, string>;
  isLocal(name: string): boolean;
  /** Whether a path, or what it begins with, is given another value anywhere. */
  isChanged(path: string): boolean;
  isAssigned(path: string): boolean;
  /** A path in its plainest form. */
  plain(path: string): string;
  /** Which arguments are copies of each other, or the same. */
  twinsOf(args: readonly Expr[]): readonly (readonly [number, number])[];
  /** Variables that only ever stand for one condition, constants apart. */
  meanings(isTest: (leaf: Expr) => boolean): ReadonlyMap<string, Expr>;
}

export function variablesOf(body: readonly Statement[], params: readonly string[]): Variables {
  return new Collected(body, params);
}

/** The name of what a call calls: a function, or `.member`; '' where it is neither. */
export function calleeOf(call: Expr & { readonly kind: 'call' }): string {
  const { callee } = call;
  if (callee.kind === 'name') return callee.name;
  if (callee.kind === 'field') return `.${callee.name}`;
  if (callee.kind === 'unary' && callee.of.kind === 'field') return `.${callee.of.name}`;
  return '';
}

class Collected implements Variables {
  readonly aliases: ReadonlyMap<string, string>;
  private readonly assignments = new Map<string, Assignment[]>();

  constructor(
    body: readonly Statement[],
    private readonly params: readonly string[],
  ) {
    for (const one of body) this.collect(one);
    this.aliases = this.foundAliases();
  }

  isLocal(name: string): boolean {
    return this.assignments.has(name) || this.params.includes(name);
  }

  isAssigned(path: string): boolean {
    return this.assignments.has(path);
  }

  isChanged(path: string): boolean {
    for (const [other, list] of this.assignments)
      if (beginsWith(path, other) && list.some(({ op }) => op !== 'declared' && op !== 'given')) return true;
    return false;
  }

  plain(path: string): string {
    return plainPath(path, this.aliases);
  }

  twinsOf(args: readonly Expr[]): readonly (readonly [number, number])[] {
    if (args.length < 2 || args.length > MAX_TWINS) return [];
    const names = args.map((arg) => (arg.kind === 'name' && VMA_NAME.test(arg.name) ? arg.name : ''));
    const sources = names.map((name) => (name === '' ? '' : this.copiedFrom(name)));
    const found: (readonly [number, number])[] = [];
    for (let one = 0; one < names.length; one += 1) {
      for (let two = one + 1; two < names.length; two += 1) {
        const a = names[one] ?? '';
        const b = names[two] ?? '';
        if (a !== '' && b !== '' && (a === b || sources[one] === b || sources[two] === a)) found.push([one, two]);
      }
    }
    return found;
  }

  meanings(isTest: (leaf: Expr) => boolean): ReadonlyMap<string, Expr> {
    const found = new Map<string, Expr>();
    for (const [path, list] of this.assignments) {
      if (path.includes('.') || this.params.includes(path)) continue;
      const values = list.filter(({ op, right }) => op !== 'declared' && !(op === '=' && right !== null && isConstant(right)));
      const [one] = values;
      if (values.length !== 1 || one === undefined || one.op !== '=' || one.right === null) continue;
      if (isCondition(one.right, isTest)) found.set(path, one.right);
    }
    return found;
  }

  private collect(one: Statement): void {
    eachExpression(one, (expr) => {
      if (expr.kind === 'assign') this.assign(pathOf(expr.left), expr.right, expr.op);
      else if (expr.kind === 'unary' && (expr.op === '++' || expr.op === '--')) this.assign(pathOf(expr.of), null, expr.op);
      else if (expr.kind === 'call') this.collectCall(expr);
      else if (expr.kind === 'block') for (const inner of expr.body) this.collectDeclared(inner);
    });
    this.collectDeclared(one);
  }

  private collectDeclared(one: Statement): void {
    eachStatement(one, (statement) => {
      if (statement.kind === 'declaration') {
        for (const { name, value } of statement.declared) {
          this.assign(name, value, value === null ? 'declared' : '=');
          if (value?.kind !== 'initialiser') continue;
          for (const { field, value: inner } of value.members) if (field !== '') this.assign(`${name}.${field}`, inner, '=');
        }
      } else if (statement.kind === 'each' && statement.head.kind === 'call') {
        for (const arg of setByLoop(statement.head)) this.assign(arg.name, null, 'each');
      }
    });
  }

  private collectCall(one: Expr & { readonly kind: 'call' }): void {
    for (const arg of one.args)
      if (arg.kind === 'unary' && arg.op === '&' && arg.of.kind === 'name') this.assign(arg.of.name, null, 'given');
    const name = one.callee.kind === 'name' ? one.callee.name : '';
    const [first, , third] = one.args;
    // DEFINE_FOLIO_VMA_WALK(name, folio, vma, …) declares a structure with that VMA in it.
    if (first?.kind === 'name' && third !== undefined && /^DEFINE_\w*VMA_WALK$/.test(name)) {
      this.assign(first.name, null, 'declared');
      this.assign(`${first.name}.vma`, third, '=');
    }
  }

  private assign(path: string, right: Expr | null, op: string): void {
    if (path === '') return;
    const list = this.assignments.get(path);
    if (list === undefined) this.assignments.set(path, [{ right, op }]);
    else list.push({ right, op });
  }

  /** The only value that a path is ever given, or null. */
  private onlyValue(path: string): Expr | null {
    const list = (this.assignments.get(path) ?? []).filter(({ op }) => op !== 'declared');
    const [one] = list;
    if (list.length !== 1 || one === undefined || one.op !== '=' || this.params.includes(path)) return null;
    return one.right;
  }

  private foundAliases(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const path of this.assignments.keys()) {
      const value = this.onlyValue(path);
      if (value === null) continue;
      const right = pathOf(value);
      if (right === '' || right === 'NULL' || rootOf(right) === rootOf(path)) continue;
      const times = this.timesGiven(rootOf(right));
      const isStable = this.params.includes(rootOf(right)) ? times === 0 : times <= 1;
      if (isStable && (!right.includes('.') || this.timesGiven(right) <= 1)) found.set(path, right);
    }
    return found;
  }

  private timesGiven(path: string): number {
    return (this.assignments.get(path) ?? []).filter(({ op }) => op !== 'declared' && op !== 'given').length;
  }

  /** The VMA of which a variable is a copy. */
  private copiedFrom(name: string): string {
    for (const { right } of this.assignments.get(name) ?? []) {
      if (right?.kind !== 'call' || right.callee.kind !== 'name' || !COPIES.has(right.callee.name)) continue;
      const [first] = right.args;
      if (first !== undefined) return pathOf(first);
    }
    return '';
  }
}

/** No function takes more VMAs among more arguments. */
const MAX_TWINS = 12;
/** Names that the kernel gives to VMAs. */
const VMA_NAME = /vma|mpnt|tmp|area/;
/** Functions that give a copy of a VMA. */
const COPIES = new Set(['vm_area_dup', 'copy_vma']);

/** Replaces what a path begins with by what it is an alias of. */
function plainPath(path: string, aliases: ReadonlyMap<string, string>): string {
  if (aliases.size === 0) return path;
  let at = path;
  for (let step = 0; step < MAX_ALIASES; step += 1) {
    let start = at;
    let other: string | undefined;
    for (;;) {
      other = aliases.get(start);
      if (other !== undefined) break;
      const cut = Math.max(start.lastIndexOf('.'), start.lastIndexOf('['));
      if (cut < 0) break;
      start = start.slice(0, cut);
    }
    if (other === undefined) return at;
    at = other + at.slice(start.length);
  }
  return at;
}

/** Aliases of aliases. */
const MAX_ALIASES = 8;

const isConstant = (one: Expr): boolean =>
  one.kind === 'constant' || (one.kind === 'name' && (one.name === 'false' || one.name === 'true' || one.name === 'NULL'));

/** Whether an expression is made of tests, one of ours among them. */
function isCondition(one: Expr, isTest: (leaf: Expr) => boolean): boolean {
  if (isTest(one)) return true;
  if (one.kind === 'unary' && one.op === '!') return isCondition(one.of, isTest);
  if (one.kind === 'call' && one.callee.kind === 'name' && /^(?:un)?likely$/.test(one.callee.name)) {
    const [first] = one.args;
    return first !== undefined && isCondition(first, isTest);
  }
  return one.kind === 'binary' && (one.op === '&&' || one.op === '||') && (isCondition(one.left, isTest) || isCondition(one.right, isTest));
}
