/** The sites of whole trees: scanned in slices between other requests, and kept for files that have not changed since. */
import { setImmediate } from 'node:timers/promises';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { type Scan, type ScannedFile, scanSteps } from '../review/scan';
import { diskTree } from '../worktree/disk-tree';
import { stampOf } from '../worktree/tree-root';

/** Trees whose results are kept; a reviewer has few open. */
const MAX_TREES = 4;
/** Of scanning in one go: short enough that no request waits noticeably. */
const SLICE_MS = 12;

interface KeptFile {
  readonly stamp: string;
  readonly file: ScannedFile;
}

export class TreeSites {
  /** Oldest use first. */
  private readonly trees = new Map<string, Map<string, KeptFile>>();

  /** *Fails* as `scanTree`. */
  async of(root: string, progress: Progress): Promise<Outcome<Scan>> {
    const kept = this.keptOf(root);
    // Taken before a file is read: what is written meanwhile is scanned again next time.
    const stamps = new Map<string, string | null>();
    const steps = scanSteps(diskTree(root), {}, progress, {
      get: (path) => {
        const stamp = stampOf(root, path);
        stamps.set(path, stamp);
        const one = kept.get(path);
        return stamp !== null && one?.stamp === stamp ? one.file : undefined;
      },
      set: (path, file) => {
        const stamp = stamps.get(path) ?? null;
        if (stamp === null) kept.delete(path);
        else kept.set(path, { stamp, file });
      },
    });
    let since = Date.now();
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (Date.now() - since < SLICE_MS) continue;
      await setImmediate();
      since = Date.now();
    }
  }

  private keptOf(root: string): Map<string, KeptFile> {
    const kept = this.trees.get(root) ?? new Map<string, KeptFile>();
    this.trees.delete(root);
    this.trees.set(root, kept);
    for (const oldest of this.trees.keys()) {
      if (this.trees.size <= MAX_TREES) break;
      this.trees.delete(oldest);
    }
    return kept;
  }
}
