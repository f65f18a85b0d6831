/** What an invariant of a scenario with users is, and how its violations are told. */
import type { UserState } from '../user-state';

export interface Invariant {
  /** Kebab-case. */
  readonly id: string;
  /** One sentence that holds in a state without defects. */
  readonly statement: string;
  /**
   * One sentence for each way in which it does not hold; empty where it holds. The same violation has the same words in a later state.
   */
  readonly check: (state: UserState) => readonly string[];
}

/** Places told one by one; more of the same are one number. */
const MOST_TOLD = 4;

/** `page 3`, `pages 0 to 3`, `pages 0, 5 to 8 and 9 more`. @param places ascending */
export function placesText(what: string, places: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const place of places) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === place - 1) last[1] = place;
    else runs.push([place, place]);
  }
  const told = runs.slice(0, MOST_TOLD).map(([first, last]) => (first === last ? `${first}` : `${first} to ${last}`));
  const rest = runs.slice(MOST_TOLD).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (rest > 0) told.push(`${rest} more`);
  const list = told.length > 1 ? `${told.slice(0, -1).join(', ')} and ${told.at(-1) ?? ''}` : (told[0] ?? '');
  return `${what}${places.length === 1 ? '' : 's'} ${list}`;
}

/** One sentence over all places, none where there are none. */
export const overPlaces = (what: string, places: readonly number[], say: (places: string, many: boolean) => string): string[] =>
  places.length === 0 ? [] : [say(placesText(what, places), places.length > 1)];
