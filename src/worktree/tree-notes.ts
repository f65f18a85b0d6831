/** What the files of a tree say: what was kept of all of them, and over it what has changed since. */
import { type Essence, essenceOf, grownFiles } from '../assumptions/essence';
import type { FileFacts } from '../assumptions/facts';
import { unpackedFacts } from '../assumptions/pack-facts';
import type { ScannedFile } from '../review/scan';
import type { KeptEssence } from './kept-scan';
import type { NoteBytes } from './note-bytes';
import type { FileNote } from './read-facts';

/** By path; null where a file is gone, or has nothing to say. */
export type ChangedFiles = ReadonlyMap<string, ScannedFile | null>;

/**
 * Keeps the facts of a whole tree packed, a fiftieth of what they take unpacked, and unpacks those that have a part in any site.
 */
export class TreeNotes {
  /**
   * @param notes of all files, as they were before the changes
   * @param essence of them
   */
  constructor(
    private readonly notes: NoteBytes,
    private readonly essence: KeptEssence,
    readonly changed: ChangedFiles = new Map(),
    /** Notes of the changed files that were read as such. */
    private readonly said: ReadonlyMap<string, FileNote> = new Map(),
  ) {}

  /** The same with other files, or notes of them, in the place of some; itself where all of them say what they did. */
  with(files: ReadonlyMap<string, ScannedFile | FileNote | null>): TreeNotes {
    const changed = new Map(this.changed);
    const said = new Map(this.said);
    let differs = false;
    for (const [name, one] of files) {
      if (typeof one === 'string' ? said.get(name) === one : one === null && changed.get(name) === null) continue;
      differs = true;
      said.delete(name);
      if (typeof one === 'string') said.set(name, one);
      changed.set(name, typeof one === 'string' ? scannedFile(one) : one);
    }
    return differs ? new TreeNotes(this.notes, this.essence, changed, said) : this;
  }

  /** What a file says; null where it is gone, or has nothing to say. */
  of(path: string): ScannedFile | null {
    const changed = this.changed.get(path);
    if (changed !== undefined) return changed;
    const note = this.notes.of(path);
    return note === null ? null : scannedFile(note);
  }

  /** Files enough to find every site as among all, in order of path. */
  essential(): ReadonlyMap<string, ScannedFile> {
    const changed = new Map<string, FileFacts | null>();
    for (const [file, one] of this.changed) changed.set(file, one?.facts ?? null);
    const facts = grownFiles(this.essence, changed, (name) => this.naming(name));
    return this.withUnread(facts);
  }

  /** All files that have something to say, in order of path. */
  all(): ReadonlyMap<string, ScannedFile> {
    const files = new Map<string, ScannedFile>();
    for (const [name, note] of this.notes) files.set(name, scannedFile(note));
    for (const [name, file] of this.changed) {
      if (file === null) files.delete(name);
      else files.set(name, file);
    }
    return new Map([...files].sort(byPath));
  }

  private withUnread(facts: ReadonlyMap<string, FileFacts>): ReadonlyMap<string, ScannedFile> {
    const files = new Map<string, ScannedFile>();
    for (const [file, one] of facts) files.set(file, { facts: one, unread: null });
    for (const [file, unread] of this.essence.unread) if (!this.changed.has(file)) files.set(file, { facts: null, unread });
    for (const [file, one] of this.changed) if (one !== null && one.facts === null && one.unread !== null) files.set(file, one);
    return new Map([...files].sort(byPath));
  }

  private *naming(name: string): Generator<readonly [string, FileFacts]> {
    for (const [file, note] of this.notes.naming(name)) {
      const { facts } = scannedFile(note);
      if (facts !== null) yield [file, facts];
    }
  }
}

const byPath = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** The essence of notes, with what could not be read. */
export function essenceOfNotes(notes: Iterable<readonly [string, FileNote]>): KeptEssence {
  const facts = new Map<string, FileFacts>();
  const unread = new Map<string, string>();
  for (const [name, note] of notes) {
    const file = scannedFile(note);
    if (file.facts !== null) facts.set(name, file.facts);
    if (file.unread !== null) unread.set(name, file.unread);
  }
  const { files, names }: Essence = essenceOf(facts);
  return { files, unread, names };
}

/** What a note says. *Fails* never: one that is damaged says so. */
export function scannedFile(note: FileNote): ScannedFile {
  if (note.startsWith('!')) return { facts: null, unread: note.slice(1) };
  try {
    const facts = unpackedFacts(JSON.parse(note));
    if (facts !== null) return { facts, unread: null };
  } catch {
    // Said below.
  }
  return { facts: null, unread: 'what was kept of the file is damaged' };
}
