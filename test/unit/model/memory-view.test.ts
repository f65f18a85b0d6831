import { describe, expect, it } from 'vitest';
import { differencesBetween } from '../../../src/model/differences';
import { buildInitialState } from '../../../src/model/initial-state';
import { memoryView } from '../../../src/model/memory-view';
import { VMEMMAP } from '../../../src/model/memmap';
import type { Scenario } from '../../../src/protocol/simulation';
import { bindXarray } from '../../../src/model/xarray';
import { toyKernel } from './toy-kernel';
import { toyTree } from './toy-tree';

const scenario: Scenario = { order: 3, blocks: 1, folios: 'whole', faultable: 'first', hvo: false, arguments: {} };

function built(more: Partial<Scenario> = {}) {
  const kernel = toyKernel(toyTree);
  const world = buildInitialState({ kernel, layout: toyTree, map: () => undefined }, { ...scenario, ...more });
  return { kernel, world, view: () => memoryView(kernel, toyTree, world) };
}

describe('initial state', () => {
  it('has a whole huge page in the page cache and a spare one in the pool', () => {
    const view = built().view();
    expect(view.folios).toEqual([
      {
        pfn: 0x40000,
        count: 1,
        order: 3,
        type: 'hugetlb',
        owner: 'page cache',
        refcount: 8,
        mapcount: 0,
        flags: ['uptodate', 'dirty', 'restore_reserve'],
        index: 0,
      },
      { pfn: 0x40008, count: 1, order: 3, type: 'hugetlb', owner: 'free', refcount: 0, mapcount: 0, flags: ['freed'], index: -1 },
    ]);
    expect(view.pageCache).toEqual([{ index: 0, count: 1, order: 3, pfn: 0x40000 }]);
    expect(view.faultable).toEqual([{ index: 0, count: 1 }]);
    const counters = Object.fromEntries(view.counters.map((each) => [`${each.group}.${each.name}`, each.value]));
    expect(counters).toMatchObject({
      'hstate.nr_huge_pages': 2,
      'hstate.free_huge_pages': 1,
      'hstate.resv_huge_pages': 0,
      'subpool.used_hpages': 1,
      'subpool.rsv_hpages': 0,
      'inode.nrpages': 8,
      'inode.i_blocks': 64,
    });
  });

  it('keeps a reservation for a block that is absent', () => {
    const view = built({ folios: 'absent', faultable: 'none' }).view();
    expect(view.pageCache).toEqual([]);
    expect(view.folios.map((folio) => folio.owner)).toEqual(['free', 'free']);
    const counters = Object.fromEntries(view.counters.map((each) => [`${each.group}.${each.name}`, each.value]));
    expect(counters).toMatchObject({
      'hstate.free_huge_pages': 2,
      'hstate.resv_huge_pages': 1,
      'subpool.used_hpages': 0,
      'subpool.rsv_hpages': 1,
    });
  });
});

describe('memory view', () => {
  it('shows 262,144 split folios as a few extents', () => {
    const { kernel, world, view } = built({ order: 18, faultable: 'none' });
    const array = bindXarray(toyTree);
    const tree = world.mapping + 8;
    array.store(kernel, tree, 0, 18, 0);
    const refcount = { offset: 52, size: 4 as const, signed: true };
    const at = (offset: number) => ({ offset, size: 8 as const, signed: true });
    for (let index = 0; index < 2 ** 18; index++) {
      const page = VMEMMAP + (0x40000 + index) * 64;
      kernel.store(page, at(0), 1 << 4);
      kernel.store(page, at(8), 0);
      kernel.store(page, at(24), world.mapping);
      kernel.store(page, at(32), index);
      kernel.store(page, { offset: 48, size: 4, signed: true }, -1);
      kernel.store(page, refcount, 1);
      array.store(kernel, tree, index, 0, page);
    }
    const shown = view();
    expect(shown.folios).toEqual([
      { pfn: 0x40000, count: 2 ** 18, order: 0, type: 'folio', owner: 'page cache', refcount: 1, mapcount: 0, flags: ['dirty'], index: 0 },
      expect.objectContaining({ pfn: 0x80000, owner: 'free' }),
    ]);
    expect(shown.pageCache).toEqual([{ index: 0, count: 2 ** 18, order: 0, pfn: 0x40000 }]);
  });

  it('tells what changed, and nothing when nothing did', () => {
    const { kernel, world, view } = built();
    const before = view();
    expect(differencesBetween(before, view())).toEqual([]);
    kernel.store(world.hstate, { offset: 32, size: 8, signed: true }, 0);
    kernel.store(VMEMMAP + 0x40000 * 64, { offset: 52, size: 4, signed: true }, 9);
    expect(differencesBetween(before, view())).toEqual([
      { what: 'hstate.free_huge_pages', before: '1', after: '0' },
      {
        what: 'folio pfns 0x40000-0x40007',
        before: 'hugetlb, order 3, page cache, ref 8, uptodate, dirty, restore_reserve',
        after: 'hugetlb, order 3, page cache, ref 9, uptodate, dirty, restore_reserve',
      },
    ]);
  });
});
