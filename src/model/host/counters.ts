/** All counters of a host under their kernel names. */
import type { Host } from './host';
import type { Counters } from './host-model';
import { buddyPages } from './node-pages';
import { REGION } from './pages';
import { availableOf, freeOf, nrOf, surplusOf, type Hstate } from './pools';
import { blockVmemmap, filemapNodesOf } from './restructure';
import { DRAINING, MIXED, ORPHAN, SPLIT, WHOLE, type FileState } from './state';
import { vmemmapInUse } from './vmemmap';

export function countersOf(host: Host): Counters {
  const counters: Record<string, number> = {};
  putHstate(counters, 'hstate.1G', host.hstates['1G']);
  putHstate(counters, 'hstate.2M', host.hstates['2M']);
  Object.assign(counters, {
    'pool.total': host.pool.total,
    'pool.free': host.pool.free,
    'pool.reserved': host.pool.reserved,
    'pool.in_hugetlb': nrOf(host.hstates['1G']),
    'pool.in_gmem': host.pool.total - host.pool.free,
    'cma.total': host.cma.total,
    'cma.free': host.cma.free,
    'cma.obstructed': host.cma.obstructed,
    'cma.reserved': host.cma.reserved,
    'vmemmap.pages': vmemmapInUse(host),
    'vmemmap.tables': host.nodes.reduce((sum, node) => sum + node.vmemmapTables, 0),
    'buddy.free': buddyPages(host),
  });
  for (const [at, node] of host.nodes.entries()) {
    for (const [name, value] of Object.entries(node))
      if (typeof value === 'number' && name !== 'nextPfn') counters[`node${at}.${NODE_NAMES[name] ?? name}`] = value;
  }
  putFiles(counters, host);
  return counters;
}

const NODE_NAMES: Readonly<Record<string, string>> = {
  buddy: 'buddy_free',
  vmemmapTables: 'vmemmap_tables',
  restVmemmap: 'vmemmap_rest',
  gmem: 'gmem_4k',
};

function putHstate(counters: Record<string, number>, prefix: string, h: Hstate): void {
  counters[`${prefix}.nr_huge_pages`] = nrOf(h);
  counters[`${prefix}.free_huge_pages`] = freeOf(h);
  counters[`${prefix}.resv_huge_pages`] = h.resv;
  counters[`${prefix}.surplus_huge_pages`] = surplusOf(h);
  counters[`${prefix}.max_huge_pages`] = h.max;
  counters[`${prefix}.nr_overcommit_huge_pages`] = h.overcommit;
  counters[`${prefix}.available`] = availableOf(h);
  for (const [at, node] of h.nodes.entries()) {
    counters[`${prefix}.node${at}.nr_huge_pages`] = node.nr;
    counters[`${prefix}.node${at}.free_huge_pages`] = node.free;
    counters[`${prefix}.node${at}.surplus_huge_pages`] = node.surplus;
  }
}

function putFiles(counters: Record<string, number>, host: Host): void {
  const sums = { whole: 0, split: 0, mixed: 0, orphan: 0, draining: 0 };
  const charges = new Map(host.vms.map((vm) => [vm.name, { hugetlb: 0, rsvd: 0 }]));
  let filePages = 0;
  for (const file of host.files) {
    const seen = ofBlocks(host, file);
    for (const key of ['whole', 'split', 'mixed', 'orphan', 'draining'] as const) sums[key] += seen[key];
    filePages += seen.filePages;
    const charge = charges.get(host.vms[file.vm]!.name)!;
    charge.hugetlb += file.usageCharge;
    charge.rsvd += file.rsvdCharge;
    counters[`vmemmap.${file.name}`] = seen.vmemmap;
    counters[`file.${file.name}.blocks`] = seen.whole + seen.split + seen.mixed;
    counters[`file.${file.name}.i_blocks`] = seen.pages * 8;
    counters[`file.${file.name}.filemap_nodes`] = seen.nodes;
    if (file.subpool === null) continue;
    const { max, used, min, rsv } = file.subpool;
    Object.assign(counters, {
      [`subpool.${file.name}.max_hpages`]: max,
      [`subpool.${file.name}.used_hpages`]: used,
      [`subpool.${file.name}.min_hpages`]: min,
      [`subpool.${file.name}.rsv_hpages`]: rsv,
    });
  }
  for (const [key, value] of Object.entries(sums)) counters[`blocks.${key}`] = value;
  for (const vm of host.vms) {
    counters[`charge.${vm.name}.memcg`] = vm.memcg;
    counters[`charge.${vm.name}.hugetlb`] = charges.get(vm.name)!.hugetlb;
    counters[`charge.${vm.name}.hugetlb_rsvd`] = charges.get(vm.name)!.rsvd;
  }
  counters['vm.nr_file_pages'] = filePages;
}

interface BlockSums {
  whole: number;
  split: number;
  mixed: number;
  orphan: number;
  draining: number;
  vmemmap: number;
  pages: number;
  nodes: number;
  filePages: number;
}

/** Sums over a file's blocks. `filePages`: what NR_FILE_PAGES counts, split blocks alone in hugetlb's case. */
export function ofBlocks(host: Host, file: FileState): BlockSums {
  const sums: BlockSums = { whole: 0, split: 0, mixed: 0, orphan: 0, draining: 0, vmemmap: 0, pages: 0, nodes: 0, filePages: 0 };
  for (const block of file.blocks) {
    if (!block) continue;
    if (file.order === 0) {
      const pages = typeof block.present === 'number' ? block.present * file.blockPages : block.present.sum;
      sums.split += pages > 0 ? 1 : 0;
      sums.pages += pages;
      sums.filePages += pages;
      sums.nodes += pages === file.blockPages ? filemapNodesOf(pages) : Math.ceil(pages / 64);
      sums.vmemmap += Math.ceil(pages / 64);
      continue;
    }
    if (block.state === WHOLE) sums.whole++;
    else if (block.state === SPLIT) sums.split++;
    else if (block.state === MIXED) sums.mixed++;
    else if (block.state === ORPHAN) sums.orphan++;
    else if (block.state === DRAINING) sums.draining++;
    else continue;
    sums.vmemmap += blockVmemmap(host, file, block);
    if (block.state === ORPHAN || block.state === DRAINING) continue;
    sums.pages += file.blockPages;
    const small =
      block.state === SPLIT
        ? file.blockPages
        : block.state === MIXED && typeof block.small !== 'number'
          ? block.small.sum
          : block.state === MIXED
            ? Number(block.small) * file.blockPages
            : 0;
    sums.filePages += small;
    sums.nodes += small === file.blockPages ? filemapNodesOf(small) : small === 0 ? 0 : (small / REGION) * 8 + 9;
  }
  return sums;
}
