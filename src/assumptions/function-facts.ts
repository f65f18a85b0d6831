/** What one function says of hugetlb: its sites with what controls them, its calls with what is known of their arguments. */
import type { Expr, Statement } from './c-tree';
import { MAX_TOKENS, type Tokens, tokensBetween } from './c-tokens';
import type { FoundCall, FoundFunction, FoundSite, FoundUnread, FoundUse, Standing } from './facts';
import { type Flow, flowOf } from './flow';
import { type Knowledge, knowledgeOf, namesHugetlbFlag, type Predicate, reversePostorder } from './knowledge';
import { lightFacts } from './light-facts';
import { handsOn, pathOf } from './paths';
import { bodyOf } from './read-body';
import { classBySides, postdominators, sideOf, sidesOf } from './regions';
import { calleeOf, type Variables, variablesOf } from './variables';
import { readingsOf } from './variants';
import { callsUnread } from './unread-calls';
import { isAssertion } from './words';
import { operandsOf, type Vocabulary } from './vocabulary';

/** A body to be read: of a function, or the replacement of a macro. */
export interface Body {
  readonly name: string;
  readonly nameAt: number;
  readonly params: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly isStatic: boolean;
  readonly isMacro: boolean;
}

/** A use of a name of the vocabulary in the body. */
export interface Use {
  readonly symbol: string;
  readonly at: number;
}

/** Place to line and column, both from 1. */
export type PlaceOf = (at: number) => { readonly line: number; readonly column: number };

export function factsOfFunction(
  text: string,
  body: Body,
  uses: readonly Use[],
  vocabulary: Vocabulary,
  placeOf: PlaceOf,
): { readonly facts: FoundFunction; readonly unread: readonly FoundUnread[] } {
  const readings = readingsOf(tokensBetween(text, body.from, body.to, body.isMacro));
  if (uses.length === 0) return { facts: lightly(readings[0] ?? NO_TOKENS, body, placeOf), unread: [] };
  const sites = new Map<number, FoundSite>();
  const unread: FoundUnread[] = [];
  let calls: readonly FoundCall[] = [];
  let addresses: readonly FoundUse[] = [];
  let gaveUp: string | null = null;
  for (const [index, tokens] of readings.entries()) {
    const reading = new Reading(tokens, body, vocabulary, placeOf);
    gaveUp ??= reading.gaveUp;
    if (index === 0) {
      calls = reading.calls;
      addresses = reading.addresses();
      // A macro without arguments may be no code at all: a list of names, a type.
      if (!body.isMacro || body.params.length > 0) unread.push(...reading.unread());
    }
    for (const use of uses) {
      if (sites.has(use.at)) continue;
      const found = reading.site(use);
      if (found !== null) sites.set(use.at, found);
    }
  }
  for (const use of uses) {
    if (sites.has(use.at)) continue;
    const word = vocabulary.words.get(use.symbol);
    if (word === undefined) continue;
    const place = placeOf(use.at);
    if (body.isMacro && body.params.length === 0) {
      // A macro that is no code: a list of names, a type.
      sites.set(use.at, { ...bare(use.symbol, word.kind, word.rule, place), local: 'named' });
      continue;
    }
    const reason = gaveUp ?? `${use.symbol} stands in code that could not be followed`;
    unread.push({ line: place.line, function: body.name, reason });
    sites.set(use.at, { ...bare(use.symbol, word.kind, word.rule, place), local: 'unread' });
  }
  const ordered = uses.map((use) => sites.get(use.at)).filter((site) => site !== undefined);
  return {
    facts: {
      name: body.name,
      line: placeOf(body.nameAt).line,
      isStatic: body.isStatic,
      isMacro: body.isMacro,
      params: body.params,
      sites: ordered,
      calls,
      uses: addresses,
    },
    unread,
  };
}

const NO_TOKENS: Tokens = { kinds: [], words: [], places: [] };

