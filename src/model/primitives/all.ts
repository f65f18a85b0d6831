/** All primitives, one line a family. */
import type { Needs } from '../../kernel-c/read-request';
import type { Primitive } from '../primitive';
import { accounting } from './accounting';
import { assertions } from './assertions';
import { atomics } from './atomics';
import { bits } from './bits';
import { compound } from './compound';
import { fileServices } from './descriptors';
import { filemap } from './filemap';
import { folioFlags } from './folio-flags';
import { hvo } from './hvo';
import { kvm } from './kvm';
import { lists } from './lists';
import { locks } from './locks';
import { memory } from './memory';
import { numa } from './numa';
import { pageAllocator } from './page-allocator';
import { pageTypes } from './page-types';
import { references } from './references';
import { slab } from './slab';
import { statistics } from './statistics';
import { tasks } from './tasks';
import { users } from './users';
import { vfs } from './vfs';
import { xarrays } from './xarray';
import { xarrayNodes } from './xarray-nodes';

export const primitives: readonly Primitive[] = [
  ...assertions,
  ...folioFlags,
  ...pageTypes,
  ...references,
  ...compound,
  ...hvo,
  ...filemap,
  ...xarrays,
  ...xarrayNodes,
  ...locks,
  ...slab,
  ...pageAllocator,
  ...atomics,
  ...bits,
  ...lists,
  ...memory,
  ...accounting,
  ...tasks,
  ...numa,
  ...vfs,
  ...fileServices,
  ...kvm,
  ...users,
  ...statistics,
];

export const modelledNames: ReadonlySet<string> = new Set(primitives.map((primitive) => primitive.name));

/** What the primitives of these names need from the tree, without repeats. */
export function modelNeeds(names: ReadonlySet<string> = modelledNames): Needs {
  const used = primitives.filter((primitive) => names.has(primitive.name));
  const all = (list: keyof Needs): string[] => [...new Set(used.flatMap((primitive) => primitive.needs?.[list] ?? []))];
  return { types: all('types'), constants: all('constants'), functions: all('functions'), globals: all('globals') };
}
