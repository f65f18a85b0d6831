/** A reviewer's note on a line, as kept on disk and sent between processes. */

export interface Remark {
  readonly id: string;
  /** Message-id of the series. */
  readonly series: string;
  /** Patch that it speaks of, from 1; 0 for the cover letter. */
  readonly patch: number;
  readonly file: string;
  /** Line after the patch (`new`) or before it (`old`), from 1. */
  readonly side: 'new' | 'old';
  readonly line: number;
  /** The text of that line when the remark was made, to find it again. */
  readonly context: string;
  readonly body: string;
  /** ISO 8601. */
  readonly written: string;
}

/** A reply ready to look at: exactly the bytes that would be sent, as UTF-8 text. */
export interface ReplyPreview {
  readonly patch: number;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly inReplyTo: string;
  readonly references: readonly string[];
  readonly subject: string;
  /** Headers and body, RFC 5322, lines ended by \n. */
  readonly text: string;
}
