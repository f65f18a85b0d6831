/**
 * Primitives under C of a tree that was not written for tests: the pool and the page allocator, nodes, policies, attributes of the guest, and
 * the xarray's own C beside the model's. Wants the path of the patched tree in FOLIOSCOPE_TREE.
 */
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { defaultConfig } from '../../../src/kernel-c/config';
import { indexText } from '../../../src/kernel-c/file-index';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { buildTreeIndex, createTreeIndex } from '../../../src/kernel-c/tree-index';
import { interpretedNames } from '../../../src/model/primitives/interpreted';
import { modelledNames } from '../../../src/model/primitives/all';
import type { Scenario, SimulationReport } from '../../../src/protocol/simulation';
import { simulateFunction } from '../../../src/review/simulate';
import { diskTree } from '../../../src/worktree/disk-tree';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';

/** Functions that drive the C of a file from inside it: what they return is read by the tests. */
const DRIVERS: Readonly<Record<string, string>> = {
  'mm/hugetlb.c': `
long drive_surplus(struct hstate *h)
{
	long before, during;

	h->nr_overcommit_huge_pages = 2;
	before = h->nr_huge_pages * 1000 + h->surplus_huge_pages * 100 + h->free_huge_pages * 10 + h->resv_huge_pages;
	if (hugetlb_acct_memory(h, 1))
		return -1;
	if (hugetlb_acct_memory(h, 1))
		return -2;
	during = h->nr_huge_pages * 1000 + h->surplus_huge_pages * 100 + h->free_huge_pages * 10 + h->resv_huge_pages;
	hugetlb_acct_memory(h, -1);
	hugetlb_acct_memory(h, -1);
	return before * 100000000 + during * 10000 + h->nr_huge_pages * 1000 + h->surplus_huge_pages * 100 + h->free_huge_pages * 10 + h->resv_huge_pages;
}

long drive_nodes(struct hstate *h)
{
	struct folio *folio;
	nodemask_t mask = nodemask_of_node(0);
	long found;

	h->nr_overcommit_huge_pages = 1;
	folio = alloc_surplus_hugetlb_folio(h, htlb_alloc_mask(h), 1, NULL);
	if (!folio || folio_nid(folio) != 1)
		return -1;
	spin_lock_irq(&hugetlb_lock);
	enqueue_hugetlb_folio(h, folio);
	found = dequeue_hugetlb_folio_nodemask(h, htlb_alloc_mask(h), 1, NULL) == folio;
	enqueue_hugetlb_folio_again(h, folio);
	found = found * 10 + (dequeue_hugetlb_folio_nodemask(h, htlb_alloc_mask(h), 1, &mask) != folio);
	found = found * 10 + (dequeue_hugetlb_folio_nodemask(h, htlb_alloc_mask(h), 0, NULL) == folio);
	found = found * 10 + (dequeue_hugetlb_folio_nodemask(h, htlb_alloc_mask(h), 0, NULL) == NULL);
	spin_unlock_irq(&hugetlb_lock);
	return found;
}
`,
  'virt/kvm/kvm_main.c': `
long drive_attributes(struct kvm *kvm)
{
	long is_private = kvm_range_has_memory_attributes(kvm, 0, 4, 8, 8);

	xa_store(&kvm->mem_attr_array, 2, NULL, 0);
	is_private = is_private * 10 + kvm_range_has_memory_attributes(kvm, 0, 4, 8, 8);
	is_private = is_private * 10 + kvm_range_has_memory_attributes(kvm, 0, 2, 8, 8);
	return is_private * 10 + kvm_range_has_memory_attributes(kvm, 2, 3, 8, 0);
}
`,
  'mm/filemap.c': `
long drive_filemap(struct inode *inode)
{
	struct address_space *mapping = inode->i_mapping;
	struct folio *folio = xa_load(&mapping->i_pages, 0);
	long count = folio_ref_count(folio), left;

	folio_get(folio);
	folio_lock(folio);
	page_cache_delete(mapping, folio, NULL);
	left = (xa_load(&mapping->i_pages, 0) == NULL) * 10 + xa_empty(&mapping->i_pages);
	folio->mapping = NULL;
	folio_put_refs(folio, folio_nr_pages(folio));
	if (__filemap_add_folio(mapping, folio, 0, GFP_KERNEL, NULL))
		return -1;
	folio_unlock(folio);
	folio_put(folio);
	left = left * 10 + (xa_load(&mapping->i_pages, 3) == folio) + (folio_ref_count(folio) == count);
	return left * 10 + (mapping->nrpages == folio_nr_pages(folio));
}
`,
  'mm/mempolicy.c': `
long drive_policy(struct hstate *h)
{
	struct mempolicy bind = { .mode = MPOL_BIND, .home_node = NUMA_NO_NODE }, prefer = { .mode = MPOL_PREFERRED };
	nodemask_t *mask = NULL, *none = NULL;
	long nid;

	node_set(1, bind.nodes);
	node_set(1, prefer.nodes);
	nid = policy_node_nodemask(&prefer, GFP_KERNEL, 0, &none);
	policy_node_nodemask(&bind, GFP_KERNEL, 0, &mask);
	return nid * 100 + (none == NULL) * 10 + (mask == &bind.nodes);
}
`,
};

