/** Numbers of the specification that the canonical scenarios do not ask for: HVO in per cent, work for each split, and every cell of the table of errors. */
import { describe, expect, test } from 'vitest';
import { DESIGNS, type DesignId, type Operation } from '../../../../src/model/host/operation';
import { GIB, GIGA, on, oneNode, run } from './canonical/scenario';
import {
  bind,
  boot16,
  close,
  create,
  dontneed,
  hostTouch,
  made,
  mmap,
  pin,
  punch,
  reference,
  share,
  swiotlb,
  touch,
  unshare,
} from './canonical/steps';

const PAGE = 4096;

describe('HVO, in per cent of the memory that is described', () => {
  const inUse = (pages1G: number, pages2M: number, hvo: boolean): number =>
    run('A', [], { host: { nodes: [{ node: 0, memory: 8 * GIB, pages1G, pages2M }], hvo } }).counter('vmemmap.pages') * PAGE;
  test.each([
    ['1G', 1, 0, GIB, 1.562119, 0.00038147, 16_777_216, 16_773_120],
    ['2M', 0, 1, 2 ** 21, 1.3671875, 0.1953125, 32_768, 28_672],
  ] as const)('a huge page of %s', (_size, pages1G, pages2M, memory, saved, left, whole, freed) => {
    const [without, kept] = [inUse(pages1G, pages2M, false), inUse(pages1G, pages2M, true)];
    expect([without, without - kept]).toEqual([whole, freed]);
    expect((without / memory) * 100).toBe(1.5625);
    expect(((without - kept) / memory) * 100).toBeCloseTo(saved, 6);
    expect((kept / memory) * 100).toBeCloseTo(left, 8);
  });
  test('1G as 512 of 2M with HVO: 512 pages kept, 3584 freed, 14 MiB, and 1.3671875 % saved', () => {
    const { counter } = run('A', [{ kind: 'demote', count: 1 }], { host: oneNode(8, 1) });
    const kept = counter('vmemmap.pages');
    expect([kept, 4096 - kept, (4096 - kept) * PAGE]).toEqual([512, 3584, 14 * 2 ** 20]);
    expect((((4096 - kept) * PAGE) / GIB) * 100).toBe(1.3671875);
  });
  test('16 GiB, nothing shared: 64 KiB against 256 MiB', () => {
    const kept = run('B', made(16)).counter('vmemmap.g') * PAGE;
    const without = run('B', made(16), { host: { ...oneNode(64, 16), hvo: false } }).counter('vmemmap.g') * PAGE;
    expect([kept, without]).toEqual([64 * 2 ** 10, 256 * 2 ** 20]);
  });
  test('64 MiB in one piece on two levels: +735 pages, 2.87 MiB', () => {
    const whole = run('B', made(1)).counter('vmemmap.g');
    const more = run('B', [...made(1), share(0, 16_384)], { switches: ['split=two-level'] }).counter('vmemmap.g') - whole;
    expect([more, ((more * PAGE) / 2 ** 20).toFixed(2)]).toEqual([735, '2.87']);
  });
  test('12,285 pages in flight are 47.99 MiB, and 64 x 4095 are 1023.75 MiB', () => {
    expect([12_285, 64 * 4095].map((pages) => ((pages * PAGE) / 2 ** 20).toFixed(2))).toEqual(['47.99', '1023.75']);
  });
});

describe('the work of a split and of a merge', () => {
  const split = run('B', [...made(1), share(7)]);
  const merged = run('B', [...made(1), share(7), unshare(7)]);
  test('262,143 tails each', () => {
    expect([split.metric('struct-page-inits'), merged.metric('struct-page-inits')]).toEqual([262_143, 2 * 262_143]);
  });
  test('4095 pages copied by the restore, 16,773,120 bytes; one more by the optimisation', () => {
    expect([split.metric('pages-copied'), merged.metric('pages-copied')]).toEqual([4095, 4096]);
    expect(split.metric('pages-copied') * PAGE).toBe(16_773_120);
  });
  test('NR_FILE_PAGES + 262,144, and i_blocks + 2,097,152 for each huge page', () => {
    expect(split.counter('vm.nr_file_pages') - run('B', made(1)).counter('vm.nr_file_pages')).toBe(GIGA);
    expect(run('B', made(3)).counter('file.g.i_blocks')).toBe(3 * 2_097_152);
  });
  test('the times that are assumed: zeroing a GiB 107 ms, 262,144 insertions 26 ms, a restore 0.82 + 1.23 + 10 ms', () => {
    const untouched = run('B', [create(1), bind(0, 0, GIB)]).metric('time');
    expect((run('B', made(1)).metric('time') - untouched) / 1000).toBeCloseTo(107, 0);
    const all = (split.metric('time') - run('B', made(1)).metric('time')) / 1000;
    expect(all).toBeGreaterThan(26.2 + 0.82 + 1.23 + 10);
    expect(all).toBeLessThan(1.05 * (26.2 + 0.82 + 1.23 + 10));
  });
});

