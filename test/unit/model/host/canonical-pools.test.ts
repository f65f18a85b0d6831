/** SC-10 to SC-12, SC-17, SC-18, SC-20, SC-25, SC-26: pools, races, errors, slots and nodes, against the tables of the specification. */
import { describe, expect, test } from 'vitest';
import type { DesignId, Operation } from '../../../../src/model/host/operation';
import { GIB, GIGA, on, oneNode, run } from './canonical/scenario';
import { bind, close, create, hostTouch, made, mmap, punch, share, touch, wait } from './canonical/steps';

const four = { host: oneNode(16, 4) };

describe('SC-10: the pool is exhausted', () => {
  test.each(['A', 'B', 'B2'] as const)('%s: resv 4, then -ENOMEM, for hugetlbfs too', (design) => {
    const { results, counter, model } = run(design, [create(4), create(1, 'h')], four);
    expect([results.map(({ error }) => error), counter('hstate.1G.resv_huge_pages')]).toEqual([[null, 'ENOMEM'], 4]);
    expect(on(model, [{ kind: 'hugetlbfs', owner: 'db', pageSize: '1G', pages: 1, action: 'map' }]).last.error).toBe('ENOMEM');
  });
  test('C: -ENOMEM unless hugetlb has pages', () => {
    expect(run('C', [create(4), create(1, 'h')], four).last.error).toBe('ENOMEM');
    const { last, counter } = run('C', [create(4), create(1, 'h')], { host: { ...oneNode(16, 2), pool: 4 } });
    expect([last.error, counter('hstate.1G.nr_huge_pages'), counter('pool.total')]).toEqual([null, 1, 5]);
  });
  test('D lazy: 0 now, and the failure at a later fault; eager: -ENOMEM', () => {
    const steps = [...made(4), create(1, 'h'), bind(0, 0, GIB, 'h'), touch(0, 1, 'write', 'h')];
    const lazy = run('D', steps, four);
    expect(lazy.results.map(({ error }) => error)).toEqual([null, null, null, null, null, 'ENOMEM']);
    expect(run('D', steps.slice(0, 4), { ...four, switches: ['cma=eager'] }).last.error).toBe('ENOMEM');
  });
  test('E: 0, out of memory later', () => {
    const { results } = run('E', [create(4), create(8, 'h'), touch(0, 4 * GIGA), touch(0, 8 * GIGA, 'write', 'h')], {
      host: oneNode(12, 0),
    });
    expect(results.map(({ error }) => error)).toEqual([null, null, null, 'ENOMEM']);
  });
  test('a size that is no multiple of the huge page: -EINVAL, in E of the page', () => {
    const odd: Operation = { kind: 'create', file: 'g', vm: 'vm0', size: GIB + 4096, pageSize: '1G' };
    for (const design of ['A', 'B', 'B2', 'C', 'D'] as const) expect(run(design, [odd]).last.error, design).toBe('EINVAL');
    expect(run('E', [odd]).last.error).toBeNull();
  });
});

describe('SC-11: the pool shrinks under a file, then a block is punched', () => {
  const shrunk = [...made(4), { kind: 'resize', pageSize: '1G', count: 3 } as const];
  test.each(['A', 'B', 'B2'] as const)('%s: the reservation has nothing behind it', (design) => {
    const { counter, model } = run(design, shrunk, four);
    const h = (name: string): number => counter(`hstate.1G.${name}_huge_pages`);
    expect([h('nr'), h('surplus'), h('max')]).toEqual([4, 1, 3]);
    const before = counter('vmemmap.pages');
    const punched = on(model, [punch(0, GIB)]);
    expect(['nr', 'surplus', 'free', 'resv'].map((name) => punched.counter(`hstate.1G.${name}_huge_pages`))).toEqual([3, 0, 0, 1]);
    expect(punched.metric('vmemmap-allocated')).toBe(4095);
    expect(punched.counter('vmemmap.pages')).toBe(before - 1);
    expect(punched.broken).toContain('RESV-BACKED');
    const refault = on(model, [touch(0)]);
    expect([refault.last.error, refault.broken.includes('L5')]).toEqual(['ENOMEM', true]);
  });
  test('C: the shrink does not reach its folios', () => {
    const { broken, last } = run('C', [...shrunk, punch(0, GIB), touch(0)], four);
    expect([last.error, broken.includes('RESV-BACKED')]).toEqual([null, false]);
  });
});

