/** Which code a test controls, and what is done there: work, handling, or only a way out. */
import type { Expr } from './c-tree';
import type { Flow, FlowNode } from './flow';
import { isFailureLabel, isHugetlbCall, isNeutralCall, isQuery, isSuccessLabel } from './words';

/** What the code does that runs on one side of a condition and not on the other. */
export interface Side {
  /** Nothing at all. */
  readonly isEmpty: boolean;
  /** Does something of its own: more than counting, telling, unlocking and leaving. */
  readonly works: boolean;
  /** Leaves, on every path, by return, goto, continue or break, or says that something failed. */
  readonly leaves: boolean;
  /** Says on every path that something failed: `-EINVAL`, `false`, `NULL`, `goto fail`. */
  readonly fails: boolean;
  /** Says so on some path. */
  readonly mayFail: boolean;
  /** Gives back a value that it made, not a constant. */
  readonly givesValue: boolean;
  /** Nothing but one return of a constant. */
  readonly onlyReturns: boolean;
  readonly returnsTrue: boolean;
}

/** Immediate postdominators; -1 where there is none. */
export function postdominators(flow: Flow): Int32Array {
  const count = flow.nodes.length;
  const before: number[][] = Array.from({ length: count }, () => []);
  for (const [from, list] of flow.next.entries()) for (const to of list) before[to]?.push(from);
  // Postorder of the reversed graph from the exit.
  const order: number[] = [];
  const number = new Int32Array(count).fill(-1);
  const stack: { node: number; edge: number }[] = [{ node: flow.exit, edge: 0 }];
  const seen = new Uint8Array(count);
  seen[flow.exit] = 1;
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    if (top === undefined) break;
    const next = before[top.node]?.[top.edge];
    if (next === undefined) {
      number[top.node] = order.length;
      order.push(top.node);
      stack.pop();
      continue;
    }
    top.edge += 1;
    if (seen[next] === 0) {
      seen[next] = 1;
      stack.push({ node: next, edge: 0 });
    }
  }
  const parent = new Int32Array(count).fill(-1);
  parent[flow.exit] = flow.exit;
  const shared = (a: number, b: number): number => {
    let one = a;
    let two = b;
    while (one !== two) {
      while ((number[one] ?? 0) < (number[two] ?? 0)) one = parent[one] ?? flow.exit;
      while ((number[two] ?? 0) < (number[one] ?? 0)) two = parent[two] ?? flow.exit;
    }
    return one;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (let at = order.length - 2; at >= 0; at -= 1) {
      const node = order[at] ?? 0;
      let found = -1;
      for (const to of flow.next[node] ?? []) {
        if ((parent[to] ?? -1) < 0) continue;
        found = found < 0 ? to : shared(to, found);
      }
      if (found >= 0 && parent[node] !== found) {
        parent[node] = found;
        changed = true;
      }
    }
  }
  return parent;
}

/** The nodes of each side of a condition that the other side does not have, up to where both meet; loops are not gone round. */
export function sidesOf(
  flow: Flow,
  order: Int32Array,
  test: number,
  yes: number,
  no: number,
  meets: number,
): { readonly yes: ReadonlySet<number>; readonly no: ReadonlySet<number> } {
  const reach = (from: number): Set<number> => {
    const found = new Set<number>();
    const work = [from];
    for (let at = work.pop(); at !== undefined; at = work.pop()) {
      if (at === meets || at === test || found.has(at)) continue;
      found.add(at);
      for (const to of flow.next[at] ?? []) if ((order[to] ?? 0) > (order[at] ?? 0)) work.push(to);
    }
    return found;
  };
  const one = reach(yes);
  const two = reach(no);
  const only = (a: ReadonlySet<number>, b: ReadonlySet<number>): Set<number> => new Set([...a].filter((node) => !b.has(node)));
  return { yes: only(one, two), no: only(two, one) };
}

