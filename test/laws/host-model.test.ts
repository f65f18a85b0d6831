/** Laws of the memory model over random operations, in every design: pages are conserved, counts agree with what they count, marks go back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { designs } from '../../src/model/allocators/all';
import type { Design } from '../../src/model/allocators/allocator';
import { bootHost } from '../../src/model/host/boot';
import { createHostModel } from '../../src/model/host/create-host-model';
import type { Host } from '../../src/model/host/host';
import type { HostModel } from '../../src/model/host/host-model';
import type { ModelSpec } from '../../src/model/host/host-spec';
import type { Operation } from '../../src/model/host/operation';
import { runsOf, sumPages } from '../../src/model/host/pages';
import { perform } from '../../src/model/host/perform';
import type { FrameStack } from '../../src/model/host/pools';
import { blockVmemmap } from '../../src/model/host/restructure';
import { EMPTY, ORPHAN } from '../../src/model/host/state';
import { checked, noViolations } from '../../src/model/invariants/check';

const GIB = 2 ** 30;
const BLOCK = 2 ** 18;
const LARGE = 2;

/** The long run: FOLIOSCOPE_LAW_STEPS=100000. */
const STEPS = Number(process.env['FOLIOSCOPE_LAW_STEPS'] ?? 4000);
const PER_RUN = 100;
const SEED = Number(process.env['FOLIOSCOPE_LAW_SEED'] ?? 20260101);

const page = fc.oneof(fc.integer({ min: 0, max: LARGE * BLOCK - 1 }), fc.constantFrom(0, 1, 511, 512, BLOCK - 1, BLOCK));
const range = fc.oneof(
  page.map((from) => ({ from, to: from + 1 })),
  fc.tuple(page, fc.integer({ min: 1, max: 3000 })).map(([from, count]) => ({ from, to: Math.min(from + count, LARGE * BLOCK) })),
  fc.constantFrom({ from: 0, to: BLOCK }, { from: BLOCK, to: 2 * BLOCK }, { from: 0, to: 2 * BLOCK }, { from: 512, to: 1024 }),
);
const near = fc.constantFrom(7, 8, 513, BLOCK + 7).map((from) => ({ from, to: from + 1 }));
const file = fc.constantFrom('f', 'g');
const access = fc.constantFrom('read', 'write');
const process_ = fc.constantFrom('p', 'q');
const holder = fc.constantFrom('d', 'e');
const vm = 'vm';

