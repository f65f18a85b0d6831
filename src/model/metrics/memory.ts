/** Metrics of memory: vmemmap, what HVO saves, tables, what is counted or allocated twice. */
import { conversionReserve, worstVmemmap } from './formulas';
import { metric, type Metric } from './metric';
import { vmemmapInUse } from '../host/vmemmap';

const HVO = 'mm/hugetlb_vmemmap.c';
const SECTION = 'model-facts §3.4';
const BYTES_OF_NODE = 576;
const PAGE = 4096;

export const memoryMetrics: readonly Metric[] = [
  metric(
    'vmemmap-pages',
    'pages',
    'W + 4096 (U + K) + sum over two-level blocks of (512 - r + 8 r)',
    'code',
    HVO,
    (_host, { vmemmap }) => vmemmap,
  ),
  metric('vmemmap-in-use', 'pages', 'vmemmap of all huge pages of the host', 'code', HVO, (host) => vmemmapInUse(host)),
  metric('hvo-kept', 'ratio', '1 - vmemmap pages / (4096 blocks)', 'code', HVO, (_host, { vmemmap, vmemmapPlain }) =>
    vmemmapPlain === 0 ? 0 : 1 - vmemmap / vmemmapPlain,
  ),
  metric('vmemmap-allocated', 'pages', '4095 restores + 1 for each optimisation', 'code', HVO, ({ tally }) => tally.vmemmapAllocated),
  metric('vmemmap-freed', 'pages', '4096 for each optimisation', 'code', HVO, ({ tally }) => tally.vmemmapFreed),
  metric(
    'vmemmap-peak-extra',
    'pages',
    'most vmemmap in use after a restore - vmemmap in use at boot',
    'code',
    HVO,
    ({ tally }) => tally.vmemmapPeak - tally.vmemmapAtBoot,
  ),
  metric(
    'conversion-reserve',
    'pages',
    'blocks (4095 + 596 + 1): all of them converted at one time',
    'derived',
    SECTION,
    (_host, { blocks }) => conversionReserve(blocks, blocks),
  ),
  metric('vmemmap-worst', 'pages', 'blocks x 4095', 'derived', SECTION, (_host, { blocks }) => worstVmemmap(blocks)),
  metric(
    'uncharged-pages',
    'pages',
    'vmemmap of split blocks beyond the one page: outside every memcg',
    'derived',
    `${HVO}: no __GFP_ACCOUNT`,
    (_host, { uncharged }) => uncharged,
  ),
  metric('filemap-nodes', 'count', '4161 K', 'code', 'lib/xarray.c: 64 slots', (_host, { filemapNodes }) => filemapNodes),
  metric(
    'filemap-bytes',
    'bytes',
    '576 x filemap nodes',
    'code',
    'lib/xarray.c',
    (_host, { filemapNodes }) => filemapNodes * BYTES_OF_NODE,
  ),
  metric(
    'sharing-map-nodes',
    'count',
    'xarray nodes of faultability and of private attributes (A)',
    'code',
    'patch 26; kvm mem_attr_array',
    (_host, { sharingNodes }) => sharingNodes,
  ),
  metric(
    'double-allocation',
    'bytes',
    'bytes that have a page in the file and one outside it',
    'code',
    'virt/kvm/guest_memfd.c of 6.12',
    (_host, { doubleAllocated }) => doubleAllocated * PAGE,
  ),
  metric(
    'double-counting',
    'pages',
    '262,144 K: in NR_FILE_PAGES and in nr_huge_pages',
    'thread',
    'v2, its list of what is to do',
    (_host, { doubleCounted }) => doubleCounted,
  ),
  metric(
    'stranded-blocks',
    'blocks',
    'ORPHAN + DRAINING + reservations that only they keep',
    'derived',
    'SC-16',
    (_host, { orphan, draining, strandedReservations }) => orphan + draining + strandedReservations,
  ),
  metric(
    'stranded-bytes',
    'bytes',
    'pages of ORPHAN and DRAINING blocks and of the reservations that they keep',
    'derived',
    'SC-16',
    (host, totals) =>
      PAGE * (totals.strandedPages + strandedReserve(totals.strandedReservations) + host.nodes.reduce((sum, { stuck }) => sum + stuck, 0)),
  ),
  metric('shared-pages', 'pages', 'pages that are shared', 'code', 'patch 26; v2 guest_memfd.c', (_host, { sharedPages }) => sharedPages),
];

const strandedReserve = (blocks: number): number => blocks * 2 ** 18;
