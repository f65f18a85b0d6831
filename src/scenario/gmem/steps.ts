/** The statements that do something: one row for each, between the words of its line and the operation. */
import type { AllocationKind, PageSize } from '../../model/host/operation';
import { type Arguments, operationRow, type OperationRow } from './statement';

const MOVING = '[moving <moving:bytes>]';
const ACCESS = ['read', 'write'] as const;
const SHARING = ['shared', 'private'] as const;
const SIZES = ['4K', '2M', '1G'] as const satisfies readonly PageSize[];
const HUGE_SIZES = ['2M', '1G'] as const satisfies readonly PageSize[];
const ALLOCATIONS = [
  'vmemmap',
  'stash',
  'filemap-node',
  'huge-page',
  'charge',
  'contiguous',
  'any',
] as const satisfies readonly AllocationKind[];

/** `{ name: value }` where there is a value: fields that may be absent are not there, rather than undefined. */
const given = <Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> =>
  value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);

/** Undefined for what holds anyway: the line does not say it. */
const otherThan = (usual: string, value: string): string | undefined => (value === usual ? undefined : value);

const inFile = (values: Arguments) => ({ file: values.text('file'), range: values.range('range') });
const byProcess = (values: Arguments) => ({ process: values.text('process'), ...inFile(values) });
const byHolder = (values: Arguments) => ({ holder: values.text('holder'), ...inFile(values) });
const onNode = (values: Arguments) => given('node', values.maybeNumber('node'));
const bytesOfFile = (values: Arguments) => {
  const { from, to } = values.range('span');
  return { file: values.text('file'), offset: from, size: to - from };
};
const spanOf = ({ offset, size }: { readonly offset: number; readonly size: number }) => ({ from: offset, to: offset + size });

const HOLDS = {
  pin: 'A device or process pins the pages for long (FOLL_LONGTERM).',
  unpin: 'Such pins are given back.',
  reference: 'A reference that is no pin: a pipe, a speculative lookup, a walk over page frames.',
  release: 'Such references are given back.',
  'take-memory': 'Others on the host take pages of the buddy allocator.',
  'give-memory': 'Others give pages back to the buddy allocator.',
} as const;

export const FILE_STEPS: readonly OperationRow[] = [
  operationRow(
    {
      word: 'create',
      pattern: 'create <file:new-file> for <vm:vm> size <size:bytes> [pages <pageSize:4K|2M|1G>] [initially <initially:private|shared>]',
      meaning: 'Creates a guest_memfd file of the VM: its size, its page size (1G where it is not said), and what its pages are at first.',
      example: 'create gmem1 for td size 2GiB pages 2M',
    },
    ['create'],
    (values) => ({
      kind: 'create',
      file: values.text('file'),
      vm: values.text('vm'),
      size: values.number('size'),
      pageSize: values.word('pageSize', SIZES, '1G'),
      ...given('initially', values.maybeWord('initially', SHARING)),
    }),
    ({ pageSize, ...operation }) => ({ ...operation, pageSize: otherThan('1G', pageSize) }),
  ),
  operationRow(
    {
      word: 'bind',
      pattern: `bind <file:file> to <vm:vm> gpa <gpa:bytes> offset <offset:bytes> size <size:bytes>`,
      meaning: 'Sets up a memory slot: guest physical addresses from `gpa` are the file from `offset`.',
      example: 'bind gmem0 to td gpa 4GiB offset 2GiB size 2GiB',
    },
    ['bind'],
    (values) => ({
      kind: 'bind',
      vm: values.text('vm'),
      file: values.text('file'),
      gpa: values.number('gpa'),
      offset: values.number('offset'),
      size: values.number('size'),
    }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'unbind',
      pattern: 'unbind <file:file> from <vm:vm> gpa <gpa:bytes>',
      meaning: 'Takes away the memory slot that begins at `gpa`.',
      example: 'unbind gmem0 from td gpa 0',
    },
    ['unbind'],
    (values) => ({ kind: 'unbind', vm: values.text('vm'), file: values.text('file'), gpa: values.number('gpa') }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'punch',
      pattern: `punch <file:file> <span:span> ${MOVING}`,
      meaning: 'fallocate() with FALLOC_FL_PUNCH_HOLE. The range may cut pages.',
      example: 'punch gmem0 [0, 1GiB)',
    },
    ['punch'],
    (values) => ({ kind: 'punch', ...bytesOfFile(values) }),
    (operation) => ({ file: operation.file, span: spanOf(operation) }),
  ),
  operationRow(
    {
      word: 'allocate',
      pattern: `allocate <file:file> <span:span> ${MOVING}`,
      meaning: 'fallocate() without a hole: pages are allocated.',
      example: 'allocate gmem0 [0, 1GiB)',
    },
    ['allocate'],
    (values) => ({ kind: 'allocate', ...bytesOfFile(values) }),
    (operation) => ({ file: operation.file, span: spanOf(operation) }),
  ),
  operationRow(
    {
      word: 'close',
      pattern: 'close <file:file>',
      meaning: 'The last descriptor of the file goes. A mapping of a process keeps the file alive.',
      example: 'close gmem0',
    },
    ['close'],
    (values) => ({ kind: 'close', file: values.text('file') }),
    (operation) => ({ ...operation }),
  ),
];

