/** What is known to be hugetlb at each node of a function, by data flow over all its paths. */
import type { Expr } from './c-tree';
import type { Flow, FlowNode } from './flow';
import type { Standing } from './facts';
import { beginsWith, objectOf, pathOf, rootOf, widened } from './paths';
import type { Variables } from './variables';

/** A test of an expression for being hugetlb. */
export interface Predicate {
  readonly of: 'folio' | 'vma' | 'file';
  readonly path: string;
  /** A false test says that it is not; a true one that it is. One of them may say nothing. */
  readonly whenTrue: boolean | null;
  readonly whenFalse: boolean | null;
}

interface Known {
  /** Paths from parameters on which it depends; empty where it is certain. Null: it is not known to be. */
  readonly from: readonly string[] | null;
  /** A test here says that it is not; where this way meets others, what was known before the test counts again. */
  readonly denied?: boolean;
  /** Tokens that tell why. */
  readonly why: readonly number[];
}

interface State {
  readonly known: ReadonlyMap<string, Known>;
  /** Paths that were given new values. */
  readonly changed: ReadonlySet<string>;
}

export interface Knowledge {
  /** False where there was too much to follow: then nothing is known. */
  readonly complete: boolean;
  /** What is known of a path before a node. Tokens for lines. */
  at(node: number, path: string): Standing;
}

/** Evidence longer than this helps nobody. */
const MAX_WHY = 6;
/** Rounds over all nodes; facts only get fewer, so that few are needed. */
const MAX_ROUNDS = 40;
/** Facts looked at before it is given up; the longest function of the kernel takes a hundredth. */
const MAX_STEPS = 3_000_000;

export function knowledgeOf(
  flow: Flow,
  params: readonly string[],
  variables: Variables,
  predicateOf: (leaf: Expr) => Predicate | null,
): Knowledge {
  const { aliases } = variables;
  const plain = (path: string): string => variables.plain(path);
  const paramIndex = new Map(params.map((name, index) => [name, index]));
  const states: (State | null)[] = flow.nodes.map(() => null);
  /** Variables that are VMAs, not pointers to one: passing their address gives no other value to them. */
  const structures = new Set<string>();
  const start: State = { known: new Map(), changed: new Set() };

  const fallback = (state: State, path: string): Known | null => {
    const object = objectOf(path);
    const root = rootOf(object);
    const index = paramIndex.get(root);
    if (index === undefined || isChanged(state, object)) return null;
    return { from: [`${index}${object.slice(root.length)}`], why: [] };
  };
  const look = (state: State, path: string): Known | null => {
    let at: string | null = path;
    for (let step = 0; at !== null && step < 16; step += 1) {
      const known = state.known.get(at);
      if (known !== undefined) return known;
      at = widened(at);
    }
    // The lock of a hugetlb VMA knows its VMA.
    const owner = path.endsWith('.vma') ? state.known.get(path.slice(0, -'.vma'.length)) : undefined;
    return owner ?? fallback(state, path);
  };

  const meet = (a: State, b: State): State => {
    if (a === b) return a;
    const changed = a.changed.size === 0 && b.changed.size === 0 ? a.changed : new Set([...a.changed, ...b.changed]);
    const known = new Map<string, Known>();
    for (const path of new Set([...a.known.keys(), ...b.known.keys()])) {
      const one = look(a, path);
      const two = look(b, path);
      known.set(path, both(one, two));
    }
    return { known, changed };
  };

  const put = (state: State, path: string, value: Known | null): State => {
    const known = new Map(state.known);
    for (const key of known.keys()) if (beginsWith(key, path)) known.delete(key);
    const changed = new Set(state.changed).add(path);
    if (value !== null) known.set(path, value);
    return { known, changed };
  };
  const learn = (state: State, path: string, value: Known): State => {
    const known = new Map(state.known);
    known.set(objectOf(path), value);
    return { known, changed: state.changed };
  };

  const after = (node: FlowNode, state: State): State => {
    if (node.kind === 'assign') {
      const left = pathOf(node.left);
      if (left === '' || aliases.has(left)) return state;
      const target = plain(left);
      if (node.op === '|=' && node.right !== null && namesHugetlbFlag(node.right))
        return learn(state, target, { from: [], why: [node.at] });
      if (node.op === 'each') return put(state, target, eachValue(node.right, state, left));
      if (node.op !== '=' || node.right === null)
        return node.op === 'declared' && state.known.size === 0 ? state : put(state, target, null);
      if (node.right.kind === 'initialiser') return members(state, target, node.right, node.at);
      // hugetlbfs makes no other inodes.
      if (node.right.kind === 'call' && node.right.callee.kind === 'name' && /^hugetlbfs_(?:\w+_)?inode$/.test(node.right.callee.name))
        return put(state, target, { from: [], why: [node.at] });
      const right = pathOf(node.right);
      // NULL is no VMA that could be the wrong one.
      if (right === 'NULL') return put(state, target, { from: [], why: [] });
      const value = right === '' ? null : look(state, plain(right));
      return put(state, target, value === null ? null : withWhy(value, node.at, value.from !== null && value.why.length > 0));
    }
    if (node.kind === 'call' && node.call.callee.kind === 'name') {
      const { name } = node.call.callee;
      const [first, second] = node.call.args;
      if (
        first !== undefined &&
        second !== undefined &&
        /^vm_flags_(?:set|init|reset)|^__vm_flags_mod$/.test(name) &&
        namesHugetlbFlag(second)
      ) {
        const path = pathOf(first);
        if (first.kind === 'unary' && first.op === '&') structures.add(path);
        if (path !== '') return learn(state, plain(path), { from: [], why: [node.at] });
      }
      // What a callee may fill in is not known any more.
      for (const arg of node.call.args) {
        const given = arg.kind === 'unary' && arg.op === '&' && arg.of.kind === 'name' ? arg.of.name : '';
        if (given !== '' && state.known.has(given) && !structures.has(given)) return put(state, given, null);
      }
    }
    return state;
  };
  const members = (state: State, target: string, one: Expr & { readonly kind: 'initialiser' }, at: number): State => {
    let made = put(state, target, null);
    for (const { field, value } of one.members) {
      const right = field === '' ? '' : pathOf(value);
      const known = right === '' ? null : look(state, plain(right));
      if (known !== null) made = put(made, `${target}.${field}`, withWhy(known, at, false));
    }
    return made;
  };
  const eachValue = (head: Expr | null, state: State, left: string): Known | null => {
    if (head?.kind !== 'call' || head.callee.kind !== 'name' || !head.callee.name.includes('interval_tree_foreach')) return null;
    const [first, second] = head.args;
    if (first === undefined || second === undefined || pathOf(first) !== left) return null;
    const path = pathOf(second);
    return path === '' ? null : look(state, plain(path));
  };
  const side = (node: FlowNode & { readonly kind: 'test' }, state: State, truth: boolean): State => {
    const predicate = predicateOf(node.leaf);
    if (predicate === null || predicate.of === 'folio') return state;
    const says = truth ? predicate.whenTrue : predicate.whenFalse;
    if (says === null) return state;
    const path = plain(predicate.path);
    if (says) return learn(state, path, { from: [], why: [node.at] });
    const before = look(state, path);
    return learn(state, path, { from: before?.from ?? null, why: before?.why ?? [], denied: true });
  };

  const order = reversePostorder(flow);
  states[flow.entry] = start;
  let steps = 0;
  let work = true;
  for (let round = 0; work && round < MAX_ROUNDS && steps < MAX_STEPS; round += 1) {
    work = false;
    for (const at of order) {
      const before = states[at];
      const node = flow.nodes[at];
      if (before === null || before === undefined || node === undefined) continue;
      if ((steps += 1 + before.known.size) > MAX_STEPS) break;
      const out = after(node, before);
      for (const [index, to] of (flow.next[at] ?? []).entries()) {
        const made = node.kind === 'test' ? side(node, out, index === 0) : out;
        const there = states[to];
        const joined = there === null || there === undefined ? made : meet(there, made);
        if (there === null || there === undefined || (joined !== there && !sameState(joined, there))) {
          states[to] = joined;
          work = true;
        }
      }
    }
  }
  const complete = !work && steps <= MAX_STEPS;
  return {
    complete,
    at: (node, path) => {
      const state = states[node];
      if (!complete || state === null || state === undefined) return { is: 'unknown' };
      const known = look(state, plain(path));
      if (known === null || known.from === null || known.denied === true) return { is: 'unknown' };
      return known.from.length === 0 ? { is: 'hugetlb', lines: known.why } : { is: 'passed', from: known.from, lines: known.why };
    },
  };
}

