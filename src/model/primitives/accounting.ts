/** Memory control groups and hugetlb control groups: one group of each, without a limit, whose charges are counted. */
import { primitive, returns } from '../define';
import { constantIfAny, ENOMEM, fieldIfAny, fieldOf, I64 } from '../fields';
import type { BoundPrimitive, Choice, FieldRef, Kernel, Layout, Primitive, Result } from '../primitive';
import { count, COUNTERS, GROUP } from '../record';
import { allocationChoice, FAILS } from './slab';

const LEAVES = 'Limits and the hierarchy of groups: a charge fails by choice alone.';
const MEMCG = 'mm/memcontrol.c';
const CGROUP = 'mm/hugetlb_cgroup.c';
const EOPNOTSUPP = 95;
/** Folios of lower order have no room for the pointers to hugetlb control groups. */
const LEAST_ORDER = 2;

const row = (
  name: string,
  source: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (layout: Layout) => BoundPrimitive['run'],
  more: Partial<Primitive> & { readonly choice?: Choice } = {},
): Primitive => {
  const { choice, ...rest } = more;
  return primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: LEAVES,
    examples,
    bind: (layout) => ({ run: bind(layout), ...(choice === undefined ? {} : { choice: () => choice }) }),
    ...rest,
  });
};

/** Gives back the charge of a folio that is freed; pages that no group is charged for are nothing. */
export function bindUncharge(layout: Layout): (kernel: Kernel, folio: number, pages: number) => void {
  const group = fieldIfAny(layout, 'struct folio', 'memcg_data');
  return (kernel, folio, pages) => {
    if (group === null || kernel.load(folio, group) === 0) return;
    kernel.store(folio, group, 0);
    count(kernel, COUNTERS.memcgCharge, -pages);
  };
}

const FOLIO = { types: ['struct folio', 'struct page'] };
const CHARGED =
  'struct folio f = { 0 }; f._folio_nr_pages = 4; f.flags = 1UL << PG_head; struct mem_cgroup *g = get_mem_cgroup_from_current(); mem_cgroup_hugetlb_try_charge(g, 0, 4);';

/** Whether hugetlb is charged to memory control groups at all is a choice beside that of failing, which stands last as in all of them. */
const TRY: Choice = { ...allocationChoice('memory control group charge'), options: ['succeeds', 'is not in use', 'fails'] };
const NOT_IN_USE = 1;