/** A function without a name of the vocabulary: only its calls matter. */
function lightly(tokens: Tokens, body: Body, placeOf: PlaceOf): FoundFunction {
  const { name, nameAt, isStatic, isMacro, params } = body;
  const found = lightFacts(tokens, params, (token) => placeOf(tokens.places[token] ?? body.from).line);
  return { name, line: placeOf(nameAt).line, isStatic, isMacro, params, sites: [], ...found };
}

const bare = (
  symbol: string,
  kind: FoundSite['kind'],
  rule: string,
  { line, column }: { readonly line: number; readonly column: number },
): FoundSite => ({ symbol, kind, rule, line, column, local: '', lines: [], standings: [], folioLines: [] });

/** Tests times nodes; the longest function of the kernel has a hundredth. */
const MAX_FOLLOWED = 2_000_000;

/** One reading of a body. */
class Reading {
  readonly calls: readonly FoundCall[];
  /** Why nothing could be said, where there was too much to follow. */
  readonly gaveUp: string | null;
  private readonly flow: Flow;
  private readonly knowledge: Knowledge;
  private readonly variables: Variables;
  private readonly indexByPlace: ReadonlyMap<number, number>;
  /** Node of a call by the token of its name, and tests likewise. */
  private readonly callNodes = new Map<number, number>();
  private readonly testNodes = new Map<number, number[]>();
  /** For each folio test (its token): the nodes that run only where it is true. */
  private readonly letThrough = new Map<number, ReadonlySet<number>>();
  private readonly meets: Int32Array;
  /** Place of each node in an order in which each comes before what it leads to. */
  private readonly order: Int32Array;

  constructor(
    private readonly tokens: Tokens,
    private readonly body: Body,
    private readonly vocabulary: Vocabulary,
    private readonly placeOf: PlaceOf,
  ) {
    const statements = body.isMacro ? asReturn(bodyOf(tokens)) : bodyOf(tokens);
    this.variables = variablesOf(statements, body.params);
    const meanings = this.variables.meanings((leaf) => this.predicateOf(leaf) !== null);
    this.flow = flowOf(statements, meanings, (name) => {
      const word = vocabulary.words.get(name);
      return word !== undefined && word.kind !== 'vma-operation' && !word.rule.startsWith('hstate-of');
    });
    this.knowledge = knowledgeOf(this.flow, body.params, this.variables, (leaf) => this.predicateOf(leaf));
    this.indexByPlace = new Map(tokens.places.map((place, index) => [place, index]));
    const tests = this.flow.nodes.filter((node) => node.kind === 'test' && this.predicateOf(node.leaf) !== null).length;
    const isTooMuch = !this.knowledge.complete || tests * this.flow.nodes.length > MAX_FOLLOWED;
    this.gaveUp = isTooMuch
      ? 'there are too many tests and variables to follow'
      : tokens.kinds.length >= MAX_TOKENS
        ? 'it is too long'
        : null;
    this.order = new Int32Array(this.flow.nodes.length);
    this.meets = new Int32Array();
    this.calls = this.gaveUp === null ? [] : lightFacts(tokens, body.params, (token) => this.lineOf(token)).calls;
    if (this.gaveUp !== null) return;
    for (const [at, node] of this.flow.nodes.entries()) {
      if (node.kind === 'call') this.callNodes.set(node.at, at);
      else if (node.kind === 'test') {
        for (const token of tokensNamed(node.leaf, vocabulary)) {
          const list = this.testNodes.get(token) ?? [];
          list.push(at);
          this.testNodes.set(token, list);
        }
        const predicate = this.predicateOf(node.leaf);
        if (predicate?.of === 'folio' && !node.asserted) {
          const known = this.letThrough.get(node.at);
          const found = this.onlyAfter(at, predicate.whenTrue === true ? 0 : 1);
          this.letThrough.set(node.at, known === undefined ? found : new Set([...known, ...found]));
        }
      }
    }
    if (this.testNodes.size > 0) this.meets = postdominators(this.flow);
    for (const [index, node] of reversePostorder(this.flow).entries()) this.order[node] = index;
    this.calls = this.callsOf();
  }

