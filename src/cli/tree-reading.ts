/** The option `--tree DIR`, and the tree with its index behind it. */
import type { Command } from 'commander';
import { done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { KernelConfig } from '../kernel-c/config';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import { diskTree } from '../worktree/disk-tree';
import { kernelConfigOf } from '../worktree/kernel-config';
import { cachedTreeIndex } from '../worktree/tree-index-cache';
import { type Options, requiredText } from './command';

export interface IndexedTree {
  readonly tree: SourceTree;
  readonly index: TreeIndex;
  /** The tree's `.config`, else the built-in one. */
  readonly config: KernelConfig;
}

export function defineTree(command: Command, wantsFunction = true): void {
  command.requiredOption('--tree <dir>', 'a kernel tree, for example the worktree of a series');
  const [flags, what] = ['--function <name>', 'the function, as the C spells it'] as const;
  if (wantsFunction) command.requiredOption(flags, what);
  else command.option(flags, what);
}

/** *Fails* `scan/empty-tree` where the directory has no C. */
export function indexedTree(options: Options, progress: Progress): Outcome<IndexedTree> {
  const root = requiredText(options, 'tree');
  const tree = diskTree(root);
  if (tree.paths.length === 0) {
    return refused('scan/empty-tree', `${root} has no C files.`, 'There is nothing to read.', 'Name a kernel tree with --tree.');
  }
  const index = cachedTreeIndex(root, tree, progress);
  return index.kind === 'done' ? done({ tree, index: index.value, config: kernelConfigOf(root) }) : index;
}
