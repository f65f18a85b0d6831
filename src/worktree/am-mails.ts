/** The one mbox that a single `git am --keep-cr` reads, made of the boxes of the patches. */

const LF = 10;
const CR = 13;

/**
 * The boxes one after another.
 *
 * A mail whose *headers* end in CR LF came over the wire as RFC 5322 says, so one CR goes from each of its lines. In any other mail a CR belongs to
 * the file that is patched, and stays: `git am` must be given `--keep-cr`.
 *
 * @param boxes mboxrd boxes of one mail each
 * *Source* git-am(1), git-mailsplit(1).
 */
export function amInput(boxes: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(boxes.map((box) => (hasWireEndings(box) ? withoutWireEndings(box) : box)));
}

/** The line after the separator is the first header. */
function hasWireEndings(box: Uint8Array): boolean {
  const end = box.indexOf(LF, box.indexOf(LF) + 1);
  return end > 0 && box[end - 1] === CR;
}

const withoutWireEndings = (box: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(box).toString('latin1').replace(/\r\n/g, '\n'), 'latin1');
