/** The canonical scenarios as operation lists on host H0, and what runs them. */
import { createHostModel } from '../../../../../src/model/host/create-host-model';
import type { HostModel } from '../../../../../src/model/host/host-model';
import { usualHost, type HostSpec, type ModelSpec } from '../../../../../src/model/host/host-spec';
import type { DesignId, Operation, OperationResult, VmType } from '../../../../../src/model/host/operation';

export const GIB = 2 ** 30;
/** Pages of 1 GiB. */
export const GIGA = 2 ** 18;

export interface Setting {
  readonly type?: VmType;
  readonly memcgLimit?: number;
  /** `A-1=as-intended`. */
  readonly switches?: readonly string[];
  readonly host?: Partial<HostSpec>;
}

export interface Run {
  readonly model: HostModel;
  readonly results: readonly OperationResult[];
  readonly last: OperationResult;
  /** Names of the invariants that were broken. */
  readonly broken: readonly string[];
  readonly counter: (name: string) => number;
  readonly metric: (name: string) => number;
}

export function specOf(design: DesignId, { type = 'snp', memcgLimit, switches = [], host = {} }: Setting = {}): ModelSpec {
  return {
    host: { ...usualHost, ...host },
    design,
    vms: [
      { name: 'vm0', type, ...(memcgLimit === undefined ? {} : { memcgLimit }) },
      { name: 'vm1', type },
    ],
    switches: switches.map((text) => ({ name: text.slice(0, text.indexOf('=')), value: text.slice(text.indexOf('=') + 1) })),
    seed: 1,
  };
}

/** Does all operations in order. */
export function run(design: DesignId, operations: readonly Operation[], setting: Setting = {}): Run {
  const made = createHostModel(specOf(design, setting));
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  return on(made.value, operations);
}

/** Goes on with a model. */
export function on(model: HostModel, operations: readonly Operation[]): Run {
  const results = operations.map((operation) => {
    const outcome = model.apply(operation);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify([operation, outcome]));
    return outcome.value;
  });
  const number = (values: Readonly<Record<string, number>>, name: string): number => {
    const value = values[name];
    if (value === undefined) throw new Error(`${name} is none of ${Object.keys(values).join(' ')}`);
    return value;
  };
  return {
    model,
    results,
    last: results[results.length - 1] ?? { error: null, errorOffset: -1, pages: 0 },
    broken: model.violations().map(({ invariant }) => invariant),
    counter: (name) => number(model.counters(), name),
    metric: (name) => number(model.metrics(), name),
  };
}

/** A host of one node. */
export const oneNode = (memoryGiB: number, pages1G: number, buddy?: number): Partial<HostSpec> => ({
  nodes: [{ node: 0, memory: memoryGiB * GIB, pages1G, pages2M: 0, ...(buddy === undefined ? {} : { buddy }) }],
});
