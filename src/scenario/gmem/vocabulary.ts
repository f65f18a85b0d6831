/** The words of a scenario that name things of the model: errors, counters, metrics, invariants, properties, switches. */
import { designs } from '../../model/allocators/all';
import { invariants } from '../../model/invariants/all';
import { metrics } from '../../model/metrics/all';
import type { DesignId, ErrorName } from '../../model/host/operation';
import type { Comparison } from './scenario';

/** A word and what it means, in one line. */
export type Meanings = Readonly<Record<string, string>>;

export const ERRORS: Readonly<Record<ErrorName, string>> = {
  EINVAL: 'the request is not possible as it stands',
  ENOMEM: 'no memory, or no huge page, for it',
  EAGAIN: 'somebody is still using a page; userspace tries again',
  EBUSY: 'in use or reserved',
  EEXIST: 'there is one already',
  ENODEV: 'the file cannot do that',
  EFAULT: 'an address that is not mapped',
  EHWPOISON: 'the page has a memory error',
  EOPNOTSUPP: 'the design has no such operation',
  EACCES: 'the page is private to the guest',
  ENOENT: 'there is none',
  EBADF: 'the file is closed',
  SIGBUS: 'the process gets the signal',
  HANG: 'the task never comes back',
  OOPS: 'BUG, NULL dereference and the like',
};

export const LABELS: Meanings = {
  code: 'read in a patch or a tree',
  doc: "read in the kernel's documentation",
  thread: 'said by a person on the list',
  derived: 'follows from the code by our reading; nobody is known to have seen it run',
  assumption: 'a choice of the model, since the sources leave it open',
};

export const COMPARISONS: Readonly<Record<Comparison, string>> = {
  '=': 'equal; to as many decimals as are written',
  '!=': 'not equal',
  '<': 'less',
  '<=': 'at most',
  '>': 'more',
  '>=': 'at least',
};

/** Properties of a range, by the names of `FileExtent`, with the values that they can have; null: a number. */
export const PROPERTIES: Readonly<Record<string, { readonly meaning: string; readonly values: readonly string[] | null }>> = {
  block: { meaning: 'how the huge page that holds the pages stands', values: ['empty', 'whole', 'split', 'mixed', 'orphan', 'draining'] },
  'folio-order': { meaning: 'order of the folio: 0 for 4K, 9 for 2M, 18 for 1G', values: null },
  type: { meaning: 'what the folio is typed as', values: ['buddy', 'hugetlb', 'plain-large', 'small'] },
  owner: { meaning: 'who has the memory', values: ['gmem', 'hugetlb', 'pool', 'cma', 'buddy'] },
  sharing: { meaning: "the file's own map", values: ['private', 'shared'] },
  attribute: { meaning: "the VM's memory attribute", values: ['private', 'shared'] },
  content: { meaning: 'what the pages hold', values: ['zero', 'stale', 'data', 'none'] },
  'content-of': { meaning: 'whose data it is: the name of a VM or process', values: [] },
  prepared: { meaning: 'the folio is marked up to date', values: ['yes', 'no'] },
  hvo: { meaning: "the folio's vmemmap is optimised", values: ['yes', 'no'] },
  poisoned: { meaning: 'the page has a memory error', values: ['yes', 'no'] },
  mapped: { meaning: 'user page table entries on each page', values: null },
  pinned: { meaning: 'pins on each page', values: null },
  references: { meaning: 'references of the folio', values: null },
  stage2: { meaning: 'order of the stage-2 leaf: 0 for 4K, 9 for 2M, 18 for 1G; -1 where there is none', values: null },
};

/** Invariants of the model, with what they state. */
export const INVARIANTS: Meanings = Object.fromEntries(invariants.map(({ name, statement }) => [name, statement]));

/** Metrics of the model, with their formulae. */
export const METRICS: Meanings = Object.fromEntries(
  metrics.map(({ name, formula, unit, exact }) => [name, `${formula} (${unit}${exact ? '' : '; an illustration'})`]),
);