/** The helper of drive_nodes(): a page that was taken goes back to its list. */
const BACK = `
static void enqueue_hugetlb_folio_again(struct hstate *h, struct folio *folio)
{
	folio_ref_freeze(folio, 1);
	enqueue_hugetlb_folio(h, folio);
}
`;

describe('the table of functions that are interpreted', () => {
  it('has none that is modelled', () => {
    expect(interpretedNames.filter((name) => modelledNames.has(name))).toEqual([]);
  });
});

describe.skipIf(directory === '')('primitives under the C of the tree', () => {
  const plain = diskTree(directory);
  const driven = new Map(
    Object.entries(DRIVERS).map(([path, driver]) => [path, `${plain.read(path) ?? ''}${path === 'mm/hugetlb.c' ? BACK : ''}${driver}`]),
  );
  const tree: SourceTree = { ...plain, read: (path) => driven.get(path) ?? plain.read(path) };
  const files = new Map(buildTreeIndex(plain).files);
  for (const [path, text] of driven) files.set(path, indexText(path, text));
  const index = createTreeIndex(files.values());

  function run(name: string, more: Readonly<Record<string, string>> = {}, order = 2): SimulationReport {
    const scenario: Scenario = { order, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {} };
    const outcome = simulateFunction(tree, index, { function: name, scenario, config: { ...defaultConfig, ...more } }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    const unfaithful = outcome.value.fidelity.filter(({ mode }) => mode === 'unknown' || mode === 'unsupported');
    expect(unfaithful.map((row) => row.function)).toEqual([]);
    expect(outcome.value.findings).toEqual([]);
    return outcome.value;
  }
  const value = (report: SimulationReport): string => ('value' in report.status ? report.status.value : report.status.kind);

  it('takes surplus pages from the page allocator for a reservation, and gives them back with it', () => {
    // Two huge pages, one free; two reservations want one more; without them all is as before.
    expect(value(run('drive_surplus'))).toBe(`${2010n * 100000000n + 3122n * 10000n + 2010n}`);
  });

  it('optimises the vmemmap of a page that comes from the page allocator, and restores it before that goes back', () => {
    const report = run('drive_surplus', {}, 9);
    expect(value(report)).toBe(value(run('drive_surplus')));
    expect(report.events.filter((event) => event.kind === 'hvo').map((event) => event.text)).toEqual([
      'vmemmap optimised: 7 of 8 pages given back',
      'vmemmap restored: 7 pages allocated',
    ]);
  });

  it('lets a task use both nodes where there are cpusets', () => {
    expect(value(run('drive_surplus', { CONFIG_CPUSETS: 'y' }))).toBe(value(run('drive_surplus')));
  });

  it('looks for a huge page on the node first, then on the other, and on no node that the mask lacks', () => {
    expect(value(run('drive_nodes'))).toBe('1111');
  });

  it("answers from the guest's own array of attributes", () => {
    expect(value(run('drive_attributes'))).toBe('1011');
  });

  it('has one xarray for the C of lib/xarray.c and the model', () => {
    expect(value(run('drive_filemap'))).toBe('1121');
  });

  it('has two nodes that a policy can name', () => {
    expect(value(run('drive_policy'))).toBe('111');
  });
});
