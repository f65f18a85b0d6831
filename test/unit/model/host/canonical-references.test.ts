/** SC-05 to SC-09, SC-16, SC-22, SC-24: pins, mappings, references, races, punches and teardown, against the tables of the specification. */
import { describe, expect, test } from 'vitest';
import type { DesignId, Operation } from '../../../../src/model/host/operation';
import { GIB, GIGA, on, run } from './canonical/scenario';
import {
  bind,
  close,
  create,
  dontneed,
  hostTouch,
  made,
  mmap,
  munmap,
  pin,
  pinnedPage,
  punch,
  reference,
  release,
  share,
  touch,
  unpin,
  unshare,
  wait,
} from './canonical/steps';

const PAGE = 4096;

describe('SC-05: a pinned page is to be private', () => {
  const shared = [...made(2), share(7)];
  test('A: -EINVAL, faultability as before, stage 2 zapped', () => {
    const { last, model } = run('A', [...shared, touch(8, 9, 'read'), ...pinnedPage()]);
    expect(last.error).toBe('EINVAL');
    const page = model.extents('g').find(({ from }) => from === 7);
    expect(page).toMatchObject({ sharing: 'shared', pinned: 1, stage2: -1 });
  });
  test.each(['B', 'C'] as const)('%s: -EAGAIN and the offset of the page; shareability unchanged', (design) => {
    const { last, model } = run(design, [...shared, ...pinnedPage()]);
    expect([last.error, last.errorOffset]).toEqual(['EAGAIN', 7 * PAGE]);
    expect(model.extents('g').find(({ from }) => from === 7)).toMatchObject({ sharing: 'shared', pinned: 1 });
  });
  test('B2: the blocks before it are private already', () => {
    const { last, model } = run('B2', [...made(2), share(0, 2 * GIGA), mmap(1), hostTouch(GIGA + 3), pin(GIGA + 3), unshare(0, 2 * GIGA)]);
    expect([last.error, last.errorOffset]).toEqual(['EAGAIN', (GIGA + 3) * PAGE]);
    expect(model.extents('g')[0]).toMatchObject({ from: 0, to: GIGA, sharing: 'private', block: 'whole' });
  });
  test('E: 0, the pin keeps the shared memory outside', () => {
    const { last } = run('E', [create(2), bind(0, 0, 2 * GIB), touch(0, 16), share(7), pin(7), dontneed(7), unshare(7)]);
    expect(last.error).toBeNull();
  });
  test.each(['A', 'B', 'B2', 'C', 'E'] as const)('%s: unpinned, a retry gives 0', (design) => {
    const map: readonly Operation[] = design === 'E' ? [] : [mmap(0), hostTouch(7)];
    const { last, metric } = run(design, [
      ...(design === 'E' ? [create(2), touch(0, 16), share(7)] : shared),
      ...map,
      pin(7),
      dontneed(7),
      unshare(7),
      unpin(7),
      unshare(7),
    ]);
    expect(last.error).toBeNull();
    expect(metric('mean-retries')).toBe(design === 'E' ? 0 : 1);
  });
  test('D, and any pool of hugetlb_cma: the pin never completes', () => {
    const steps = [...made(2), share(7), mmap(0), hostTouch(7), pin(7)];
    expect(run('D', steps).last.error).toBe('HANG');
    expect(run('B', steps, { host: { hugetlbCma: true } }).last.error).toBe('HANG');
    expect(run('D', steps).broken).toContain('L4');
  });
});

describe('SC-06: mapped, not pinned, and userspace has not unmapped', () => {
  const steps = [...made(1), share(7), mmap(0), hostTouch(7), unshare(7)];
  test('A: -EINVAL', () => {
    expect(run('A', steps).last.error).toBe('EINVAL');
  });
  test.each(['B', 'B2', 'C', 'D'] as const)('%s unmaps itself: 0', (design) => {
    const { last, metric } = run(design, steps);
    expect([last.error, metric('user-ptes')]).toEqual([null, 0]);
  });
  test('E: 0', () => {
    expect(run('E', [create(1), bind(0, 0, GIB), touch(7), share(7), hostTouch(7), unshare(7)]).last.error).toBeNull();
  });
});