/** Counters; `*` stands for a size (`1G`, `2M`), a file, a VM or a node, by the group in front of it. */
export const COUNTERS: Meanings = {
  'hstate.*.nr_huge_pages': 'huge pages of the size, in use or not',
  'hstate.*.free_huge_pages': 'huge pages on the free lists',
  'hstate.*.resv_huge_pages': 'huge pages promised and not yet allocated',
  'hstate.*.surplus_huge_pages': 'huge pages above the persistent number',
  'hstate.*.max_huge_pages': 'the persistent number',
  'hstate.*.nr_overcommit_huge_pages': 'how many huge pages may be surplus',
  'hstate.*.available': 'free and not promised: what a new reservation can take',
  'subpool.*.max_hpages': 'what the file may use',
  'subpool.*.min_hpages': 'what is kept for the file',
  'subpool.*.used_hpages': 'what the file has allocated and not returned',
  'subpool.*.rsv_hpages': 'what is still reserved for the file',
  'pool.total': 'huge pages of the global pool (C)',
  'pool.free': 'huge pages of the global pool that nobody has',
  'pool.reserved': 'huge pages of the global pool that are promised',
  'pool.in_hugetlb': "huge pages in hugetlb's pool",
  'pool.in_gmem': 'huge pages of the global pool that files have',
  'cma.total': 'windows of 1G in the CMA area (D)',
  'cma.free': 'windows that nobody has',
  'cma.obstructed': 'windows with an unmovable page of others',
  'cma.reserved': 'windows that are promised',
  'vmemmap.pages': 'vmemmap pages of the whole host',
  'vmemmap.tables': 'page tables by which the vmemmap is mapped in pages of 4 KiB',
  'vmemmap.*': 'vmemmap pages of the memory behind the file',
  'buddy.free': 'pages that the kernel can take for itself',
  'file.*.blocks': "huge pages in the file's page cache",
  'file.*.i_blocks': 'i_blocks of the inode, in units of 512 bytes',
  'file.*.filemap_nodes': 'xarray nodes of the page cache below what one entry needs',
  'blocks.whole': 'blocks that are one folio',
  'blocks.split': 'blocks of single pages',
  'blocks.mixed': 'blocks of folios of 2M and of single pages',
  'blocks.orphan': 'blocks lost: in no page cache and given back to nobody',
  'blocks.draining': 'blocks that are truncated and wait for the last reference',
  'charge.*.memcg': 'pages charged to the memory cgroup of the VM',
  'charge.*.hugetlb': 'pages of 4 KiB charged to the hugetlb cgroup of the VM',
  'charge.*.hugetlb_rsvd': 'pages of 4 KiB of reservations charged to it',
  'vm.nr_file_pages': 'NR_FILE_PAGES as far as files of the scenario make it',
  'node*.buddy_free': 'pages of the node that the kernel can take for itself',
};

/** What the `*` of a group can be, besides files. */
export const COUNTER_NAMES: Readonly<Record<string, 'size' | 'file' | 'vm' | 'node'>> = {
  hstate: 'size',
  subpool: 'file',
  vmemmap: 'file',
  file: 'file',
  charge: 'vm',
  'node*': 'node',
};

export interface SwitchWords {
  readonly meaning: string;
  readonly designs: readonly DesignId[];
  /** The first is what holds where a scenario says nothing; it can differ between designs. */
  readonly values: readonly string[];
}

/** Switches of all designs. */
export const SWITCHES: Readonly<Record<string, SwitchWords>> = switchesOf();

function switchesOf(): Record<string, SwitchWords> {
  const found: Record<string, SwitchWords> = {};
  for (const { id, switches } of designs) {
    for (const { name, meaning, values } of switches) {
      const known = found[name];
      found[name] = { meaning, designs: [...(known?.designs ?? []), id], values: [...new Set([...(known?.values ?? []), ...values])] };
    }
  }
  return found;
}

/** What a word of a scenario means; empty where it has no meaning of its own. */
export function meaningOf(word: string): string {
  for (const table of [ERRORS, LABELS, INVARIANTS, METRICS, COUNTERS, DESIGN_TITLES, COMPARISONS] as readonly Meanings[]) {
    const found = Object.hasOwn(table, word) ? table[word] : undefined;
    if (found !== undefined) return found;
  }
  if (Object.hasOwn(PROPERTIES, word)) return PROPERTIES[word]?.meaning ?? '';
  if (Object.hasOwn(SWITCHES, word)) return SWITCHES[word]?.meaning ?? '';
  return COUNTERS[counterPattern(word) ?? ''] ?? '';
}

/** The row of `COUNTERS` that a counter belongs to; null where it is none. */
export function counterPattern(name: string): string | null {
  if (Object.hasOwn(COUNTERS, name) && !name.includes('*')) return name;
  const parts = name.split('.');
  const [group = '', , ...rest] = parts;
  if (parts.length < 2) return null;
  const pattern = /^node\d+$/.test(group) ? `node*.${parts.slice(1).join('.')}` : [group, '*', ...rest].join('.');
  return Object.hasOwn(COUNTERS, pattern) ? pattern : null;
}

/** The designs under debate, each in one line. */
export const DESIGN_TITLES: Readonly<Record<string, string>> = Object.fromEntries(designs.map(({ id, title }) => [id, title]));

export const designNamed = (name: string): DesignId | undefined => designs.find(({ id }) => id === name)?.id;
