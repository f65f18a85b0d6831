/** Objects that a run has allocated and that nothing in memory points at any more. */
import type { HeapObject, Machine } from '../machine/api';
import { fieldIfAny, I64 } from '../model/fields';
import type { LiveObject } from '../model/leaks';
import { pageOf } from '../model/memmap';
import type { MemoryReader } from '../model/page-cache-view';
import type { FieldRef, Word } from '../model/primitive';
import { RECORD } from '../model/record';
import type { World } from '../model/world';

/** Objects beyond this many are not looked for. */
const MOST = 256;
/** Nodes hang in their tree: they are freed with it. */
const OWNED = new Set(['xa_node']);

/** Shape: in order of allocation. */
export function lostObjects(machine: Machine, reader: MemoryReader, world: World, returned: Word | null): LiveObject[] {
  const all = machine.objects();
  const candidates = all
    .filter((object) => object.kind === 'heap' && object.allocated.function !== '' && !OWNED.has(object.name))
    .filter((object) => !isReleased(machine, reader, object))
    .slice(0, MOST);
  if (candidates.length === 0) return [];
  const lost = new Set<HeapObject>(candidates);
  const seen = (pointer: Word, holder: HeapObject | null): void => {
    for (const object of lost) if (object !== holder && pointer >= object.at && pointer < object.at + object.size) lost.delete(object);
  };
  if (returned !== null) seen(returned, null);
  for (const object of all) {
    for (let offset = 0; offset + 8 <= object.size && lost.size > 0; offset += 8) seen(reader.peek(object.at, { ...I64, offset }), object);
  }
  for (const global of Object.values(machine.program.globals)) {
    const at = lost.size === 0 || global.readOnly ? 0 : reader.symbol(global.name);
    // The record names locks, and owns nothing.
    if (at === 0 || global.name === RECORD) continue;
    for (let offset = 0; offset + 8 <= global.size; offset += 8) seen(reader.peek(at, { ...I64, offset }), null);
  }
  if (lost.size > 0 && world.pages > 0) eachPrivate(machine, reader, world, (pointer) => seen(pointer, null));
  return [...lost];
}

/** Counted objects whose memory RCU or task work frees some time after the last reference. */
const COUNTED: Readonly<Record<string, readonly [type: string, ...paths: readonly string[]]>> = {
  inode: ['struct inode', 'i_count.counter', 'i_count'],
  file: ['struct file', 'f_count.counter', 'f_ref.refcnt.counter', 'f_count'],
};

function isReleased(machine: Machine, reader: MemoryReader, object: HeapObject): boolean {
  const [type, ...paths] = COUNTED[object.name] ?? [''];
  const count = fieldIfAny(machine.layout, type, ...paths);
  return count !== null && reader.peek(object.at, count) <= 0;
}

/** The private word of every page: where a split keeps what it saved. */
function eachPrivate(machine: Machine, reader: MemoryReader, world: World, each: (pointer: Word) => void): void {
  const field: FieldRef | null =
    fieldIfAny(machine.layout, 'struct page', 'private') ?? fieldIfAny(machine.layout, 'struct folio', 'private');
  if (field === null) return;
  const size = machine.layout.sizeof('struct page');
  for (let pfn = world.firstPfn; pfn < world.firstPfn + world.pages; pfn++) {
    const pointer = reader.peek(pageOf(pfn, size), field);
    if (pointer !== 0) each(pointer);
  }
}
