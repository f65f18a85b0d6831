/** The map by which a translation goes: the file's own, or the VM's attributes. */
import type { Host, Touched } from '../host/host';
import { alikeEnd, firstClash, isAll, type Pages } from '../host/pages';
import type { ValueSet } from '../host/page-cells';

export interface Clash {
  /** Pages of the block. */
  readonly from: number;
  readonly to: number;
}

/** The first pages of what was touched that are shared, or private, and have a stage-2 leaf of the set. */
export function leafClash(host: Host, { file, block, from, to }: Touched, shared: boolean, leaves: ValueSet): Clash | null {
  if (isAll(block.s2, 0)) return null;
  const byAttribute = host.attributes !== 'file' || file.order === 0;
  const map: Pages = byAttribute ? block.attr : block.share;
  const wanted = byAttribute === shared ? 0 : 1;
  const page = firstClash(map, block.s2, from, to, wanted === 0 ? leaves : 0, wanted === 1 ? leaves : 0);
  return page < 0 ? null : { from: page, to: alikeEnd(map, block.s2, page, to) };
}