export function sideOf(flow: Flow, from: number, nodes: ReadonlySet<number>, params: readonly string[]): Side {
  let works = false;
  let givesValue = false;
  let returnsTrue = false;
  let mayFail = false;
  let returns = 0;
  let others = 0;
  let asserts = 0;
  const leaving = new Set<number>();
  const failing = new Set<number>();
  const seen = new Set<number>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const node = flow.nodes[at];
    if (node === undefined || seen.has(at) || !nodes.has(at)) continue;
    seen.add(at);
    switch (node.kind) {
      case 'call':
        if (node.use === 'assertion') asserts += 1;
        else {
          others += 1;
          if (doesWork(node)) works = true;
        }
        break;
      case 'assign':
        if (node.op === 'declared') break;
        others += 1;
        if (node.left.kind !== 'name') works = true;
        else if (node.right !== null && node.op === '=' && isFailure(node.right) && leavesNext(flow, at, nodes)) failing.add(at);
        break;
      case 'test':
        if (node.asserted) asserts += 1;
        else others += 1;
        break;
      case 'return':
        leaving.add(at);
        if (node.value === null) break;
        returns += 1;
        if (isFailure(node.value)) failing.add(at);
        else if (isTrue(node.value)) returnsTrue = true;
        else if (isMade(node.value, params)) givesValue = true;
        break;
      case 'jump':
        leaving.add(at);
        others += 1;
        if (isFailureLabel(node.to)) failing.add(at);
        if (isSuccessLabel(node.to)) givesValue = true;
        break;
      default:
        break;
    }
    // What follows a failure only cleans up.
    if (!failing.has(at)) queue.push(...(flow.next[at] ?? []));
  }
  mayFail = failing.size > 0;
  const isEmpty = others === 0 && returns === 0 && asserts === 0 && leaving.size === 0;
  return {
    isEmpty,
    works,
    leaves: !isEmpty && !getsPast(flow, from, nodes, (at) => leaving.has(at) || failing.has(at)),
    fails: mayFail && !getsPast(flow, from, nodes, (at) => failing.has(at)),
    mayFail,
    givesValue,
    onlyReturns: returns === 1 && others === 0 && !givesValue,
    returnsTrue,
  };
}

/** Whether nothing is done after a node but leaving: `err = -EINVAL;` before a check says nothing of what the check finds. */
function leavesNext(flow: Flow, from: number, nodes: ReadonlySet<number>): boolean {
  let at = from;
  for (let step = 0; step < MAX_TAIL; step += 1) {
    const next = flow.next[at] ?? [];
    const [only] = next;
    if (only === undefined || next.length > 1) return only === undefined;
    if (!nodes.has(only)) return true;
    at = only;
    const node = flow.nodes[at];
    if (node === undefined || node.kind === 'jump' || node.kind === 'return' || node.kind === 'exit') return true;
    if (node.kind === 'join') continue;
    if (node.kind === 'call' && !doesWork(node)) continue;
    return false;
  }
  return true;
}

/** Clean-up after a failure is not longer. */
const MAX_TAIL = 24;

/** Whether a way through a side passes none of the nodes. */
function getsPast(flow: Flow, from: number, nodes: ReadonlySet<number>, stops: (at: number) => boolean): boolean {
  const seen = new Set<number>();
  const work = [from];
  for (let at = work.pop(); at !== undefined; at = work.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (!nodes.has(at)) return true;
    if (stops(at)) continue;
    for (const to of flow.next[at] ?? []) work.push(to);
  }
  return false;
}

function doesWork(node: FlowNode & { readonly kind: 'call' }): boolean {
  const { callee } = node.call;
  const name = callee.kind === 'name' || callee.kind === 'field' ? callee.name : '';
  if (isHugetlbCall(name)) return true;
  return node.use === 'statement' ? !isNeutralCall(name) : !isQuery(name) && !isNeutralCall(name);
}

/** `-EINVAL`, `ERR_PTR(…)`, `false`, `NULL`. */
function isFailure(one: Expr): boolean {
  if (one.kind === 'unary' && one.op === '-') return one.of.kind === 'name' || one.of.kind === 'constant';
  if (one.kind === 'name')
    return one.name === 'false' || one.name === 'NULL' || /^(?:\w+_)?(?:FAILED?|FAULT|ERROR|SIGBUS)(?:_\w+)?$/.test(one.name);
  return one.kind === 'call' && one.callee.kind === 'name' && one.callee.name === 'ERR_PTR';
}

const isTrue = (one: Expr): boolean => one.kind === 'name' && one.name === 'true';

/** A value that is more than a constant or a status variable. */
function isMade(one: Expr, params: readonly string[]): boolean {
  if (one.kind === 'constant') return false;
  if (one.kind === 'name') return params.includes(one.name);
  return !(one.kind === 'unary' && one.op === '-' && one.of.kind === 'name');
}

/** The class of a test by what both sides do: `is` where it is true, `not` where it is false. */
export function classBySides(is: Side, not: Side): 'excludes' | 'predicate' | 'folio-only' {
  if (is.onlyReturns && not.onlyReturns) return 'predicate';
  // What is not hugetlb is turned away, or there is nothing on either side.
  if (is.isEmpty) return not.isEmpty || (!not.works && not.leaves) ? 'folio-only' : 'excludes';
  const skips = !is.works && !is.givesValue && is.leaves;
  if (!skips) return 'folio-only';
  if (is.fails) return 'excludes';
  // Let pass without the checks that others have to go through.
  if (is.returnsTrue && not.mayFail && !not.works) return 'folio-only';
  return not.isEmpty || (not.fails && !not.works) ? 'folio-only' : 'excludes';
}
