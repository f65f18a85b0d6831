/** What cannot be about a host. */
import type { HostSpec } from '../../model/host/host-spec';
import { bytesText, PAGE } from './units';

const GIB = 2 ** 30;
const MIB2 = 2 ** 21;

export function hostProblems(host: HostSpec): { readonly met: string; readonly todo: string }[] {
  const found: { met: string; todo: string }[] = [];
  let pages = 0;
  let memory = 0;
  for (const { node, memory: bytes, pages1G, pages2M, buddy } of host.nodes) {
    const huge = pages1G * GIB + pages2M * MIB2;
    pages += pages1G;
    memory += bytes;
    if (bytes % PAGE !== 0 || bytes === 0) found.push({ met: `Node ${node} has ${bytes} bytes.`, todo: 'Give it whole pages of 4 KiB.' });
    if (huge > bytes) {
      found.push({
        met: `The huge pages of node ${node} take ${bytesText(huge)} of its ${bytesText(bytes)}.`,
        todo: 'Give it more memory or fewer huge pages.',
      });
    } else if (buddy !== undefined && huge + buddy * PAGE > bytes) {
      found.push({ met: `Node ${node} has no ${buddy} pages beside its huge pages.`, todo: 'Give it more memory, or a smaller buddy.' });
    }
  }
  if (host.nodes.some(({ node }, index) => node !== index)) {
    found.push({
      met: `The nodes are ${host.nodes.map(({ node }) => node).join(', ')}.`,
      todo: 'Number them 0, 1, 2 and so on, in order.',
    });
  }
  if (host.nodes.length > 64) found.push({ met: `There are ${host.nodes.length} nodes.`, todo: 'Take at most 64.' });
  const besides = (host.pool ?? 0) * GIB + (host.cma ?? 0);
  const cma = host.cma ?? 0;
  if (cma % GIB !== 0) found.push({ met: `The CMA area has ${bytesText(cma)}.`, todo: 'Make it a multiple of 1GiB.' });
  if (besides > 0 && pages * GIB + besides > memory) {
    found.push({
      met: `Huge pages of 1G, the global pool and the CMA area take ${bytesText(pages * GIB + besides)} of ${bytesText(memory)}.`,
      todo: 'Give the nodes more memory.',
    });
  }
  return found;
}
