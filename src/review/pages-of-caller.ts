/** The pages that the caller of a simulated function can name: what it passed, and what its objects point at. */
import type { Machine } from '../machine/api';
import { I64 } from '../model/fields';
import { inMemmap, pageOf } from '../model/memmap';
import type { MemoryReader } from '../model/page-cache-view';
import type { Address } from '../model/primitive';
import type { World } from '../model/world';

/** Objects of the caller are small; larger ones (a VM) hold no pages. */
const LARGEST = 16_384;

/** Shape: addresses in the memmap; the head of block 0, which folio parameters are given, among them. */
export function pagesOfCaller(machine: Machine, reader: MemoryReader, world: World): ReadonlySet<Address> {
  const pages = new Set<Address>();
  if (world.pages === 0) return pages;
  pages.add(pageOf(world.firstPfn, machine.layout.sizeof('struct page')));
  for (const object of machine.objects()) {
    if (object.kind !== 'model' || object.size > LARGEST) continue;
    for (let offset = 0; offset + 8 <= object.size; offset += 8) {
      const word = reader.peek(object.at, { ...I64, offset });
      if (inMemmap(word)) pages.add(word);
    }
  }
  return pages;
}