describe('SC-01, SC-02 and SC-16, what is left of their tables', () => {
  test.each(DESIGNS)('SC-01, %s: folios allocated', (design) => {
    expect(run(design, boot16).metric('allocations')).toBe(design === 'E' ? 4_194_304 : 16);
  });
  test('SC-02, D: 245,760 private pages are left at 4K', () => {
    const small = run('D', swiotlb)
      .model.extents('g')
      .filter(({ sharing, folioOrder, block }) => sharing === 'private' && folioOrder === 0 && block === 'split');
    expect(small.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(245_760);
  });
  test('SC-02b, E: 1 GiB elsewhere', () => {
    const shared = [...boot16, share(GIGA + 1000, 2 * GIGA + 1000), touch(GIGA + 1000, 2 * GIGA + 1000)];
    expect(run('E', shared).metric('double-allocation')).toBe(GIB);
  });
  test.each([
    ['B', 4_194_304],
    ['C', 262_144],
    ['D', 262_144],
    ['E', 1],
  ] as const)('SC-16, %s: one page of 4 KiB keeps %i times as much', (design, times) => {
    const steps = [...made(16), share(7), reference(7), close(), { kind: 'wait', time: 1000 } as const];
    expect(run(design, steps).metric('stranded-bytes') / PAGE).toBe(times);
  });
});

/** Design → error; a design that is missing has no such case. */
type Row = Partial<Record<DesignId, string | null>>;
const all = (error: string | null, but: Row = {}): Row => ({ ...Object.fromEntries(DESIGNS.map((each) => [each, error])), ...but });

describe('the table of errors', () => {
  const four = { host: oneNode(16, 4) };
  const shared = [...made(1), share(7)];
  const rows: readonly (readonly [string, readonly Operation[], Row, object?])[] = [
    ['create, the pool is short', [create(4), create(1, 'h')], all('ENOMEM', { D: null, E: null }), four],
    ['create, the pool is short, eager', [create(4), create(1, 'h')], { D: 'ENOMEM' }, { ...four, switches: ['cma=eager'] }],
    [
      'create, no multiple of the huge page',
      [{ kind: 'create', file: 'g', vm: 'vm0', size: GIB + PAGE, pageSize: '1G' }],
      all('EINVAL', { E: null }),
    ],
    [
      'the host faults in a private page',
      [...made(1), mmap(0), hostTouch(7)],
      { A: 'SIGBUS', B: 'SIGBUS', B2: 'SIGBUS', C: 'SIGBUS', D: 'SIGBUS' },
    ],
    ['the host maps the file', [...made(1), mmap(0)], all(null, { E: 'ENODEV' })],
    ['to private, still mapped', [...shared, mmap(0), hostTouch(7), unshare(7)], { A: 'EINVAL', B: null, B2: null, C: null, D: null }],
    ['to private, of other memory', [...shared, hostTouch(7), unshare(7)], { E: null }],
    [
      'to private, pinned',
      [...shared, mmap(0), hostTouch(7), pin(7), dontneed(7), unshare(7)],
      { A: 'EINVAL', B: 'EAGAIN', B2: 'EAGAIN', C: 'EAGAIN' },
    ],
    ['to private, pinned, of other memory', [...shared, hostTouch(7), pin(7), unshare(7)], { E: null }],
    ['to private, a plain reference, part', [...shared, reference(7), unshare(7)], all('EAGAIN', { A: null, E: null })],
    ['to private, a plain reference, all of it', [...shared, reference(7), unshare(0, GIGA)], all('EAGAIN', { A: 'ENOMEM', E: null })],
    [
      'to shared, no vmemmap pages',
      [create(1), bind(0, 0, GIB), touch(0), share(7)],
      all('ENOMEM', { A: 'HANG', D: null, E: null }),
      { host: oneNode(8, 4, 4094) },
    ],
    [
      'to shared, no vmemmap pages, as meant',
      [...made(1), share(7)],
      { A: 'ENOMEM' },
      { host: oneNode(8, 4, 4094), switches: ['A-2=as-intended'] },
    ],
    [
      'a fault on a poisoned page',
      [create(1), bind(0, 0, GIB), touch(7), { kind: 'poison', file: 'g', page: 7 }, share(0), unshare(0), touch(7)],
      { E: 'EHWPOISON' },
    ],
    [
      'a fault on a poisoned folio',
      [create(1), bind(0, 0, GIB), touch(7), { kind: 'poison', file: 'g', page: 7 }, touch(5000)],
      { A: 'EHWPOISON', B: 'EHWPOISON', B2: 'EHWPOISON' },
    ],
    ['a punch of part of a huge page', [...made(1), punch(100 * PAGE, PAGE)], all(null, { B2: 'EINVAL' })],
    [
      'a punch of a block with a shared page that is pinned',
      [...shared, mmap(0), hostTouch(7), pin(7), dontneed(7), punch(0, GIB)],
      { A: 'OOPS', B: 'EAGAIN', B2: 'EAGAIN', C: 'EAGAIN' },
    ],
    [
      'a punch of a block with a shared page that is referred to',
      [...shared, reference(7), punch(0, GIB)],
      { A: 'OOPS', B: 'EAGAIN', B2: 'EAGAIN', C: 'EAGAIN', D: 'EAGAIN' },
    ],
  ];
  const cells = rows.flatMap(([what, steps, row, spec]) =>
    DESIGNS.flatMap((design) => (design in row ? [[what, design, row[design] ?? null, steps, spec ?? {}] as const] : [])),
  );
  test.each(cells)('%s, %s: %s', (_what, design, error, steps, spec) => {
    const { last } = run(design, steps, spec);
    expect(last.error).toBe(error);
  });
  test('a share of a file on which nothing is done goes on', () => {
    expect(on(run('B', made(1)).model, [share(7)]).last.error).toBeNull();
  });
});
