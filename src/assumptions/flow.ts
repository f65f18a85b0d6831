/** Control flow of a function body: nodes for calls, assignments and tests in the order in which C evaluates them. */
import type { Expr, Statement } from './c-tree';
import { BUG_STATEMENT, isAssertion } from './words';

/** Where a test of a whole condition stands: which nodes begin what it decides, and what its value becomes. */
export interface Decision {
  readonly context: 'branch' | 'return' | 'assigned' | 'argument' | 'value';
  /** Begins the code for a true condition, and for a false one. */
  readonly yes: number;
  readonly no: number;
  /** What an `assigned` value goes to. */
  readonly target: Expr | null;
}

export type FlowNode =
  | { readonly kind: 'join' | 'exit' }
  | { readonly kind: 'call'; readonly call: Expr & { readonly kind: 'call' }; readonly use: CallUse; readonly at: number }
  | { readonly kind: 'assign'; readonly left: Expr; readonly right: Expr | null; readonly op: string; readonly at: number }
  | {
      readonly kind: 'test';
      readonly leaf: Expr;
      readonly decision: Decision;
      /** Whether a true leaf speaks for a true condition. */
      readonly positive: boolean;
      readonly asserted: boolean;
      /** The leaf stands for a variable that was given its value before; it is not evaluated here. */
      readonly replayed: boolean;
      readonly at: number;
    }
  | { readonly kind: 'either' }
  | { readonly kind: 'return'; readonly value: Expr | null; readonly at: number }
  | { readonly kind: 'jump'; readonly to: string; readonly backward: boolean; readonly at: number };

/** What becomes of the value of a call. */
export type CallUse = 'statement' | 'condition' | 'value' | 'assertion';

export interface Flow {
  readonly nodes: readonly FlowNode[];
  /** For a test: the true side, then the false side. */
  readonly next: readonly (readonly number[])[];
  readonly entry: number;
  readonly exit: number;
  /** Tokens that could not be read. */
  readonly unread: readonly { readonly at: number; readonly to: number; readonly reason: string }[];
}

/**
 * The flow of a body.
 *
 * @param isTest whether a function of that name is a test whose outcome matters
 * @param meanings conditions that variables stand for, where they are given one value only: `huge` for `folio_test_hugetlb(folio)`
 */
export function flowOf(body: readonly Statement[], meanings: ReadonlyMap<string, Expr>, isTest: (name: string) => boolean): Flow {
  return new FlowBuilder(meanings, isTest).build(body);
}

interface Loop {
  readonly onBreak: number;
  readonly onContinue: number | null;
}

class FlowBuilder {
  private readonly nodes: FlowNode[] = [];
  private readonly next: number[][] = [];
  private readonly unread: { at: number; to: number; reason: string }[] = [];
  private readonly labels = new Map<string, { node: number; placed: boolean }>();
  private readonly exit: number;
  private readonly loops: Loop[] = [];
  /** Where the next node hangs; -1 after a jump. */
  private current: number;
  private asserting = 0;
  private replaying = 0;
  /** The switch around: where each case begins. */
  private cases: { readonly from: number; hasDefault: boolean } | null = null;

  constructor(
    private readonly meanings: ReadonlyMap<string, Expr>,
    private readonly isTest: (name: string) => boolean,
  ) {
    this.current = this.make({ kind: 'join' });
    this.exit = this.make({ kind: 'exit' });
  }

  build(body: readonly Statement[]): Flow {
    for (const one of body) this.statement(one);
    this.goTo(this.exit);
    for (const label of this.labels.values()) if (!label.placed) this.link(label.node, this.exit);
    return { nodes: this.nodes, next: this.next, entry: 0, exit: this.exit, unread: this.unread };
  }

  private make(node: FlowNode): number {
    this.nodes.push(node);
    this.next.push([]);
    return this.nodes.length - 1;
  }

  private join(): number {
    return this.make({ kind: 'join' });
  }

  private link(from: number, to: number): void {
    if (from >= 0) this.next[from]?.push(to);
  }

  private add(node: FlowNode): number {
    const made = this.make(node);
    this.link(this.current, made);
    this.current = made;
    return made;
  }

  private goTo(node: number): void {
    this.link(this.current, node);
    this.current = -1;
  }

