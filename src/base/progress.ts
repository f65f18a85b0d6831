/** How long work tells where it is, and learns that nobody wants it any more. */

export interface Progress {
  /**
   * @param message what is being done now, for a person
   * @param fraction 0 to 1 of the whole; left out where it is not known
   */
  report(message: string, fraction?: number): void;
  /** True once the user has cancelled; work looks at it between its parts and then gives back `cancelled`. */
  readonly cancelled: boolean;
}

/** Progress that nobody watches. */
export const unwatched: Progress = {
  report: () => undefined,
  cancelled: false,
};
