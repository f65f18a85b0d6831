/** The examples of the primitives as one program, and what one of them comes to on a machine. */
import { readFileSync } from 'node:fs';
import { defaultConfig } from '../../../src/kernel-c/config';
import type { Program } from '../../../src/kernel-c/program';
import { readProgram } from '../../../src/kernel-c/read-program';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import type { Machine } from '../../../src/machine/api';
import { createMachine } from '../../../src/machine/machine';
import type { Primitive, PrimitiveExample } from '../../../src/model/primitive';
import { modelledNames, modelNeeds, primitives } from '../../../src/model/primitives/all';
import { withModelGlobals } from '../../../src/model/record';

export interface RunnableExample {
  readonly primitive: Primitive;
  readonly example: PrimitiveExample;
  /** The C function that it is. */
  readonly root: string;
}

export const examples: readonly RunnableExample[] = primitives.flatMap((primitive) =>
  primitive.examples.map((example, index) => ({ primitive, example, root: `example_${primitive.name}_${index}` })),
);

/** C that primitives call back, and what reads what they give. */
const CALLED_BACK = `
int num_fault_mutexes = 8;
void free_huge_folio(struct folio *folio) { }
/* A huge page of the first node of the list that is allowed and has one, as the C of hugetlb looks for it. */
struct folio *dequeue_hugetlb_folio_nodemask(struct hstate *h, gfp_t gfp, int nid, nodemask_t *mask)
{
	struct zonelist *list_of_node = node_zonelist(nid < 0 ? 0 : nid, gfp);
	struct zoneref *z;

	for (z = list_of_node->_zonerefs; z->zone; z++) {
		int node = z->zone->node;
		struct list_head *list = &h->hugepage_freelists[node];

		if ((!mask || mask->bits[0] >> node & 1) && list->next != list)
			return (struct folio *)((char *)list->next - __builtin_offsetof(struct folio, lru));
	}
	return (struct folio *)0;
}`;

/** One C file with a function for each example. */
export function exampleProgram(): Program {
  const header = readFileSync(new URL('../../fixtures/primitives.h', import.meta.url), 'utf8');
  const prototypes = primitives.map(({ name }) => `long ${name}();`).join('\n');
  const bodies = examples.map(({ example, root }) => `long ${root}(void)\n{\n\t${example.c}\n}\n`).join('\n');
  const tree: Readonly<Record<string, string>> = {
    'examples.c': `#include "primitives.h"\n${prototypes}\n${CALLED_BACK}\n${bodies}`,
    'primitives.h': header,
  };
  const source = { paths: Object.keys(tree).sort(), read: (path: string): string | null => tree[path] ?? null };
  return withModelGlobals(
    readProgram(source, buildTreeIndex(source), {
      roots: examples.map((each) => each.root),
      scope: ['examples.c'],
      modelled: modelledNames,
      needs: modelNeeds(),
      config: defaultConfig,
    }),
  );
}

const MOST_STEPS = 1_000_000;

/** Shape: what the run came to, in terms that an example's `gives` can be held against. */
export interface ExampleOutcome {
  readonly status: unknown;
  readonly findings: readonly string[];
  readonly unknowns: readonly string[];
}

/** Runs examples one after another, each from the same start. */
export function exampleRunner(program: Program, table: readonly Primitive[]): (root: string) => ExampleOutcome {
  const machine: Machine = createMachine({ program, primitives: table, history: false });
  const start = machine.mark();
  return (root) => {
    machine.restore(start);
    machine.settle();
    machine.start(root, []);
    machine.run(MOST_STEPS);
    return { status: machine.status(), findings: machine.findings().map((finding) => finding.kind), unknowns: machine.unknowns() };
  };
}

/** Is that what the example says comes of it? */
export function isAsSaid({ gives }: PrimitiveExample, { status, findings, unknowns }: ExampleOutcome): boolean {
  if (unknowns.length > 0) return false;
  if ('finding' in gives) return findings.includes(gives.finding);
  const { kind, value } = status as { readonly kind: string; readonly value?: string };
  return findings.length === 0 && kind === 'returned' && value === String(gives.value);
}
