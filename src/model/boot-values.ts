/** Globals that only start-up code writes, with what they hold on a machine of two NUMA nodes. */
import type { GlobalObject } from '../kernel-c/program';

const NODES = 2;
/** Both nodes are possible, online and have memory and processors: their bits, at the start of the mask of each state. */
const BOTH_NODES = 2 ** NODES - 1;
/** States of `enum node_states`. */
const STATES = 6;

/** Shape: those of the globals that have such a value, with it; all others are as they are. */
export function bootValues(globals: Readonly<Record<string, GlobalObject>>): Record<string, GlobalObject> {
  const changed: Record<string, GlobalObject> = {};
  const set = (name: string, bytesOf: (global: GlobalObject) => number[]): void => {
    const global = globals[name];
    if (global !== undefined && global.bytes.length === 0) changed[name] = { ...global, bytes: bytesOf(global), defined: true };
  };
  set('node_states', (global) => Array.from({ length: global.size }, (_, byte) => (byte % (global.size / STATES) === 0 ? BOTH_NODES : 0)));
  for (const name of ['nr_online_nodes', 'nr_node_ids']) set(name, () => [NODES, 0, 0, 0]);
  return changed;
}
