/** What an operation that may meet an expected "no" gives back. */

/**
 * An expected no: something in the world (not a bug of ours) stands in the way.
 * `code` is stable and documented, `folder/what` in kebab-case (`series/no-base`).
 */
export interface Refusal {
  readonly code: string;
  /** What was met, and where: file, line, patch, message-id. One sentence. */
  readonly met: string;
  /** What that means for what was asked. One sentence. */
  readonly means: string;
  /** What the user can do now. One sentence. */
  readonly todo: string;
}

export type Outcome<T> =
  { readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal } | { readonly kind: 'cancelled' };

export const done = <T>(value: T): Outcome<T> => ({ kind: 'done', value });

export const refused = (code: string, met: string, means: string, todo: string): Outcome<never> => ({
  kind: 'refused',
  refusal: { code, met, means, todo },
});

export const cancelled: Outcome<never> = { kind: 'cancelled' };

/** The refusal as the three sentences that a user reads. */
export const refusalText = (refusal: Refusal): string => `${refusal.met} ${refusal.means} ${refusal.todo}`;