describe('SC-12: two threads allocate the last block', () => {
  const raced = (design: DesignId): Operation[] => [
    create(1),
    bind(0, 0, GIB),
    { kind: 'guest-fault', vm: 'vm0', file: 'g', range: { from: 0, to: 1 }, access: 'write', each: 'page', meanwhile: touch(1) },
    ...(design === 'E' ? [] : []),
  ];
  test.each([
    ['A', null],
    ['B', 'ENOMEM'],
    ['C', 'ENOMEM'],
    ['E', null],
  ] as const)('%s: the other gets %s', (design, error) => {
    const { last, model } = run(design, raced(design), four);
    expect([last.error, last.meanwhile?.error]).toEqual([null, error]);
    const retry = on(model, [touch(1)]);
    expect([retry.last.error, retry.metric('allocations')]).toEqual([null, design === 'E' ? 2 : 1]);
  });
});

describe('SC-17: a memory error', () => {
  const poison: Operation = { kind: 'poison', file: 'g', page: 100 };
  test.each(['A', 'B', 'B2'] as const)('%s, a whole block: leaves stay, 262,144 pages refuse new faults', (design) => {
    const { model, metric, broken } = run(design, [...made(1), poison]);
    expect(metric('poison-blast-radius')).toBe(GIGA);
    expect(model.extents('g').every(({ stage2 }) => stage2 === 9)).toBe(true);
    expect(broken).toContain('POISON-CONTAINED');
    expect(on(model, [touch(5, 6, 'read')]).last.error).toBeNull();
  });
  test('B: a fault that needs a new leaf', () => {
    const { model } = run('B', [create(1), bind(0, 0, GIB), touch(0), poison]);
    expect(on(model, [touch(5000)]).last.error).toBe('EHWPOISON');
  });
  test('A as designed: the block is zapped', () => {
    const { model, metric } = run('A', [...made(1), poison], { switches: ['memfail=as-designed'] });
    expect([metric('stage2-leaves'), metric('poison-blast-radius')]).toEqual([0, GIGA]);
    expect(on(model, [touch(5, 6, 'read')]).last.error).toBe('EHWPOISON');
  });
  test.each(['C', 'D'] as const)('%s, a whole block: the flag of one page', (design) => {
    expect(run(design, [...made(1), poison]).metric('poison-blast-radius')).toBe(1);
  });
  test.each(['A', 'B', 'C', 'D'] as const)('%s, a shared page that is mapped: flagged, the mapping stays', (design) => {
    const { model, metric, broken } = run(design, [...made(1), share(100), mmap(0), hostTouch(100), poison]);
    expect([metric('poison-blast-radius'), metric('user-ptes')]).toEqual([1, 1]);
    expect(broken).toContain('POISON-CONTAINED');
    expect(on(model, [{ kind: 'dontneed', process: 'vmm', file: 'g', range: { from: 100, to: 101 } }, hostTouch(100)]).last.error).toBe(
      'SIGBUS',
    );
  });
  test('E: one page is zapped and lost', () => {
    const { model, metric, broken } = run('E', [create(1), bind(0, 0, GIB), touch(0, 1024), poison]);
    expect([metric('poison-blast-radius'), metric('stage2-leaves')]).toEqual([1, 1023]);
    expect(broken).not.toContain('POISON-CONTAINED');
    expect(on(model, [touch(100)]).last.error).toBe('EHWPOISON');
  });
  test('a poisoned page goes back to hugetlb, and is never given out again', () => {
    const { counter, model } = run('B', [...made(4), poison, close(), wait], four);
    expect(counter('hstate.1G.free_huge_pages')).toBe(4);
    expect(on(model, [create(4, 'h'), touch(0, 4 * GIGA, 'write', 'h')]).last.error).toBe('ENOMEM');
  });
});

describe('SC-18: slots that do not agree with the file', () => {
  const steps: readonly Operation[] = [
    create(4),
    bind(0, 0, 2.5 * GIB),
    bind(4 * GIB, 2.5 * GIB, 1.5 * GIB),
    touch(3 * GIGA, 3 * GIGA + 1),
  ];
  test('A: a leaf of 1G is wrong', () => {
    expect(run('A', steps, { type: 'plain' }).broken).toContain('S2-FITS');
    expect(run('A', steps, { type: 'snp' }).broken).not.toContain('S2-FITS');
  });
  test('B: 1G is not allowed in the second slot, 2M is', () => {
    const { results, model, broken } = run('B', steps, { type: 'plain' });
    expect(results.map(({ error }) => error)).toEqual([null, null, null, null]);
    expect(model.extents('g').find(({ from, to }) => from <= 3 * GIGA && to > 3 * GIGA)).toMatchObject({ stage2: 9 });
    expect(broken).not.toContain('S2-FITS');
  });
  test('refused at the bind: -EINVAL', () => {
    expect(run('B', steps.slice(0, 3), { switches: ['alignment=refuse'] }).results.map(({ error }) => error)).toEqual([
      null,
      null,
      'EINVAL',
    ]);
  });
  test('off by 8 KiB: 4K only', () => {
    const { model } = run('B', [create(4), bind(8192, 0, 2 * GIB), touch(0, 512)], { type: 'plain' });
    expect(model.extents('g')[0]).toMatchObject({ stage2: 0, to: 512 });
  });
});