describe('SC-07: a transient reference', () => {
  test('A, part of a block: 0, not noticed', () => {
    expect(run('A', [...made(2), share(7), reference(7), unshare(7)]).last.error).toBeNull();
  });
  test('A, a full block: -ENOMEM, the block is lost, and used of the subpool with it', () => {
    const lost = run('A', [...made(2), share(7), reference(7), unshare(0, GIGA)]);
    expect([lost.last.error, lost.counter('blocks.orphan'), lost.counter('subpool.g.used_hpages')]).toEqual(['ENOMEM', 1, 2]);
    expect(lost.broken).toEqual(expect.arrayContaining(['REF-SAFE', 'NO-LEAK', 'FILEMAP-COVER', 'ATOMIC-CONVERT', 'L2']));
    expect(on(lost.model, [release(7), touch(9)]).last.error).toBe('ENOMEM');
  });
  test.each(['B', 'C', 'D'] as const)('%s: -EAGAIN, and 0 when it is gone', (design) => {
    const { last, model } = run(design, [...made(2), share(7), reference(7), unshare(7)]);
    expect(last.error).toBe('EAGAIN');
    expect(on(model, [release(7), unshare(7)]).last.error).toBeNull();
  });
  test('on a private page at the way to shared: A overwrites it', () => {
    const { last, model, broken } = run('A', [...made(1), reference(9), share(7)]);
    expect(last.error).toBeNull();
    expect(broken).toContain('REF-SAFE');
    const references = model.references('g', 9)!;
    expect(references.expected.reduce((sum, { count }) => sum + count, 0) - references.actual).toBe(1);
  });
  test('on a private page at the way to shared: B spins until it is gone', () => {
    const { last, model } = run('B', [...made(1), reference(9), share(7)]);
    expect(last.error).toBe('HANG');
    expect(on(model, [touch(GIGA - 1)]).last.error).toBe('HANG');
    expect(on(model, [release(9), share(7)]).last.error).toBeNull();
  });
});

describe('SC-08: truncation against a fault', () => {
  const steps = [...made(1), share(7), mmap(0)];
  const raced: Operation = {
    kind: 'host-fault',
    process: 'vmm',
    file: 'g',
    range: { from: 7, to: 8 },
    access: 'write',
    meanwhile: punch(0, GIB),
  };
  test('A: the page is mapped after the file has given it back', () => {
    const { last, broken } = run('A', [...steps, raced]);
    expect(last.error).toBe('OOPS');
    expect(broken).toContain('TRUNC-UNMAPPED');
  });
  test.each([
    ['A', ['A-7=as-intended', 'A-3=as-intended']],
    ['B', []],
    ['C', []],
  ] as const)('%s %j: the punch waits, and is clean', (design, switches) => {
    const { last, broken, model } = run(design, [...steps, raced], { switches });
    expect([last.error, last.meanwhile?.error]).toEqual([null, design === 'A' ? null : null]);
    expect(broken).not.toContain('TRUNC-UNMAPPED');
    expect(model.extents('g').every(({ block, mapped }) => block === 'empty' && mapped === 0)).toBe(true);
  });
  test('E: the host cannot map', () => {
    expect(run('E', [create(1), touch(7), mmap(0)]).last.error).toBe('ENODEV');
  });
});

describe('SC-09: a punch of 4 KiB', () => {
  const whole = made(3);
  const split = [...made(3), share(500)];
  test.each([
    ['whole', whole],
    ['split', split],
  ] as const)('A, %s: all of the huge page is zeroed', (_what, before) => {
    const zeroed = run('A', before).metric('pages-zeroed');
    const { last, metric, broken, model } = run('A', [...before, punch(100 * PAGE, PAGE)]);
    expect(last.error).toBeNull();
    expect(metric('pages-zeroed') - zeroed).toBe(GIGA + 1);
    expect(broken).toContain('NO-LOST-DATA');
    expect(model.extents('g').filter(({ from, content }) => from < GIGA && content !== 'zero')).toEqual([]);
  });
  test.each(['B', 'C', 'D'] as const)('%s: 4 KiB zeroed, nothing freed', (design) => {
    const before = run(design, whole);
    const zeroed = before.metric('pages-zeroed');
    const { last, metric, counter } = on(before.model, [punch(100 * PAGE, PAGE)]);
    expect([last.error, metric('pages-zeroed') - zeroed, counter('blocks.whole')]).toEqual([null, 1, 3]);
  });
  test('B2: -EINVAL', () => {
    expect(run('B2', [...whole, punch(100 * PAGE, PAGE)]).last.error).toBe('EINVAL');
  });
  test('E: one page is freed', () => {
    const before = run('E', whole);
    const free = before.counter('buddy.free');
    expect(on(before.model, [punch(100 * PAGE, PAGE)]).counter('buddy.free') - free).toBe(1);
  });
  // A asks for nothing at the start of the last block, and its C takes an end of 0 for the end of the folio.
  test.each([
    ['A', 2 * GIGA],
    ['B', GIGA],
    ['C', GIGA],
    ['D', GIGA],
  ] as const)('%s: 2 GiB, off by 4K: one block freed, %d pages zeroed at the edges', (design, pages) => {
    const before = run(design, whole);
    const zeroed = before.metric('pages-zeroed');
    const { counter, metric } = on(before.model, [punch(PAGE, 2 * GIB)]);
    expect([counter('blocks.whole'), metric('pages-zeroed') - zeroed]).toEqual([2, pages]);
  });
});

