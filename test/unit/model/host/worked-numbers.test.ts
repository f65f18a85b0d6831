/** The check values of the specification: vmemmap and HVO, table sizes, the worked numbers of one- and two-level splits. */
import { describe, expect, test } from 'vitest';
import { filemapNodesOf } from '../../../../src/model/host/restructure';
import { cmaSuccess, conversionReserve, peakOfSplits, twoLevelVmemmap, worstVmemmap } from '../../../../src/model/metrics/formulas';
import type { Operation } from '../../../../src/model/host/operation';
import { GIB, GIGA, on, oneNode, run } from './canonical/scenario';
import { bind, create, hostTouch, made, mmap, share, touch, unshare } from './canonical/steps';

const TWO = { switches: ['split=two-level'] };
const REGION = 512;

describe('vmemmap and HVO', () => {
  test.each([
    ['1G', { pages1G: 1, pages2M: 0 }, 1, 4096],
    ['2M', { pages1G: 0, pages2M: 1 }, 1, 8],
  ] as const)('%s: pages kept with and without', (_size, pool, kept, whole) => {
    const nodes = [{ node: 0, memory: 8 * GIB, ...pool }];
    expect(run('A', [], { host: { nodes } }).counter('vmemmap.pages')).toBe(kept);
    expect(run('A', [], { host: { nodes, hvo: false } }).counter('vmemmap.pages')).toBe(whole);
  });
  test('1 TiB of 1G pages: HVO saves 1024 x 16,773,120 bytes', () => {
    const host = { nodes: [{ node: 0, memory: 1200 * GIB, pages1G: 1024, pages2M: 0 }] };
    const saved =
      run('A', [], { host: { ...host, hvo: false } }).counter('vmemmap.pages') - run('A', [], { host }).counter('vmemmap.pages');
    expect(saved * 4096).toBe(1024 * 16_773_120);
  });
  test('the first optimisation of a 1G page saves 4087 pages, page tables counted', () => {
    const grown = run('A', [{ kind: 'resize', pageSize: '1G', count: 1 }], { host: oneNode(8, 0) });
    const plain = run('A', [{ kind: 'resize', pageSize: '1G', count: 1 }], { host: { ...oneNode(8, 0), hvo: false } });
    expect(grown.counter('buddy.free') - plain.counter('buddy.free')).toBe(4087);
    expect([grown.counter('vmemmap.tables'), grown.counter('vmemmap.pages')]).toEqual([8, 1]);
  });
  test('demoting one 1G page: +4095, then -3584', () => {
    const { counter, metric } = run('A', [{ kind: 'demote', count: 1 }], { host: oneNode(8, 2) });
    expect(
      ['hstate.1G.nr_huge_pages', 'hstate.1G.max_huge_pages', 'hstate.2M.nr_huge_pages', 'hstate.2M.free_huge_pages'].map(counter),
    ).toEqual([1, 1, 512, 512]);
    expect([metric('vmemmap-peak-extra'), counter('vmemmap.pages')]).toEqual([4095, 1 + 512]);
  });
  test('a file of 2M pages: 7 pages for each split', () => {
    const steps: readonly Operation[] = [
      { kind: 'create', file: 'g', vm: 'vm0', size: 4 * 2 ** 21, pageSize: '2M' },
      touch(0, 4 * REGION),
      share(7),
    ];
    const { counter, metric, model } = run('B', steps, { host: { nodes: [{ node: 0, memory: 4 * GIB, pages1G: 0, pages2M: 8 }] } });
    expect([counter('vmemmap.g'), metric('filemap-nodes')]).toEqual([3 + 8, 8]);
    expect(on(model, [unshare(7)]).counter('vmemmap.g')).toBe(4);
  });
});

describe('table sizes', () => {
  test('1 GiB indexed by 4K: 4161 nodes, 2,396,736 bytes', () => {
    expect([filemapNodesOf(GIGA), filemapNodesOf(GIGA) * 576]).toEqual([4161, 2_396_736]);
    expect(run('B', [...made(1), share(7)]).metric('filemap-bytes')).toBe(2_396_736);
  });
  test('A: the same for faultability and for the attributes of a whole GiB', () => {
    expect(run('A', made(1)).metric('sharing-map-nodes')).toBe(4161);
    expect(run('A', [...made(1), share(0, GIGA)]).metric('sharing-map-nodes')).toBe(4161);
    expect(run('A', [...made(1), share(0)]).metric('sharing-map-nodes')).toBe(4161 + 3);
  });
  test.each([
    ['one leaf of 1G', 'plain', [], 0, 1],
    ['512 leaves of 2M', 'snp', [], 1, 512],
    ['all 4K', 'snp', ['stage2-cap=4K'], 513, 262_144],
  ] as const)('stage 2 of 1 GiB: %s', (_what, type, switches, tables, leaves) => {
    const { metric } = run('B', made(1), { type, switches });
    expect([metric('stage2-tables'), metric('stage2-leaves')]).toEqual([tables, leaves]);
  });
  test('stage 2 of 1 GiB: 511 of 2M and 512 of 4K', () => {
    const { metric } = run('B', [...made(1), share(7), touch(0, GIGA)], TWO);
    expect([metric('stage2-tables'), metric('stage2-leaves')]).toEqual([2, 511 + 512]);
  });
  test('64 MiB by 4K PTEs: 16,384 PTEs, 32 page tables', () => {
    const { metric } = run('B', [...made(1), share(0, 16_384), mmap(0), hostTouch(0, 16_384)]);
    expect([metric('user-ptes'), metric('user-page-tables')]).toEqual([16_384, 32]);
  });
  test('nested walks: 24, 19 and 14 references', () => {
    expect(run('B', made(1), { switches: ['stage2-cap=4K'] }).metric('walk-references')).toBe(24);
    expect(run('B', made(1)).metric('walk-references')).toBe(19);
    expect(run('B', made(1), { type: 'plain' }).metric('walk-references')).toBe(14);
  });
});

