/** The map by which a translation goes: the file's own, or the VM's attributes. */
import type { Host, Touched } from '../host/host';
import { runsOf, type PageRun } from '../host/pages';

/** The runs of what was touched that are shared, or private. */
export function sharedRuns(host: Host, { file, block, from, to }: Touched, shared: boolean): readonly PageRun[] {
  const byAttribute = host.attributes !== 'file' || file.order === 0;
  const wanted = byAttribute === shared ? 0 : 1;
  return runsOf(byAttribute ? block.attr : block.share, from, to).filter(({ value }) => value === wanted);
}