describe('SC-16: teardown with a page mapped and pinned', () => {
  const steps = [...made(16), share(7), mmap(0), hostTouch(7), pin(7)];
  test('closing the descriptor does nothing while a mapping holds the file', () => {
    const { counter } = run('B', [...steps, close()]);
    expect([counter('hstate.1G.free_huge_pages'), counter('blocks.whole')]).toEqual([0, 15]);
  });
  test('A: a NULL mapping is dereferenced', () => {
    const { last, model } = run('A', [...steps, close(), munmap(0)]);
    expect(last.error).toBe('OOPS');
    expect(on(model, [unpin(7)]).broken).toContain('L3');
  });
  test('B: 15 free, 15 reserved, nothing available, until the last unpin', () => {
    const { counter, metric, model } = run('B', [...steps, close(), munmap(0), wait]);
    expect(['free_huge_pages', 'resv_huge_pages', 'available'].map((name) => counter(`hstate.1G.${name}`))).toEqual([15, 15, 0]);
    expect([counter('blocks.draining'), counter('charge.vm0.hugetlb_rsvd'), metric('stranded-bytes')]).toEqual([1, 0, 16 * GIB]);
    expect(on(model, [create(1, 'other', 'vm1')]).last.error).toBe('ENOMEM');
    const after = on(model, [unpin(7), wait]);
    expect(['free_huge_pages', 'resv_huge_pages'].map((name) => after.counter(`hstate.1G.${name}`))).toEqual([16, 0]);
    expect([after.metric('stranded-bytes'), after.counter('charge.vm0.hugetlb')]).toEqual([0, 0]);
    expect(after.broken).not.toContain('L3');
  });
  test('B: a file made right after the close may still find nothing', () => {
    const { results } = run('B', [...made(16), share(7), close(), create(16, 'next', 'vm1'), wait, create(16, 'later', 'vm1')]);
    expect([results[results.length - 3]!.error, results[results.length - 1]!.error]).toEqual(['ENOMEM', null]);
  });
  test('C: 15 can be had, 16 after the unpin', () => {
    const { counter, metric, model } = run('C', [...steps, close(), munmap(0), wait]);
    expect([counter('pool.free') - counter('pool.reserved'), metric('stranded-bytes')]).toEqual([15, GIB]);
    expect(on(model, [unpin(7), wait]).counter('pool.free')).toBe(16);
  });
  test('D: the same with a plain reference, then cma_release', () => {
    const { counter, metric, model } = run('D', [...made(16), share(7), reference(7), close(), wait]);
    expect([counter('cma.free'), metric('stranded-bytes')]).toEqual([15, GIB]);
    expect(on(model, [release(7), wait]).counter('cma.free')).toBe(16);
  });
  test('E: 262,143 pages at once, 1 after the last reference', () => {
    const start = run('E', [create(1), bind(0, 0, GIB)]);
    const free = start.counter('buddy.free');
    const closed = on(start.model, [touch(0, GIGA), reference(7), close()]);
    expect([closed.counter('buddy.free') - free, closed.metric('stranded-bytes')]).toEqual([-1, PAGE]);
    expect(on(closed.model, [release(7)]).counter('buddy.free')).toBe(free);
  });
});

describe('SC-22: what "prepared" is said of', () => {
  const head: readonly Operation[] = [create(1), bind(0, 0, GIB), share(5), touch(7), unshare(5), touch(0, 1, 'read')];
  const tails: readonly Operation[] = [create(1), bind(0, 0, GIB), share(5), touch(0), unshare(5), touch(9, 20, 'read')];
  test.each(['B', 'C', 'D'] as const)('%s: a tail was used, the head was not: its data is zeroed', (design) => {
    const { broken, metric, model } = run(design, head);
    expect(broken).toContain('NO-LOST-DATA');
    expect(metric('lost-pages')).toBe(1);
    expect(model.extents('g').every(({ content }) => content === 'zero')).toBe(true);
  });
  test.each(['B', 'C', 'D'] as const)('%s: the head was prepared, tails were not: what others left is exposed', (design) => {
    const { broken, model } = run(design, tails);
    expect(broken).toContain('NO-STALE-DATA');
    expect(model.extents('g').find(({ from, to }) => from <= 9 && to > 9)).toMatchObject({ content: 'stale', contentOf: 'host' });
  });
  test('E is immune', () => {
    for (const operations of [head, tails]) expect(run('E', operations).broken.filter((name) => name.startsWith('NO-'))).toEqual([]);
  });
});

describe('SC-24: an IOMMU holds references of a private page', () => {
  const dma: Operation = { kind: 'reference', holder: 'iommu', file: 'g', range: { from: 9, to: 10 } };
  const undo: Operation = { kind: 'release', holder: 'iommu', file: 'g', range: { from: 9, to: 10 } };
  test('to shared: B spins until the VMM unmaps', () => {
    const { last, model } = run('B', [...made(1), dma, share(9)]);
    expect(last.error).toBe('HANG');
    expect(on(model, [undo, share(9)]).last.error).toBeNull();
  });
  test.each(['B', 'B2', 'C', 'D'] as const)('%s, to private: -EAGAIN', (design: DesignId) => {
    expect(run(design, [...made(1), share(9), dma, unshare(9)]).last.error).toBe('EAGAIN');
  });
});
