/** Checks all invariants after an operation: only what it has changed, and each violation once. */
import type { FactKind, Host, Touched } from '../host/host';
import type { Violation } from '../host/host-model';
import { invariants } from './all';
import type { Invariant } from './invariant';
import { hasNewOutline } from './outline';

/** Invariants by their number in the list, so that what is looked at after every operation is a walk over arrays. */
const numbersOf = (has: (each: Invariant) => boolean): readonly number[] =>
  invariants.flatMap((each, number) => (has(each) ? [number] : []));
const checkOf = ({ block, outline }: Invariant): NonNullable<Invariant['block']> => block ?? outline!;
/** Those that look at blocks at all, and of them those that an outline is not enough for. */
const ofBlocks = numbersOf(({ block, outline }) => (block ?? outline) !== undefined);
const blockChecks = ofBlocks.map((number) => checkOf(invariants[number]!));
const ofPages = numbersOf(({ block }) => block !== undefined);
const pageChecks = ofPages.map((number) => checkOf(invariants[number]!));
const ofCounts = numbersOf(({ counts }) => counts !== undefined);
const countChecks = ofCounts.map((number) => invariants[number]!.counts!);
const ofFact = new Map<FactKind, readonly number[]>();
for (const kind of invariants.flatMap(({ facts = [] }) => facts))
  ofFact.set(
    kind,
    invariants.flatMap(({ facts = [] }, number) => (facts.includes(kind) ? [number] : [])),
  );

/** Violations that are told in full; more are not. */
const MOST = 1000;

export interface Violations {
  readonly list: readonly Violation[];
  /** Places of which each invariant has been told; null: of none. */
  readonly told: readonly (ReadonlySet<number> | null)[];
}

export const noViolations: Violations = { list: [], told: invariants.map(() => null) };

/** The violations with those that the last operation has brought. `counts`: pools and charges may have changed. */
export function checked(host: Host, before: Violations, counts = true): Violations {
  let now = before;
  const { touched, facts, epoch } = host;
  for (let at = 0; at < touched.length; at++) {
    const each = touched[at]!;
    // What an operation has looked at and left alone is as it was.
    if (each.block.epoch !== epoch) continue;
    now = hasNewOutline(each) ? checkedBlock(host, now, each, ofBlocks, blockChecks) : checkedBlock(host, now, each, ofPages, pageChecks);
  }
  if (counts) {
    for (let check = 0; check < countChecks.length; check++) {
      const number = ofCounts[check]!;
      if (now.told[number]?.has(placeOf(number, -1, -1)) === true) continue;
      const met = countChecks[check]!(host);
      if (met !== null) now = told(host, now, number, -1, -1, met);
    }
  }
  for (const { kind, file, block, text } of facts) {
    for (const number of ofFact.get(kind) ?? []) {
      if (now.told[number]?.has(placeOf(number, file?.id ?? -1, block)) !== true)
        now = told(host, now, number, file?.id ?? -1, block, text());
    }
  }
  return now;
}

function checkedBlock(
  host: Host,
  before: Violations,
  touched: Touched,
  numbers: readonly number[],
  checks: readonly NonNullable<Invariant['block']>[],
): Violations {
  let now = before;
  for (let check = 0; check < checks.length; check++) {
    const number = numbers[check]!;
    const known = now.told[number] ?? null;
    // What was told is not told again, and the text of it not made.
    if (known !== null && known.has(placeOf(number, touched.file.id, touched.index))) continue;
    const met = checks[check]!(host, touched);
    if (met !== null) now = told(host, now, number, touched.file.id, touched.index, met);
  }
  return now;
}

/** A violation is told once of each of these. */
function placeOf(number: number, file: number, block: number): number {
  const { oncePer } = invariants[number]!;
  if (oncePer === 'host') return 0;
  return oncePer === 'file' ? file + 1 : (file + 1) * MOST_BLOCKS + block + 1;
}

/** More than a file can have. */
const MOST_BLOCKS = 2 ** 21;

function told(host: Host, before: Violations, number: number, file: number, block: number, met: string): Violations {
  if (before.list.length >= MOST) return before;
  const { name, label } = invariants[number]!;
  const known = new Set(before.told[number]).add(placeOf(number, file, block));
  return {
    list: [...before.list, { invariant: name, step: host.step, met, label }],
    told: before.told.map((each, at) => (at === number ? known : each)),
  };
}
