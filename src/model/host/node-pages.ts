/** Ordinary pages of the nodes: who takes them from the buddy allocator, and who gives them back. */
import { injectedFailure, type Host } from './host';
import type { Node } from './pools';

/** What a node's pages are used for. */
export type PageUse = 'vmemmap' | 'vmemmapTables' | 'restVmemmap' | 'gmem' | 'twins' | 'slab' | 'taken' | 'stuck';

/** Pages that GFP_KERNEL can take, of all nodes. */
export function buddyPages(host: Host): number {
  let sum = 0;
  for (const node of host.nodes) sum += node.buddy;
  return sum;
}

/** Takes pages, the preferred node's first. All or nothing. Shape: pages that came from other nodes; -1 where there are too few. */
export function takePages(host: Host, count: number, preferred: number, use: PageUse, kind: string): number {
  if (injectedFailure(host, kind)) return -1;
  if (count <= 0) return 0;
  const own = host.nodes[preferred];
  if (own !== undefined && own.buddy >= count) {
    own.buddy -= count;
    own[use] += count;
    return 0;
  }
  if (buddyPages(host) < count) return -1;
  let left = count;
  let remote = 0;
  for (const node of inOrder(host, preferred)) {
    const taken = Math.min(node.buddy, left);
    node.buddy -= taken;
    node[use] += taken;
    left -= taken;
    if (node !== own) remote += taken;
  }
  return remote;
}

/** Gives pages back: those from other nodes to them. */
export function givePages(host: Host, count: number, preferred: number, use: PageUse, remote = 0): void {
  let left = count;
  let away = Math.min(remote, count);
  const own = host.nodes[preferred];
  if (own !== undefined) {
    const given = Math.min(left - away, own[use]);
    own[use] -= given;
    own.buddy += given;
    left -= given;
    away = left;
  }
  for (const node of host.nodes) {
    if (away <= 0) break;
    if (node === own) continue;
    const given = Math.min(node[use], away);
    node[use] -= given;
    node.buddy += given;
    away -= given;
  }
}

function inOrder(host: Host, preferred: number): readonly Node[] {
  const own = host.nodes[preferred];
  return own === undefined ? host.nodes : [own, ...host.nodes.filter((node) => node !== own)];
}
