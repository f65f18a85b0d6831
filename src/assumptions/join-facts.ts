/** Joins the facts of all files: who calls what with what, and from that the class of each site with its evidence. */
import type { AddressUse, CallGraph, GraphNode } from './call-graph';
import type { FoundSite, Standing } from './facts';
import type { Classified, Place, Site, SiteClass } from './site';

/** What is known of a path from a parameter over all callers. */
interface Verdict {
  readonly is: 'hugetlb' | 'folio' | 'unknown';
  readonly places: readonly Place[];
}

/** Evidence longer than this helps nobody. */
const MAX_EVIDENCE = 8;
/** Callers above callers; deeper chains say nothing certain. */
const MAX_DEPTH = 24;

/** The classified sites of a tree, in order of file, line and column. */
export function classifiedSites(graph: CallGraph): readonly Classified[] {
  return new Join(graph).sites();
}

class Join {
  private readonly verdicts = new Map<string, Verdict>();
  private readonly performs = new Map<string, readonly Place[] | null>();
  private readonly tableVerdicts = new Map<string, boolean>();

  constructor(private readonly graph: CallGraph) {}

  sites(): readonly Classified[] {
    const found: Classified[] = [];
    for (const node of this.graph.nodes) for (const site of node.found.sites) found.push(this.classified(node, site));
    for (const [file, facts] of this.graph.files) {
      for (const site of facts.loose) found.push({ ...plain(file, '', site), class: 'named', evidence: [] });
    }
    return found.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column));
  }

  private classified(node: GraphNode, site: FoundSite): Classified {
    const made = plain(node.file, node.found.name, site);
    if (site.local === 'named') return { ...made, class: 'named', evidence: [] };
    if (site.local === 'unread') return { ...made, class: 'unread', evidence: [] };
    if (site.local === 'operation') return { ...made, ...this.operationClass(node, site) };
    const evidence = [made.line, ...site.lines].map((line): Place => ({ file: node.file, line }));
    if (site.kind === 'folio-test' && site.local !== 'asserts') {
      const needs = this.needsVma(node, site);
      if (needs !== null)
        return { ...made, class: 'assumes-hugetlb-vma', evidence: trimmed([{ file: node.file, line: made.line }, ...needs]) };
    }
    const local = site.kind === 'folio-test' || site.local !== 'folio-only' ? site.local : 'guards';
    return { ...made, class: local as SiteClass, evidence: trimmed(evidence) };
  }

  private operationClass(node: GraphNode, site: FoundSite): { readonly class: SiteClass; readonly evidence: readonly Place[] } {
    const here: Place = { file: node.file, line: site.line };
    const verdicts = site.standings.map((standing) => ({ standing, verdict: this.verdictOf(node, standing, 0) }));
    const tested = verdicts.find(({ standing, verdict }) => standing.is === 'hugetlb' && verdict.is === 'hugetlb');
    if (tested !== undefined) return { class: 'guarded', evidence: trimmed([...tested.verdict.places, here]) };
    const passed = verdicts.find(({ verdict }) => verdict.is === 'hugetlb');
    if (passed !== undefined) return { class: 'contract', evidence: trimmed([...passed.verdict.places, here]) };
    if (site.folioLines.length > 0)
      return { class: 'from-folio', evidence: trimmed([...site.folioLines.map((line): Place => ({ file: node.file, line })), here]) };
    const folio = verdicts.find(({ verdict }) => verdict.is === 'folio');
    if (folio !== undefined) return { class: 'from-folio', evidence: trimmed([...folio.verdict.places, here]) };
    return { class: 'unproven', evidence: trimmed([...(verdicts[0]?.verdict.places ?? []), here]) };
  }

  /** Where a test lets through an operation on a VMA that nothing has tested, here or in a function that is called; null where it does not. */
  private needsVma(node: GraphNode, test: FoundSite): readonly Place[] | null {
    for (const site of node.found.sites) {
      if (site.local !== 'operation' || site.kind !== 'vma-operation' || !site.folioLines.includes(test.line)) continue;
      if (this.operationClass(node, site).class === 'from-folio') return [{ file: node.file, line: site.line }];
    }
    for (const call of node.found.calls) {
      if (!call.folioLines.includes(test.line)) continue;
      for (const callee of this.graph.resolve(call.callee, node.file)) {
        for (const [index, arg] of call.args.entries()) {
          if (arg !== null && arg.is !== 'unknown' && this.verdictOf(node, arg, 0).is === 'hugetlb') continue;
          const places = this.performsOn(callee, index, 0);
          if (places !== null) return [{ file: node.file, line: call.line }, ...places];
        }
      }
    }
    return null;
  }

  /** Where a function operates on its parameter as a hugetlb VMA without a test of its own, or null. */
  private performsOn(node: GraphNode, param: number, depth: number): readonly Place[] | null {
    const key = `${node.file} ${node.found.name} ${node.found.line} ${param}`;
    const known = this.performs.get(key);
    if (known !== undefined) return known;
    this.performs.set(key, null);
    const isOf = (standing: Standing | null): boolean =>
      standing?.is === 'passed' && standing.from.some((path) => path === `${param}` || path.startsWith(`${param}.`));
    let made: readonly Place[] | null = null;
    for (const site of node.found.sites) {
      if (site.local !== 'operation' || site.kind !== 'vma-operation') continue;
      const [first] = site.standings;
      if (first !== undefined && isOf(first)) {
        made = [{ file: node.file, line: site.line }];
        break;
      }
    }
    if (made === null && depth < MAX_DEPTH) {
      search: for (const call of node.found.calls) {
        for (const [index, arg] of call.args.entries()) {
          if (!isOf(arg)) continue;
          for (const callee of this.graph.resolve(call.callee, node.file)) {
            const places = this.performsOn(callee, index, depth + 1);
            if (places === null) continue;
            made = [{ file: node.file, line: call.line }, ...places];
            break search;
          }
        }
      }
    }
    this.performs.set(key, made);
    return made;
  }

  private verdictOf(node: GraphNode, standing: Standing, depth: number): Verdict {
    if (standing.is === 'unknown') return { is: 'unknown', places: [] };
    const places = standing.lines.map((line): Place => ({ file: node.file, line }));
    if (standing.is === 'hugetlb') return { is: 'hugetlb', places };
    let is: Verdict['is'] = 'hugetlb';
    const all: Place[] = [...places];
    for (const path of standing.from) {
      const one = this.passedAs(node, path, depth + 1);
      all.push(...one.places);
      if (one.is === 'unknown') return { is: 'unknown', places: trimmed(one.places) };
      if (one.is === 'folio') is = 'folio';
    }
    return { is, places: trimmed(all) };
  }

  /** What all callers pass for a path from a parameter. While it is being found out it is taken to hold: a recursion proves nothing against it. */
  private passedAs(node: GraphNode, path: string, depth: number): Verdict {
    const key = `${node.file} ${node.found.name} ${node.found.line} ${path}`;
    const known = this.verdicts.get(key);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) return UNKNOWN_VERDICT;
    this.verdicts.set(key, { is: 'hugetlb', places: [] });
    let made = this.foundPassed(node, path, depth);
    // Where it is a copy of another parameter, what holds for that holds for it.
    for (const [index, name] of node.found.params.entries()) {
      if (made.is === 'hugetlb') break;
      if (`${index}` === path || !/vma|mpnt|area/.test(name) || !/^\d+$/.test(path)) continue;
      if (this.areTwins(node, Number(path), index, 0)) {
        const other = this.foundPassed(node, `${index}`, depth);
        if (other.is === 'hugetlb') made = other;
      }
    }
    this.verdicts.set(key, made);
    return made;
  }

  /** Whether every caller passes a VMA and its copy for two parameters. */
  private areTwins(node: GraphNode, one: number, two: number, depth: number): boolean {
    const callers = this.graph.callersOf(node);
    if (callers.length === 0 || depth > MAX_DEPTH || this.graph.addressTaken(node).length > 0) return false;
    const [low, high] = one < two ? [one, two] : [two, one];
    return callers.every(({ by, call }) => {
      if (call.twins.some(([a, b]) => a === low && b === high)) return true;
      const a = paramOf(call.args[low]);
      const b = paramOf(call.args[high]);
      return a !== null && b !== null && a !== b && by !== node && this.areTwins(by, a, b, depth + 1);
    });
  }

  private foundPassed(node: GraphNode, path: string, depth: number): Verdict {
    const param = Number.parseInt(path, 10);
    const rest = path.slice(`${param}`.length);
    const places: Place[] = [];
    let is: Verdict['is'] = 'hugetlb';
    let count = 0;
    const add = (one: Verdict, at: Place): boolean => {
      count += 1;
      if (one.is === 'unknown') {
        is = 'unknown';
        places.splice(0, places.length, at, ...one.places);
        return false;
      }
      if (one.is === 'folio') is = 'folio';
      if (places.length < MAX_EVIDENCE) places.push(at, ...one.places);
      return true;
    };
    for (const { by, call } of this.graph.callersOf(node)) {
      const arg = call.args[param];
      const at: Place = { file: by.file, line: call.line };
      let one: Verdict = UNKNOWN_VERDICT;
      if (arg !== undefined && arg !== null) one = this.verdictOf(by, extended(arg, rest), depth);
      if (one.is === 'unknown' && call.folioLines.length > 0)
        one = { is: 'folio', places: call.folioLines.map((line) => ({ file: by.file, line })) };
      if (!add(one, at)) return { is, places: trimmed(places) };
    }
    for (const use of this.graph.addressTaken(node)) {
      const at: Place = { file: use.file, line: use.line };
      if (!add(this.throughPointer(node, use, param, rest, depth), at)) return { is, places: trimmed(places) };
    }
    return count === 0 ? UNKNOWN_VERDICT : { is, places: trimmed(places) };
  }

  /** What a function gets that is called through a pointer. */
  private throughPointer(node: GraphNode, use: AddressUse, param: number, rest: string, depth: number): Verdict {
    if (use.member === '') return UNKNOWN_VERDICT;
    if (use.table !== '' && (this.graph.homes.has(use.file) || this.isHugetlbTable(use.table, depth)))
      return { is: 'hugetlb', places: [{ file: use.file, line: use.line }] };
    const calls = this.graph.callsOf(use.member);
    const places: Place[] = [];
    let is: Verdict['is'] = 'hugetlb';
    let count = 0;
    for (const { by, call } of calls) {
      if (call.args.length !== node.found.params.length) continue;
      count += 1;
      const arg = call.args[param];
      const one = arg === undefined || arg === null ? UNKNOWN_VERDICT : this.verdictOf(by, extended(arg, rest), depth);
      if (one.is === 'unknown') return { is: 'unknown', places: [{ file: by.file, line: call.line }] };
      if (one.is === 'folio') is = 'folio';
      if (places.length < MAX_EVIDENCE) places.push({ file: by.file, line: call.line }, ...one.places);
    }
    return count === 0 ? UNKNOWN_VERDICT : { is, places };
  }

  /** Whether a table is only ever put into VMAs that are hugetlb there. */
  private isHugetlbTable(name: string, depth: number): boolean {
    const known = this.tableVerdicts.get(name);
    if (known !== undefined) return known;
    this.tableVerdicts.set(name, false);
    const uses = this.graph.usesOf(name);
    const made =
      uses.length > 0 &&
      uses.every((use) => use.member === '.vm_ops' && use.by !== null && this.verdictOf(use.by, use.standing, depth + 1).is === 'hugetlb');
    this.tableVerdicts.set(name, made);
    return made;
  }
}

