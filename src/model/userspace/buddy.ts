/** Huge pages that the buddy allocator has: those of the memmap that the pool gave up, and those that it can grow by. */
import { inMemmap, pageOf, pfnOf } from '../memmap';
import type { Address, Kernel, Layout } from '../primitive';
import type { RecordReader } from '../record';
import { HOST, hostOf, setWord, USERS, usersOf, wordAt } from './record';

/** Heads of these huge pages. */
export function buddyHeads(reader: RecordReader): number[] {
  const host = hostOf(reader);
  if (host === 0) return [];
  const users = usersOf(reader);
  const pages = 2 ** reader.peek(users, USERS.order);
  const marks = reader.peek(host, HOST.buddy);
  const heads: number[] = [];
  for (let block = 0; block < Math.floor(reader.peek(users, USERS.frames) / pages); block++)
    if (wordAt(reader, marks, block) !== 0) heads.push(reader.peek(users, USERS.firstPfn) + block * pages);
  return heads;
}

function mark(kernel: Kernel, pfn: number, isBuddys: boolean): void {
  const users = usersOf(kernel);
  const block = (pfn - kernel.peek(users, USERS.firstPfn)) / 2 ** kernel.peek(users, USERS.order);
  setWord(kernel, kernel.peek(hostOf(kernel), HOST.buddy), block, isBuddys ? 1 : 0);
}

/** A folio goes to the buddy allocator: noted where it is a huge page of the memmap, so that it is not taken for lost. */
export function noteFreed(kernel: Kernel, folio: Address, pages: number): void {
  if (hostOf(kernel) === 0 || !inMemmap(folio)) return;
  const users = usersOf(kernel);
  if (pages > 1 && pages === 2 ** kernel.peek(users, USERS.order)) mark(kernel, pfnOf(folio, kernel.layout.sizeof('struct page')), true);
}

/** Whether huge pages come from the memmap and nowhere else: a scenario that counts what the host has. */
export const isCounted = (kernel: Kernel, order: number): boolean => {
  const host = hostOf(kernel);
  return host !== 0 && kernel.peek(host, HOST.counted) !== 0 && order > 0 && order === kernel.peek(usersOf(kernel), USERS.order);
};

/** The first struct page of a huge page that the buddy allocator has on the node; 0 where it has none there. Its node stays what it is. */
export function takeHuge(kernel: Kernel, layout: Layout, node: number, nodeOf: (kernel: Kernel, page: Address) => number): Address {
  const size = layout.sizeof('struct page');
  const found = buddyHeads(kernel).find((pfn) => nodeOf(kernel, pageOf(pfn, size)) === node);
  if (found === undefined) return 0;
  mark(kernel, found, false);
  return pageOf(found, size);
}