  unread(): readonly FoundUnread[] {
    return this.flow.unread.map(({ at, reason }) => ({ line: this.lineOf(at), function: this.body.name, reason }));
  }

  site(use: Use): FoundSite | null {
    const token = this.indexByPlace.get(use.at);
    const word = this.vocabulary.words.get(use.symbol);
    if (token === undefined || word === undefined || this.gaveUp !== null) return null;
    if (this.flow.unread.some(({ at, to }) => token >= at && token < to)) return null;
    const site = bare(use.symbol, word.kind, word.rule, this.placeOf(use.at));
    const operates = word.kind === 'vma-operation' || word.rule === 'hstate-of-file' || word.rule === 'hstate-of-inode';
    if (operates) return this.operation(site, token, use.symbol);
    const tests = this.testNodes.get(token) ?? [];
    return { ...site, ...this.classOf(tests, token, word.kind) };
  }

  /** Tokens of names whose address is taken, and where to. */
  addresses(): readonly FoundUse[] {
    const found: FoundUse[] = [];
    const unknown: Standing = { is: 'unknown' };
    const take = (value: Expr, member: string, standing: Standing): void => {
      const one = value.kind === 'unary' && value.op === '&' ? value.of : value;
      if (one.kind !== 'name' || !/[a-z]/.test(one.name) || this.variables.isLocal(one.name)) return;
      found.push({ name: one.name, member, line: this.lineOf(one.at), standing });
    };
    const members = (value: Expr): void => {
      if (value.kind !== 'initialiser') return;
      for (const { field, value: inner } of value.members) {
        take(inner, field === '' ? '' : `.${field}`, unknown);
        members(inner);
      }
    };
    for (const [at, node] of this.flow.nodes.entries()) {
      if (node.kind === 'call') for (const arg of node.call.args) take(arg, '', unknown);
      else if (node.kind === 'assign' && node.right !== null) {
        const left = pathOf(node.left);
        const dot = left.lastIndexOf('.');
        const member = dot < 0 ? '' : left.slice(dot);
        take(node.right, member, dot < 0 ? unknown : this.knowledge.at(at, left.slice(0, dot)));
        members(node.right);
      }
    }
    return found;
  }

  private operation(site: FoundSite, token: number, symbol: string): FoundSite {
    const own = this.callNodes.get(token);
    const node = own ?? this.callWith(token);
    const made = this.flow.nodes[node];
    if (made?.kind !== 'call') return { ...site, local: 'operation' };
    const standings: Standing[] = [];
    // The name may stand for a callback: then what is passed along with it counts.
    for (const index of own === undefined ? made.call.args.keys() : operandsOf(symbol)) {
      const arg = made.call.args[index];
      const path = arg === undefined ? '' : pathOf(arg);
      if (path !== '') standings.push(this.standing(node, path));
    }
    return { ...site, local: 'operation', standings, folioLines: this.folioLines(node) };
  }

  /** The call that has the name among its arguments; -1 where there is none. */
  private callWith(token: number): number {
    return this.flow.nodes.findIndex(
      (node) => node.kind === 'call' && node.call.args.some((arg) => arg.kind === 'name' && arg.at === token),
    );
  }

  private standing(node: number, path: string): Standing {
    const found = this.knowledge.at(node, path);
    return found.is === 'unknown' ? found : { ...found, lines: found.lines.map((token) => this.lineOf(token)) };
  }

  private folioLines(node: number): readonly number[] {
    const lines: number[] = [];
    for (const [token, through] of this.letThrough) if (through.has(node)) lines.push(this.lineOf(token));
    return [...new Set(lines)].sort((a, b) => a - b);
  }

