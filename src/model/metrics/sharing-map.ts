/** Metrics of the map that says what is shared: entries and nodes, by how it could be kept. */
import type { Host } from '../host/host';
import { type Pages, runsOf } from '../host/pages';
import type { FileState } from '../host/state';
import { metric, type Metric } from './metric';

/** Pages under one xarray node at each level below the entry of a GiB. */
const SPANS = [64, 4096, 2 ** 18];

export const sharingMapMetrics: readonly Metric[] = [
  metric(
    'sharing-ranges',
    'count',
    'runs of pages of the same sharing: what a maple tree holds',
    'code',
    'v2 guest_memfd.c: shareability',
    ({ files }) => files.reduce((sum, file) => sum + rangesOf(file), 0),
  ),
  metric(
    'sharing-map-nodes-merged',
    'count',
    'the xarray nodes of A if equal neighbours were one entry (multi-index)',
    'assumption',
    'cover letter, its list of what is to do; lib/xarray.c',
    mergedNodes,
  ),
];

/** Of the whole file: neighbouring blocks that are alike are one range. */
function rangesOf({ alive, blocks, blockPages, order, share0, attr0 }: FileState): number {
  if (!alive) return 0;
  let ranges = 0;
  let last = -1;
  for (const block of blocks) {
    // What a file of 4K pages knows is the attribute.
    const map: Pages = order === 0 ? (block?.attr ?? attr0) : (block?.share ?? share0);
    for (const { value } of runsOf(map, 0, blockPages)) {
      if (value !== last) ranges += 1;
      last = value;
    }
  }
  return ranges;
}

function mergedNodes(host: Host): number {
  if (host.attributes !== 'both') return 0;
  let nodes = 0;
  for (const { blocks, blockPages } of host.files)
    for (const block of blocks) if (block) nodes += mixedSpans(block.share, blockPages) + mixedSpans(block.attr, blockPages);
  return nodes;
}

/** Spans of a node in which not all pages have the same value: where they have, the entry stands one level higher. */
function mixedSpans(map: Pages, pages: number): number {
  const starts = runsOf(map, 0, pages).map(({ from }) => from);
  return SPANS.reduce(
    (sum, span) => sum + new Set(starts.filter((from) => from % span !== 0).map((from) => Math.floor(from / span))).size,
    0,
  );
}
