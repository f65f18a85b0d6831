/** What the CLI writes: the answer on standard output, progress on standard error. */
import type { Refusal } from '../base/outcome';

/**
 * Text that comes from mail or C, made fit for a terminal: control characters could move the cursor or set the window's title.
 */
export const printable = (text: string): string => text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd');

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

export const refusalForPeople = (refusal: Refusal): string => `${refusal.met}\n${refusal.means}\n${refusal.todo}\n(${refusal.code})\n`;

/** Progress as one line that changes in place, or as lines where standard error is no terminal. */
export class ProgressLine {
  private last = '';

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly shown: boolean,
  ) {}

  report(message: string, fraction?: number): void {
    if (!this.shown) return;
    const percent = fraction === undefined ? '' : ` ${String(Math.floor(fraction * 100)).padStart(3)} %`;
    const line = printable(`${message}${percent}`);
    if (line === this.last) return;
    this.last = line;
    this.stream.write(this.stream.isTTY ? `\r\x1b[K${line.slice(0, (this.stream.columns || 80) - 1)}` : `${line}\n`);
  }

  /** Takes the line away before anything else is written. */
  clear(): void {
    if (this.shown && this.stream.isTTY && this.last !== '') this.stream.write('\r\x1b[K');
    this.last = '';
  }
}
