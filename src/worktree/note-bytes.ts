/** What every file of a tree gave, as one piece of memory: small beside the objects that it stands for, and searched for names without making them. */
import type { FileNote } from './read-facts';

const SEPARATOR = 0;

/** Paths and notes in turn, each with a NUL behind it, which neither can contain. */
export class NoteBytes {
  constructor(readonly bytes: Buffer) {}

  static from(notes: ReadonlyMap<string, FileNote>): NoteBytes {
    const parts: string[] = [];
    for (const [path, note] of notes) parts.push(path, '\0', note, '\0');
    return new NoteBytes(Buffer.from(parts.join('')));
  }

  *[Symbol.iterator](): Generator<readonly [string, FileNote]> {
    const { bytes } = this;
    for (let from = 0; from < bytes.length;) {
      const middle = bytes.indexOf(SEPARATOR, from);
      const end = middle < 0 ? -1 : bytes.indexOf(SEPARATOR, middle + 1);
      if (end < 0) return;
      yield [bytes.toString('utf8', from, middle), bytes.toString('utf8', middle + 1, end)];
      from = end + 1;
    }
  }

  /** The note of a file; null where there is none. */
  of(path: string): FileNote | null {
    const { bytes } = this;
    const wanted = Buffer.from(`${path}\0`);
    for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
      const end = bytes.indexOf(SEPARATOR, at + wanted.length);
      // No note ends in the path of a file: notes are JSON, or say why a file was not read.
      if ((at === 0 || bytes[at - 1] === SEPARATOR) && end >= 0) return bytes.toString('utf8', at + wanted.length, end);
    }
    return null;
  }

  /** The files in whose notes a name stands, with the notes. */
  *naming(name: string): Generator<readonly [string, FileNote]> {
    const { bytes } = this;
    const wanted = Buffer.from(JSON.stringify(name));
    for (let at = bytes.indexOf(wanted); at >= 0;) {
      const middle = bytes.lastIndexOf(SEPARATOR, at);
      const end = bytes.indexOf(SEPARATOR, at);
      if (middle <= 0 || end < 0) return;
      const from = bytes.lastIndexOf(SEPARATOR, middle - 1) + 1;
      yield [bytes.toString('utf8', from, middle), bytes.toString('utf8', middle + 1, end)];
      at = bytes.indexOf(wanted, end);
    }
  }
}
