/** What is kept on disk of the scan of a tree: the listing of its files, what each gave, and the sites. One that cannot be read is as good as none. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts } from '../assumptions/facts';
import { FACTS_VERSION } from '../assumptions/pack-facts';
import type { Scan } from '../review/scan';
import { bytesOf, writeWhole } from './files';
import { NoteBytes } from './note-bytes';
import type { FileNote } from './read-facts';
import { directoriesFrom, listingParts } from './listing-bytes';
import type { ListedDirectory } from './tree-listing';

/** What matters to any site: of a tree's facts a tenth. */
export interface KeptEssence {
  readonly files: ReadonlyMap<string, FileFacts>;
  /** Files that could not be read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
  /** Names that lead to a site. */
  readonly names: ReadonlySet<string>;
}

/** What has changed since the whole was written: few files, so that not all is written again. */
export interface KeptChange {
  /** Of this change; '' where there is none. */
  readonly mark: string;
  /** Directories in the place of those of the listing. */
  readonly directories: readonly ListedDirectory[];
  /** Paths of directories that are gone. */
  readonly gone: readonly string[];
  /** Notes of files in the place of their own; null where the file is gone. */
  readonly notes: ReadonlyMap<string, FileNote | null>;
}

export const NO_CHANGE: KeptChange = { mark: '', directories: [], gone: [], notes: new Map() };

type PartName = 'names' | 'stamps' | 'essence' | 'facts';
const PART_NAMES: readonly PartName[] = ['names', 'stamps', 'essence', 'facts'];

interface Part {
  readonly from: number;
  readonly length: number;
  readonly sum: string;
}

interface Header {
  readonly kind: string;
  readonly mark: string;
  readonly parts: Readonly<Record<PartName, Part>>;
}

const KIND = `folioscope-scan ${FACTS_VERSION}`;
/** The header is a line of JSON in so many bytes. */
const HEADER_BYTES = 1024;

/**
 * All of one generation stands in one file, so that a reader never sees parts of two; the change since then and the sites name the generation that
 * they go with.
 */
export class KeptScan {
  readonly path: string;
  /** Whether something was there and was not what had been written. */
  isDamaged = false;
  private readonly header: Header | null;
  /** Of one generation, whatever takes its place meanwhile; null where there is none. */
  private descriptor: number | null = null;

  /** @param data the data directory, where the cache is */
  constructor(
    root: string,
    readonly data: string,
  ) {
    this.path = keptPath(root, data);
    try {
      this.descriptor = openSync(this.path, 'r');
    } catch {
      // Nothing is kept.
    }
    this.header = this.readHeader();
  }

  close(): void {
    if (this.descriptor !== null) closeSync(this.descriptor);
    this.descriptor = null;
  }

  /** Of what is there; '' where there is nothing. */
  get mark(): string {
    return this.header?.mark ?? '';
  }

  /** Null where there is none that goes with the mark. */
  directories(): Map<string, ListedDirectory> | null {
    const names = this.part('names');
    const stamps = this.part('stamps');
    const found = names === null || stamps === null ? null : directoriesFrom(names, stamps);
    return found === null ? null : new Map(found.map((one) => [one.path, one]));
  }

  notes(): NoteBytes | null {
    const bytes = this.part('facts');
    return bytes === null ? null : new NoteBytes(bytes);
  }

  essence(): KeptEssence | null {
    const bytes = this.part('essence');
    if (bytes === null) return null;
    // The sum says that it is what was written.
    const { files, unread, names } = JSON.parse(bytes.toString('utf8')) as EssenceJson;
    return { files: new Map(files), unread: new Map(unread), names: new Set(names) };
  }

  /** What has changed since the whole was written, as far as it was kept. */
  change(): KeptChange {
    const found = this.beside('change', this.mark);
    if (found === null) return NO_CHANGE;
    const { directories, gone, notes } = JSON.parse(found.json) as ChangeJson;
    return { mark: found.sum, directories, gone, notes: new Map(notes) };
  }

  /** Keeps a change, and gives its mark. */
  keepChange(change: Omit<KeptChange, 'mark'>): string {
    const directories = change.directories.map((one) => ({ ...one, stamps: Array.from(one.stamps) }));
    return this.keepBeside('change', this.mark, { directories, gone: change.gone, notes: [...change.notes] } satisfies ChangeJson);
  }

  /** The sites that go with the whole and a change of it, for the same paths. */
  scan(change: string, paths: readonly string[]): Scan | null {
    const found = this.beside('sites', goesWith(this.mark, change, paths));
    return found === null ? null : (JSON.parse(found.json) as Scan);
  }

  /** @param mark of the whole that it goes with */
  keepScan(mark: string, change: string, paths: readonly string[], scan: Scan): void {
    this.keepBeside('sites', goesWith(mark, change, paths), scan);
  }

