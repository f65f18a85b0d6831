/** The threads of a scan: they compare what was kept with the disk, then read files, each taking what no other has taken. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Progress } from '../base/progress';
import { KeptScan } from './kept-scan';
import { createFactTaker, type FactNotes, type FactShare, type FileNote } from './read-facts';
import { isUnchanged, type ListedDirectory } from './tree-listing';

/** What a thread is started with. It is told of files to read by messages, each a `FactShare`. */
export interface ThreadStart {
  readonly root: string;
  /** Null where there is nothing to compare. */
  readonly compare: CompareShare | null;
}

/** Directories of a kept listing, by their place in it. */
interface CompareShare {
  readonly data: string;
  /** Of what is kept; a thread that meets another leaves the work to others. */
  readonly mark: string;
  readonly now: number;
  /** The first directory that no thread has taken. */
  readonly next: SharedArrayBuffer;
  /** Of each directory what was found: 0 nothing yet, `SAME`, `OTHER`. */
  readonly found: SharedArrayBuffer;
}

const SAME = 1;
const OTHER = 2;
/** Directories that are compared by threads; a kernel has 5000. */
const MAX_COMPARED = 1 << 16;
/** Directories that a thread takes at a time: a millisecond's work. */
const COMPARED = 24;
/** Fewer files than this are read sooner than a thread has started. */
const WORTH_A_THREAD = 400;
/** Threads beyond this wait for the disk and for memory. */
const MAX_THREADS = 8;
/** Comparing takes a tenth of a second: more threads take longer to start. */
const MAX_COMPARING = 2;
/** A thread that has taken directories and says nothing for so long is not waited for. */
const PATIENCE_MS = 100;

/** What a thread does before it is asked to read. */
export function compareIn({ root, compare }: ThreadStart): void {
  if (compare === null) return;
  const kept = new KeptScan(root, compare.data);
  const directories = kept.mark === compare.mark ? kept.directories() : null;
  kept.close();
  if (directories !== null) compareShares(root, [...directories.values()], compare);
}

function compareShares(root: string, directories: readonly ListedDirectory[], { now, next, found }: CompareShare): void {
  const counter = new Int32Array(next);
  const flags = new Uint8Array(found);
  for (let from = Atomics.add(counter, 0, COMPARED); from < directories.length; from = Atomics.add(counter, 0, COMPARED)) {
    const end = Math.min(from + COMPARED, directories.length, MAX_COMPARED);
    for (let at = from; at < end; at += 1) {
      const one = directories[at];
      if (one !== undefined) Atomics.store(flags, at, isUnchanged(root, one, now) ? SAME : OTHER);
    }
  }
}

export class ScanThreads {
  private readonly workers: Worker[] = [];
  private compared: CompareShare | null = null;

  /** @param script path of the bundled thread; null, or one that is not there: all is done here */
  constructor(
    private readonly root: string,
    private readonly script: string | null,
  ) {}

  /** Starts comparing what is kept with the disk, before this thread has even read it. */
  startComparing(data: string, mark: string, now: number): void {
    this.compared = { data, mark, now, next: new SharedArrayBuffer(4), found: new SharedArrayBuffer(MAX_COMPARED) };
    this.start(MAX_COMPARING);
  }

  /** Takes part in that, and gives the directories that are as they were, with all files in them. */
  unchanged(directories: readonly ListedDirectory[]): ReadonlySet<ListedDirectory> {
    const { compared } = this;
    if (compared === null) return new Set();
    compareShares(this.root, directories, compared);
    const flags = new Uint8Array(compared.found);
    const count = Math.min(directories.length, MAX_COMPARED);
    const until = performance.now() + PATIENCE_MS;
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    // The last that others have taken.
    while (this.workers.length > 0 && performance.now() < until && flags.subarray(0, count).includes(0)) Atomics.wait(nothing, 0, 0, 1);
    return new Set(directories.filter((_, at) => at < count && Atomics.load(flags, at) === SAME));
  }

  /**
   * Reads files with all threads, this one among them; null where it was cancelled. Files with nothing to note are left out.
   *
   * @param meanwhile is done here while others read
   */
  async notesOf(
    names: readonly string[],
    progress: Progress,
    meanwhile: () => void = () => undefined,
  ): Promise<ReadonlyMap<string, FileNote> | null> {
    const { root } = this;
    if (names.length >= WORTH_A_THREAD) this.start(MAX_THREADS);
    const share: FactShare = { root, names, next: new SharedArrayBuffer(4) };
    const counter = new Int32Array(share.next);
    const threads = names.length === 0 ? [] : this.workers.map((worker) => notesFrom(worker, share));
    meanwhile();
    const take = createFactTaker(share);
    const own: FactNotes[] = [];
    for (let notes = take(); notes !== null; notes = take()) {
      own.push(notes);
      progress.report('Looking for assumptions', Math.min(1, Atomics.load(counter, 0) / names.length));
      // Lets Ctrl-C be heard, and the threads start.
      await setImmediate();
      // What a cancelled scan leaves is taken from the threads too.
      if (progress.cancelled) Atomics.store(counter, 0, names.length);
    }
    const all = [...own, ...(await Promise.all(threads))].flat();
    if (progress.cancelled) return null;
    return new Map(all.map(([at, note]) => [names[at] ?? '', note]));
  }

  end(): void {
    for (const worker of this.workers.splice(0)) void worker.terminate();
  }

  private start(most: number): void {
    if (this.script === null || !existsSync(this.script)) return;
    const workerData: ThreadStart = { root: this.root, compare: this.workers.length === 0 ? this.compared : null };
    for (let count = Math.min(availableParallelism() - 1, most) - this.workers.length; count > 0; count -= 1) {
      const worker = new Worker(this.script, { workerData });
      worker.unref();
      // A thread that fails is one less; what it had taken is asked for where it is waited for.
      worker.on('error', () => undefined);
      this.workers.push(worker);
    }
  }
}

function notesFrom(worker: Worker, share: FactShare): Promise<FactNotes> {
  return new Promise((resolve, reject) => {
    worker.ref();
    worker.once('message', (notes: FactNotes) => {
      worker.unref();
      resolve(notes);
    });
    worker.once('error', reject);
    worker.postMessage(share);
  });
}
