/** Three rules that guest_memfd is said to keep, each as it stands in a tree. */
import type { CallGraph, GraphNode } from './call-graph';
import type { GuestMemory } from './guest-memory';
import type { Classified, Place } from './site';

export interface Claim {
  readonly id: 'never-tests-folio' | 'never-hugetlb-vma' | 'mapped-never-hugetlb';
  /** In words. */
  readonly says: string;
  readonly verdict: 'holding' | 'failing' | 'not-covered';
  readonly because: string;
  readonly places: readonly Place[];
}

const SAYS: Readonly<Record<Claim['id'], string>> = {
  'never-tests-folio': 'guest_memfd never asks folio_test_hugetlb()',
  'never-hugetlb-vma': 'a VMA of guest_memfd is never a hugetlb VMA',
  'mapped-never-hugetlb': 'a folio of guest_memfd that is mapped is never a hugetlb folio',
};

/** The claims in order. Those of a tree without guest_memfd are not covered. */
export function claimsOf(graph: CallGraph, memory: GuestMemory | null, sites: readonly Classified[]): readonly Claim[] {
  if (memory === null) {
    const none = (id: Claim['id']): Claim => claim(id, 'not-covered', 'there is no guest_memfd in the tree', []);
    return [none('never-tests-folio'), none('never-hugetlb-vma'), none('mapped-never-hugetlb')];
  }
  const own = sites.filter(({ file }) => file === memory.file);
  return [neverTests(memory, own), neverHugetlbVma(memory, own), mappedNeverHugetlb(graph, memory, own)];
}

const claim = (id: Claim['id'], verdict: Claim['verdict'], because: string, places: readonly Place[]): Claim => ({
  id,
  says: SAYS[id],
  verdict,
  because,
  places,
});

const placeOf = ({ file, line }: Classified): Place => ({ file, line });

function neverTests(memory: GuestMemory, own: readonly Classified[]): Claim {
  const id = 'never-tests-folio';
  const tests = own.filter(({ kind }) => kind === 'folio-test');
  const decisive = tests.filter((site) => site.class !== 'asserts');
  if (decisive.length > 0) return claim(id, 'failing', `${decisive.length} of its tests decide what is done`, decisive.map(placeOf));
  if (memory.hugetlb === null) return claim(id, 'not-covered', 'its folios are no hugetlb folios in this tree', []);
  if (tests.length > 0) return claim(id, 'holding', 'its tests only assert', tests.map(placeOf));
  return claim(id, 'holding', 'there is no such test in its source', []);
}

function neverHugetlbVma(memory: GuestMemory, own: readonly Classified[]): Claim {
  const id = 'never-hugetlb-vma';
  const sets = own.filter((site) => site.class === 'sets');
  if (sets.length > 0) return claim(id, 'failing', 'it sets VM_HUGETLB', sets.map(placeOf));
  if (memory.mapped === null) return claim(id, 'not-covered', 'it cannot be mapped in this tree', []);
  return claim(id, 'holding', 'its mmap does not set VM_HUGETLB', [memory.mapped]);
}

/** Held where what serves a fault lets no hugetlb folio by, or where folios lose the status before they come into the page cache. */
function mappedNeverHugetlb(graph: CallGraph, memory: GuestMemory, own: readonly Classified[]): Claim {
  const id = 'mapped-never-hugetlb';
  if (memory.mapped === null) return claim(id, 'not-covered', 'it cannot be mapped in this tree', []);
  if (memory.hugetlb === null) return claim(id, 'not-covered', 'its folios are no hugetlb folios in this tree', []);
  const handlers = memory.faults.flatMap((name) => graph.resolve(name, memory.file));
  const nodes = withCallees(graph, memory, handlers);
  const serving = new Set(nodes.map(({ found }) => found.name));
  const stops = own.filter(
    (site) => site.kind === 'folio-test' && (site.class === 'asserts' || site.class === 'excludes') && serving.has(site.function),
  );
  if (stops.length > 0) return claim(id, 'holding', 'what serves its faults refuses hugetlb folios', stops.map(placeOf));
  const cleared = nodes.map((node) => clearedBeforeAdded(graph, memory, node)).find((places) => places !== null);
  if (cleared !== undefined && cleared !== null)
    return claim(id, 'holding', 'its folios lose the status before they come into the page cache, and nothing checks it later', cleared);
  return claim(
    id,
    'failing',
    'nothing in what serves its faults refuses hugetlb folios',
    handlers.map(({ file, found }) => ({ file, line: found.line })),
  );
}

/** Where a function clears the status of a folio that it takes, and where it then adds it to the page cache; null where it does not. */
function clearedBeforeAdded(graph: CallGraph, memory: GuestMemory, node: GraphNode): readonly Place[] | null {
  const first = (name: RegExp, after: number): number | null => {
    for (const { callee, line } of node.found.calls) {
      if (line < after) continue;
      const within = withCallees(graph, memory, graph.resolve(callee, memory.file)).filter(({ file }) => file === memory.file);
      if (name.test(callee) || within.some(({ found }) => found.calls.some((call) => name.test(call.callee)))) return line;
    }
    return null;
  };
  const taken = first(TAKES, 0);
  const cleared = taken === null ? null : first(CLEARS, taken);
  const added = taken === null ? null : first(ADDS, taken);
  if (cleared === null || added === null || cleared >= added) return null;
  return [
    { file: memory.file, line: cleared },
    { file: memory.file, line: added },
  ];
}

const TAKES = /hugetlb\w*alloc|alloc\w*hugetlb/;
const CLEARS = /^_*folio_clear_hugetlb$/;
const ADDS = /^_*filemap_add_folio$/;

/** Functions and those of the same file that they call. */
function withCallees(graph: CallGraph, memory: GuestMemory, from: readonly GraphNode[]): readonly GraphNode[] {
  const found = [...from];
  for (let at = 0; at < found.length; at += 1) {
    for (const { callee } of found[at]?.found.calls ?? [])
      for (const to of graph.resolve(callee, memory.file)) if (to.file === memory.file && !found.includes(to)) found.push(to);
  }
  return found;
}