describe('worked numbers: one step to 4K, and two levels', () => {
  const scattered = Array.from({ length: 16 }, (_, block) =>
    Array.from({ length: REGION }, (_2, region) => [0, 100].map((at) => share(block * GIGA + region * REGION + at))),
  ).flat(2);
  test.each([
    ['one page in 1G', made(1), [share(7)], 4096, 519],
    ['64 MiB contiguous in 1G', made(1), [share(0, 16_384)], 4096, 736],
    ['64 MiB scattered over 16 x 1G, two in each 2M', made(16), scattered, 65_536, 65_536],
    ['1 GiB', made(1), [share(0, GIGA)], 4096, 4096],
    ['nothing, 16 GiB', made(16), [], 16, 16],
    ['one block of 16 GiB', made(16), [share(7)], 4111, 534],
    ['one page in each GiB of 16', made(16), Array.from({ length: 16 }, (_, block) => share(block * GIGA)), 65_536, 8304],
  ] as const)('%s', (_what, before, steps, direct, twoLevel) => {
    expect(run('B', [...before, ...steps]).counter('vmemmap.g')).toBe(direct);
    expect(run('B', [...before, ...steps], TWO).counter('vmemmap.g')).toBe(twoLevel);
  });
  test('one page in each GiB on two levels keeps 87.35 % of the saving', () => {
    const pages = run('B', [...made(16), ...Array.from({ length: 16 }, (_, block) => share(block * GIGA))], TWO).counter('vmemmap.g');
    expect(65_536 - pages).toBe(57_232);
    expect(((65_536 - pages) / 65_520).toFixed(4)).toBe('0.8735');
  });
  test('two levels have the same peak, and free 3577 pages after it', () => {
    const before = run('B', made(1), TWO);
    const freed = before.metric('vmemmap-freed');
    const allocated = before.metric('vmemmap-allocated');
    const after = on(before.model, [share(7)]);
    expect(after.metric('vmemmap-peak-extra')).toBe(4095);
    expect(after.metric('vmemmap-freed') - freed - (after.metric('vmemmap-allocated') - allocated - 4095)).toBe(3577);
  });
  test('two levels come back to one page', () => {
    const { counter } = run('B', [...made(1), share(7), share(600), unshare(7), unshare(600)], TWO);
    expect([counter('vmemmap.g'), counter('blocks.whole')]).toEqual([1, 1]);
  });
  test('TLB reach after one shared page: 512 times, or 1.998 times', () => {
    expect(run('B', [...made(1), share(7)]).metric('tlb-reach-loss')).toBe(512);
    expect(
      run('B', [...made(1), share(7)], TWO)
        .metric('tlb-reach-loss')
        .toFixed(3),
    ).toBe('1.998');
  });
});

describe('formulae', () => {
  test('the reserve for conversions that cannot fail', () => {
    expect([conversionReserve(1, 16), conversionReserve(40, 16), peakOfSplits(3) * 4096, worstVmemmap(16)]).toEqual([
      4692,
      16 * 4692,
      3 * 16_773_120,
      65_520,
    ]);
  });
  test('CMA: the chance that a window can be emptied', () => {
    expect([cmaSuccess(1e-6).toFixed(3), cmaSuccess(1e-5).toFixed(4)]).toEqual(['0.769', '0.0727']);
    expect(cmaSuccess(1e-5, 16)).toBeCloseTo(1 - (1 - 0.0727) ** 16, 3);
  });
  test.each([
    [0, 512],
    [1, 519],
    [32, 736],
    [512, 4096],
  ])('two levels, %i regions split: %i pages', (regions, pages) => {
    expect(twoLevelVmemmap(regions)).toBe(pages);
  });
  test('refaults after a conversion: 0, 511 or 262,143 pages for each leaf', () => {
    const refaults = (type: 'plain' | 'snp', range: readonly [number, number]): number =>
      run('B', [...made(1), share(...range)], { type }).metric('refaults');
    expect([refaults('plain', [7, 8]), refaults('snp', [7, 8]), refaults('snp', [512, 1024]), refaults('plain', [0, GIGA])]).toEqual([
      262_143, 511, 0, 0,
    ]);
  });
  test('invalidation width: the block in B, the range in A', () => {
    expect(run('B', [...made(1), share(7)]).metric('invalidation-width')).toBe(GIGA);
    expect(run('A', [...made(1), share(7)]).metric('invalidation-width')).toBe(1);
  });
  test('counted twice: 262,144 pages for each split block', () => {
    expect(run('B', [...made(2), share(7)]).metric('double-counting')).toBe(GIGA);
  });
  test('unmerged time grows in A after the last page is private, in B not', () => {
    const steps = [create(1), bind(0, 0, GIB), touch(0), share(7), unshare(7), { kind: 'wait', time: 1_000_000 } as const];
    expect(run('A', steps).metric('unmerged-time')).toBeGreaterThanOrEqual(1_000_000);
    expect(run('B', steps).metric('unmerged-time')).toBe(0);
  });
});
