/** The facts of whole trees, kept in memory: what is on disk, and over it what is being edited. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts } from '../assumptions/facts';
import { essenceOf } from '../assumptions/essence';
import { factsOf } from '../assumptions/file-facts';
import { PLAIN_VOCABULARY, type Vocabulary, vocabularyWith, type Wrapper } from '../assumptions/vocabulary';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { chosenPaths, type ScannedFile, scanText } from '../review/scan';
import type { FileNote } from '../worktree/read-facts';
import { notesOf, scannedFile } from '../worktree/scan-directory';
import { type ListedDirectory, listedTree } from '../worktree/tree-listing';
import { FollowedFacts } from './assumption-chunks';
import { JoinedTree } from './assumption-join';

/** A helper that calls a helper that is a test; deeper ones are none. */
const MAX_WRAPPING = 3;

/** A text that the editor has, in the place of the file on disk. */
interface Edited {
  readonly text: string;
  readonly facts: FileFacts;
  /** By the names of the wrappers that its facts were read with. */
  readonly followed: Map<string, FollowedFacts>;
}

export class TreeFacts {
  private directories: ReadonlyMap<string, ListedDirectory> | null = null;
  /** In order of path. */
  private files: Map<string, ScannedFile> = new Map();
  private count = 0;
  /** Of files that have changed since the tree was read. */
  private readonly notes = new Map<string, FileNote>();
  private readonly edited = new Map<string, Edited>();
  /** Facts read again because of wrappers, beside the facts that they stand for. */
  private readonly wrapped = new Map<string, { readonly of: FileFacts; readonly names: string; readonly facts: FileFacts }>();
  /** In the place of what is on disk. */
  private readonly texts = new Map<string, string | null>();
  /** Of the text whose lines were asked for last. */
  private lines: { readonly text: string; readonly lines: readonly string[] } | null = null;
  private joined: JoinedTree | null = null;
  private quick: JoinedTree | null = null;
  /** What leads to a site, when all was joined last. */
  private essence: ReadonlyMap<string, FileFacts> | null = null;
  /** With the wrappers of the tree; null where there are none. */
  private vocabulary: { readonly words: Vocabulary; readonly names: string } | null = null;
  private reading: Promise<unknown> = Promise.resolve();

  /** @param thread path of the bundled thread that helps reading */
  constructor(
    readonly root: string,
    private readonly thread: string,
  ) {}

  /** What is joined now; null until the tree has been read. */
  get now(): JoinedTree | null {
    if (this.directories === null) return null;
    this.joined ??= this.join();
    return this.joined;
  }

  /**
   * What is joined of what leads to a site, where only open files have changed since all was joined: the same sites in a fraction of the time, but for
   * a function of another file that leads to a site since the last edit. As `now` elsewhere.
   */
  get soon(): JoinedTree | null {
    if (this.joined !== null || this.essence === null) return this.now;
    if (this.quick === null) {
      const facts = new Map(this.essence);
      for (const [path, edited] of this.edited) facts.set(path, this.vocabulary === null ? edited.facts : this.wrappedFacts(path, edited));
      const unread = [...facts].flatMap(([file, one]) => one.unread.map((found) => ({ file, ...found })));
      this.quick = new JoinedTree(facts, unread, this.count);
    }
    return this.quick;
  }

  /** Joins all that is known, and gets ready to do it sooner after the next edit. */
  settle(): void {
    const joined = this.now;
    if (joined !== null) this.essence = essenceOf(joined.facts).files;
  }

  /** Reads what has changed on disk, and joins it. *Fails* `scan/empty-tree`. One reading at a time. */
  renewed(progress: Progress): Promise<Outcome<JoinedTree>> {
    const next = this.reading.then(() => this.read(progress));
    this.reading = next.catch(() => undefined);
    return next;
  }

  /** The editor has this text. */
  edit(path: string, text: string): void {
    const known = this.edited.get(path);
    if (known?.text === text) return;
    const followed = known?.followed ?? new Map<string, FollowedFacts>();
    this.edited.set(path, { text, facts: following(followed, PLAIN_VOCABULARY, '').of(text), followed });
    this.joined = null;
    this.quick = null;
  }

  /** Gets ready for quick edits of a text that is open. */
  prepare(path: string): void {
    for (const one of this.edited.get(path)?.followed.values() ?? []) one.prepare();
  }

  /** Whether a file is there, on disk: the editor may have a text that was never saved. */
  isOnDisk(path: string): boolean {
    return this.files.has(path) || existsSync(join(this.root, path));
  }

  /** The editor has closed a file: what is on disk counts. */
  close(path: string): void {
    if (this.edited.delete(path)) this.forget();
  }

  /** The same tree to try other texts on; what is edited here is not seen there. */
  beside(): TreeFacts {
    const made = new TreeFacts(this.root, this.thread);
    made.directories = this.directories;
    made.files = new Map(this.files);
    made.count = this.count;
    return made;
  }

