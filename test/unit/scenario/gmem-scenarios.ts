/** Scenarios at random for fast-check: any that a text can hold. */
import fc from 'fast-check';
import { DESIGNS, type DesignId, type Operation, type PageRange } from '../../../src/model/host/operation';
import type { ExpectLine, GmemScenario, Step } from '../../../src/scenario/gmem/scenario';

const span = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const BLOCKS = 4;
const PAGES = BLOCKS * 262_144;
const text = fc.string({ maxLength: 12 });
const designs = fc.subarray<DesignId>([...DESIGNS]);

const range: fc.Arbitrary<PageRange> = fc
  .tuple(fc.nat(PAGES - 1), fc.integer({ min: 1, max: PAGES }))
  .map(([from, length]) => ({ from, to: Math.min(from + length, PAGES) }));
const aligned: fc.Arbitrary<PageRange> = fc
  .tuple(fc.nat(BLOCKS - 1), fc.integer({ min: 1, max: BLOCKS }))
  .map(([from, length]) => ({ from: from * 262_144, to: Math.min(from + length, BLOCKS) * 262_144 }));
const pages = fc.oneof(range, aligned);
const access = fc.constantFrom('read' as const, 'write' as const);
const holder = fc.constantFrom('vmm', 'nic');
const bytes = fc.tuple(fc.nat(2 ** 30), fc.integer({ min: 1, max: 2 ** 30 })).map(([offset, size]) => ({ offset, size }));
const node = fc.option(fc.nat(1), { nil: undefined });
const onNode = node.map((each) => (each === undefined ? {} : { node: each }));

const simple: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('bind' as const),
    vm: fc.constant('td'),
    file: fc.constant('gmem0'),
    gpa: fc.nat(),
    offset: fc.nat(),
    size: fc.nat(),
  }),
  fc.record({ kind: fc.constant('unbind' as const), vm: fc.constant('td'), file: fc.constant('gmem0'), gpa: fc.nat() }),
  fc.record({
    kind: fc.constant('guest-fault' as const),
    vm: fc.constant('td'),
    file: fc.constant('gmem0'),
    range: pages,
    access,
    each: fc.constantFrom('page' as const, 'block' as const),
  }),
  fc.record({ kind: fc.constant('host-fault' as const), process: fc.constant('vmm'), file: fc.constant('gmem0'), range: pages, access }),
  fc.record({
    kind: fc.constantFrom('dontneed' as const, 'munmap' as const, 'mmap' as const),
    process: fc.constant('vmm'),
    file: fc.constant('gmem0'),
    range: pages,
  }),
  fc.record({
    kind: fc.constantFrom('unpin' as const, 'release' as const),
    holder,
    file: fc.constant('gmem0'),
    range: pages,
  }),
  fc
    .record({
      kind: fc.constantFrom('pin' as const, 'reference' as const),
      holder,
      file: fc.constant('gmem0'),
      range: pages,
      lasting: fc.option(fc.nat(10_000_000), { nil: undefined }),
    })
    .map(({ lasting, ...each }) => ({ ...each, ...(lasting === undefined ? {} : { lasting }) })),
  fc.record({
    kind: fc.constant('convert' as const),
    vm: fc.constantFrom('td', 'other'),
    file: fc.constant('gmem0'),
    range: pages,
    to: fc.constantFrom('shared' as const, 'private' as const),
  }),
  fc.tuple(fc.constantFrom('punch' as const, 'allocate' as const), bytes).map(([kind, each]) => ({ kind, file: 'gmem0', ...each })),
  fc.record({ kind: fc.constant('populate' as const), vm: fc.constant('td'), file: fc.constant('gmem0'), range: pages }),
  fc.record({ kind: fc.constant('poison' as const), file: fc.constant('gmem0'), page: fc.nat(PAGES - 1) }),
  fc
    .tuple(fc.constantFrom('2M' as const, '1G' as const), fc.nat(), onNode)
    .map(([pageSize, count, more]) => ({ kind: 'resize' as const, pageSize, count, ...more })),
  fc.tuple(fc.nat(), onNode).map(([count, more]) => ({ kind: 'demote' as const, count, ...more })),
  fc
    .tuple(fc.constantFrom('take-memory' as const, 'give-memory' as const), fc.nat(), onNode)
    .map(([kind, count, more]) => ({ kind, pages: count, ...more })),
  fc.record({ kind: fc.constant('policy' as const), vm: fc.constant('td'), node: fc.integer({ min: -1, max: 1 }) }),
  fc.record({
    kind: fc.constant('fail' as const),
    allocation: fc.constantFrom('vmemmap' as const, 'any' as const, 'huge-page' as const),
    count: fc.nat(),
  }),
  fc.record({ kind: fc.constant('wait' as const), time: fc.nat() }),
  fc.record({
    kind: fc.constant('hugetlbfs' as const),
    owner: fc.constant('vmm'),
    pageSize: fc.constantFrom('2M' as const, '1G' as const),
    pages: fc.nat(),
    action: fc.constantFrom('map' as const, 'unmap' as const),
  }),
);

