/** Reads files of a tree one after another and gives the facts of each, packed: what a thread of a scan does. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { INTERESTING } from '../assumptions/file-facts';
import { packedFacts } from '../assumptions/pack-facts';
import { scanText } from '../review/scan';

/** The largest source of the kernel, a generated register header, has 24 MB; anything larger is no source. */
const MAX_BYTES = 64 * 1024 * 1024;
const START_BYTES = 1024 * 1024;
/** As bytes, so that nothing is converted for each file. */
const PARTS = INTERESTING.map((part) => Buffer.from(part));
/** Files that a thread takes at a time. */
const SHARE = 48;

/** What a file gave: `''` for nothing, the JSON of its packed facts, or `!` and why it was not read. */
export type FileNote = string;

/** A reader with a buffer of its own. *Fails* never: what cannot be read is noted. */
function createFactReader(): (path: string, name: string) => FileNote {
  let buffer = Buffer.allocUnsafe(START_BYTES);
  return (path, name) => {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(path, 'r');
      const length = readAll(descriptor, (size) => {
        if (size > buffer.length) buffer = Buffer.allocUnsafe(size);
        return buffer;
      });
      if (length < 0) return `!the file has more than ${MAX_BYTES} bytes`;
      const bytes = buffer.subarray(0, length);
      if (!PARTS.some((part) => bytes.includes(part))) return '';
      if (bytes.subarray(0, 4096).includes(0)) return '!the file is no text';
      const { facts, unread } = scanText(name, bytes.toString('utf8'));
      if (unread !== null) return `!${unread}`;
      return facts === null ? '' : JSON.stringify(packedFacts(facts));
    } catch (error) {
      return `!the file cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'})`;
    } finally {
      if (descriptor !== null) closeSync(descriptor);
    }
  };
}

/** Reads to the end, however long the file is by then; gives the number of bytes, or -1 where it is too long. */
function readAll(descriptor: number, room: (size: number) => Buffer): number {
  const { size } = fstatSync(descriptor);
  if (size > MAX_BYTES) return -1;
  const buffer = room(size + 1);
  let length = 0;
  while (length < buffer.length) {
    const read = readSync(descriptor, buffer, length, buffer.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** What a thread is told: the files, and a counter that all threads share, of the first file that none has taken. */
export interface FactShare {
  readonly root: string;
  readonly names: readonly string[];
  readonly next: SharedArrayBuffer;
}

/** What a thread gives back: the number of a file and its note, for all files with something to note. */
export type FactNotes = readonly (readonly [number, FileNote])[];

/** Takes the next files from the shared counter at each call; null when none is left. */
export function createFactTaker({ root, names, next }: FactShare): () => FactNotes | null {
  const counter = new Int32Array(next);
  const read = createFactReader();
  return () => {
    const from = Atomics.add(counter, 0, SHARE);
    if (from >= names.length) return null;
    const notes: [number, FileNote][] = [];
    for (let at = from; at < Math.min(from + SHARE, names.length); at += 1) {
      const name = names[at] ?? '';
      const note = read(`${root}/${name}`, name);
      if (note !== '') notes.push([at, note]);
    }
    return notes;
  };
}
