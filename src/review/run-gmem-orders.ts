/** The orders in which the steps of several branches can follow each other. */

/** Orders of a `parallel` that are run. */
const MOST_ORDERS = 1_000;
/** Steps of all of these orders together. */
const MOST_ORDERED = 1_000_000;

/** The orders of a block that are run, and how many there are in all. */
export function ordersRun(branches: readonly (readonly unknown[])[]): ReturnType<typeof ordersOf> {
  const lengths = branches.map(({ length }) => length);
  const steps = lengths.reduce((sum, each) => sum + each, 0);
  return ordersOf(lengths, Math.max(1, Math.min(MOST_ORDERS, Math.floor(MOST_ORDERED / steps))));
}

/**
 * @param lengths steps of each branch
 * @returns *Shape* each order as the numbers of the branches whose next step comes; the first is one branch after the other.
 * `all`: how many there are, where that is a number at all.
 */
export function ordersOf(
  lengths: readonly number[],
  most: number,
): { readonly orders: readonly (readonly number[])[]; readonly all: number } {
  const orders: number[][] = [];
  const left = [...lengths];
  const total = lengths.reduce((sum, each) => sum + each, 0);
  const order: number[] = [];
  // One loop with the order itself as its stack: branches may have thousands of steps.
  let from = 0;
  while (orders.length < most) {
    const next = order.length === total ? -1 : left.findIndex((count, branch) => branch >= from && count > 0);
    if (next >= 0) {
      order.push(next);
      left[next] = (left[next] ?? 0) - 1;
      from = 0;
      continue;
    }
    if (order.length === total) orders.push([...order]);
    const last = order.pop();
    if (last === undefined) break;
    left[last] = (left[last] ?? 0) + 1;
    from = last + 1;
  }
  return { orders, all: countOf(lengths) };
}

/** The multinomial coefficient; not exact above 2^53. */
function countOf(lengths: readonly number[]): number {
  let placed = 0;
  let count = 1;
  for (const length of lengths) {
    for (let each = 1; each <= length; each++) {
      placed += 1;
      count = (count * placed) / each;
    }
  }
  return Number.isFinite(count) ? Math.round(count) : Number.MAX_VALUE;
}
