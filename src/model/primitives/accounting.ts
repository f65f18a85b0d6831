/** Memory control groups and hugetlb control groups: charges that succeed or, as a choice, fail; only balances are kept. */
import { primitive, returns } from '../define';
import { ENOMEM } from '../fields';
import type { BoundPrimitive, Choice, Primitive } from '../primitive';
import { count, COUNTERS } from '../record';
import { allocationChoice, FAILS } from './slab';

const LEAVES = 'The group itself: no limits, no hierarchy; only whether gets and puts are balanced.';

const recorded = (
  name: string,
  source: string,
  meaning: string,
  args: string,
  gives: number | null,
  run: BoundPrimitive['run'],
  choice?: Choice,
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: LEAVES,
    examples: [gives === null ? returns(`${name}(${args}); return 1;`, 1) : returns(`return (long)${name}(${args});`, gives)],
    bind: () => (choice === undefined ? { run } : { run, choice: () => choice }),
  });

const MEMCG = 'mm/memcontrol.c';
const CGROUP = 'mm/hugetlb_cgroup.c';

const charge = (name: string, source: string, args: string): Primitive =>
  recorded(
    name,
    source,
    'Charges: 0, or -ENOMEM as a choice.',
    args,
    0,
    (kernel) => (kernel.decision === FAILS ? -ENOMEM : 0),
    allocationChoice(name),
  );

const nothing = (
  name: string,
  source: string,
  args: string,
  meaning = 'Gives a charge back, or ties it to the folio: nothing in the model.',
): Primitive => recorded(name, source, meaning, args, null, () => undefined);

export const accounting: readonly Primitive[] = [
  recorded(
    'get_mem_cgroup_from_current',
    MEMCG,
    'A reference on the memory control group of the task: counted, and NULL (the root group).',
    '',
    0,
    (kernel) => {
      count(kernel, COUNTERS.memcg, 1);
      return 0;
    },
  ),
  recorded('mem_cgroup_put', MEMCG, 'Drops that reference.', '0', null, (kernel) => count(kernel, COUNTERS.memcg, -1)),
  charge('mem_cgroup_hugetlb_try_charge', MEMCG, '0, 0, 1'),
  charge('hugetlb_cgroup_charge_cgroup', CGROUP, '0, 1, 0'),
  charge('hugetlb_cgroup_charge_cgroup_rsvd', CGROUP, '0, 1, 0'),
  nothing('mem_cgroup_commit_charge', MEMCG, '0, 0'),
  nothing('mem_cgroup_cancel_charge', MEMCG, '0, 1'),
  nothing('mem_cgroup_uncharge', 'include/linux/memcontrol.h', '0'),
  nothing('hugetlb_cgroup_commit_charge', CGROUP, '0, 1, 0, 0'),
  nothing('hugetlb_cgroup_commit_charge_rsvd', CGROUP, '0, 1, 0, 0'),
  nothing('hugetlb_cgroup_uncharge_folio', CGROUP, '0, 1, 0'),
  nothing('hugetlb_cgroup_uncharge_folio_rsvd', CGROUP, '0, 1, 0'),
  nothing('hugetlb_cgroup_uncharge_cgroup', CGROUP, '0, 1, 0'),
  nothing('hugetlb_cgroup_uncharge_cgroup_rsvd', CGROUP, '0, 1, 0'),
];
