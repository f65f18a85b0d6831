/** Every example of every primitive, through the reader and the machine. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/kernel-c/config';
import { readProgram } from '../../../src/kernel-c/read-program';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { createMachine } from '../../../src/machine/machine';
import { modelledNames, modelNeeds, primitives } from '../../../src/model/primitives/all';
import { withModelGlobals } from '../../../src/model/record';

const header = readFileSync(new URL('../../fixtures/primitives.h', import.meta.url), 'utf8');
const prototypes = primitives
  .filter(({ name }) => !name.startsWith('__builtin_'))
  .map(({ name }) => `long ${name}();`)
  .join('\n');
const examples = primitives.flatMap((primitive) =>
  primitive.examples.map((example, index) => ({ primitive, example, root: `example_${primitive.name}_${index}` })),
);
/** C that primitives call back, and what reads what they give. */
const CALLED_BACK = `
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
const text = `#include "primitives.h"\n${prototypes}\n${CALLED_BACK}\n${examples.map(({ example, root }) => `long ${root}(void)\n{\n\t${example.c}\n}\n`).join('\n')}`;
const tree: Readonly<Record<string, string>> = { 'examples.c': text, 'primitives.h': header };

function program() {
  const source = { paths: Object.keys(tree).sort(), read: (path: string): string | null => tree[path] ?? null };
  const index = buildTreeIndex(source);
  return withModelGlobals(
    readProgram(source, index, {
      roots: examples.map((each) => each.root),
      scope: ['examples.c'],
      modelled: modelledNames,
      needs: modelNeeds(),
      config: defaultConfig,
    }),
  );
}

describe('examples of the primitives', () => {
  const machine = createMachine({ program: program(), primitives, history: false });
  const start = machine.mark();

  it.each(examples.map(({ primitive, example, root }) => [`${primitive.name}: ${example.name}`, example, root] as const))(
    '%s',
    (_title, example, root) => {
      machine.restore(start);
      machine.settle();
      machine.start(root, []);
      machine.run(1_000_000);
      const status = machine.status();
      const findings = machine.findings().map((finding) => finding.kind);
      if ('finding' in example.gives) {
        expect({ findings, status }).toMatchObject({ findings: expect.arrayContaining([example.gives.finding]) as unknown });
      } else {
        expect({ findings, status }).toEqual({ findings: [], status: { kind: 'returned', value: String(example.gives.value) } });
      }
    },
  );
});
