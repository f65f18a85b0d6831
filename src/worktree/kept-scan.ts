/** What is kept on disk of the scan of a tree: the listing of its files, what each gave, and the sites. One that cannot be read is as good as none. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FACTS_VERSION } from '../assumptions/pack-facts';
import type { Scan } from '../review/scan';
import { jsonOf, writeWhole } from './files';
import type { FileNote } from './read-facts';
import type { ListedDirectory } from './tree-listing';

export interface KeptListing {
  readonly directories: ReadonlyMap<string, ListedDirectory>;
  /** Of the notes that go with it. */
  readonly mark: string;
}

export const NOTHING_KEPT: KeptListing = { directories: new Map(), mark: '' };

/** Sites are kept for the last question of so many. */
export class KeptScan {
  private readonly base: string;

  /** @param data the data directory, where the cache is */
  constructor(root: string, data: string) {
    const name = createHash('sha256').update(`scan-${FACTS_VERSION}\0${root}`).digest('hex').slice(0, 24);
    this.base = join(data, 'cache', `scan-${name}`);
  }

  listing(): KeptListing {
    const value = jsonOf(`${this.base}.listing.json`);
    if (!isObject(value) || typeof value['mark'] !== 'string' || !Array.isArray(value['directories'])) return NOTHING_KEPT;
    const rows: readonly unknown[] = value['directories'];
    if (!rows.every(isDirectory)) return NOTHING_KEPT;
    return { directories: new Map(rows.map((one) => [one.path, one])), mark: value['mark'] };
  }

  /** All notes that go with a mark, as text; null where there are none. */
  noteText(mark: string): string | null {
    const text = textOf(`${this.base}.facts`);
    return text?.startsWith(`${mark}\n`) === true ? text : null;
  }

  /** The notes of the files that matter to any site, and the names that lead to one; null where there are none for the mark. */
  essence(mark: string): { readonly names: ReadonlySet<string>; readonly notes: Map<string, FileNote> } | null {
    const text = textOf(`${this.base}.essence`);
    if (text?.startsWith(`${mark}\n`) !== true) return null;
    const names = text.slice(mark.length + 1, text.indexOf('\n', mark.length + 1));
    return { names: new Set(names.split(' ')), notes: notesIn(text, 2) };
  }

  /** The sites that go with a mark, for the same paths. */
  scan(mark: string, paths: readonly string[]): Scan | null {
    const value = jsonOf(`${this.base}.sites.json`);
    if (!isObject(value) || value['mark'] !== mark || JSON.stringify(value['paths']) !== JSON.stringify(paths)) return null;
    return isObject(value['scan']) && Array.isArray(value['scan']['sites']) ? (value['scan'] as unknown as Scan) : null;
  }

  keepScan(mark: string, paths: readonly string[], scan: Scan): void {
    this.write('sites.json', () => JSON.stringify({ mark, paths, scan }));
  }

  /** Keeps listing and notes, and gives their mark. */
  keep(
    directories: readonly ListedDirectory[],
    notes: ReadonlyMap<string, FileNote>,
    essence: { readonly names: ReadonlySet<string>; readonly notes: ReadonlyMap<string, FileNote> },
  ): string {
    const facts = textFrom(notes);
    const mark = createHash('sha256').update(facts).digest('hex').slice(0, 16);
    // The listing comes last: it is what makes the notes count.
    this.write('facts', () => `${mark}\n${facts}\n`);
    this.write('essence', () => `${mark}\n${[...essence.names].join(' ')}\n${textFrom(essence.notes)}\n`);
    this.write('listing.json', () => JSON.stringify({ mark, directories }));
    return mark;
  }

  private write(ending: string, content: () => string): void {
    try {
      writeWhole(`${this.base}.${ending}`, content());
    } catch (error) {
      // A full disk must not keep anyone from scanning.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

const textFrom = (notes: ReadonlyMap<string, FileNote>): string => [...notes].map(([name, note]) => `${name}\n${note}`).join('\n');

/** Notes of a text: a line with the path, then one with the note. */
export function notesIn(text: string, firstLine: number): Map<string, FileNote> {
  const found = new Map<string, FileNote>();
  const lines = text.split('\n');
  for (let at = firstLine; at + 1 < lines.length; at += 2) found.set(lines[at] ?? '', lines[at + 1] ?? '');
  return found;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isDirectory = (value: unknown): value is ListedDirectory =>
  isObject(value) &&
  typeof value['path'] === 'string' &&
  typeof value['changed'] === 'number' &&
  Array.isArray(value['directories']) &&
  Array.isArray(value['files']) &&
  Array.isArray(value['stamps']) &&
  value['stamps'].length === value['files'].length * 3;