describe('SC-20: 2 MiB of firmware before the guest runs', () => {
  const steps: readonly Operation[] = [create(1), bind(0, 0, GIB), { kind: 'populate', vm: 'vm0', file: 'g', range: { from: 0, to: 512 } }];
  test('A: the order of the whole folio is too much', () => {
    expect(run('A', steps).last.error).toBe('EFAULT');
    expect(run('A', steps, { switches: ['A-10=as-intended'] }).last.error).toBeNull();
  });
  test.each(['B', 'B2', 'C', 'D', 'E'] as const)('%s: 0, and the pages hold it', (design) => {
    const { last, model } = run(design, steps);
    expect(last).toMatchObject({ error: null, pages: 512 });
    expect(model.extents('g')[0]).toMatchObject({ from: 0, to: 512, content: 'data', contentOf: 'vm0' });
  });
});

describe('SC-25: what hugetlb reports of one page', () => {
  test.each(['A', 'B', 'B2'] as const)('%s', (design) => {
    const start = run(design, [], four);
    const names = ['nr', 'free', 'resv', 'surplus', 'nr_overcommit'].map((name) =>
      name === 'nr_overcommit' ? 'hstate.1G.nr_overcommit_huge_pages' : `hstate.1G.${name}_huge_pages`,
    );
    const seen = (): number[] => names.map((name) => start.counter(name));
    expect(seen()).toEqual([4, 4, 0, 0, 0]);
    const steps: readonly [Operation, number[]][] = [
      [create(1), [4, 4, 1, 0, 0]],
      [{ kind: 'allocate', file: 'g', offset: 0, size: GIB }, [4, 3, 0, 0, 0]],
      [punch(0, GIB), [4, 4, 1, 0, 0]],
      [close(), [4, 4, 0, 0, 0]],
    ];
    for (const [operation, expected] of steps) {
      expect(on(start.model, [operation]).last.error).toBeNull();
      expect(seen(), operation.kind).toEqual(expected);
    }
  });
});

describe('SC-26: two nodes', () => {
  const node = (at: number): { node: number; memory: number; pages1G: number; pages2M: number } => ({
    node: at,
    memory: 16 * GIB,
    pages1G: 8,
    pages2M: 0,
  });
  const nodes = { host: { nodes: [node(0), node(1)] } };
  const steps: readonly Operation[] = [
    create(4, 'h', 'vm1'),
    { kind: 'policy', vm: 'vm1', node: 0 },
    touch(0, 4 * GIGA, 'write', 'h', 'vm1'),
    create(8),
    { kind: 'policy', vm: 'vm0', node: 0 },
    ...Array.from({ length: 5 }, (_, at) => touch(at * GIGA)),
  ];
  test.each(['A', 'B', 'B2'] as const)('%s: the fifth fault fails although 8 are free on the other node', (design) => {
    const { results, counter, broken } = run(design, steps, nodes);
    expect(results.slice(5).map(({ error }) => error)).toEqual([null, null, null, null, 'ENOMEM']);
    expect([counter('hstate.1G.node0.free_huge_pages'), counter('hstate.1G.node1.free_huge_pages')]).toEqual([0, 8]);
    expect(broken).toContain('L5');
  });
  test('C: another node helps out', () => {
    expect(run('C', steps, nodes).last.error).toBeNull();
  });
  test('P2 takes what it needs from the other node', () => {
    const short = { host: { nodes: [{ ...node(0), buddy: 100 }, node(1)] } };
    const { last, counter } = run('B', [{ kind: 'policy', vm: 'vm0', node: 0 }, ...made(1), share(7)], short);
    expect([last.error, counter('node0.buddy_free'), counter('node1.vmemmap')]).toEqual([null, 0, 8 + 3995]);
  });
});
