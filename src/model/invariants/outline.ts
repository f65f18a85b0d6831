/** What of a block most invariants look at: whether any of it has changed since they last did. */
import type { Touched } from '../host/host';
import { isAll } from '../host/pages';

/** Notes the outline in the block, and says whether it is another than the last one noted. */
export function hasNewOutline({ file, block }: Touched): boolean {
  const { subpool } = file;
  const flags =
    block.state + (block.hvo ? 8 : 0) + (block.hvoFlag ? 16 : 0) + (block.mapped > 0 ? 32 : 0) + (isAll(block.share, 0) ? 64 : 0);
  const used = subpool === null ? -1 : subpool.used;
  const kept = subpool === null ? -1 : subpool.rsv;
  const { outline } = block;
  // When a file is gone it depends on what others wait for whether its blocks come back.
  const isSame =
    file.alive &&
    outline !== null &&
    outline.flags === flags &&
    outline.pfn === block.pfn &&
    outline.allocated === file.allocated &&
    outline.used === used &&
    outline.kept === kept;
  if (!isSame) block.outline = { flags, pfn: block.pfn, allocated: file.allocated, used, kept };
  return !isSame;
}
