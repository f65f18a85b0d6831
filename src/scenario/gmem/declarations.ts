/** The statements that open a scenario and say what it starts from, and the blocks of its steps. */
import { plainRow, type PlainRow } from './statement';

export const DECLARATIONS: readonly PlainRow[] = [
  plainRow('file', {
    word: 'scenario',
    pattern: 'scenario <name:text>',
    meaning: 'Opens a scenario; what belongs to it is indented below.',
    example: 'scenario "A page is shared and taken back"',
  }),
  plainRow('declaration', {
    word: 'about',
    pattern: 'about <text:text>',
    meaning: 'A sentence on what the scenario shows. May stand several times.',
    example: 'about "One shared page is pinned; userspace asks for it back."',
  }),
  plainRow('declaration', {
    word: 'label',
    pattern: 'label <labels:labels>',
    meaning: 'How sure the expectations are.',
    example: 'label code derived',
  }),
  plainRow('declaration', {
    word: 'let',
    pattern: 'let <name:new-parameter> <value:value>',
    meaning:
      'Names a number, a word, or what is worked out from others; `$name` stands for it in the lines below. There are + - * / (rounded down), min(…), max(…), brackets and comparisons (1 or 0).',
    example: 'let span 64MiB',
  }),
  plainRow('declaration', {
    word: 'sweep',
    pattern: 'sweep <name:parameter> [over <values:values>] [from <from:number> to <to:number> by <by:number>]',
    meaning: 'Runs the scenario once for each value of the parameter. A plain run takes the value of `let`.',
    example: 'sweep buddy from 0 to 65520 by 4095',
  }),
  plainRow('declaration', {
    word: 'host',
    pattern:
      'host [hvo <hvo:on|off>] [overcommit-1G <overcommit1G:count>] [overcommit-2M <overcommit2M:count>] [hugetlb-cma <hugetlbCma:on|off>] [pool <pool:count>] [cma <cma:bytes>]',
    meaning:
      'The host: HVO, what hugetlb may overcommit, whether its pool came from CMA; huge pages of the global pool (C) and size of the CMA area (D), beside those of hugetlb, which gives up its own where they are not said. Without the line: HVO on and nothing else.',
    example: 'host hvo off pool 8 cma 8GiB',
  }),
  plainRow('declaration', {
    word: 'node',
    pattern: 'node <node:count> memory <memory:bytes> [pages-1G <pages1G:count>] [pages-2M <pages2M:count>] [buddy <buddy:page-count>]',
    meaning:
      'A NUMA node: its memory, its huge pages, and the pages that the kernel can take for itself (what is left, where it is not said). Without any: one node of 64GiB with 16 huge pages of 1G.',
    example: 'node 0 memory 64GiB pages-1G 16 buddy 65520',
  }),
  plainRow('declaration', {
    word: 'designs',
    pattern: 'designs <designs:all-designs>',
    meaning: 'The designs that are compared, in this order. Without it: all.',
    example: 'designs A B E',
  }),
  plainRow('declaration', {
    word: 'switch',
    pattern: 'switch <name:switch> <value:switch-value> [for <designs:designs>]',
    meaning: 'A defect of a posted series as written or as intended, or a choice of the build.',
    example: 'switch A-2 as-intended for A',
  }),
  plainRow('declaration', {
    word: 'vm',
    pattern: 'vm <name:new-vm> type <type:plain|sw-protected|tdx|snp|pkvm|gunyah> [memcg-limit <memcgLimit:page-count>]',
    meaning: 'A virtual machine, and what its memory cgroup may hold.',
    example: 'vm td type tdx',
  }),
  plainRow('declaration', {
    word: 'process',
    pattern: 'process <names:new-names>',
    meaning: 'Processes of the host: they map files, pin pages, and use hugetlbfs.',
    example: 'process vmm',
  }),
  plainRow('declaration', {
    word: 'device',
    pattern: 'device <names:new-names>',
    meaning: 'Devices: they pin pages.',
    example: 'device nic',
  }),
];

export const BLOCKS: readonly PlainRow[] = [
  plainRow('attached', {
    word: 'meanwhile',
    pattern: 'meanwhile',
    meaning:
      'Below a fault, and with a step behind it: what another thread does in the window that the design leaves open inside the fault; after it, where it leaves none.',
    example: 'meanwhile punch gmem0 [0, 1GiB)',
  }),
  plainRow('block', {
    word: 'repeat',
    pattern: 'repeat <times:count>',
    meaning: 'The steps below, so many times. A step with `moving` moves its range on by that much in each turn.',
    example: 'repeat 1000',
  }),
  plainRow('block', {
    word: 'random',
    pattern: 'random <times:count> seed <seed:count>',
    meaning: 'So many of the steps below, drawn evenly; the same seed draws the same ones.',
    example: 'random 500 seed 7',
  }),
  plainRow('block', {
    word: 'parallel',
    pattern: 'parallel',
    meaning: 'Each `branch` below is done by a task of its own: every order of whole steps is run, up to a bound.',
    example: 'parallel',
  }),
  plainRow('branch', {
    word: 'branch',
    pattern: 'branch',
    meaning: 'The steps of one task of a `parallel`.',
    example: 'branch',
  }),
];
