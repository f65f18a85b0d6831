/** Globals that only start-up code writes, with what they hold on a machine of two NUMA nodes, and the nodes that a task may use. */
import type { GlobalObject, Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';

const NODES = 2;
/** Both nodes: their bits, at the start of a mask. */
const BOTH_NODES = 2 ** NODES - 1;
/** States of `enum node_states`: both nodes are possible, online, and have memory and processors. */
const STATES = 6;

/** Shape: bytes by the global's name; only for globals that the program has. */
export function bootValues({ globals }: Program): Readonly<Record<string, readonly number[]>> {
  const values: Record<string, readonly number[]> = {};
  const set = (name: string, bytesOf: (global: GlobalObject) => readonly number[]): void => {
    const global = globals[name];
    if (global !== undefined) values[name] = bytesOf(global);
  };
  set('node_states', ({ size }) => Array.from({ length: size }, (_, byte) => (byte % (size / STATES) === 0 ? BOTH_NODES : 0)));
  for (const name of ['nr_online_nodes', 'nr_node_ids']) set(name, () => [NODES, 0, 0, 0]);
  return values;
}

/** The task structure at the start, up to the last byte that is not 0: the task may use memory of both nodes. */
export function taskBytes({ types, typeNames }: Program): readonly number[] {
  const task = typeNames['struct task_struct'];
  const at = task === undefined ? null : offsetOf(types, task, 'mems_allowed');
  return at === null ? [] : [...Array.from({ length: at }, () => 0), BOTH_NODES];
}

/** Where a member stands, also one of an anonymous struct; null where the type has none of that name. */
function offsetOf(types: readonly CType[], id: TypeId, name: string): number | null {
  const type = types[id];
  if (type?.kind !== 'struct' && type?.kind !== 'union') return null;
  for (const field of type.fields) {
    if (field.name === name) return field.offset;
    const inside = field.name === '' ? offsetOf(types, field.type, name) : null;
    if (inside !== null) return field.offset + inside;
  }
  return null;
}
