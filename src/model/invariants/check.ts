/** Checks all invariants after an operation: only what it has changed, and each violation once. */
import type { Host } from '../host/host';
import type { Violation } from '../host/host-model';
import { invariants } from './all';
import type { Invariant } from './invariant';

const ofBlocks = invariants.flatMap((invariant) => (invariant.block === undefined ? [] : [{ invariant, check: invariant.block }]));
const ofCounts = invariants.flatMap((invariant) => (invariant.counts === undefined ? [] : [{ invariant, check: invariant.counts }]));

/** Violations that are told in full; more are not. */
const MOST = 1000;

export interface Violations {
  readonly list: readonly Violation[];
  /** What has been told: invariant and place. */
  readonly told: ReadonlySet<string>;
}

export const noViolations: Violations = { list: [], told: new Set() };

/** The violations with those that the last operation has brought. `counts`: pools and charges may have changed. */
export function checked(host: Host, before: Violations, counts = true): Violations {
  let now = before;
  for (const touched of host.touched) {
    // What an operation has looked at and left alone is as it was.
    if (touched.block.epoch !== host.epoch) continue;
    for (const { invariant, check } of ofBlocks) {
      const met = check(host, touched);
      if (met !== null) now = told(host, now, invariant, touched.file.id, touched.index, met);
    }
  }
  for (const { invariant, check } of counts ? ofCounts : []) {
    const met = check(host);
    if (met !== null) now = told(host, now, invariant, -1, -1, met);
  }
  for (const fact of host.facts) {
    for (const invariant of invariants) {
      if (invariant.facts?.includes(fact.kind) === true) now = told(host, now, invariant, fact.file?.id ?? -1, fact.block, fact.text);
    }
  }
  return now;
}

function told(host: Host, before: Violations, { name, label, oncePer }: Invariant, file: number, block: number, met: string): Violations {
  const place = oncePer === 'block' ? `${file}.${block}` : oncePer === 'file' ? `${file}` : '';
  const key = `${name} ${place}`;
  if (before.list.length >= MOST || before.told.has(key)) return before;
  return { list: [...before.list, { invariant: name, step: host.step, met, label }], told: new Set(before.told).add(key) };
}