const UNKNOWN_VERDICT: Verdict = { is: 'unknown', places: [] };

/** The standing of a member of what has one. */
function extended(standing: Standing, rest: string): Standing {
  if (standing.is !== 'hugetlb' && rest === '.vma' && standing.vma !== undefined) return standing.vma;
  if (rest === '' || standing.is !== 'passed') return standing;
  return { ...standing, from: standing.from.map((path) => path + rest) };
}

/** The parameter that an argument is, unchanged. */
function paramOf(standing: Standing | null | undefined): number | null {
  if (standing?.is === 'hugetlb') return standing.param ?? null;
  if (standing === null || standing === undefined || standing.is !== 'passed') return null;
  const [only] = standing.from;
  return standing.from.length === 1 && only !== undefined && /^\d+$/.test(only) ? Number(only) : null;
}

function trimmed(places: readonly Place[]): readonly Place[] {
  const found: Place[] = [];
  for (const place of places) {
    if (found.some((one) => one.file === place.file && one.line === place.line)) continue;
    found.push(place);
    if (found.length >= MAX_EVIDENCE) break;
  }
  return found;
}

function plain(file: string, name: string, site: FoundSite): Site {
  const { line, column, symbol, kind, rule } = site;
  return { file, line, column, length: symbol.length, symbol, function: name, kind, rule };
}
