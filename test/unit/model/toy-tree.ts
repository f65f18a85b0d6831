/** A layout with the fields of 6.12's pages, folios, pool and guest_memfd, for tests without a reader. */
import type { FieldRef, Layout } from '../../../src/model/primitive';
import { toyLayout } from './toy-kernel';

const field = (offset: number, size: 1 | 2 | 4 | 8, signed: boolean): FieldRef => ({ offset, size, signed });
const word = (offset: number): FieldRef => field(offset, 8, true);
const int = (offset: number): FieldRef => field(offset, 4, true);

/** Members of 8 bytes one after another. */
const words = (type: string, names: readonly string[], from = 0): Record<string, FieldRef> =>
  Object.fromEntries(names.map((name, index) => [`${type}.${name}`, word(from + index * 8)]));

const shared = (type: string): Record<string, FieldRef> => ({
  [`${type}.flags`]: word(0),
  [`${type}.lru`]: word(8),
  [`${type}.mapping`]: word(24),
  [`${type}.index`]: word(32),
  [`${type}.private`]: word(40),
  [`${type}._mapcount.counter`]: int(48),
  [`${type}._refcount.counter`]: int(52),
});

export const toyTree: Layout = toyLayout(
  {
    ...shared('struct page'),
    'struct page.compound_head': word(8),
    'struct page.page_type': field(48, 4, false),
    ...shared('struct folio'),
    'struct folio._flags_1': word(64),
    'struct folio._large_mapcount.counter': int(80),
    'struct folio._entire_mapcount.counter': int(84),
    'struct folio._folio_nr_pages': field(96, 4, false),
    'struct folio._hugetlb_subpool': word(208),
    'struct hstate.order': field(0, 4, false),
    ...words('struct hstate', ['mask', 'max_huge_pages', 'nr_huge_pages', 'free_huge_pages', 'resv_huge_pages', 'surplus_huge_pages'], 8),
    'struct hstate.hugepage_activelist': word(64),
    'struct hstate.hugepage_freelists': word(80),
    'struct hstate.max_huge_pages_node': int(96),
    ...words('struct hugepage_subpool', ['lock', 'count', 'max_hpages', 'used_hpages', 'hstate', 'min_hpages', 'rsv_hpages']),
    ...words('struct inode', ['i_mapping', 'i_private', 'i_size', 'i_blocks']),
    'struct inode.i_data': word(64),
    ...words('struct address_space', ['host', 'i_pages', 'xa_head', 'nrpages', 'a_ops', 'flags', 'i_private_data']),
    'struct address_space.i_private_list': word(64),
    ...words('struct kvm_gmem_inode_private', ['faultability', 'xa_head', 'hgmem']),
    ...words('struct kvm_gmem_hugetlb', ['h', 'spool']),
    'struct xarray.xa_head': word(8),
    'struct xa_node.shift': field(0, 1, false),
    'struct xa_node.offset': field(1, 1, false),
    'struct xa_node.count': field(2, 1, false),
    'struct xa_node.nr_values': field(3, 1, false),
    'struct xa_node.parent': word(8),
    'struct xa_node.array': word(16),
    'struct xa_node.slots': word(40),
  },
  {
    'struct page': 64,
    'struct folio': 256,
    'struct hstate': 128,
    'struct hugepage_subpool': 56,
    'struct inode': 192,
    'struct address_space': 96,
    'struct kvm_gmem_inode_private': 24,
    'struct kvm_gmem_hugetlb': 16,
    'struct xarray': 16,
    'struct xa_node': 576,
  },
  {
    PG_locked: 0,
    PG_uptodate: 3,
    PG_dirty: 4,
    PG_head: 6,
    PG_hwpoison: 20,
    PG_unevictable: 18,
    PGTY_hugetlb: 0xf4,
    HPG_restore_reserve: 0,
    HPG_migratable: 1,
    HPG_temporary: 2,
    HPG_freed: 3,
    HPG_vmemmap_optimized: 4,
  },
);
