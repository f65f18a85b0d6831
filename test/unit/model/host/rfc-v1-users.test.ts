/** Design A as its users meet it: leaves that go with the user mappings they were made through, and a place that is taken while its folio drains. */
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../../src/model/host/operation';
import { GIB, GIGA, run } from './canonical/scenario';
import { bind, close, create, dontneed, made, mmap, munmap, pin, punch, reference, release, share, touch } from './canonical/steps';

const leafAt = (operations: readonly Operation[], page: number): number => {
  const { model } = run('A', operations);
  return model.extents('g').find(({ from, to }) => from <= page && page < to)!.stage2;
};

describe('a shared leaf is made through a user mapping, and goes with it', () => {
  const shared = [...made(2), mmap(0, 2), share(0, 512), touch(7), touch(9)];
  test('MADV_DONTNEED takes those of its pages, and the next access faults again', () => {
    expect([leafAt(shared, 7), leafAt(shared, 9)]).toEqual([0, 0]);
    expect([leafAt([...shared, dontneed(7)], 7), leafAt([...shared, dontneed(7)], 9)]).toEqual([-1, 0]);
    const { counter, metric, model } = run('A', [...shared, dontneed(7), touch(7)]);
    expect(model.references('g', 7)?.expected.map(({ who }) => who)).toContain('user PTEs of vmm');
    expect(counter('blocks.split')).toBe(1);
    expect(metric('zapped-pages')).toBe(run('A', shared).metric('zapped-pages') + 1);
  });
  test('munmap takes all of the range, and no private leaf', () => {
    const after = [...shared, munmap(0)];
    expect([leafAt(after, 7), leafAt(after, 9)]).toEqual([-1, -1]);
    expect(leafAt(after, GIGA)).toBe(9);
  });
  test('a mapping that the slot does not name takes none', () => {
    const other = (kind: 'mmap' | 'dontneed'): Operation => ({
      kind,
      process: 'other',
      file: 'g',
      range: { from: 0, to: kind === 'mmap' ? 2 * GIGA : 512 },
    });
    const touched: Operation = { kind: 'host-fault', process: 'other', file: 'g', range: { from: 7, to: 8 }, access: 'read' };
    expect(leafAt([...shared, other('mmap'), touched, other('dontneed')], 7)).toBe(0);
    expect(leafAt([...shared, other('mmap'), touched, dontneed(7)], 7)).toBe(-1);
  });
  test('where mappings of two processes follow one another each takes its own', () => {
    const second: Operation = { kind: 'mmap', process: 'other', file: 'g', range: { from: GIGA, to: 2 * GIGA } };
    const begun = [...made(2), mmap(0), second, share(GIGA - 1, GIGA + 1), touch(GIGA - 1), touch(GIGA)];
    const after = [...begun, { ...dontneed(0), range: { from: 0, to: 2 * GIGA } } as Operation];
    expect([leafAt(begun, GIGA - 1), leafAt(begun, GIGA)]).toEqual([0, 0]);
    expect([leafAt(after, GIGA - 1), leafAt(after, GIGA)]).toEqual([-1, 0]);
  });
  test('a punch that unmaps the wrong range takes the leaves of that range too (A-6)', () => {
    // A hole in block 1 unmaps from page 64 on: page 100 of block 0 is hit, page 7 is not.
    const begun = [...made(2), mmap(0, 2), share(0, 512), touch(7), touch(100)];
    const hole = punch(GIB + 4096 * 8, 4096 * 64);
    expect([leafAt([...begun, hole], 7), leafAt([...begun, hole], 100)]).toEqual([0, -1]);
  });
  test('in B the file itself is what the guest maps: its leaf stays', () => {
    const { model } = run('B', [...made(2), mmap(0, 2), share(7), touch(7), dontneed(7)]);
    expect(model.extents('g').find(({ from }) => from === 7)?.stage2).toBe(0);
  });
});

