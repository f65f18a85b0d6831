/** Checks all invariants after an operation: only what it has changed, and each violation once. */
import type { Violation } from '../host/host-model';
import type { Host } from '../host/host';
import { invariants } from './all';
import type { BlockInvariant, CountInvariant, FactInvariant } from './invariant';

const blockInvariants = invariants.filter((each): each is BlockInvariant => each.watches === 'block');
const countInvariants = invariants.filter((each): each is CountInvariant => each.watches === 'counts');
const factInvariants = invariants.filter((each): each is FactInvariant => each.watches === 'facts');

/** Violations that are told in full; more are not. */
const MOST = 1000;

export interface Violations {
  readonly list: readonly Violation[];
  /** What has been told: invariant, file and block. */
  readonly told: ReadonlySet<string>;
}

export const noViolations: Violations = { list: [], told: new Set() };

/** The violations with those that the last operation has brought. */
export function checked(host: Host, before: Violations): Violations {
  let now = before;
  for (const touched of host.touched) {
    for (const invariant of blockInvariants) {
      const met = invariant.check(host, touched);
      if (met !== null) now = told(host, now, invariant, `${touched.file.id}.${touched.index}`, met);
    }
  }
  for (const invariant of countInvariants) {
    const met = invariant.check(host);
    if (met !== null) now = told(host, now, invariant, '', met);
  }
  for (const fact of host.facts) {
    for (const invariant of factInvariants) {
      if (!invariant.facts.includes(fact.kind)) continue;
      const met = invariant.check(host, fact);
      if (met !== null) now = told(host, now, invariant, `${fact.file?.id ?? ''}.${fact.block}`, met);
    }
  }
  return now;
}

function told(
  host: Host,
  before: Violations,
  invariant: { readonly name: string; readonly label: Violation['label'] },
  place: string,
  met: string,
): Violations {
  const key = `${invariant.name} ${place}`;
  if (before.list.length >= MOST || before.told.has(key)) return before;
  return {
    list: [...before.list, { invariant: invariant.name, step: host.step, met, label: invariant.label }],
    told: new Set(before.told).add(key),
  };
}