  /** Continues at a node. Code after a jump without a label is kept apart from what is reached. */
  private enter(node: number): void {
    this.link(this.current, node);
    this.current = node;
  }

  private statement(one: Statement): void {
    if (this.current < 0 && one.kind !== 'label' && one.kind !== 'case' && one.kind !== 'block') this.current = this.join();
    switch (one.kind) {
      case 'block':
        for (const inner of one.body) this.statement(inner);
        return;
      case 'expression':
        this.effect(one.value);
        return;
      case 'declaration':
        for (const { name, value, at } of one.declared) {
          const left: Expr = { kind: 'name', name, at };
          if (value !== null) this.assigned(left, value, '=', at);
          else this.add({ kind: 'assign', left, right: null, op: 'declared', at });
        }
        return;
      case 'if':
        this.branch(one);
        return;
      case 'while':
      case 'for':
      case 'each':
        this.loop(one);
        return;
      case 'switch':
        this.switched(one);
        return;
      case 'case':
        if (this.cases !== null) {
          const here = this.join();
          this.link(this.cases.from, here);
          this.enter(here);
          if (one.isDefault) this.cases.hasDefault = true;
        }
        return;
      case 'label': {
        const label = this.label(one.name);
        label.placed = true;
        this.enter(label.node);
        return;
      }
      case 'goto': {
        const label = this.label(one.name);
        this.jump(one.name, label.placed, label.node, one.at);
        return;
      }
      case 'break':
      case 'continue':
        this.leaveLoop(one.kind, one.at);
        return;
      case 'return':
        this.returned(one.value, one.at);
        return;
      case 'either': {
        const from = this.add({ kind: 'either' });
        const after = this.join();
        for (const branch of one.branches) {
          this.current = from;
          this.statement(branch);
          this.goTo(after);
        }
        this.current = after;
        return;
      }
      case 'unread':
        this.unread.push({ at: one.at, to: one.to, reason: one.reason });
        return;
    }
  }

  private label(name: string): { node: number; placed: boolean } {
    const known = this.labels.get(name);
    if (known !== undefined) return known;
    const made = { node: this.join(), placed: false };
    this.labels.set(name, made);
    return made;
  }

  private jump(to: string, backward: boolean, node: number, at: number): void {
    this.add({ kind: 'jump', to, backward, at });
    this.goTo(node);
  }

  private leaveLoop(how: 'break' | 'continue', at: number): void {
    for (let index = this.loops.length - 1; index >= 0; index -= 1) {
      const loop = this.loops[index];
      const target = how === 'break' ? loop?.onBreak : loop?.onContinue;
      if (target === undefined || target === null) continue;
      this.jump(how, false, target, at);
      return;
    }
    this.jump(how, false, this.exit, at);
  }

  private branch(one: Statement & { readonly kind: 'if' }): void {
    const yes = this.join();
    const no = this.join();
    const after = one.no === null ? no : this.join();
    this.condition(one.test, yes, no, { context: 'branch', yes, no, target: null }, true);
    this.current = yes;
    this.statement(one.yes);
    this.goTo(after);
    if (one.no !== null) {
      this.current = no;
      this.statement(one.no);
      this.goTo(after);
    }
    this.current = after;
  }

  private loop(one: Statement & { readonly kind: 'while' | 'for' | 'each' }): void {
    if (one.kind === 'for' && one.first !== null) this.statement(one.first);
    const head = this.join();
    const body = this.join();
    const after = this.join();
    const again = one.kind === 'for' || (one.kind === 'while' && one.bodyFirst) ? this.join() : head;
    const test = (): void => {
      if (one.kind === 'each') this.headed(one.head, body, after);
      else if (one.test === null) this.goTo(body);
      else this.condition(one.test, body, after, { context: 'branch', yes: body, no: after, target: null }, true);
    };
    if (one.kind === 'while' && one.bodyFirst) {
      this.enter(head);
      this.goTo(body);
    } else {
      this.enter(head);
      test();
    }
    this.current = body;
    this.loops.push({ onBreak: after, onContinue: again });
    this.statement(one.body);
    this.loops.pop();
    if (one.kind === 'for') {
      this.enter(again);
      if (one.step !== null) this.effect(one.step);
      this.goTo(head);
    } else if (one.kind === 'while' && one.bodyFirst) {
      this.enter(again);
      test();
    } else this.goTo(head);
    this.current = after;
  }

