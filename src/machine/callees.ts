/** Functions that are called and not interpreted: primitives of the model, builtins, and unknown ones, bound once each. */
import type { FunctionCode } from '../kernel-c/program';
import type { TypeId } from '../kernel-c/types';
import type { BoundPrimitive, Callable, Layout } from '../model/primitive';
import { MissingLayout } from '../model/primitive';
import type { Callee, CalleeTable } from './cpu';

/** How an unknown function is bound. */
export type BindUnknown = (name: string, type: TypeId, caller: FunctionCode | null) => BoundPrimitive;

export function createCallees(
  primitives: readonly Callable[],
  builtins: Readonly<Record<string, BoundPrimitive>>,
  layout: Layout,
  bindUnknown: BindUnknown,
): CalleeTable {
  const byName = new Map(primitives.map((primitive) => [primitive.name, primitive]));
  const known = new Map<string, Callee>();
  const unknown = new Map<string, Callee>();
  const all: Callee[] = [];
  const add = (name: string, mode: Callee['mode'], bound: BoundPrimitive, visible: boolean): Callee => {
    const callee: Callee = { name, mode, bound, visible, index: all.length };
    all.push(callee);
    return callee;
  };
  const bindKnown = (name: string): Callee | null => {
    const primitive = byName.get(name);
    const bound = primitive === undefined ? builtins[name] : bindOrNothing(primitive, layout);
    return bound === undefined ? null : add(name, 'modelled', bound, primitive?.visible === true);
  };
  return {
    all,
    calleeOf(name, type, caller) {
      const found = known.get(name) ?? bindKnown(name);
      if (found !== null) {
        known.set(name, found);
        return found;
      }
      const key = `${name} ${type} ${caller?.name ?? ''}`;
      let callee = unknown.get(key);
      if (callee === undefined) unknown.set(key, (callee = add(name, 'unknown', bindUnknown(name, type, caller), false)));
      return callee;
    },
  };
}

/** A primitive whose types the tree does not have counts as unknown. */
function bindOrNothing(primitive: Callable, layout: Layout): BoundPrimitive | undefined {
  try {
    return primitive.bind(layout);
  } catch (problem) {
    if (problem instanceof MissingLayout) return undefined;
    throw problem;
  }
}
