/** Expectations of one step that no run can meet together. */
import type { DesignId } from '../../model/host/operation';
import type { Comparison, Expectation, ExpectLine } from './scenario';

/** The first of those above that the new one contradicts; null where all can be met. */
export function checkExpectations(
  above: readonly ExpectLine[],
  expected: ExpectLine,
  all: readonly DesignId[],
): { readonly line: number; readonly design: DesignId } | null {
  const meant = ({ designs }: ExpectLine): readonly DesignId[] => (designs.length === 0 ? all : designs);
  if (expected.holds === false) return null;
  for (const each of above) {
    if (each.holds === false) continue;
    const design = meant(expected).find((one) => meant(each).includes(one));
    if (design !== undefined && contradict(each.expectation, expected.expectation)) return { line: each.span.line, design };
  }
  return null;
}

function contradict(left: Expectation, right: Expectation): boolean {
  if (left.kind === 'error' && right.kind === 'error')
    return left.error !== right.error || (left.at !== undefined && right.at !== undefined && left.at !== right.at);
  if (left.kind === 'meanwhile' && right.kind === 'meanwhile') return left.error !== right.error;
  if (left.kind === 'invariant' && right.kind === 'invariant') return left.name === right.name && left.held !== right.held;
  if ((left.kind === 'counter' && right.kind === 'counter') || (left.kind === 'metric' && right.kind === 'metric'))
    return left.name === right.name && !canBoth(left, right);
  if (left.kind === 'state' && right.kind === 'state')
    return (
      left.file === right.file &&
      left.property === right.property &&
      left.value !== right.value &&
      left.from < right.to &&
      right.from < left.to
    );
  return false;
}

interface Bound {
  readonly is: Comparison;
  readonly value: number;
}

/** Whether a number meets both. */
function canBoth(left: Bound, right: Bound): boolean {
  const near = [left.value, right.value].flatMap((each) => [each - 1, each, each + 1]);
  const between = (left.value + right.value) / 2;
  return [...near, between].some((each) => meets(each, left) && meets(each, right));
}

export function meets(actual: number, { is, value }: Bound): boolean {
  switch (is) {
    case '=':
      return sameTo(actual, value);
    case '!=':
      return !sameTo(actual, value);
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
  }
}

/** Equal to as many decimals as the second is written with. */
function sameTo(actual: number, value: number): boolean {
  const decimals = /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0;
  return decimals === 0 ? actual === value : actual.toFixed(Math.min(decimals, 15)) === value.toFixed(Math.min(decimals, 15));
}
