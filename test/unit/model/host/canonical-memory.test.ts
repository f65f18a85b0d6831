/** SC-01 to SC-04, SC-13 to SC-15, SC-19, SC-21, SC-23: what memory the designs take, against the tables of the specification. */
import { describe, expect, test } from 'vitest';
import type { DesignId } from '../../../../src/model/host/operation';
import { GIB, GIGA, on, oneNode, run } from './canonical/scenario';
import {
  bind,
  boot16,
  close,
  create,
  made,
  share,
  storm,
  swiotlb,
  swiotlbBack,
  swiotlbBackPiecewise,
  SWIOTLB,
  touch,
  unshare,
  wait,
} from './canonical/steps';

const ALL: readonly DesignId[] = ['A', 'B', 'B2', 'C', 'D', 'E'];
const HUGETLB: readonly DesignId[] = ['A', 'B', 'B2'];
const SHARING: readonly DesignId[] = ['A', 'B', 'B2', 'C'];

describe('SC-01: a 16 GiB VM boots, all private', () => {
  test.each(HUGETLB)('%s after create', (design) => {
    const { counter } = run(design, boot16.slice(0, 1));
    expect([counter('hstate.1G.free_huge_pages'), counter('hstate.1G.resv_huge_pages')]).toEqual([16, 16]);
    expect(counter('charge.vm0.hugetlb_rsvd')).toBe(design === 'A' ? 0 : 16 * GIGA);
  });
  test.each(HUGETLB)('%s after faults', (design) => {
    const { counter } = run(design, boot16);
    expect([counter('hstate.1G.free_huge_pages'), counter('hstate.1G.resv_huge_pages')]).toEqual([0, 0]);
  });
  test('C: the pool is used, hugetlb is not touched', () => {
    expect(run('C', boot16.slice(0, 1)).counter('pool.reserved')).toBe(16);
    const { counter } = run('C', boot16);
    expect([counter('pool.free'), counter('pool.reserved'), counter('hstate.1G.nr_huge_pages')]).toEqual([0, 0, 0]);
  });
  test('D: windows are taken at the faults', () => {
    expect(run('D', boot16.slice(0, 1)).counter('cma.free')).toBe(16);
    expect(run('D', boot16).counter('cma.free')).toBe(0);
    expect(run('D', boot16).metric('cma-attempts')).toBe(16);
  });
  test.each([
    ...SHARING.map((design) => [design, [], 16] as const),
    ['D', [], 65_536] as const,
    ['D', ['cma-hvo=on'], 16] as const,
    ['E', [], 65_536] as const,
  ])('%s %j: vmemmap', (design, switches, pages) => {
    expect(run(design, boot16, { switches }).counter('vmemmap.g')).toBe(pages);
  });
  test.each(ALL)('%s: stage 2 with leaves of 2M, and all pages zeroed once', (design) => {
    const { metric } = run(design, boot16);
    expect(metric('stage2-tables')).toBe(design === 'E' ? 8208 : 16);
    expect(metric('stage2-leaves')).toBe(design === 'E' ? 4_194_304 : 8192);
    expect(metric('pages-zeroed')).toBe(4_194_304);
  });
  test.each(['A', 'B', 'C'] as const)('%s: 16 leaves of 1G in a plain VM', (design) => {
    expect(run(design, boot16, { type: 'plain' }).metric('stage2-leaves')).toBe(16);
  });
});