export const PAGE_STEPS: readonly OperationRow[] = [
  operationRow(
    {
      word: 'guest-fault',
      pattern: `guest-fault <vm:vm> <file:file> <range:pages> [<access:read|write>] [each <each:page|block>] ${MOVING}`,
      meaning:
        'The guest touches each page of the range, or one page of each huge page (`each block`). A write leaves data of the VM in it.',
      example: 'guest-fault td gmem0 [0, 2GiB) write each block',
    },
    ['guest-fault'],
    (values) => ({
      kind: 'guest-fault',
      vm: values.text('vm'),
      ...inFile(values),
      access: values.word('access', ACCESS, 'read'),
      each: values.word('each', ['page', 'block'], 'page'),
    }),
    ({ access, each, ...operation }) => ({
      ...operation,
      meanwhile: undefined,
      access: otherThan('read', access),
      each: otherThan('page', each),
    }),
  ),
  operationRow(
    {
      word: 'host-fault',
      pattern: `host-fault <process:process> <file:file> <range:pages> [<access:read|write>] ${MOVING}`,
      meaning: 'The process touches each page of the range through its mapping.',
      example: 'host-fault vmm gmem0 page 0 write',
    },
    ['host-fault'],
    (values) => ({ kind: 'host-fault', ...byProcess(values), access: values.word('access', ACCESS, 'read') }),
    ({ access, ...operation }) => ({ ...operation, meanwhile: undefined, access: otherThan('read', access) }),
  ),
  operationRow(
    {
      word: 'convert',
      pattern: `convert <file:file> <range:pages> to <to:shared|private> [by <vm:vm>] ${MOVING}`,
      meaning: 'The range becomes shared or private, as the VM asks for whom the file was created, or the one that is said.',
      example: 'convert gmem0 page 0 to shared',
    },
    ['convert'],
    (values) => ({
      kind: 'convert',
      vm: values.maybeText('vm') ?? values.vmOf(values.text('file')) ?? '',
      ...inFile(values),
      to: values.word('to', SHARING, 'shared'),
    }),
    ({ vm, ...operation }, vmOf) => ({ ...operation, vm: vmOf(operation.file) === vm ? undefined : vm }),
  ),
  operationRow(
    {
      word: 'populate',
      pattern: `populate <vm:vm> <file:file> <range:pages> ${MOVING}`,
      meaning: 'Pages get their content before the guest runs, as launch updates do.',
      example: 'populate td gmem0 [0, 2MiB)',
    },
    ['populate'],
    (values) => ({ kind: 'populate', vm: values.text('vm'), ...inFile(values) }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'poison',
      pattern: `poison <file:file> <range:pages> ${MOVING}`,
      meaning: 'An uncorrected memory error in one page.',
      example: 'poison gmem0 page 7',
    },
    ['poison'],
    (values) => ({ kind: 'poison', file: values.text('file'), page: values.range('range').from }),
    ({ file, page }) => ({ file, range: { from: page, to: page + 1 } }),
  ),
];

export const HOLDER_STEPS: readonly OperationRow[] = [
  operationRow(
    {
      word: 'mmap',
      pattern: `mmap <process:process> <file:file> <range:pages> [flags <flags:shared|private>] ${MOVING}`,
      meaning: 'The process maps the range; no page is touched yet.',
      example: 'mmap vmm gmem0 [0, 1GiB)',
    },
    ['mmap'],
    (values) => ({ kind: 'mmap', ...byProcess(values), ...given('flags', values.maybeWord('flags', SHARING)) }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'munmap',
      pattern: `munmap <process:process> <file:file> <range:pages> ${MOVING}`,
      meaning: "The process's mapping of the range goes.",
      example: 'munmap vmm gmem0 [0, 1GiB)',
    },
    ['munmap'],
    (values) => ({ kind: 'munmap', ...byProcess(values) }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'dontneed',
      pattern: `dontneed <process:process> <file:file> <range:pages> ${MOVING}`,
      meaning: "madvise(MADV_DONTNEED): the process's page table entries of the range go, the mapping stays.",
      example: 'dontneed vmm gmem0 page 0',
    },
    ['dontneed'],
    (values) => ({ kind: 'dontneed', ...byProcess(values) }),
    (operation) => ({ ...operation }),
  ),
  ...(['pin', 'reference'] as const).map((word) =>
    operationRow(
      {
        word,
        pattern: `${word} <holder:holder> <file:file> <range:pages> [lasting <lasting:time>] ${MOVING}`,
        meaning: `${HOLDS[word]} With \`lasting\` the holder gives it back by itself when that time has passed.`,
        example: `${word} nic gmem0 page 0 lasting 10ms`,
      },
      [word],
      (values) => ({ kind: word, ...byHolder(values), ...given('lasting', values.maybeNumber('lasting')) }),
      (operation) => ({ ...operation }),
    ),
  ),
  ...(['unpin', 'release'] as const).map((word) =>
    operationRow(
      {
        word,
        pattern: `${word} <holder:holder> <file:file> <range:pages> ${MOVING}`,
        meaning: HOLDS[word],
        example: `${word} nic gmem0 page 0`,
      },
      [word],
      (values) => ({ kind: word, ...byHolder(values) }),
      (operation) => ({ ...operation }),
    ),
  ),
];

