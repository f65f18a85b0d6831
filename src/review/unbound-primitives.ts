/** Primitives that a program calls and that do not fit its types. */
import type { Program } from '../kernel-c/program';
import { layoutOf } from '../machine/layout';
import { MissingLayout } from '../model/primitive';
import { primitives } from '../model/primitives/all';

/** Names, in the order of the table. */
export function unboundPrimitives(program: Program): string[] {
  const layout = layoutOf(program);
  return primitives
    .filter(({ name }) => program.prototypes[name]?.mode === 'modelled')
    .filter((primitive) => {
      try {
        primitive.bind(layout);
        return false;
      } catch (problem) {
        if (problem instanceof MissingLayout) return true;
        throw problem;
      }
    })
    .map((primitive) => primitive.name);
}
