/** Text of RFC 3676, `format=flowed`, put back into the lines that its writer saw. */

export interface Flowed {
  /** `delsp=yes`: the blank at a soft line end is not part of the text. */
  readonly deleteSpace: boolean;
}

/**
 * A copy of the mail whose headers no longer say that its text is flowed, and whether they did. The MIME reader joins lines
 * without looking at quote depths, which would join quotes with answers; so `unflowed` does it afterwards.
 */
export function withoutFlowed(raw: Uint8Array): { readonly bytes: Uint8Array; readonly flowed: Flowed | null } {
  // Not `slice`: that of a Buffer shares its memory, and the mail itself must stay as it is.
  const bytes = new Uint8Array(raw);
  let isFlowed = false;
  let deleteSpace = false;
  let inHeader = true;
  let multipart = false;
  for (let at = 0; at < bytes.byteLength;) {
    const newline = bytes.indexOf(0x0a, at);
    const end = newline < 0 ? bytes.byteLength : newline;
    const first = bytes[at];
    if (inHeader) {
      const line = latin1(bytes, at, Math.min(end, at + 1000));
      if (line.trim() === '') inHeader = false;
      multipart ||= /multipart\//i.test(line);
      const found = /format\s*=\s*"?(flowed)/i.exec(line);
      if (found !== null) {
        isFlowed = true;
        const word = at + found.index + found[0].length - 'flowed'.length;
        bytes.set([0x66, 0x69, 0x78, 0x65, 0x64, 0x78], word);
      }
      deleteSpace ||= /delsp\s*=\s*"?yes/i.test(line);
    } else if (!multipart && newline >= 0) break;
    else if (first === 0x2d && bytes[at + 1] === 0x2d) inHeader = isBoundaryLike(latin1(bytes, at, Math.min(end, at + 100)));
    at = end + 1;
  }
  return { bytes, flowed: isFlowed ? { deleteSpace } : null };
}

/**
 * *Shape* a line that ends in a blank goes on in the next of the same quote depth; one leading blank was stuffed in and goes; `-- ` stands
 * alone.
 * *Source* RFC 3676 4.1 to 4.5.
 */
export function unflowed(text: string, { deleteSpace }: Flowed): string {
  const out: string[] = [];
  let depthBefore = -1;
  let open = false;
  for (const line of text.split('\n')) {
    const quote = /^>*/.exec(line)?.[0].length ?? 0;
    const words = line.slice(quote).replace(/^ /, '');
    const signature = words === '-- ';
    if (open && quote === depthBefore && !signature) out[out.length - 1] += words;
    else if (quote === 0) out.push(words);
    else out.push(words === '' ? '>'.repeat(quote) : `${'>'.repeat(quote)} ${words}`);
    open = words.endsWith(' ') && !signature;
    if (open && deleteSpace) out[out.length - 1] = (out[out.length - 1] ?? '').slice(0, -1);
    depthBefore = quote;
  }
  return out.join('\n');
}

const latin1 = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** A line that may begin a part: two dashes and a boundary's characters (RFC 2046 5.1.1), not a signature or a diff's file name. */
const isBoundaryLike = (line: string): boolean => /^--[0-9A-Za-z'()+_,\-./:=?]{1,70}\s*$/.test(line) && /[0-9A-Za-z]/.test(line);