const memory = [
  row(
    'get_mem_cgroup_from_current',
    MEMCG,
    'The memory control group of the task, with a reference.',
    [
      returns(
        'struct mem_cgroup *g = get_mem_cgroup_from_current(); mem_cgroup_put(g); return g == get_mem_cgroup_from_current() && g != 0;',
        1,
      ),
    ],
    () => (kernel) => {
      count(kernel, COUNTERS.memcg, 1);
      return kernel.symbol(GROUP);
    },
  ),
  row(
    'mem_cgroup_put',
    MEMCG,
    'Drops a reference of a memory control group; NULL is nothing.',
    [returns('mem_cgroup_put(get_mem_cgroup_from_current()); mem_cgroup_put(0); return 1;', 1)],
    () => (kernel) => (kernel.arg(0) === 0 ? undefined : count(kernel, COUNTERS.memcg, -1)),
  ),
  row(
    'mem_cgroup_hugetlb_try_charge',
    MEMCG,
    'Charges pages to the group: 0, -ENOMEM or -EOPNOTSUPP (a choice).',
    [returns(`${CHARGED} return mem_cgroup_hugetlb_try_charge(g, 0, 4);`, 0)],
    () => (kernel) => {
      if (kernel.decision === NOT_IN_USE) return -EOPNOTSUPP;
      if (kernel.decision > NOT_IN_USE) return -ENOMEM;
      count(kernel, COUNTERS.memcgCharge, kernel.arg(2));
      return 0;
    },
    { choice: TRY },
  ),
  row(
    'mem_cgroup_cancel_charge',
    MEMCG,
    'Gives back a charge that no folio has.',
    [returns(`${CHARGED} mem_cgroup_cancel_charge(g, 4); return f.memcg_data;`, 0)],
    () => (kernel) => count(kernel, COUNTERS.memcgCharge, -kernel.arg(1)),
  ),
  row(
    'mem_cgroup_commit_charge',
    MEMCG,
    'Ties the charge to the folio.',
    [returns(`${CHARGED} mem_cgroup_commit_charge(&f, g); return f.memcg_data == (unsigned long)g;`, 1)],
    (layout) => {
      const group = fieldOf(layout, 'struct folio', 'memcg_data');
      return (kernel) => kernel.store(kernel.arg(0), group, kernel.arg(1));
    },
    { needs: FOLIO },
  ),
  row(
    'mem_cgroup_uncharge',
    'include/linux/memcontrol.h',
    'Gives back the charge of the folio; a folio without one is nothing.',
    [
      returns(`${CHARGED} mem_cgroup_commit_charge(&f, g); mem_cgroup_uncharge(&f); return f.memcg_data;`, 0),
      returns('struct folio f = { 0 }; mem_cgroup_uncharge(&f); return f.memcg_data;', 0, 'no charge'),
    ],
    (layout) => {
      const uncharge = bindUncharge(layout);
      const pages = pagesOf(layout);
      return (kernel) => uncharge(kernel, kernel.arg(0), pages(kernel, kernel.arg(0)));
    },
    { needs: { ...FOLIO, constants: ['PG_head'] } },
  ),
  row(
    '__mem_cgroup_charge',
    MEMCG,
    'Charges the pages of the folio to the group of the task: 0, or -ENOMEM (a choice).',
    [returns('struct folio f = { 0 }; return __mem_cgroup_charge(&f, 0, 0) * 10 + (f.memcg_data != 0);', 1)],
    (layout) => {
      const group = fieldOf(layout, 'struct folio', 'memcg_data');
      const pages = pagesOf(layout);
      return (kernel) => {
        if (kernel.decision === FAILS) return -ENOMEM;
        count(kernel, COUNTERS.memcgCharge, pages(kernel, kernel.arg(0)));
        kernel.store(kernel.arg(0), group, kernel.symbol(GROUP));
        return 0;
      };
    },
    { needs: { ...FOLIO, constants: ['PG_head'] }, choice: allocationChoice('memory control group charge') },
  ),
];

/** Pages of a folio: by its order when it is large. */
function pagesOf(layout: Layout): (kernel: Kernel, folio: number) => number {
  const order = { ...fieldOf(layout, 'struct folio', '_flags_1'), size: 1 as const };
  const flags = { ...fieldOf(layout, 'struct page', 'flags'), size: 4 as const, signed: false };
  const head = constantIfAny(layout, 'PG_head');
  return (kernel, folio) =>
    head !== null && (kernel.load(folio, flags) & (2 ** head)) !== 0 ? 2 ** (kernel.load(folio, order) & 0xff) : 1;
}

interface Kind {
  readonly suffix: '' | '_rsvd';
  readonly counter: FieldRef;
  readonly pointer: string;
  readonly what: string;
}

const KINDS: readonly Kind[] = [
  { suffix: '', counter: COUNTERS.hugetlbCharge, pointer: '_hugetlb_cgroup', what: 'pages' },
  { suffix: '_rsvd', counter: COUNTERS.hugetlbReservation, pointer: '_hugetlb_cgroup_rsvd', what: 'a reservation of pages' },
];

/** The pointer to the group in a folio that has room for it. */
function bindGroup(
  layout: Layout,
  kind: Kind,
): { load(kernel: Kernel, folio: number): number; store(kernel: Kernel, folio: number, to: number): void } {
  const field = fieldOf(layout, 'struct folio', kind.pointer);
  const pages = pagesOf(layout);
  const has = (kernel: Kernel, folio: number): boolean => pages(kernel, folio) >= 2 ** LEAST_ORDER;
  return {
    load: (kernel, folio) => (has(kernel, folio) ? kernel.load(folio, field) : 0),
    store: (kernel, folio, to) => {
      if (has(kernel, folio)) kernel.store(folio, field, to);
    },
  };
}