  /** The head of a for-each macro: each plain argument may be given a new value there. */
  private headed(head: Expr, body: number, after: number): void {
    if (head.kind === 'call') {
      this.add({ kind: 'call', call: head, use: 'condition', at: head.at });
      for (const arg of setByLoop(head)) this.add({ kind: 'assign', left: arg, right: head, op: 'each', at: arg.at });
    }
    const split = this.add({ kind: 'either' });
    this.link(split, body);
    this.link(split, after);
    this.current = -1;
  }

  private switched(one: Statement & { readonly kind: 'switch' }): void {
    this.value(one.value, 'condition');
    const from = this.add({ kind: 'either' });
    const after = this.join();
    const outer = this.cases;
    this.cases = { from, hasDefault: false };
    this.loops.push({ onBreak: after, onContinue: null });
    this.current = -1;
    this.statement(one.body);
    this.goTo(after);
    if (!this.cases.hasDefault) this.link(from, after);
    this.cases = outer;
    this.loops.pop();
    this.current = after;
  }

  private returned(value: Expr | null, at: number): void {
    if (value?.kind === 'choice') {
      const yes = this.join();
      const no = this.join();
      this.condition(value.test, yes, no, { context: 'branch', yes, no, target: null }, true);
      for (const [node, part] of [
        [yes, value.yes ?? value.test],
        [no, value.no],
      ] as const) {
        this.current = node;
        this.returned(part, at);
      }
      return;
    }
    if (value !== null) this.value(value, 'value', 'return');
    this.add({ kind: 'return', value, at });
    this.goTo(this.exit);
    this.current = -1;
  }

  /** An expression for what it does. */
  private effect(one: Expr): void {
    if (one.kind === 'call' && one.callee.kind === 'name') {
      const { name } = one.callee;
      const [first] = one.args;
      if (isAssertion(name)) {
        this.asserting += 1;
        if (BUG_STATEMENT.has(name) && first !== undefined) {
          const yes = this.join();
          const no = this.join();
          this.condition(first, yes, no, { context: 'branch', yes, no, target: null }, true);
          this.current = no;
        } else this.value(one, 'assertion');
        this.asserting -= 1;
        return;
      }
    }
    if (one.kind === 'choice') {
      const yes = this.join();
      const no = this.join();
      const after = this.join();
      this.condition(one.test, yes, no, { context: 'branch', yes, no, target: null }, true);
      this.current = yes;
      if (one.yes !== null) this.effect(one.yes);
      this.goTo(after);
      this.current = no;
      this.effect(one.no);
      this.goTo(after);
      this.current = after;
      return;
    }
    if (one.kind === 'binary' && one.op === ',') {
      this.effect(one.left);
      this.effect(one.right);
      return;
    }
    this.value(one, 'statement');
  }

  private assigned(left: Expr, right: Expr, op: string, at: number): void {
    if (right.kind === 'choice' && this.mayTest(right.test)) {
      const yes = this.join();
      const no = this.join();
      const after = this.join();
      this.condition(right.test, yes, no, { context: 'branch', yes, no, target: null }, true);
      for (const [node, part] of [
        [yes, right.yes ?? right.test],
        [no, right.no],
      ] as const) {
        this.current = node;
        this.assigned(left, part, op, at);
        this.goTo(after);
      }
      this.current = after;
      return;
    }
    this.value(right, 'value', 'assigned', left);
    if (left.kind !== 'name') this.value(left, 'value');
    this.add({ kind: 'assign', left, right, op, at });
  }

