/** The running task, memory policy and NUMA nodes: one task structure, one node. */
import { primitive, returns } from '../define';
import type { BoundPrimitive, Primitive } from '../primitive';
import { CURRENT } from '../record';

const row = (
  name: string,
  source: string,
  meaning: string,
  call: string,
  gives: number | null,
  run: BoundPrimitive['run'],
  leavesOut: string,
  form: Primitive['form'] = 'function',
): Primitive =>
  primitive({
    name,
    form,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut,
    examples: [gives === null ? returns(`${call}; return 1;`, 1) : returns(`return ${call};`, gives)],
    bind: () => run,
  });

const ONE_NODE = 'Other nodes: all memory is on node 0.';
const zero = (): number => 0;

export const tasks: readonly Primitive[] = [
  row(
    'get_current',
    'arch/x86/include/asm/current.h',
    'The task structure of the running task: all tasks share one.',
    'get_current() == get_current()',
    1,
    (kernel) => kernel.symbol(CURRENT),
    'A structure for each task.',
  ),
  row(
    'signal_pending',
    'include/linux/sched/signal.h',
    'No signal waits for the task.',
    'signal_pending(0)',
    0,
    (kernel) => kernel.decision,
    '',
  ),
  row(
    'get_task_policy',
    'mm/mempolicy.c',
    'The memory policy of the task: NULL, the default one.',
    '(long)get_task_policy(0)',
    0,
    zero,
    'Policies.',
  ),
  row(
    'mpol_cond_put',
    'include/linux/mempolicy.h',
    'Nothing: there is no shared policy.',
    'mpol_cond_put(0)',
    null,
    () => undefined,
    'Policies.',
  ),
  row('mpol_is_preferred_many', 'include/linux/mempolicy.h', 'No.', 'mpol_is_preferred_many(0)', 0, zero, 'Policies.'),
  row(
    'policy_node_nodemask',
    'mm/mempolicy.c',
    'Node 0, and no mask.',
    '({ nodemask_t *m; policy_node_nodemask(0, 0, 0, &m) + (m != 0); })',
    0,
    (kernel) => {
      kernel.store(kernel.arg(3), { offset: 0, size: 8, signed: true }, 0);
      return 0;
    },
    'Policies.',
  ),
  row('policy_mbind_nodemask', 'mm/hugetlb.c', 'No mask.', '(long)policy_mbind_nodemask(0)', 0, zero, 'Policies.'),
  row(
    'allowed_mems_nr',
    'mm/hugetlb.c',
    'A number of huge pages that is always enough.',
    'allowed_mems_nr(0) > 1000',
    1,
    () => 2 ** 30,
    'Cpusets.',
  ),
  row('numa_node_id', 'include/linux/topology.h', 'Node 0.', 'numa_node_id()', 0, zero, ONE_NODE),
  row('numa_mem_id', 'include/linux/topology.h', 'Node 0.', 'numa_mem_id()', 0, zero, ONE_NODE),
  row('folio_nid', 'include/linux/mm.h', 'Node 0.', 'folio_nid(0)', 0, zero, ONE_NODE),
  row('page_to_nid', 'include/linux/mm.h', 'Node 0.', 'page_to_nid(0)', 0, zero, ONE_NODE),
  row('folio_is_longterm_pinnable', 'include/linux/mm.h', 'Yes.', 'folio_is_longterm_pinnable(0)', 1, () => 1, 'Movable zones and CMA.'),
  row(
    'gfpflags_allow_blocking',
    'include/linux/gfp.h',
    'Whether the flags allow sleeping.',
    'gfpflags_allow_blocking(0x400)',
    1,
    (kernel) => ((kernel.arg(0) & 0x400) !== 0 ? 1 : 0),
    '',
  ),
  row(
    'arch_clear_hugetlb_flags',
    'include/linux/hugetlb.h',
    'Nothing.',
    'arch_clear_hugetlb_flags(0)',
    null,
    () => undefined,
    'Architecture flags.',
  ),
  row(
    'htlb_alloc_mask',
    'include/linux/hugetlb.h',
    'The gfp flags of huge pages: they may sleep.',
    'htlb_alloc_mask(0) & 0x400',
    0x400,
    () => 0x400,
    'The zone flags.',
  ),
  row(
    'hugetlb_fault_mutex_hash',
    'mm/hugetlb.c',
    'The number of the fault mutex of an index: the index modulo the size of the table.',
    'hugetlb_fault_mutex_hash(0, 0)',
    0,
    (kernel) => {
      const many = kernel.symbol('num_fault_mutexes');
      const size = many === 0 ? 1 : Math.max(1, kernel.peek(many, { offset: 0, size: 4, signed: true }));
      return ((kernel.arg(1) % size) + size) % size;
    },
    'jhash: which indices collide.',
  ),
  {
    ...primitive({
      name: 'dequeue_hugetlb_folio_nodemask',
      meaning: 'Takes a huge page from the free list of node 0.',
      source: 'mm/hugetlb.c: dequeue_hugetlb_folio_nodemask()',
      leavesOut: ONE_NODE,
      needs: { functions: ['dequeue_hugetlb_folio_node_exact'] },
      examples: [returns('return 1;', 1, 'needs a pool: run by the scenarios of the page cache')],
      bind: () => (kernel) => kernel.tail('dequeue_hugetlb_folio_node_exact', [kernel.arg(0), 0]),
    }),
  },
];