describe('SC-02: 64 MiB of bounce buffers', () => {
  test.each(SHARING)('%s', (design) => {
    const { last, counter, metric, model } = run(design, swiotlb);
    expect(last.error).toBeNull();
    expect(counter('vmemmap.g')).toBe(4111);
    expect(metric('splits')).toBe(1);
    expect(counter('file.g.filemap_nodes')).toBe(4161);
    expect(metric('vmemmap-peak-extra')).toBe(4095);
    const small = model
      .extents('g')
      .filter(({ sharing, folioOrder, block }) => sharing === 'private' && folioOrder === 0 && block === 'split');
    expect(small.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(245_760);
  });
  test.each(['A', 'B', 'C'] as const)('%s on two levels', (design) => {
    const { counter, metric, model } = run(design, swiotlb, { switches: ['split=two-level'] });
    expect(counter('vmemmap.g')).toBe(15 + 736);
    expect([metric('splits'), metric('region-splits')]).toEqual([1, 32]);
    expect(model.extents('g').filter(({ sharing, folioOrder }) => sharing === 'private' && folioOrder === 0)).toEqual([]);
    expect(metric('vmemmap-peak-extra')).toBe(4095);
  });
  test('A as written forgets that the rest was prepared', () => {
    expect(run('A', swiotlb).metric('prepared-forgotten')).toBe(GIGA);
    expect(run('A', [...swiotlb, touch(GIGA + SWIOTLB, 2 * GIGA, 'read')], { type: 'plain' }).metric('lost-pages')).toBe(245_760);
    expect(run('A', swiotlb, { switches: ['A-4=as-intended'] }).metric('prepared-forgotten')).toBe(0);
  });
  test('D without HVO: no vmemmap moves', () => {
    const { counter, metric } = run('D', swiotlb);
    expect([counter('vmemmap.g'), metric('splits'), metric('vmemmap-allocated')]).toEqual([65_536, 1, 0]);
  });
  test('E: 64 MiB elsewhere, given back only when it is punched', () => {
    const shared = run('E', [...swiotlb, touch(GIGA, GIGA + SWIOTLB)]);
    expect(shared.counter('vmemmap.g')).toBe(65_536);
    expect(shared.metric('double-allocation')).toBe(64 * 2 ** 20);
    expect(on(shared.model, [{ kind: 'punch', file: 'g', offset: GIB, size: 64 * 2 ** 20 }]).metric('double-allocation')).toBe(0);
  });
  test.each(SHARING)('%s, SC-02b: 1 GiB across two blocks', (design) => {
    const { counter, metric } = run(design, [...boot16, share(GIGA + 1000, 2 * GIGA + 1000)]);
    expect([metric('splits'), counter('vmemmap.g')]).toEqual([2, 16 + 8190]);
  });
  test.each(SHARING)('%s, SC-02c: one page in each GiB', (design) => {
    const { counter, metric } = run(design, [...boot16, ...Array.from({ length: 16 }, (_, at) => share(at * GIGA + 99))]);
    expect([metric('splits'), counter('vmemmap.g'), metric('hvo-kept')]).toEqual([16, 65_536, 0]);
  });
});

describe('SC-03: it goes back to private', () => {
  test.each([swiotlbBack, swiotlbBackPiecewise])('A as written never merges it', (...operations) => {
    const { results, counter, metric, broken } = run('A', operations);
    expect(results.every(({ error }) => error === null)).toBe(true);
    expect([counter('vmemmap.g'), metric('merges')]).toEqual([4111, 0]);
    expect(broken).toContain('PRIVATE=>MERGED');
  });
  test('A merges when the whole GiB is converted', () => {
    const { counter } = run('A', [...swiotlbBack, share(GIGA, 2 * GIGA), unshare(GIGA, 2 * GIGA)]);
    expect(counter('vmemmap.g')).toBe(16);
  });
  test('A as intended merges at once', () => {
    expect(run('A', swiotlbBack, { switches: ['A-1=as-intended'] }).counter('vmemmap.g')).toBe(16);
  });
  test.each(['B', 'B2', 'C'] as const)('%s merges once, in one range or page by page', (design) => {
    for (const operations of [swiotlbBack, swiotlbBackPiecewise]) {
      const { counter, metric, broken } = run(design, operations);
      expect([counter('vmemmap.g'), metric('merges')]).toEqual([16, 1]);
      expect(broken).not.toContain('PRIVATE=>MERGED');
    }
  });
  test('D merges without a step for the vmemmap', () => {
    const { counter, metric } = run('D', swiotlbBack);
    expect([counter('vmemmap.g'), metric('merges'), metric('vmemmap-freed')]).toEqual([65_536, 1, 0]);
  });
  test('TDX: the folio is whole, stage 2 stays 4K', () => {
    const { model } = run('B', [...swiotlbBack, touch(GIGA, 2 * GIGA)], { type: 'tdx' });
    const extents = model.extents('g').filter(({ from, to }) => from < GIGA + SWIOTLB && to > GIGA);
    expect(extents.map(({ block, stage2 }) => [block, stage2])).toEqual([['whole', 9]]);
    const partly = run('B', [...boot16, share(GIGA + 7), unshare(GIGA + 7), touch(GIGA + 7)], { type: 'tdx' });
    expect(partly.model.extents('g').find(({ from, to }) => from <= GIGA + 8 && to > GIGA + 8)).toMatchObject({
      block: 'whole',
      stage2: 0,
    });
  });
});

describe('SC-04: a storm of conversions', () => {
  const N = 10;
  test.each([
    ['A', [], 1, 0, 4095, 0, 262_145, 1],
    ['B', [], N, N, 4096 * N, 4096 * N, 524_290 * N, 2 * N],
    ['C', [], N, N, 4096 * N, 4096 * N, 524_290 * N, 2 * N],
    ['D', [], N, N, 0, 0, 524_290 * N, 0],
    ['B', ['merge=fault'], 1, 0, 4095, 0, 262_145, 1],
  ] as const)('%s %j', (design, switches, splits, merges, allocated, freed, indexOps, rcu) => {
    const before = run(design, made(1), { switches });
    const { metric } = run(design, storm(N), { switches });
    const since = (name: string): number => metric(name) - before.metric(name);
    expect([
      since('splits'),
      since('merges'),
      since('vmemmap-allocated'),
      since('vmemmap-freed'),
      since('filemap-index-ops'),
      since('synchronize-rcu'),
    ]).toEqual([splits, merges, allocated, freed, indexOps, rcu]);
  });
  test('E: 2 N zaps at most, and nothing else', () => {
    const { metric } = run('E', storm(N));
    expect([metric('splits'), metric('merges'), metric('vmemmap-allocated'), metric('filemap-index-ops')]).toEqual([0, 0, 0, GIGA]);
  });
  test('N = 1000 in B: 4,096,000 pages', () => {
    const { metric } = run('B', storm(1000));
    expect([metric('vmemmap-allocated'), metric('vmemmap-freed')]).toEqual([4_096_000, 4_096_000]);
  });
  test('merging on a timer lies between', () => {
    const { metric } = run('B', [...storm(N), { kind: 'wait', time: 2_000_000 }], { switches: ['merge=timer'] });
    expect(metric('merges')).toBeGreaterThanOrEqual(1);
    expect(metric('splits')).toBeLessThanOrEqual(N);
  });
});

describe('SC-13: the vmemmap cannot be restored', () => {
  const short = { host: oneNode(8, 4, 4094) };
  const operations = [...made(1), share(7)];
  test('A as written: the VM hangs', () => {
    const { last, broken, model } = run('A', operations, short);
    expect(last.error).toBe('HANG');
    expect(broken).toEqual(expect.arrayContaining(['L4', 'ATOMIC-CONVERT']));
    expect(on(model, [touch(0)]).last.error).toBe('HANG');
  });
  test.each([
    ['A', ['A-2=as-intended']],
    ['B', []],
    ['B2', []],
    ['C', []],
  ] as const)('%s %j: -ENOMEM, and the block stays whole', (design, switches) => {
    const { last, model, counter } = run(design, operations, { ...short, switches });
    expect(last.error).toBe('ENOMEM');
    expect([counter('blocks.whole'), counter('blocks.split')]).toEqual([1, 0]);
    expect(model.extents('g').every(({ sharing }) => sharing === 'private')).toBe(true);
    expect(on(model, [{ kind: 'give-memory', pages: 0 }, share(7)]).last.error).toBe('ENOMEM');
  });
  test('B2 keeps the blocks before; B takes them back', () => {
    const two = { host: oneNode(8, 4, 4095 + 10) };
    const both = [...made(2), share(GIGA - 1, GIGA + 1)];
    const kept = run('B2', both, two);
    expect([kept.last.error, kept.last.errorOffset, kept.last.pages, kept.counter('blocks.split')]).toEqual(['ENOMEM', GIB, 1, 1]);
    expect(kept.broken).toContain('ATOMIC-CONVERT');
    const back = run('B', both, two);
    expect([back.last.error, back.counter('blocks.split')]).toEqual(['ENOMEM', 0]);
    expect(back.broken).not.toContain('ATOMIC-CONVERT');
  });
  test('D: 0 without HVO, -ENOMEM with it; E: 0', () => {
    const area = { host: { ...oneNode(8, 4, 4094) } };
    expect(run('D', operations, area).last.error).toBeNull();
    expect(run('D', operations, { host: oneNode(8, 4, 4000), switches: ['cma-hvo=on'] }).results.map(({ error }) => error)).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(run('E', [create(1), bind(0, 0, GIB), share(7)], { host: oneNode(8, 4, 4094) }).last.error).toBeNull();
  });
  test.each([
    ['uncounted', 4095],
    ['counted', 4692],
  ] as const)('sweep, slab %s: one conversion for each %i pages', (slab, each) => {
    for (const buddy of [0, each - 1, each, 2 * each - 1, 2 * each, 3 * each + 5, 4 * each]) {
      const { results } = run('B', [...made(4), ...[0, 1, 2, 3].map((block) => share(block * GIGA))], {
        host: oneNode(16, 4, buddy),
        switches: [`slab=${slab}`],
      });
      expect(results.slice(3).filter(({ error }) => error === null).length, `${buddy} pages`).toBe(Math.min(Math.floor(buddy / each), 4));
    }
  });
});

describe('SC-14: the second split of a block', () => {
  test('B as posted: HVO is lost, then BUG', () => {
    const merged = run('B', [...made(1), share(7), unshare(7)], { switches: ['B-1=as-written'] });
    expect(merged.counter('vmemmap.g')).toBe(4096);
    expect(merged.broken).toContain('HVO-FLAG=STATE');
    expect(on(merged.model, [share(7)]).last.error).toBe('OOPS');
  });
  test('B mended', () => {
    const merged = run('B', [...made(1), share(7), unshare(7)]);
    expect(merged.counter('vmemmap.g')).toBe(1);
    expect(on(merged.model, [share(7)]).last.error).toBeNull();
  });
});

describe('SC-15: 3 GiB of a confidential VM beside 4 GiB of hugetlbfs', () => {
  const tenant = { kind: 'hugetlbfs', owner: 'db', pageSize: '1G', pages: 4, action: 'map' } as const;
  const eight = (extra: object): { readonly host: object } => ({ host: { ...oneNode(32, 8), ...extra } });
  test.each(['A', 'B'] as const)('%s takes them from the same pool', (design) => {
    const { counter, metric, model } = run(design, [tenant, ...made(3)], eight({}));
    expect([counter('hstate.1G.nr_huge_pages'), counter('hstate.1G.free_huge_pages'), metric('vmemmap-peak-extra')]).toEqual([8, 1, 0]);
    const left = on(model, [close(), wait, tenant]);
    expect(left.last.error).toBeNull();
  });
  test('C retain: nothing moves but the owner', () => {
    const { counter, metric, model } = run('C', [tenant, { kind: 'transfer', to: 'pool', count: 3 }, ...made(3)], eight({ pool: 0 }));
    expect([
      counter('hstate.1G.nr_huge_pages'),
      counter('hstate.1G.max_huge_pages'),
      metric('vmemmap-peak-extra'),
      metric('vmemmap-allocated'),
    ]).toEqual([5, 5, 0, 0]);
    const left = on(model, [close(), wait, tenant]);
    expect(left.last.error).toBe('ENOMEM');
    expect(on(model, [{ kind: 'transfer', to: 'hugetlb', count: 3 }, tenant]).last.error).toBeNull();
  });
  test.each([
    [1, 4095],
    [3, 12_285],
  ])('C restore, %i at a time: peak %i, steady 0', (inFlight, peak) => {
    const { counter, metric } = run('C', [{ kind: 'transfer', to: 'pool', count: 3, inFlight }], {
      ...eight({ pool: 0 }),
      switches: ['transfer=restore'],
    });
    expect([metric('vmemmap-peak-extra'), counter('vmemmap.pages')]).toEqual([peak, 8]);
  });
  test('D without HVO: 12,285 pages for good', () => {
    const { counter, metric } = run('D', [{ kind: 'transfer', to: 'pool', count: 3 }, ...made(3)], eight({ cma: 0 }));
    expect([counter('vmemmap.pages') - 8, metric('vmemmap-peak-extra')]).toEqual([12_285, 12_285]);
  });
  test.each([
    [1, 4095],
    [3, 12_285],
  ])('D with HVO, %i at a time: peak %i, steady 0', (inFlight, peak) => {
    const { counter, metric } = run('D', [{ kind: 'transfer', to: 'pool', count: 3, inFlight }, ...made(3)], {
      ...eight({ cma: 0 }),
      switches: ['cma-hvo=on'],
    });
    expect([metric('vmemmap-peak-extra'), counter('vmemmap.pages')]).toEqual([peak, 8]);
  });
  test('E: the pool is shrunk by 3', () => {
    const { metric, counter } = run('E', [tenant, { kind: 'resize', pageSize: '1G', count: 5 }], eight({}));
    expect([counter('hstate.1G.nr_huge_pages'), metric('vmemmap-allocated')]).toEqual([5, 12_285]);
  });
});

describe('SC-19: CMA with a pinned page in k windows', () => {
  test.each([0, 1, 5, 16])('k = %i: 16 - k huge pages, then none', (k) => {
    const faults = Array.from({ length: 16 }, (_, at) => touch(at * GIGA));
    const { results } = run('D', [{ kind: 'obstruct', windows: k }, create(16), bind(0, 0, 16 * GIB), ...faults]);
    expect(results.slice(3).filter(({ error }) => error === null).length).toBe(16 - k);
    expect(results.slice(3).filter(({ error }) => error === 'ENOMEM').length).toBe(k);
  });
});

describe('SC-21: SW_PROTECTED_VM', () => {
  test('A: every block is split at its first touch', () => {
    const { counter, broken } = run('A', made(4), { type: 'sw-protected' });
    expect([counter('blocks.split'), counter('vmemmap.g')]).toEqual([4, 4 * 4096]);
    expect(broken).not.toContain('NO-LOST-DATA');
  });
  test('B with INIT_PRIVATE: whole', () => {
    expect(run('B', made(4), { type: 'sw-protected' }).counter('vmemmap.g')).toBe(4);
  });
});

describe('SC-23: growth that no memcg is charged for', () => {
  const operations = [
    create(64),
    bind(0, 0, 64 * GIB),
    touch(0, 64 * GIGA, 'read'),
    ...Array.from({ length: 64 }, (_, at) => share(at * GIGA)),
  ];
  test.each([
    ['A', 64 * 4095],
    ['B', 64 * 4095],
    ['C', 64 * 4095],
    ['D', 0],
    ['E', 0],
  ] as const)('%s: %i pages', (design, pages) => {
    const { metric, results } = run(design, operations, { host: oneNode(160, design === 'E' ? 0 : 64), memcgLimit: 65 * GIGA });
    expect(results.every(({ error }) => error === null)).toBe(true);
    expect(metric('uncharged-pages')).toBe(pages);
  });
});
