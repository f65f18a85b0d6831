/** What only counts, traces, ages or flushes: nothing that the model keeps. */
import { primitive, returns } from '../define';
import type { Primitive } from '../primitive';

/** Name, file, what it is for, and how an example calls it. */
type Row = readonly [name: string, source: string, what: string, args: string];

const COUNTS = 'counts for statistics';
const AGES = 'ages pages for reclaim';
const FLUSHES = 'flushes translations';
const TRACES = 'a trace point';

const NOTHING: readonly Row[] = [
  ['__lruvec_stat_mod_folio', 'mm/memcontrol.c', COUNTS, '0, 0, 1'],
  ['memmap_pages_add', 'mm/mm_init.c', COUNTS, '1'],
  ['folio_account_cleaned', 'mm/page-writeback.c', COUNTS, '0, 0'],
  ['add_taint', 'kernel/panic.c', 'marks the kernel as tainted', '0, 0'],
  ['trace_mm_filemap_add_to_page_cache', 'include/trace/events/filemap.h', TRACES, '0'],
  ['trace_mm_filemap_delete_from_page_cache', 'include/trace/events/filemap.h', TRACES, '0'],
  ['inode_add_lru', 'fs/inode.c', AGES, '0'],
  ['folio_add_lru', 'mm/swap.c', AGES, '0'],
  ['folio_mark_accessed', 'mm/swap.c', AGES, '0'],
  ['workingset_refault', 'mm/workingset.c', AGES, '0, 0'],
  ['mapping_set_update', 'include/linux/pagemap.h', AGES, '0, 0'],
  ['folio_wait_stable', 'mm/page-writeback.c', 'waits for a backing device', '0'],
  ['flush_tlb_all', 'arch/x86/mm/tlb.c', FLUSHES, ''],
  ['flush_tlb_kernel_range', 'arch/x86/mm/tlb.c', FLUSHES, '0, 0'],
  ['static_key_slow_inc', 'kernel/jump_label.c', 'patches code', '0'],
  ['static_key_slow_dec', 'kernel/jump_label.c', 'patches code', '0'],
  ['dump_vma', 'mm/debug.c', 'logs', '0'],
];

const silent = ([name, source, what, args]: Row): Primitive =>
  primitive({
    name,
    form: name === 'mapping_set_update' ? 'macro' : 'function',
    meaning: `Nothing: it ${what === TRACES ? 'is a trace point' : what}.`,
    source: `${source}: ${name}()`,
    leavesOut: 'All of it.',
    examples: [returns(`${name}(${args}); return 1;`, 1)],
    bind: () => () => undefined,
  });

const noShmem = primitive({
  name: 'shmem_mapping',
  meaning: 'No: the model has no shared memory file.',
  source: 'mm/shmem.c: shmem_mapping()',
  leavesOut: 'Shared memory files.',
  examples: [returns('return shmem_mapping(0);', 0)],
  bind: () => () => 0,
});

/** Larger than any kernel's `struct backing_dev_info`. */
const ROOM = 4096;

const noDevice = primitive({
  name: 'inode_to_bdi',
  meaning: 'A backing device without capabilities: nothing is written back.',
  source: 'mm/backing-dev.c: inode_to_bdi()',
  leavesOut: 'Backing devices.',
  examples: [returns('return *(long *)inode_to_bdi(0);', 0)],
  bind: () => (kernel) => kernel.allocate(ROOM, { name: 'backing_dev_info', zeroed: true, kind: 'model' }),
});

export const statistics: readonly Primitive[] = [...NOTHING.map(silent), noShmem, noDevice];