  private classOf(
    tests: readonly number[],
    token: number,
    kind: FoundSite['kind'],
  ): { readonly local: string; readonly lines: readonly number[] } {
    const classes = new Set<string>();
    const lines = new Set<number>();
    for (const at of tests) {
      const node = this.flow.nodes[at];
      if (node?.kind !== 'test') continue;
      if (node.asserted) {
        classes.add('asserts');
        continue;
      }
      const { decision } = node;
      if (decision.context === 'branch') {
        const predicate = this.predicateOf(node.leaf);
        const isPositive = node.positive === (predicate?.whenTrue !== false && predicate?.whenFalse !== true);
        const meets = this.meets[at] ?? -1;
        const sides = sidesOf(this.flow, this.order, at, decision.yes, decision.no, meets);
        const [is, not] = isPositive ? [sides.yes, sides.no] : [sides.no, sides.yes];
        const [isFrom, notFrom] = isPositive ? [decision.yes, decision.no] : [decision.no, decision.yes];
        const { params } = this.body;
        classes.add(classBySides(sideOf(this.flow, isFrom, is, params), sideOf(this.flow, notFrom, not, params)));
        const told = this.linesOf(is);
        for (const line of told.length > 0 ? told : this.linesOf(not)) lines.add(line);
      } else if (decision.context === 'return') classes.add('predicate');
      else if (decision.context === 'assigned' && decision.target !== null) {
        const name = pathOf(decision.target);
        const isMeaning = tests.some((other) => {
          const two = this.flow.nodes[other];
          return two?.kind === 'test' && two.replayed;
        });
        if (this.isReturned(name)) classes.add('predicate');
        else if (!isMeaning) classes.add('folio-only');
      } else classes.add('folio-only');
    }
    if (tests.length === 0) {
      if (kind === 'vma-test') return { local: this.isSet(token) ? 'sets' : 'named', lines: [] };
      return { local: 'folio-only', lines: [] };
    }
    const onlyAsserts = classes.size === 1 && classes.has('asserts');
    const order = ['excludes', 'predicate', 'folio-only'];
    const local = onlyAsserts ? 'asserts' : (order.find((one) => classes.has(one)) ?? 'folio-only');
    return { local, lines: [...lines].sort((a, b) => a - b).slice(0, 3) };
  }

  /** The first lines of what is done on a side. */
  private linesOf(nodes: ReadonlySet<number>): readonly number[] {
    const found: number[] = [];
    for (const at of [...nodes].sort((a, b) => a - b)) {
      const node = this.flow.nodes[at];
      if (node === undefined || !('at' in node)) continue;
      const line = this.lineOf(node.at);
      if (!found.includes(line)) found.push(line);
      if (found.length >= 2) break;
    }
    return found;
  }

  /** Whether the flag is given to `vm_flags_set()` or to an assignment. */
  private isSet(token: number): boolean {
    for (const node of this.flow.nodes) {
      if (node.kind === 'call' && node.call.callee.kind === 'name' && /^_*vm_flags_/.test(node.call.callee.name))
        if (node.call.args.some((arg) => tokensOfFlag(arg).includes(token))) return true;
      if (node.kind === 'assign' && node.op === '|=' && node.right !== null && tokensOfFlag(node.right).includes(token)) return true;
    }
    return false;
  }

  private isReturned(name: string): boolean {
    return name !== '' && this.flow.nodes.some((node) => node.kind === 'return' && node.value?.kind === 'name' && node.value.name === name);
  }

  /** Nodes that cannot be reached but through one side of a test. */
  private onlyAfter(test: number, side: number): ReadonlySet<number> {
    const { flow } = this;
    const reach = (skip: boolean): Uint8Array => {
      const seen = new Uint8Array(flow.nodes.length);
      const work = [flow.entry];
      for (let at = work.pop(); at !== undefined; at = work.pop()) {
        if (seen[at] === 1) continue;
        seen[at] = 1;
        for (const [index, to] of (flow.next[at] ?? []).entries()) if (!(skip && at === test && index === side)) work.push(to);
      }
      return seen;
    };
    const all = reach(false);
    const without = reach(true);
    const found = new Set<number>();
    for (let at = 0; at < flow.nodes.length; at += 1) if (all[at] === 1 && without[at] === 0) found.add(at);
    return found;
  }

