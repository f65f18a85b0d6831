/** What the files of a tree define, by name: a table that is made when it is first asked for, and kept up with the disk. */
import { setImmediate } from 'node:timers/promises';
import type { DefinitionKind } from '../kernel-c/definition';
import { indexText } from '../kernel-c/file-index';
import { textOf } from '../worktree/disk-tree';
import { type ListedDirectory, listedTree } from '../worktree/tree-listing';

export interface NamedPlace {
  readonly name: string;
  readonly kind: DefinitionKind;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Of work in one go: short enough that no request waits noticeably. */
const SLICE_MS = 12;
/** What is on disk is looked at again after so long. */
const FRESH_MS = 2000;
/** Longer texts are no source that anyone looks names up in. */
const MAX_TEXT = 8_000_000;

export class TreeNames {
  /** A row a definition: name, kind and line between tabs, each row between newlines. */
  private readonly rows = new Map<string, string>();
  private directories = new Map<string, ListedDirectory>();
  private looked = 0;
  private reading: Promise<void> = Promise.resolve();

  constructor(readonly root: string) {}

  /** Every definition of a name, files in order. */
  async definitionsOf(name: string): Promise<readonly NamedPlace[]> {
    await this.ready();
    return this.found(`\n${name}\t`, MAX_FOUND);
  }

  /** Definitions whose name has the text in it, however it is written. */
  async matching(text: string, most: number): Promise<readonly NamedPlace[]> {
    if (!/^\w{2,}$/.test(text)) return [];
    await this.ready();
    const exact = this.found(`\n${text}\t`, most);
    const begins = this.found(`\n${text}`, most);
    const all = [...exact, ...begins, ...this.found(text, most), ...this.found(text.toLowerCase(), most)];
    return [...new Map(all.map((one) => [`${one.file}:${one.line}:${one.name}`, one])).values()].slice(0, most);
  }

  /** Files whose text has a name in it, with the text, one after another. */
  async *filesWith(name: string, stop: () => boolean): AsyncGenerator<readonly [string, string]> {
    await this.ready();
    let since = Date.now();
    for (const file of this.files()) {
      if (stop()) return;
      const text = textOf(`${this.root}/${file}`);
      if (text?.includes(name) === true) yield [file, text];
      if (Date.now() - since < SLICE_MS) continue;
      await setImmediate();
      since = Date.now();
    }
  }

  private *files(): Generator<string> {
    for (const { path, files } of this.directories.values()) for (const name of files) yield path === '' ? name : `${path}/${name}`;
  }

  private found(part: string, most: number): readonly NamedPlace[] {
    const places: NamedPlace[] = [];
    for (const [file, rows] of this.rows) {
      for (let at = rows.indexOf(part); at >= 0 && places.length < most; at = rows.indexOf(part, at + 1)) {
        const from = part.startsWith('\n') ? at + 1 : rows.lastIndexOf('\n', at) + 1;
        const [name = '', kind = '', line = ''] = rows.slice(from, rows.indexOf('\n', from)).split('\t');
        // Only in the name: kinds are words too.
        if (part.startsWith('\n') || name.includes(part)) places.push({ name, kind: kind as DefinitionKind, file, line: Number(line) });
      }
      if (places.length >= most) break;
    }
    return places;
  }

  private ready(): Promise<void> {
    this.reading = this.reading.then(() => this.read());
    return this.reading;
  }

  private async read(): Promise<void> {
    if (Date.now() - this.looked < FRESH_MS) return;
    const { directories, fresh, moved } = listedTree(this.root, this.directories, Date.now());
    this.directories = new Map(directories.map((one) => [one.path, one]));
    let since = Date.now();
    for (const file of fresh) {
      this.rows.set(file, rowsOf(file, textOf(`${this.root}/${file}`)));
      if (Date.now() - since < SLICE_MS) continue;
      await setImmediate();
      since = Date.now();
    }
    if (moved) {
      const there = new Set(this.files());
      for (const file of this.rows.keys()) if (!there.has(file)) this.rows.delete(file);
    }
    this.looked = Date.now();
  }
}

const MAX_FOUND = 1000;

function rowsOf(file: string, text: string | null): string {
  if (text === null || text.length > MAX_TEXT) return '';
  const rows = indexText(file, text).definitions.map(({ name, kind, line }) => `${name}\t${kind}\t${line}`);
  // Names are ASCII: a string of one byte a letter, not one that holds on to the whole text.
  return rows.length === 0 ? '' : Buffer.from(`\n${rows.join('\n')}\n`, 'latin1').toString('latin1');
}