export const HOST_STEPS: readonly OperationRow[] = [
  operationRow(
    {
      word: 'resize',
      pattern: 'resize <pageSize:2M|1G> to <count:count> [node <node:node>]',
      meaning: 'nr_hugepages of the size is written, for one node where it is said.',
      example: 'resize 1G to 3',
    },
    ['resize'],
    (values) => ({ kind: 'resize', pageSize: values.word('pageSize', HUGE_SIZES, '1G'), count: values.number('count'), ...onNode(values) }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'demote',
      pattern: 'demote <count:count> [node <node:node>]',
      meaning: 'Free huge pages of 1G become 512 of 2M each.',
      example: 'demote 1',
    },
    ['demote'],
    (values) => ({ kind: 'demote', count: values.number('count'), ...onNode(values) }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'transfer',
      pattern: 'transfer <count:count> to <to:pool|hugetlb> [in-flight <inFlight:count>]',
      meaning: 'Huge pages of 1G go between hugetlb and the global pool (C), or out of hugetlb into CMA (D); so many at a time.',
      example: 'transfer 3 to pool for C',
    },
    ['transfer'],
    (values) => ({
      kind: 'transfer',
      to: values.word('to', ['pool', 'hugetlb'], 'pool'),
      count: values.number('count'),
      ...given('inFlight', values.maybeNumber('inFlight')),
    }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'hugetlbfs',
      pattern: 'hugetlbfs <owner:process> <action:map|unmap> <pages:count> of <pageSize:2M|1G>',
      meaning: 'A process takes huge pages by way of hugetlbfs, or gives them back.',
      example: 'hugetlbfs vmm map 4 of 1G',
    },
    ['hugetlbfs'],
    (values) => ({
      kind: 'hugetlbfs',
      owner: values.text('owner'),
      pageSize: values.word('pageSize', HUGE_SIZES, '1G'),
      pages: values.number('pages'),
      action: values.word('action', ['map', 'unmap'], 'map'),
    }),
    (operation) => ({ ...operation }),
  ),
  ...(['take-memory', 'give-memory'] as const).map((word) =>
    operationRow(
      { word, pattern: `${word} <pages:page-count> [node <node:node>]`, meaning: HOLDS[word], example: `${word} 1GiB node 0` },
      [word],
      (values) => ({ kind: word, pages: values.number('pages'), ...onNode(values) }),
      (operation) => ({ ...operation }),
    ),
  ),
  operationRow(
    {
      word: 'obstruct',
      pattern: 'obstruct <windows:count>',
      meaning: 'An unmovable or pinned page of others sits in so many 1G windows of the CMA area.',
      example: 'obstruct 3 for D',
    },
    ['obstruct'],
    (values) => ({ kind: 'obstruct', windows: values.number('windows') }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'policy',
      pattern: 'policy <vm:vm> node <node:node-or-none>',
      meaning: 'The task that allocates for the VM is bound to this node from now on; -1: to none.',
      example: 'policy td node 0',
    },
    ['policy'],
    (values) => ({ kind: 'policy', vm: values.text('vm'), node: values.number('node') }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'fail',
      pattern: `fail <allocation:${ALLOCATIONS.join('|')}> times <count:count> [after <after:count>]`,
      meaning: 'The next so many allocations of the kind fail, after so many that go well.',
      example: 'fail vmemmap times 1',
    },
    ['fail'],
    (values) => ({
      kind: 'fail',
      allocation: values.word('allocation', ALLOCATIONS, 'any'),
      count: values.number('count'),
      ...given('after', values.maybeNumber('after')),
    }),
    (operation) => ({ ...operation }),
  ),
  operationRow(
    {
      word: 'wait',
      pattern: 'wait <time:time>',
      meaning: 'Time passes: timers of lazy merges and work queues run.',
      example: 'wait 10ms',
    },
    ['wait'],
    (values) => ({ kind: 'wait', time: values.number('time') }),
    (operation) => ({ ...operation }),
  ),
];