describe('the place of a folio that drains is touched again', () => {
  const drained = [...made(1), reference(7), punch(0, GIB)];
  test('another huge page takes it, and the reservation is one short (A-8)', () => {
    const before = run('A', made(1));
    expect(before.counter('hstate.1G.resv_huge_pages')).toBe(0);
    const there = run('A', drained);
    expect([there.counter('blocks.draining'), there.counter('hstate.1G.resv_huge_pages')]).toEqual([1, 0]);
    const { last, counter, broken, model } = run('A', [...drained, touch(0)]);
    expect(last.error).toBeNull();
    expect([counter('blocks.whole'), counter('blocks.draining')]).toEqual([1, 0]);
    expect(counter('hstate.1G.resv_huge_pages')).toBe(-1);
    expect(counter('hstate.1G.free_huge_pages')).toBe(before.counter('hstate.1G.free_huge_pages') - 1);
    expect(broken).toContain('RESV-BACKED');
    expect(broken).not.toContain('POOL-CONSERVATION');
    // Nobody refers to the new one.
    expect(model.references('g', 7)?.expected.map(({ who }) => who)).toEqual(['filemap of g']);
    expect(model.extents('g')[0]).toMatchObject({ content: 'data', contentOf: 'vm0', references: 0 });
  });
  test('with its last reference the first goes back, and the count is right again', () => {
    const { counter, metric, model } = run('A', [...drained, touch(0), release(7)]);
    expect(counter('hstate.1G.resv_huge_pages')).toBe(0);
    expect(counter('hstate.1G.free_huge_pages')).toBe(run('A', made(1)).counter('hstate.1G.free_huge_pages'));
    expect(metric('stranded-blocks')).toBe(0);
    expect(model.apply(release(7))).toMatchObject({ kind: 'refused', refusal: { code: 'model/no-such-name' } });
  });
  test('it is stranded until then', () => {
    expect(run('A', [...drained, touch(0)]).metric('stranded-bytes')).toBe(GIB);
  });
  test('of two that have drained from one place, each goes with its own holder', () => {
    const twice = [...drained, touch(0), mmap(0), share(9), pin(9), punch(0, GIB)];
    const other = run('A', [...drained, touch(0), reference(9), punch(0, GIB), touch(0)]);
    expect(other.counter('hstate.1G.resv_huge_pages')).toBe(-2);
    const { model } = other;
    const resv = (): number => model.counters()['hstate.1G.resv_huge_pages']!;
    model.apply(release(9));
    expect(resv()).toBe(-1);
    model.apply(release(7));
    expect(resv()).toBe(0);
    // A split block whose page is pinned does not merge any more: the C ends there too.
    expect(run('A', twice).last.error).toBe('OOPS');
  });
  test('a holder of both gives the first back first', () => {
    const { model } = run('A', [...drained, touch(0), reference(7)]);
    const counts = (): readonly number[] => [
      model.counters()['hstate.1G.resv_huge_pages']!,
      model.extents('g').find(({ from, to }) => from <= 7 && 7 < to)!.references,
    ];
    expect(counts()).toEqual([-1, 1]);
    model.apply(release(7));
    expect(counts()).toEqual([0, 1]);
    model.apply(release(7));
    expect(counts()).toEqual([0, 0]);
  });
  test('as intended the subpool still counts the first: there is none for its place until it is back', () => {
    const setting = { switches: ['A-8=as-intended'] };
    const { last, counter } = run('A', [...drained, touch(0)], setting);
    expect(last.error).toBe('ENOMEM');
    expect([counter('blocks.draining'), counter('hstate.1G.resv_huge_pages')]).toEqual([1, 0]);
    const back = run('A', [...drained, touch(0), release(7), touch(0)], setting);
    expect(back.last.error).toBeNull();
    expect([back.counter('blocks.whole'), back.counter('hstate.1G.resv_huge_pages')]).toEqual([1, 0]);
  });
  test('a second hole, a look-up and a memory error find nothing there', () => {
    expect(run('A', [...drained, punch(0, GIB)]).counter('subpool.g.used_hpages')).toBe(0);
    expect(run('A', [...drained, reference(7)]).last.error).toBe('ENOENT');
    expect(run('A', [...drained, { kind: 'poison', file: 'g', page: 7 }]).last.error).toBe('ENOENT');
  });
  test('where the pool has no other the first stays', () => {
    const all = [create(16), bind(0, 0, 16 * GIB), touch(0, 16 * GIGA), reference(7), punch(0, GIB)];
    const { last, counter } = run('A', [...all, touch(0)], { host: { nodes: [{ node: 0, memory: 64 * GIB, pages1G: 16, pages2M: 0 }] } });
    expect(last.error).toBe('ENOMEM');
    expect(counter('blocks.draining')).toBe(1);
  });
  test('a file that is gone gets both back', () => {
    const gone = run('A', [...drained, touch(0), close(), release(7)]);
    expect(gone.counter('hstate.1G.free_huge_pages')).toBe(gone.counter('hstate.1G.nr_huge_pages'));
    expect(gone.broken).not.toContain('POOL-CONSERVATION');
  });
});

test('a holder of overlapping runs gives one reference of each page back', () => {
  const { model } = run('B', [...made(1), { ...reference(0), range: { from: 0, to: 10 } } as Operation, reference(5), release(5)]);
  expect(model.extents('g').map(({ from, to, references }) => [from, to, references])).toEqual([
    [0, 10, 1],
    [10, GIGA, 0],
  ]);
});

test('a guest that touches a poisoned page through a user mapping is told of the poison', () => {
  const { last } = run('A', [...made(1), mmap(0), share(7), touch(7), { kind: 'poison', file: 'g', page: 7 }, dontneed(7), touch(7)]);
  expect(last.error).toBe('EHWPOISON');
});
