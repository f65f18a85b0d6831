/** What the lines above a line have declared. */
import { DESIGNS, type DesignId, type PageSize } from '../../model/host/operation';

export interface FileInScope {
  /** Bytes. */
  readonly size: number;
  readonly pageSize: PageSize;
  readonly vm: string;
  readonly closed: boolean;
}

export interface NamesInScope {
  readonly files: Map<string, FileInScope>;
  readonly vms: Set<string>;
  readonly processes: Set<string>;
  readonly devices: Set<string>;
  /** Name → value as written. */
  readonly parameters: Map<string, string>;
  designs: readonly DesignId[];
  /** Numbers of NUMA nodes. */
  nodes: readonly number[];
}

export const nothingInScope = (): NamesInScope => ({
  files: new Map(),
  vms: new Set(),
  processes: new Set(),
  devices: new Set(),
  parameters: new Map(),
  designs: DESIGNS,
  nodes: [0],
});
