/** A reviewer's prose put into lines of mail: only what is too long is wrapped. */
import { trailerOf } from './quote';

/** Documentation/process asks for 72 to 75 columns, so that a few quote marks still fit in 80. */
const PROSE_WIDTH = 72;

/**
 * The text with its overlong prose lines wrapped, blanks at line ends and blank lines at both ends taken off.
 *
 * *Leaves out* code (indented, or between ``` fences), quoted lines and trailers: these are never wrapped. Words, also long links, are never cut.
 */
export function wrappedProse(text: string, width = PROSE_WIDTH): readonly string[] {
  let fenced = false;
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const out = lines.flatMap((raw) => {
    const line = raw.trimEnd();
    if (/^\s*```/.test(line)) {
      fenced = !fenced;
      return [line];
    }
    const kept = fenced || /^(\t| {4}|>)/.test(line) || trailerOf(line) !== null;
    return kept || line.length <= width ? [line] : wrapped(line, width);
  });
  while (out[0] === '') out.shift();
  while (out.at(-1) === '') out.pop();
  return out;
}

function wrapped(line: string, width: number): readonly string[] {
  const lead = /^\s*(?:[-*+] |\d{1,2}[.)] )?/.exec(line)?.[0] ?? '';
  const hang = ' '.repeat(lead.length);
  const out: string[] = [];
  let current = lead;
  let empty = true;
  for (const word of line.slice(lead.length).split(/\s+/)) {
    // A line must not begin with what mail readers take for a quote or a hidden separator.
    const splits = !empty && current.length + 1 + word.length > width && !word.startsWith('>');
    if (splits) {
      out.push(current);
      current = hang + word;
    } else current += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...out, current];
}