  /** Evaluates for a value; what is a condition in it becomes a test of its own. */
  private value(one: Expr, use: CallUse, context: Decision['context'] = 'value', target: Expr | null = null): void {
    switch (one.kind) {
      case 'name':
      case 'constant':
        return;
      case 'field':
        this.value(one.of, 'value');
        return;
      case 'index':
        this.value(one.of, 'value');
        this.value(one.index, 'value');
        return;
      case 'unary':
        if (one.op === '!' && this.mayTest(one.of)) {
          this.tested(one, context, target);
          return;
        }
        this.value(one.of, use === 'statement' ? 'statement' : 'value', context, target);
        if (one.op === '++' || one.op === '--') this.add({ kind: 'assign', left: one.of, right: null, op: one.op, at: one.at });
        return;
      case 'binary':
        if ((one.op === '&&' || one.op === '||') && (this.mayTest(one) || hasCall(one.right))) {
          this.tested(one, context, target);
          return;
        }
        if (isFlagTest(one)) {
          this.tested(one, context, target);
          return;
        }
        this.value(one.left, 'value', context === 'return' || context === 'assigned' ? context : 'value', target);
        this.value(one.right, 'value', context === 'return' || context === 'assigned' ? context : 'value', target);
        return;
      case 'choice': {
        const yes = this.join();
        const no = this.join();
        const after = this.join();
        this.condition(one.test, yes, no, { context: 'branch', yes, no, target: null }, true);
        this.current = yes;
        if (one.yes !== null) this.value(one.yes, 'value');
        this.goTo(after);
        this.current = no;
        this.value(one.no, 'value');
        this.goTo(after);
        this.current = after;
        return;
      }
      case 'assign':
        this.assigned(one.left, one.right, one.op, one.at);
        return;
      case 'initialiser':
        for (const member of one.members) this.value(member.value, 'value', 'value');
        return;
      case 'block':
        for (const [index, inner] of one.body.entries()) {
          if (index === one.body.length - 1 && inner.kind === 'expression' && use !== 'statement')
            this.value(inner.value, use, context, target);
          else this.statement(inner);
        }
        if (this.current < 0) this.current = this.join();
        return;
      case 'call':
        this.called(one, use, context, target);
        return;
    }
  }

  private called(one: Expr & { readonly kind: 'call' }, use: CallUse, context: Decision['context'], target: Expr | null): void {
    const name = one.callee.kind === 'name' ? one.callee.name : '';
    const [first] = one.args;
    if (isTransparent(name) && first !== undefined) {
      this.value(first, use, context, target);
      return;
    }
    const asserts = isAssertion(name);
    if (asserts) this.asserting += 1;
    if (one.callee.kind !== 'name') this.value(one.callee, 'value');
    for (const arg of one.args) this.value(arg, asserts ? 'assertion' : 'value', 'argument');
    if (asserts) this.asserting -= 1;
    if (this.mayTest(one)) {
      this.tested(one, context, target, true);
      return;
    }
    this.add({ kind: 'call', call: one, use: this.asserting > 0 ? 'assertion' : use, at: one.at });
  }

  /** A condition whose value is used, and which both sides leave at the same place. */
  private tested(one: Expr, context: Decision['context'], target: Expr | null, argsDone = false): void {
    const after = this.join();
    const decision: Decision = { context, yes: after, no: after, target };
    if (argsDone) this.leaf(one, after, after, decision, true);
    else this.condition(one, after, after, decision, true);
    this.current = after;
  }

  /** Evaluates a condition and goes on at `yes` or `no`. */
  private condition(one: Expr, yes: number, no: number, decision: Decision, positive: boolean): void {
    switch (one.kind) {
      case 'binary': {
        if (one.op === '&&' || one.op === '||') {
          const middle = this.join();
          if (one.op === '&&') this.condition(one.left, middle, no, decision, positive);
          else this.condition(one.left, yes, middle, decision, positive);
          this.current = middle;
          this.condition(one.right, yes, no, decision, positive);
          return;
        }
        if (one.op === ',') {
          this.effect(one.left);
          this.condition(one.right, yes, no, decision, positive);
          return;
        }
        const same = comparedWith(one);
        if (same !== null) {
          if (same) this.condition(one.left, yes, no, decision, positive);
          else this.condition(one.left, no, yes, decision, !positive);
          return;
        }
        break;
      }
      case 'unary':
        if (one.op === '!') {
          this.condition(one.of, no, yes, decision, !positive);
          return;
        }
        break;
      case 'choice': {
        const first = this.join();
        const second = this.join();
        this.condition(one.test, first, second, { context: 'branch', yes: first, no: second, target: null }, true);
        this.current = first;
        if (one.yes === null) this.goTo(yes);
        else this.condition(one.yes, yes, no, decision, positive);
        this.current = second;
        this.condition(one.no, yes, no, decision, positive);
        return;
      }
      case 'call': {
        const name = one.callee.kind === 'name' ? one.callee.name : '';
        const [first] = one.args;
        if (first !== undefined && isTransparent(name)) {
          this.condition(first, yes, no, decision, positive);
          return;
        }
        // The value of WARN_ON() is that of its condition.
        if (first !== undefined && isAssertion(name) && /_ON/.test(name)) {
          this.asserting += 1;
          this.condition(first, yes, no, decision, positive);
          this.asserting -= 1;
          return;
        }
        break;
      }
      case 'name': {
        const meaning = this.meanings.get(one.name);
        if (meaning !== undefined && this.replaying < MAX_REPLAYS) {
          this.replaying += 1;
          this.condition(meaning, yes, no, decision, positive);
          this.replaying -= 1;
          return;
        }
        break;
      }
      default:
        break;
    }
    if (this.replaying === 0) this.evaluateLeaf(one);
    this.leaf(one, yes, no, decision, positive);
  }