const NOT_KNOWN: Known = { from: null, why: [] };

function both(one: Known | null, two: Known | null): Known {
  if (one === two && one !== null) return one;
  const denied = one?.denied === true && two?.denied === true;
  if (one === null || two === null || one.from === null || two.from === null) return denied ? { ...NOT_KNOWN, denied } : NOT_KNOWN;
  const made: Known = { from: union(one.from, two.from), why: union(one.why, two.why).slice(0, MAX_WHY) };
  return denied ? { ...made, denied } : made;
}

function union<T extends string | number>(one: readonly T[], two: readonly T[]): readonly T[] {
  return two.every((each) => one.includes(each)) ? one : [...new Set([...one, ...two])].sort();
}

const withWhy = (known: Known, at: number, add: boolean): Known =>
  add ? { from: known.from, why: union(known.why, [at]).slice(0, MAX_WHY) } : known;

function isChanged(state: State, path: string): boolean {
  for (const one of state.changed) if (beginsWith(path, one)) return true;
  return false;
}

function sameState(a: State, b: State): boolean {
  if (a.changed.size !== b.changed.size || a.known.size !== b.known.size) return false;
  for (const [path, one] of a.known) {
    const two = b.known.get(path);
    if (two === undefined) return false;
    if (one === two) continue;
    if (one.denied !== two.denied) return false;
    if ((one.from === null) !== (two.from === null)) return false;
    if (one.from !== null && two.from !== null && one.from.join() !== two.from.join()) return false;
  }
  return true;
}

/** Whether an expression sets or tests `VM_HUGETLB`, perhaps among others. */
export function namesHugetlbFlag(one: Expr): boolean {
  if (one.kind === 'name') return one.name === 'VM_HUGETLB';
  return one.kind === 'binary' && one.op === '|' && (namesHugetlbFlag(one.left) || namesHugetlbFlag(one.right));
}

/** Nodes with each before what it leads to, loops apart. */
export function reversePostorder(flow: Flow): readonly number[] {
  const seen = new Uint8Array(flow.nodes.length);
  const out: number[] = [];
  const visit = (from: number): void => {
    const stack: { readonly node: number; edge: number }[] = [{ node: from, edge: 0 }];
    seen[from] = 1;
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined) break;
      const next = flow.next[top.node]?.[top.edge];
      if (next === undefined) {
        out.push(top.node);
        stack.pop();
        continue;
      }
      top.edge += 1;
      if (seen[next] === 0) {
        seen[next] = 1;
        stack.push({ node: next, edge: 0 });
      }
    }
  };
  visit(flow.entry);
  return out.reverse();
}
