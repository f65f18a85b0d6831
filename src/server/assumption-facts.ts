/** The facts of whole trees, kept in memory: what is on disk, and over it what is being edited. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFacts } from '../assumptions/facts';
import { factsOf } from '../assumptions/file-facts';
import { PLAIN_VOCABULARY, type Vocabulary, vocabularyWith, type Wrapper } from '../assumptions/vocabulary';
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { chosenPaths, type ScannedFile, scanText, type Unread } from '../review/scan';
import { readAgain, readTree, type TreeReading } from '../worktree/tree-reading';
import type { TreeNotes } from '../worktree/tree-notes';
import { FollowedFacts } from './assumption-chunks';
import { JoinedTree } from './assumption-join';

/** A helper that calls a helper that is a test; deeper ones are none. */
const MAX_WRAPPING = 3;
/** With more changed files than this all is put together anew. */
const MANY = 250;
/** What all files say takes ten times the memory of what leads to a site: it goes when nobody has asked for so long. */
const WHOLE_MS = 60_000;

/** A text that the editor has, in the place of the file on disk. */
interface Edited {
  readonly text: string;
  /** Null until they are needed, and where the text is that of the disk. */
  facts: FileFacts | null;
  /** By the names of the wrappers that its facts were read with. */
  readonly followed: Map<string, FollowedFacts>;
}

/** Where a tree is read with, and kept. */
export interface FactsPlace {
  /** Path of the bundled thread that helps reading. */
  readonly thread: string;
  /** The data directory, which the command line shares; null keeps nothing. */
  readonly data: string | null;
  /** Is told where what was kept is of no use. */
  readonly note: (text: string) => void;
}

