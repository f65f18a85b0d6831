/** The known word that an unknown one was probably meant to be. */

/** Null where none is near: more than a third of its letters would have to change. */
export function nearestWord(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestDistance = Math.floor(Math.min(word.length, LONGEST) / 3) + 1;
  if (word.length > LONGEST) return null;
  for (const each of known) {
    const distance = distanceOf(word.toLowerCase(), each.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = each;
      bestDistance = distance;
    }
  }
  return best;
}

/** No known word is longer; the search takes time in the product of two lengths. */
const LONGEST = 60;

/** Letters to add, drop, change or swap with their neighbour; `limit` where it is that or more. */
function distanceOf(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const changed = (last[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      let cost = Math.min(changed, (last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1);
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (before[column - 2] ?? limit) + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[right.length] ?? limit;
}
