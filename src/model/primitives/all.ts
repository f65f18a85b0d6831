/** All primitives, one line a family. */
import type { Needs } from '../../kernel-c/read-request';
import type { Primitive } from '../primitive';
import { accounting } from './accounting';
import { assertions } from './assertions';
import { atomics } from './atomics';
import { bits } from './bits';
import { compound } from './compound';
import { filemap } from './filemap';
import { folioFlags } from './folio-flags';
import { hvo } from './hvo';
import { kvm } from './kvm';
import { lists } from './lists';
import { locks } from './locks';
import { memory } from './memory';
import { references } from './references';
import { slab } from './slab';
import { tasks } from './tasks';
import { vfs } from './vfs';
import { xarrays } from './xarray';

export const primitives: readonly Primitive[] = [
  ...assertions,
  ...folioFlags,
  ...references,
  ...compound,
  ...hvo,
  ...filemap,
  ...xarrays,
  ...locks,
  ...slab,
  ...atomics,
  ...bits,
  ...lists,
  ...memory,
  ...accounting,
  ...tasks,
  ...vfs,
  ...kvm,
];

export const modelledNames: ReadonlySet<string> = new Set(primitives.map((primitive) => primitive.name));

/** What the primitives of these names need from the tree, without repeats. */
export function modelNeeds(names: ReadonlySet<string> = modelledNames): Needs {
  const used = primitives.filter((primitive) => names.has(primitive.name));
  const all = (list: keyof Needs): string[] => [...new Set(used.flatMap((primitive) => primitive.needs?.[list] ?? []))];
  return { types: all('types'), constants: all('constants'), functions: all('functions'), globals: all('globals') };
}