export class TreeFacts {
  private reading: TreeReading | null = null;
  /** Of the disk, and what was put in the place of some files. */
  private notes: TreeNotes | null = null;
  private readonly edited = new Map<string, Edited>();
  /** Facts read again because of wrappers, beside the facts that they stand for. */
  private readonly wrapped = new Map<string, { readonly of: FileFacts; readonly names: string; readonly facts: FileFacts }>();
  /** In the place of what is on disk. */
  private readonly texts = new Map<string, string | null>();
  /** Of the text whose lines were asked for last. */
  private lines: { readonly text: string; readonly lines: readonly string[] } | null = null;
  private joined: JoinedTree | null = null;
  /** What was joined last, with the facts of what was edited then, as often as they were read. */
  private before: {
    readonly tree: JoinedTree;
    readonly notes: TreeNotes;
    readonly edited: ReadonlyMap<string, readonly FileFacts[]>;
  } | null = null;
  private whole: { readonly tree: JoinedTree; readonly timer: NodeJS.Timeout } | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly root: string,
    private readonly place: FactsPlace,
  ) {}

  /** What is joined now of all that has a part in any site; null until the tree has been read. */
  get now(): JoinedTree | null {
    if (this.notes === null) return null;
    this.joined ??= this.joinedAgain(this.notes);
    return this.joined;
  }

  /** The same of everything: functions too that lead to no site. */
  get all(): JoinedTree | null {
    if (this.notes === null) return null;
    const tree = this.whole?.tree ?? this.join(this.withEdited(this.notes).all());
    clearTimeout(this.whole?.timer);
    this.whole = { tree, timer: setTimeout(() => (this.whole = null), WHOLE_MS).unref() };
    return tree;
  }

  /** Reads what has changed on disk, and joins it. *Fails* `scan/empty-tree`. One reading at a time. */
  renewed(progress: Progress): Promise<Outcome<JoinedTree>> {
    const next = this.last.then(() => this.read(progress));
    this.last = next.catch(() => undefined);
    return next;
  }

  /** The editor has this text. */
  edit(path: string, text: string): void {
    const known = this.edited.get(path);
    if (known?.text === text) return;
    const followed = known?.followed ?? new Map<string, FollowedFacts>();
    this.edited.set(path, { text, facts: null, followed });
    this.forget();
  }

  /** Gets ready for quick edits of a text that is open: a part of it at each call, done when it says so. */
  prepare(path: string, isLate: () => boolean): boolean {
    const followed = [...(this.edited.get(path)?.followed.values() ?? [])];
    return followed.every((one) => one.prepare(isLate));
  }

  /** Whether a file is there, on disk: the editor may have a text that was never saved. */
  isOnDisk(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** The editor has closed a file: what is on disk counts. */
  close(path: string): void {
    if (this.edited.delete(path)) this.forget();
  }

  /** The same tree to try other texts on; what is edited here is not seen there. */
  beside(): TreeFacts {
    const made = new TreeFacts(this.root, this.place);
    made.reading = this.reading;
    made.notes = this.notes;
    return made;
  }

  /** Takes a text in the place of the file's own; null: there is no such file. */
  put(path: string, text: string | null): void {
    this.texts.set(path, text);
    this.notes = this.notes?.with(new Map([[path, text === null ? null : scanText(path, text)]])) ?? null;
    this.forget();
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
    return onDisk(join(this.root, path));
  }

  private forget(): void {
    this.joined = null;
    clearTimeout(this.whole?.timer);
    this.whole = null;
  }

  private async read(progress: Progress): Promise<Outcome<JoinedTree>> {
    const { thread, data, note } = this.place;
    const isFresh = this.reading === null || this.reading.notes.changed.size > MANY;
    const reading =
      isFresh || this.reading === null
        ? await readTree(this.root, { thread, data, scanFor: null, note }, progress)
        : await readAgain(this.reading, thread, progress);
    if (reading === null) return cancelled;
    const chosen = chosenPaths(() => [], reading.listing.files, []);
    if (chosen.kind !== 'done') return chosen;
    if (isFresh) reading.keep([], null);
    progress.report('Joining what was found');
    if (reading.notes !== this.notes) this.forget();
    this.reading = reading;
    this.notes = reading.notes;
    return done(this.now ?? this.join(reading.notes.essential()));
  }

  /** What was joined last, where all that was edited says the same as then. */
  private joinedAgain(notes: TreeNotes): JoinedTree {
    const files = this.withEdited(notes);
    const { before } = this;
    const holds = before?.notes === notes && isSameLists(before.edited, this.editedFacts());
    const tree = holds ? before.tree : this.join(files.essential());
    if (!holds) this.before = { tree, notes, edited: this.editedFacts() };
    return tree;
  }

  private editedFacts(): ReadonlyMap<string, readonly FileFacts[]> {
    const found = new Map<string, readonly FileFacts[]>();
    for (const [path, { facts, followed, text }] of this.edited)
      found.set(path, facts === null ? [] : [...followed.values()].map((one) => one.of(text)));
    return found;
  }

  private withEdited(notes: TreeNotes): TreeNotes {
    const files = new Map<string, ScannedFile>();
    for (const [path, edited] of this.edited) {
      if (edited.facts === null && this.isAsRead(notes, path, edited)) continue;
      edited.facts ??= following(edited.followed, PLAIN_VOCABULARY, '').of(edited.text);
      files.set(path, { facts: edited.facts, unread: null });
    }
    return notes.with(files);
  }

  /** Whether a text is that of the disk, which has been read: then it is followed from there, and not read again. */
  private isAsRead(notes: TreeNotes, path: string, { text, followed }: Edited): boolean {
    if (text !== onDisk(join(this.root, path))) return false;
    if (followed.size > 0) return true;
    const facts = notes.of(path)?.facts ?? null;
    if (facts !== null) following(followed, PLAIN_VOCABULARY, '').follow(text, facts);
    return facts !== null;
  }

  private join(files: ReadonlyMap<string, ScannedFile>): JoinedTree {
    const facts = new Map<string, FileFacts>();
    const unread: Unread[] = [];
    for (const [name, file] of files) {
      if (file.facts !== null) facts.set(name, file.facts);
      else if (file.unread !== null) unread.push({ file: name, line: 1, function: '', reason: file.unread });
    }
    this.readWrappers(facts);
    for (const [file, one] of facts) for (const found of one.unread) unread.push({ file, ...found });
    return new JoinedTree(facts, unread, this.reading?.listing.files ?? 0);
  }

  /** Reads files again that use a helper which is a test by another name, as the scan does; what has not changed is kept. */
  private readWrappers(facts: Map<string, FileFacts>): void {
    const wrappers = new Map<string, Wrapper>();
    for (let round = 0; round < MAX_WRAPPING; round += 1) {
      const fresh = [...facts.values()].flatMap((one) => one.wrappers).filter(({ name }) => !wrappers.has(name));
      if (fresh.length === 0) return;
      for (const one of fresh) wrappers.set(one.name, one);
      const vocabulary = vocabularyWith([...wrappers.values()]);
      const key = [...wrappers.values()].map(({ name, of, negated }) => `${name} ${of} ${negated}`).join();
      const wanted = new Set(fresh.map(({ name }) => name));
      for (const [path, one] of facts) {
        if (!one.functions.some(({ calls }) => calls.some(({ callee }) => wanted.has(callee)))) continue;
        const again = this.factsWith(path, one, vocabulary, key);
        if (again !== null) facts.set(path, again);
      }
    }
  }

  private factsWith(path: string, of: FileFacts, vocabulary: Vocabulary, names: string): FileFacts | null {
    const edited = this.edited.get(path);
    const known = edited === undefined ? this.wrapped.get(`${path}\0${names}`) : undefined;
    if (known?.of === of) return known.facts;
    const text = this.textOf(path);
    if (text === null) return null;
    const facts = edited === undefined ? factsOf(text, vocabulary) : following(edited.followed, vocabulary, names).of(text);
    this.wrapped.set(`${path}\0${names}`, { of, names, facts });
    return facts;
  }
}

function isSameLists(a: ReadonlyMap<string, readonly FileFacts[]>, b: ReadonlyMap<string, readonly FileFacts[]>): boolean {
  return (
    a.size === b.size &&
    [...a].every(([path, list]) => b.get(path)?.length === list.length && list.every((one, at) => one === b.get(path)?.[at]))
  );
}

function following(followed: Map<string, FollowedFacts>, vocabulary: Vocabulary, names: string): FollowedFacts {
  const known = followed.get(names);
  if (known !== undefined) return known;
  const made = new FollowedFacts(vocabulary);
  followed.set(names, made);
  return made;
}

function onDisk(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