const GROUP_NEEDS = { ...FOLIO, constants: ['PG_head'] };

function hugetlbRows(kind: Kind): Primitive[] {
  const { suffix, counter, what, pointer } = kind;
  const charge = `hugetlb_cgroup_charge_cgroup${suffix}`;
  const commit = `hugetlb_cgroup_commit_charge${suffix}`;
  const uncharge = `hugetlb_cgroup_uncharge_folio${suffix}`;
  const setup = `struct hugetlb_cgroup *g = 0; struct folio f = { 0 }; f.flags = 1UL << PG_head; f._flags_1 = 2; ${charge}(0, 4, &g);`;
  const back = (kernel: Kernel, pages: number): Result => count(kernel, counter, -pages);
  return [
    row(
      charge,
      CGROUP,
      `Charges ${what} to the hugetlb control group of the task and gives the group: 0, or -ENOMEM (a choice).`,
      [returns(`struct hugetlb_cgroup *g = 0; return ${charge}(0, 4, &g) * 10 + (g != 0);`, 1)],
      () => (kernel) => {
        if (kernel.decision === FAILS) return -ENOMEM;
        count(kernel, counter, kernel.arg(1));
        kernel.store(kernel.arg(2), I64, kernel.symbol(GROUP));
        return 0;
      },
      { choice: allocationChoice('hugetlb control group charge') },
    ),
    row(
      commit,
      CGROUP,
      `Ties the charge of ${what} to the folio.`,
      [
        returns(`${setup} ${commit}(0, 4, g, &f); return f.${pointer} == g;`, 1),
        returns(`${setup} f._flags_1 = 1; ${commit}(0, 4, g, &f); return f.${pointer} == 0;`, 1, 'a folio without room for it'),
      ],
      (layout) => {
        const group = bindGroup(layout, kind);
        return (kernel) => group.store(kernel, kernel.arg(3), kernel.arg(2));
      },
      { needs: GROUP_NEEDS },
    ),
    row(
      uncharge,
      CGROUP,
      `Gives back the folio's charge of ${what}; a folio without one is nothing.`,
      [
        returns(`${setup} ${commit}(0, 4, g, &f); ${uncharge}(0, 4, &f); return f.${pointer} == 0;`, 1),
        returns(`${setup} ${uncharge}(0, 4, &f); return f.${pointer} == 0;`, 1, 'no charge'),
      ],
      (layout) => {
        const group = bindGroup(layout, kind);
        return (kernel) => {
          const folio = kernel.arg(2);
          if (group.load(kernel, folio) === 0) return undefined;
          group.store(kernel, folio, 0);
          return back(kernel, kernel.arg(1));
        };
      },
      { needs: GROUP_NEEDS },
    ),
    row(
      `hugetlb_cgroup_uncharge_cgroup${suffix}`,
      CGROUP,
      `Gives back a charge of ${what} that no folio has; NULL is nothing.`,
      [returns(`${setup} hugetlb_cgroup_uncharge_cgroup${suffix}(0, 4, g); return f.${pointer} == 0;`, 1)],
      () => (kernel) => (kernel.arg(2) === 0 ? undefined : back(kernel, kernel.arg(1))),
    ),
  ];
}

const regions = (['hugetlb_cgroup_uncharge_counter', 'hugetlb_cgroup_uncharge_file_region'] as const).map((name) =>
  row(
    name,
    CGROUP,
    'Nothing: reservations of private mappings are not charged.',
    [returns(`${name}(0, 0, 0, 0); return 1;`, 1)],
    () => () => undefined,
    { leavesOut: 'Charges that a map of reservations keeps.' },
  ),
);

export const accounting: readonly Primitive[] = [...memory, ...KINDS.flatMap(hugetlbRows), ...regions];