  /** Takes a text in the place of the file's own; null: there is no such file. */
  put(path: string, text: string | null): void {
    this.forget();
    this.texts.set(path, text);
    if (text === null) {
      this.files.delete(path);
      return;
    }
    const isNew = !this.files.has(path);
    this.files.set(path, scanText(path, text));
    if (isNew) this.files = new Map([...this.files].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A line of a file, from 1; '' where there is none. */
  lineOf(file: string, line: number): string {
    const text = this.textOf(file);
    if (text === null) return '';
    if (this.lines?.text !== text) this.lines = { text, lines: text.split('\n') };
    return this.lines.lines[line - 1] ?? '';
  }

  textOf(path: string): string | null {
    const edited = this.edited.get(path);
    if (edited !== undefined) return edited.text;
    const put = this.texts.get(path);
    if (put !== undefined) return put;
    try {
      return readFileSync(join(this.root, path), 'utf8');
    } catch {
      return null;
    }
  }

  private forget(): void {
    this.joined = null;
    this.quick = null;
    this.essence = null;
  }

  private wrappedFacts(path: string, edited: Edited): FileFacts {
    const { vocabulary } = this;
    return vocabulary === null ? edited.facts : (this.factsWith(path, edited.facts, vocabulary.words, vocabulary.names) ?? edited.facts);
  }

  private async read(progress: Progress): Promise<Outcome<JoinedTree>> {
    const root = realOr(this.root);
    progress.report('Listing the tree');
    const { directories, fresh, files, moved } = listedTree(root, this.directories ?? new Map<string, ListedDirectory>(), Date.now());
    const chosen = chosenPaths(() => [], files, []);
    if (chosen.kind !== 'done') return chosen;
    const notes = await notesOf(root, fresh, this.thread, progress);
    if (notes === null) return cancelled;
    progress.report('Joining what was found');
    if (this.change(notes, fresh, moved ? directories : null)) this.forget();
    this.directories = new Map(directories.map((one) => [one.path, one]));
    this.count = files;
    if (this.essence === null) this.settle();
    return done(this.now ?? this.join());
  }

  /** Takes over what was read, and whether that differs from what was known. */
  private change(notes: ReadonlyMap<string, FileNote>, fresh: readonly string[], moved: readonly ListedDirectory[] | null): boolean {
    let differs = this.directories === null || moved !== null;
    for (const name of fresh) {
      const note = notes.get(name);
      // What was written a moment ago counts as fresh for a while.
      if (note === this.notes.get(name)) continue;
      differs = true;
      if (note === undefined) {
        this.files.delete(name);
        this.notes.delete(name);
      } else {
        this.files.set(name, scannedFile(note));
        if (this.directories !== null) this.notes.set(name, note);
      }
    }
    if (!differs) return false;
    const there = moved && new Set(moved.flatMap(({ path, files }) => files.map((name) => (path === '' ? name : `${path}/${name}`))));
    this.files = new Map([...this.files].filter(([name]) => there?.has(name) !== false).sort(([a], [b]) => (a < b ? -1 : 1)));
    return true;
  }

  private join(): JoinedTree {
    const facts = new Map<string, FileFacts>();
    const unread: { readonly file: string; readonly line: number; readonly function: string; readonly reason: string }[] = [];
    const names = this.edited.size === 0 ? [...this.files.keys()] : [...new Set([...this.files.keys(), ...this.edited.keys()])].sort();
    for (const name of names) {
      const file = this.files.get(name);
      const own = this.edited.get(name)?.facts ?? file?.facts ?? null;
      if (own !== null) facts.set(name, own);
      else if (file !== undefined && file.unread !== null) unread.push({ file: name, line: 1, function: '', reason: file.unread });
    }
    this.readWrappers(facts);
    for (const [file, one] of facts) for (const found of one.unread) unread.push({ file, ...found });
    return new JoinedTree(facts, unread, this.count);
  }

  /** Reads files again that use a helper which is a test by another name, as the scan does; what has not changed is kept. */
  private readWrappers(facts: Map<string, FileFacts>): void {
    const wrappers = new Map<string, Wrapper>();
    this.vocabulary = null;
    for (let round = 0; round < MAX_WRAPPING; round += 1) {
      const fresh = [...facts.values()].flatMap((one) => one.wrappers).filter(({ name }) => !wrappers.has(name));
      if (fresh.length === 0) return;
      for (const one of fresh) wrappers.set(one.name, one);
      const vocabulary = vocabularyWith([...wrappers.values()]);
      const key = [...wrappers.values()].map(({ name, of, negated }) => `${name} ${of} ${negated}`).join();
      this.vocabulary = { words: vocabulary, names: key };
      const wanted = new Set(fresh.map(({ name }) => name));
      for (const [path, one] of facts) {
        if (!one.functions.some(({ calls }) => calls.some(({ callee }) => wanted.has(callee)))) continue;
        const again = this.factsWith(path, one, vocabulary, key);
        if (again !== null) facts.set(path, again);
      }
    }
  }

  private factsWith(path: string, of: FileFacts, vocabulary: Vocabulary, names: string): FileFacts | null {
    const known = this.wrapped.get(`${path}\0${names}`);
    if (known?.of === of) return known.facts;
    const edited = this.edited.get(path);
    const text = this.textOf(path);
    if (text === null) return null;
    const facts = edited === undefined ? factsOf(text, vocabulary) : following(edited.followed, vocabulary, names).of(text);
    this.wrapped.set(`${path}\0${names}`, { of, names, facts });
    return facts;
  }
}

function following(followed: Map<string, FollowedFacts>, vocabulary: Vocabulary, names: string): FollowedFacts {
  const known = followed.get(names);
  if (known !== undefined) return known;
  const made = new FollowedFacts(vocabulary);
  followed.set(names, made);
  return made;
}

const realOr = (directory: string): string => {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
};