const operation: fc.Arbitrary<Operation> = fc
  .tuple(simple, fc.option(simple, { nil: undefined }))
  .map(([each, meanwhile]) =>
    meanwhile !== undefined && (each.kind === 'guest-fault' || each.kind === 'host-fault') ? { ...each, meanwhile } : each,
  );

const expectation: fc.Arbitrary<ExpectLine['expectation']> = fc.oneof(
  fc.record({
    kind: fc.constant('counter' as const),
    name: fc.constantFrom('hstate.1G.free_huge_pages', 'subpool.gmem0.used_hpages'),
    is: fc.constantFrom('=' as const, '!=' as const, '<' as const, '>=' as const),
    value: fc.integer(),
  }),
  fc.record({
    kind: fc.constant('metric' as const),
    name: fc.constantFrom('vmemmap-pages', 'hvo-kept'),
    is: fc.constant('=' as const),
    value: fc.integer({ min: 0, max: 9999 }).map((each) => each / 100),
  }),
  fc.record({ kind: fc.constant('invariant' as const), name: fc.constantFrom('SHARE=>SPLIT', 'L3', 'NO-LEAK'), held: fc.boolean() }),
  pages.map(({ from, to }) => ({ kind: 'state' as const, file: 'gmem0', from, to, property: 'mapped', value: '0' })),
);

/** One at most, so that none contradicts another. */
const expects: fc.Arbitrary<readonly ExpectLine[]> = fc.array(
  fc
    .tuple(expectation, designs, fc.option(fc.boolean(), { nil: undefined }))
    .map(([each, of, holds]) => ({ expectation: each, designs: of, ...(holds === undefined ? {} : { holds }), span })),
  { maxLength: 1 },
);

const single: fc.Arbitrary<Step> = fc
  .tuple(operation, designs, expects, fc.option(fc.nat(99), { nil: undefined }))
  .map(([each, of, expected, moving]) => ({
    kind: 'operation',
    operation: each,
    designs: of,
    // What is expected of a design that passes the step over is a problem of the text.
    expects: expected.map((line) => ({
      ...line,
      designs: of.length === 0 ? line.designs : line.designs.filter((each) => of.includes(each)),
    })),
    ...(moving === undefined || !canMove(each) ? {} : { moving: moving * 4096 }),
    span,
  }));

const canMove = (each: Operation): boolean => 'range' in each || ('offset' in each && !('gpa' in each)) || each.kind === 'poison';

const { steps } = fc.letrec<{ steps: readonly Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    single,
    fc
      .tuple(fc.integer({ min: 0, max: 9 }), tie('steps'), expects)
      .map(([times, inner, expected]) => ({ kind: 'repeat' as const, times, steps: inner, expects: expected, span })),
    fc
      .tuple(fc.nat(9), fc.nat(), tie('steps'), expects)
      .map(([times, seed, inner, expected]) => ({ kind: 'random' as const, times, seed, steps: inner, expects: expected, span })),
    fc
      .tuple(fc.array(tie('steps'), { maxLength: 3 }), expects)
      .map(([branches, expected]) => ({ kind: 'parallel' as const, branches, expects: expected, span })),
  ),
}));

const create: Step = {
  kind: 'operation',
  operation: { kind: 'create', file: 'gmem0', vm: 'td', size: BLOCKS * 2 ** 30, pageSize: '1G' },
  designs: [],
  expects: [],
  span,
};

const host: fc.Arbitrary<GmemScenario['host']> = fc
  .tuple(fc.nat(4), fc.boolean(), fc.boolean(), fc.nat(3), fc.option(fc.nat(4), { nil: undefined }))
  .map(([pages1G, hvo, hugetlbCma, overcommit1G, pool]) => ({
    nodes: [0, 1].map((each) => ({ node: each, memory: 16 * 2 ** 30, pages1G, pages2M: each, ...(each === 1 ? { buddy: 1000 } : {}) })),
    hvo,
    overcommit1G,
    overcommit2M: 0,
    hugetlbCma,
    ...(pool === undefined ? {} : { pool: Math.min(pool, pages1G) }),
  }));

export const anyScenario: fc.Arbitrary<GmemScenario> = fc
  .record({
    name: text,
    about: fc.array(text, { maxLength: 2 }),
    labels: fc.subarray(['code', 'thread', 'derived']),
    host,
    steps,
    parameters: fc.subarray([
      { name: 'span', value: '64MiB' },
      { name: 'many', value: '3' },
      { name: 'sum', value: '16 + 4095 * (2 - 1)' },
    ]),
    values: fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 4 }),
  })
  .map(({ values, steps: inner, parameters, ...head }) => ({
    ...head,
    designs: [...DESIGNS],
    switches: [],
    vms: [
      { name: 'td', type: 'tdx' as const },
      { name: 'other', type: 'snp' as const, memcgLimit: 7 },
    ],
    processes: ['vmm'],
    devices: ['nic'],
    parameters,
    sweeps: parameters.slice(0, 1).map(({ name }) => ({ name, values, span })),
    steps: [create, ...inner],
    written: {},
    span,
    lastLine: 1,
  }));