const one = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('create'),
      file,
      vm: fc.constant(vm),
      size: fc.constantFrom(GIB, 2 * GIB),
      pageSize: fc.constantFrom('1G', '1G', '2M'),
      initially: fc.constantFrom('private', 'shared'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('bind'),
      vm: fc.constant(vm),
      file,
      gpa: fc.constantFrom(0, 4 * GIB, 2 ** 21),
      offset: fc.constantFrom(0, GIB),
      size: fc.constant(GIB),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('guest-fault'),
      vm: fc.constant(vm),
      file,
      range,
      access,
      each: fc.constantFrom('page', 'block'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('host-fault'), process: process_, file, range: fc.oneof(range, near), access }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('mmap'),
      process: process_,
      file,
      range: fc.constantFrom({ from: 0, to: BLOCK }, { from: BLOCK, to: 2 * BLOCK }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('dontneed', 'munmap'), process: process_, file, range }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('pin', 'reference'), holder, file, range: near }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('unpin', 'release'),
      holder,
      file,
      range: fc.oneof(near, fc.constant({ from: 0, to: BLOCK })),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('convert'),
      vm: fc.constant(vm),
      file,
      range: fc.oneof(range, near),
      to: fc.constantFrom('shared', 'private'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('punch', 'allocate'),
      file,
      offset: fc.constantFrom(0, GIB, 4096, 2 ** 21),
      size: fc.constantFrom(4096, 2 ** 21, GIB),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('populate'), vm: fc.constant(vm), file, range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close'), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('poison'), file, page }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('resize'), pageSize: fc.constantFrom('1G', '2M'), count: fc.integer({ min: 0, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('demote'), count: fc.constant(1) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('transfer'),
      to: fc.constantFrom('pool', 'hugetlb'),
      count: fc.integer({ min: 1, max: 2 }),
      inFlight: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('hugetlbfs'),
      owner: fc.constant('db'),
      pageSize: fc.constant('1G'),
      pages: fc.constant(1),
      action: fc.constantFrom('map', 'unmap'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('take-memory', 'give-memory'), pages: fc.constantFrom(1, 5000, 400000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('obstruct'), windows: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('policy'), vm: fc.constant(vm), node: fc.integer({ min: -1, max: 1 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fail'),
      allocation: fc.constantFrom('vmemmap', 'stash', 'filemap-node', 'huge-page', 'charge', 'contiguous', 'any'),
      count: fc.integer({ min: 0, max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), time: fc.constantFrom(1, 2_000_000) }) },
) as fc.Arbitrary<Operation>;

const spec = (design: Design, switches: ModelSpec['switches']): ModelSpec => ({
  host: {
    nodes: [
      { node: 0, memory: 6 * GIB, pages1G: 3, pages2M: 4 },
      { node: 1, memory: 4 * GIB, pages1G: 1, pages2M: 0 },
    ],
    hvo: true,
    overcommit1G: 0,
    overcommit2M: 0,
    hugetlbCma: false,
    ...(design.memory === 'pool' ? { pool: 2 } : {}),
    ...(design.memory === 'cma' ? { cma: 2 * GIB } : {}),
  },
  design: design.id,
  vms: [{ name: vm, type: 'snp' }],
  switches,
  seed: 1,
});
/** Room for the pool or the area beside hugetlb's pages. */
const roomy = (design: Design, switches: ModelSpec['switches']): ModelSpec => {
  const whole = spec(design, switches);
  return { ...whole, host: { ...whole.host, nodes: whole.host.nodes.map((node) => ({ ...node, memory: node.memory + 2 * GIB })) } };
};

/** A value for each switch, drawn. */
const switchesOf = (design: Design): fc.Arbitrary<ModelSpec['switches']> =>
  fc.tuple(...design.switches.map(({ name, values }) => fc.constantFrom(...values).map((value) => ({ name, value }))));

/** Files that are there from the start, and faults in whose window another thread does something. */
const begun: readonly Operation[] = ['f', 'g'].flatMap((name): Operation[] => [
  { kind: 'create', file: name, vm, size: 2 * GIB, pageSize: '1G' },
  { kind: 'bind', vm, file: name, gpa: 0, offset: 0, size: 2 * GIB },
  { kind: 'guest-fault', vm, file: name, range: { from: 0, to: BLOCK }, access: 'write', each: 'page' },
  { kind: 'mmap', process: 'p', file: name, range: { from: 0, to: 2 * BLOCK } },
]);
const raced = fc
  .tuple(
    fc.oneof(
      fc.record({ kind: fc.constant('guest-fault'), vm: fc.constant(vm), file, range: near, access, each: fc.constant('page') }),
      fc.record({ kind: fc.constant('host-fault'), process: process_, file, range: near, access }),
    ),
    one,
  )
  .map(([fault, meanwhile]) => ({ ...fault, meanwhile })) as fc.Arbitrary<Operation>;
const step = fc.oneof({ weight: 12, arbitrary: one }, { weight: 1, arbitrary: raced });

/** What every state must satisfy, reckoned from all of it; null: it does. */
function wrongIn(host: Host): string | null {
  for (const [at, node] of host.nodes.entries()) {
    for (const [name, value] of Object.entries(node)) if (typeof value === 'number' && value < 0) return `node ${at}: ${name} is ${value}`;
  }
  let vmemmap = inStack(host.pool.stack) + inStack(host.cma.stack) + inStack(host.dead);
  for (const [size, h] of [
    ['1G', host.hstates['1G']],
    ['2M', host.hstates['2M']],
  ] as const) {
    for (const node of h.nodes) {
      vmemmap += inStack(node.stack, h.pages);
      if (length(node.stack) + node.poisoned !== node.free) return `${size}: ${length(node.stack)} pages on the list, ${node.free} free`;
      if (node.nr < 0 || node.surplus < 0 || node.surplus > node.nr) return `${size}: nr ${node.nr} surplus ${node.surplus}`;
    }
  }
  for (let user = host.users; user !== null; user = user.next) vmemmap += user.frame.hvo ? 1 : user.owner.endsWith('1G') ? BLOCK / 64 : 8;
  for (const file of host.files) {
    let allocated = 0;
    for (const [index, block] of file.blocks.entries()) {
      if (!block) continue;
      const sums = block.processes.reduce((sum, { ptes }) => sum + sumPages(ptes, file.blockPages, 0, file.blockPages), 0);
      if (sums !== block.mapped) return `block ${index}: ${sums} PTEs, mapped ${block.mapped}`;
      const runs = runsOf(block.share, 0, file.blockPages);
      if (runs[0]!.from !== 0 || runs[runs.length - 1]!.to !== file.blockPages) return `block ${index}: the runs do not cover it`;
      if (file.order === 0 || block.state === EMPTY) continue;
      allocated++;
      vmemmap += blockVmemmap(host, file, block);
      if (block.state !== ORPHAN && block.pfn % file.blockPages !== 0) return `block ${index}: frame ${block.pfn}`;
    }
    for (const { index, block } of file.aside) {
      allocated++;
      vmemmap += blockVmemmap(host, file, block);
      if (block.holds.length === 0) return `block ${index}: nobody refers to the huge page that was set aside`;
    }
    if (allocated !== file.allocated) return `${file.name}: ${allocated} blocks have memory, counted ${file.allocated}`;
  }
  const counted = host.nodes.reduce((sum, node) => sum + node.vmemmap, 0);
  return counted === vmemmap ? null : `vmemmap: ${vmemmap} pages by folio, ${counted} by node`;
}

function inStack(stack: FrameStack, pages = BLOCK): number {
  let sum = 0;
  for (let cell = stack; cell !== null; cell = cell.next) sum += cell.frame.hvo ? 1 : pages / 64;
  return sum;
}

function length(stack: FrameStack): number {
  let count = 0;
  for (let cell = stack; cell !== null; cell = cell.next) count++;
  return count;
}

/** Broken by no switch: pages are conserved, pools add up. (A makes pages faultable at a bind, and splits at the next fault.) */
const ALWAYS = new Set([
  'POOL-CONSERVATION',
  'SHARE=>SPLIT',
  'HVO=>NOT-SPLIT',
  'NO-HUGETLB-MAPPED',
  'SHARED=>NO-PRIVATE-S2',
  'CHARGE-BALANCE',
]);

/** All that a model tells of itself. */
const seenOf = (model: HostModel): string =>
  JSON.stringify([
    model.hash(),
    model.steps(),
    model.time(),
    model.counters(),
    model.metrics(),
    model.files().map((name) => model.extents(name)),
    model.events(),
    model.violations(),
  ]);

test('a mark keeps its events, however many follow', () => {
  const made = createHostModel(roomy(designs[0]!, []));
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  const model = made.value;
  for (const operation of begun) model.apply(operation);
  const turn = (times: number): void => {
    for (let time = 0; time < times; time++) {
      for (const to of ['shared', 'private'] as const) model.apply({ kind: 'convert', vm, file: 'f', range: { from: 7, to: 8 }, to });
    }
  };
  turn(1200);
  const there = JSON.stringify(model.events());
  const mark = model.mark();
  expect(model.events().length).toBeGreaterThan(2000);
  for (const times of [1, 300, 2500]) {
    turn(times);
    expect(JSON.stringify(model.events())).not.toBe(there);
    model.restore(mark);
    expect(JSON.stringify(model.events())).toBe(there);
  }
});

describe.each(designs.map((design) => [design.id, design] as const))('design %s', (_id, design) => {
  test('pages are conserved and counts agree after every operation, whatever the switches', () => {
    const runs = Math.max(1, Math.ceil(STEPS / PER_RUN));
    let applied = 0;
    fc.assert(
      fc.property(switchesOf(design), fc.array(step, { minLength: PER_RUN, maxLength: PER_RUN }), (switches, operations) => {
        const booted = bootHost(roomy(design, switches), design);
        if (booted.kind !== 'done') throw new Error(JSON.stringify(booted));
        const host = booted.value;
        let violations = noViolations;
        for (const operation of [...begun, ...operations]) {
          host.touched.length = 0;
          host.facts.length = 0;
          if (perform(host, design, operation).kind !== 'done') continue;
          applied++;
          violations = checked(host, violations);
          host.step += 1;
          const wrong =
            wrongIn(host) ??
            violations.list.find(
              ({ invariant, met }) =>
                (ALWAYS.has(invariant) && !(design.id === 'A' && invariant === 'SHARE=>SPLIT')) ||
                (invariant === 'NO-LEAK' && met.startsWith('There are')),
            )?.met ??
            null;
          if (wrong !== null) throw new Error(`${wrong} after ${JSON.stringify(operation)} with ${JSON.stringify(switches)}`);
        }
      }),
      { seed: SEED, numRuns: runs },
    );
    expect(applied).toBeGreaterThan(runs * PER_RUN * 0.6);
  }, 600_000);

  test('marks and goings back, wherever they are, change nothing of what comes later', () => {
    fc.assert(
      fc.property(
        switchesOf(design),
        fc.array(fc.tuple(step, fc.constantFrom('go', 'go', 'mark', 'detour', 'back'), fc.array(step, { maxLength: 4 })), {
          minLength: 5,
          maxLength: 60,
        }),
        (switches, steps) => {
          const [plain, marked] = [createHostModel(roomy(design, switches)), createHostModel(roomy(design, switches))];
          if (plain.kind !== 'done' || marked.kind !== 'done') throw new Error(JSON.stringify([plain, marked]));
          for (const operation of begun) expect(marked.value.apply(operation)).toEqual(plain.value.apply(operation));
          let last = marked.value.mark();
          for (const [operation, what, detour] of steps) {
            if (what === 'mark') last = marked.value.mark();
            if (what === 'detour' || what === 'back') {
              const here = marked.value.mark();
              if (what === 'back') marked.value.restore(last);
              for (const other of detour) marked.value.apply(other);
              marked.value.restore(here);
            }
            expect(marked.value.apply(operation)).toEqual(plain.value.apply(operation));
            expect(marked.value.hash()).toBe(plain.value.hash());
          }
          expect(seenOf(marked.value)).toBe(seenOf(plain.value));
        },
      ),
      { seed: SEED, numRuns: Math.max(25, Math.ceil(STEPS / 400)) },
    );
  }, 600_000);

  test('a mark is gone back to from anywhere, also twice, and a state is like itself however it came about', () => {
    fc.assert(
      fc.property(
        switchesOf(design),
        fc.array(step, { minLength: 5, maxLength: 40 }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        fc.array(step, { minLength: 1, maxLength: 40 }),
        (switches, before, first, second) => {
          const made = createHostModel(roomy(design, switches));
          if (made.kind !== 'done') throw new Error(JSON.stringify(made));
          const model = made.value;
          const seen = (): string => seenOf(model);
          for (const operation of [...begun, ...before]) model.apply(operation);
          const there = seen();
          const start = model.mark();
          for (const operation of first) model.apply(operation);
          const later = seen();
          const further = model.mark();
          model.restore(start);
          expect(seen()).toBe(there);
          for (const operation of second) model.apply(operation);
          model.restore(further);
          expect(seen()).toBe(later);
          model.restore(start);
          expect(seen()).toBe(there);
          for (const operation of first) model.apply(operation);
          expect(seen()).toBe(later);
        },
      ),
      { seed: SEED, numRuns: 25 },
    );
  }, 600_000);
});