  private callsOf(): readonly FoundCall[] {
    const found: FoundCall[] = [];
    for (const [at, node] of this.flow.nodes.entries()) {
      if (node.kind !== 'call' || node.use === 'assertion') continue;
      const callee = calleeOf(node.call);
      if (callee === '' || isAssertion(callee) || this.variables.isLocal(callee)) continue;
      found.push({
        callee,
        line: this.lineOf(node.at),
        args: node.call.args.map((arg) => this.argument(at, arg)),
        folioLines: this.folioLines(at),
        hands: handsOn(node.call.args),
        twins: this.variables.twinsOf(node.call.args),
      });
    }
    for (const { at, to } of this.flow.unread) found.push(...callsUnread(this.tokens, at, to, (token) => this.lineOf(token)));
    return found;
  }

  private argument(at: number, arg: Expr): Standing | null {
    if (arg.kind === 'name' && arg.name === 'NULL') return { is: 'hugetlb', lines: [] };
    const path = pathOf(arg);
    if (path === '') return null;
    const found = this.standing(at, path);
    if (found.is === 'hugetlb') {
      const param = this.body.params.indexOf(path);
      return param < 0 || this.variables.isAssigned(path) ? found : { ...found, param };
    }
    const vma = this.standing(at, `${path}.vma`);
    if (found.is === 'passed') return vma.is === 'hugetlb' ? { ...found, vma } : found;
    return vma.is === 'unknown' ? null : { is: 'unknown', vma };
  }

  private predicateOf(leaf: Expr): Predicate | null {
    if (leaf.kind === 'call' && leaf.callee.kind === 'name' && leaf.args.length >= 1) {
      const word = this.vocabulary.words.get(leaf.callee.name);
      const [first] = leaf.args;
      if (word === undefined || first === undefined) return null;
      const path = pathOf(first);
      const yes = !word.negated;
      if (word.kind === 'folio-test') return { of: 'folio', path, whenTrue: yes, whenFalse: !yes };
      if (word.kind === 'vma-test' && path !== '') return { of: 'vma', path, whenTrue: yes, whenFalse: !yes };
      if (word.rule === 'is-file-hugepages' && path !== '') return { of: 'file', path, whenTrue: yes, whenFalse: !yes };
      return null;
    }
    if (leaf.kind === 'binary' && leaf.op === '&' && namesHugetlbFlag(leaf.right)) {
      const path = pathOf(leaf.left);
      if (path === '') return null;
      return { of: 'vma', path, whenTrue: leaf.right.kind === 'name' ? true : null, whenFalse: false };
    }
    return null;
  }

  private lineOf(token: number): number {
    return this.placeOf(this.tokens.places[token] ?? this.body.from).line;
  }
}

/** The value of a macro that is an expression is what it gives back. */
function asReturn(body: readonly Statement[]): readonly Statement[] {
  const [only] = body;
  if (body.length !== 1 || only?.kind !== 'expression') return body;
  return [{ kind: 'return', value: only.value, at: only.at }];
}

/** Tokens of the vocabulary's names in a leaf: the name of a called test, or the flag. */
function tokensNamed(leaf: Expr, vocabulary: Vocabulary): readonly number[] {
  if (leaf.kind === 'call') return leaf.callee.kind === 'name' && vocabulary.words.has(leaf.callee.name) ? [leaf.callee.at] : [];
  return leaf.kind === 'binary' && leaf.op === '&' ? tokensOfFlag(leaf.right) : [];
}

function tokensOfFlag(one: Expr): readonly number[] {
  if (one.kind === 'name') return one.name === 'VM_HUGETLB' ? [one.at] : [];
  return one.kind === 'binary' && one.op === '|' ? [...tokensOfFlag(one.left), ...tokensOfFlag(one.right)] : [];
}