  /** Whether an expression is a test that matters, or made of such. */
  private mayTest(one: Expr): boolean {
    switch (one.kind) {
      case 'call': {
        if (one.callee.kind !== 'name') return false;
        const [first] = one.args;
        return this.isTest(one.callee.name) || (first !== undefined && isTransparent(one.callee.name) && this.mayTest(first));
      }
      case 'unary':
        return one.op === '!' && this.mayTest(one.of);
      case 'binary':
        if (one.op === '&&' || one.op === '||') return this.mayTest(one.left) || this.mayTest(one.right);
        return isFlagTest(one);
      default:
        return false;
    }
  }

  private evaluateLeaf(one: Expr): void {
    if (one.kind === 'call' && this.mayTest(one)) {
      for (const arg of one.args) this.value(arg, 'value', 'argument');
      return;
    }
    if (isFlagTest(one)) return;
    this.value(one, 'condition');
  }

  private leaf(leaf: Expr, yes: number, no: number, decision: Decision, positive: boolean): void {
    const asserted = this.asserting > 0;
    const made = this.add({ kind: 'test', leaf, decision, positive, asserted, replayed: this.replaying > 0, at: leaf.at });
    this.link(made, yes);
    this.link(made, no);
    this.current = -1;
  }
}

/** The variables that a for-each macro sets: the first argument where the macro is known to do so, else whatever may be one. */
export function setByLoop(head: Expr & { readonly kind: 'call' }): readonly (Expr & { readonly kind: 'name' })[] {
  const names = head.args.filter((arg) => arg.kind === 'name');
  const callee = head.callee.kind === 'name' ? head.callee.name : '';
  return callee.includes('interval_tree_foreach') || callee === 'list_for_each_entry' ? names.slice(0, 1) : names;
}

/** Variables that stand for conditions in variables that stand for conditions. */
const MAX_REPLAYS = 3;

/** Macros whose value is that of their argument. */
const isTransparent = (name: string): boolean =>
  name === 'likely' || name === 'unlikely' || name === 'READ_ONCE' || name === 'data_race' || name === '__builtin_expect';

/** `x == 0` and the like: false where it turns the condition round, true where not, null where it is another comparison. */
function comparedWith(one: Expr & { readonly kind: 'binary' }): boolean | null {
  if (one.op !== '==' && one.op !== '!=') return null;
  const { right } = one;
  const word = right.kind === 'name' ? right.name : right.kind === 'constant' ? right.text : '';
  if (word === '0' || word === 'false') return one.op === '!=';
  if (word === 'true') return one.op === '==';
  return null;
}

/** `… & VM_HUGETLB`, perhaps among other flags. */
function isFlagTest(one: Expr): boolean {
  return one.kind === 'binary' && one.op === '&' && namesFlag(one.right);
}

function namesFlag(one: Expr): boolean {
  if (one.kind === 'name') return one.name === 'VM_HUGETLB';
  return one.kind === 'binary' && one.op === '|' && (namesFlag(one.left) || namesFlag(one.right));
}

function hasCall(one: Expr): boolean {
  switch (one.kind) {
    case 'call':
    case 'assign':
    case 'block':
      return true;
    case 'unary':
      return hasCall(one.of) || one.op === '++' || one.op === '--';
    case 'binary':
      return hasCall(one.left) || hasCall(one.right);
    case 'field':
      return hasCall(one.of);
    case 'index':
      return hasCall(one.of) || hasCall(one.index);
    case 'choice':
      return hasCall(one.test) || (one.yes !== null && hasCall(one.yes)) || hasCall(one.no);
    default:
      return false;
  }
}
