/** Which invariants of the model an invariant of the C's users speaks of, by the words of its violations. */

/** Beginning of a violation's text, and the names by which a scenario expects it. */
const NAMES: readonly (readonly [begins: RegExp, names: readonly string[]])[] = [
  [/^content: Data loss/, ['NO-LOST-DATA']],
  [/^content: Leak: .* before it was given to the file/, ['NO-STALE-DATA']],
  [/^content: Leak/, ['NO-STALE-DATA', 'PRIVATE=>NO-HOST']],
  [/^isolation/, ['PRIVATE=>NO-HOST']],
  [/^mapped/, ['TRUNC-UNMAPPED']],
  [/^unmapped-on-removal/, ['TRUNC-UNMAPPED']],
  [/^counts/, ['REF-SAFE']],
  [/^pages-conserved: Lost/, ['NO-LEAK', 'POOL-CONSERVATION']],
  [/^pool/, ['SUBPOOL-BALANCE', 'RESV-BACKED']],
  [/^merged-when-private/, ['PRIVATE=>MERGED']],
];

/** Shape: names as `expect violated` has them; empty where the model has no such invariant. */
export const modelNames = (violation: string): readonly string[] => NAMES.find(([begins]) => begins.test(violation))?.[1] ?? [];

const CHECKED = new Set(NAMES.flatMap(([, names]) => names));

/** Is there anything in the C that would tell of its violation? */
export const isCheckedOnC = (name: string): boolean => CHECKED.has(name);