  /** Keeps the whole of a tree, and gives its mark. */
  keep(directories: readonly ListedDirectory[], notes: NoteBytes, { files, unread, names }: KeptEssence): string {
    const { names: paths, stamps } = listingParts(directories);
    const essence = Buffer.from(JSON.stringify({ files: [...files], unread: [...unread], names: [...names] } satisfies EssenceJson));
    const bytes: Readonly<Record<PartName, Buffer>> = { names: paths, stamps, essence, facts: notes.bytes };
    const parts: Partial<Record<PartName, Part>> = {};
    let from = HEADER_BYTES;
    for (const name of PART_NAMES) {
      parts[name] = { from, length: bytes[name].length, sum: sumOf(bytes[name]) };
      from += bytes[name].length;
    }
    const mark = sumOf(PART_NAMES.map((name) => parts[name]?.sum ?? '').join(' ')).slice(0, 16);
    const header = Buffer.alloc(HEADER_BYTES, ' ');
    header.write(`${JSON.stringify({ kind: KIND, mark, parts })}\n`);
    attempt(() => {
      writeWhole(this.path, Buffer.concat([header, ...PART_NAMES.map((name) => bytes[name])]));
    });
    return mark;
  }

  /** The bytes of a part; null where they are not what was written, or the whole is another by now. */
  private part(name: PartName): Buffer | null {
    const { header } = this;
    if (header === null) return null;
    const { from, length, sum } = header.parts[name];
    const bytes = this.bytesAt(from, length);
    if (bytes !== null && sumOf(bytes) === sum) return bytes;
    this.isDamaged = true;
    return null;
  }

  /** JSON of a file beside the whole: below a line with what it goes with, and its sum. Null where there is none that does. */
  private beside(ending: string, wanted: string): { readonly json: string; readonly sum: string } | null {
    const text = bytesOf(`${this.path}.${ending}`);
    if (text === null) return null;
    const end = text.indexOf(NEWLINE);
    const [sum, given] = end < 0 ? [] : splitAt(Buffer.from(text.subarray(0, end)).toString('utf8'), ' ');
    const rest = text.subarray(end + 1);
    if (sum !== undefined && sumOf(rest) === sum) return given === wanted ? { json: Buffer.from(rest).toString('utf8'), sum } : null;
    this.isDamaged = true;
    return null;
  }

  private keepBeside(ending: string, wanted: string, value: unknown): string {
    const json = JSON.stringify(value);
    const sum = sumOf(json);
    attempt(() => {
      writeWhole(`${this.path}.${ending}`, `${sum} ${wanted}\n${json}`);
    });
    return sum;
  }

  private readHeader(): Header | null {
    const bytes = this.bytesAt(0, HEADER_BYTES);
    if (bytes === null) return null;
    try {
      const value: unknown = JSON.parse(bytes.toString('utf8'));
      if (isHeader(value)) return value.kind === KIND ? value : null;
    } catch {
      // Said below.
    }
    this.isDamaged = true;
    return null;
  }

  private bytesAt(from: number, length: number): Buffer | null {
    if (this.descriptor === null) return null;
    try {
      if (fstatSync(this.descriptor).size >= from + length) {
        const bytes = Buffer.allocUnsafe(length);
        if (readSync(this.descriptor, bytes, 0, length, from) === length) return bytes;
      }
    } catch {
      // Said below.
    }
    this.isDamaged = true;
    return null;
  }
}

interface EssenceJson {
  readonly files: readonly (readonly [string, FileFacts])[];
  readonly unread: readonly (readonly [string, string])[];
  readonly names: readonly string[];
}

interface ChangeJson {
  readonly directories: readonly ListedDirectory[];
  readonly gone: readonly string[];
  readonly notes: readonly (readonly [string, FileNote | null])[];
}

/** Where the scan of a tree is kept. */
function keptPath(root: string, data: string): string {
  return join(data, 'cache', `scan-${createHash('sha256').update(root).digest('hex').slice(0, 24)}.kept`);
}

const goesWith = (mark: string, change: string, paths: readonly string[]): string => JSON.stringify([mark, change, paths]);
const sumOf = (content: string | Uint8Array): string => createHash('sha1').update(content).digest('hex');

/** A full disk must not keep anyone from scanning. */
function attempt(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

const NEWLINE = 10;
const splitAt = (text: string, separator: string): readonly [string, string] => {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function isHeader(value: unknown): value is Header {
  if (!isObject(value) || typeof value['kind'] !== 'string' || typeof value['mark'] !== 'string' || !isObject(value['parts'])) return false;
  const { parts } = value;
  return PART_NAMES.every((name) => {
    const part = (parts as Record<string, unknown>)[name];
    return isObject(part) && isCount(part['from']) && isCount(part['length']) && typeof part['sum'] === 'string';
  });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
