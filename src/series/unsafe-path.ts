/** Paths in a patch that must never be followed: a series is hostile input. */
import type { Problem } from '../base/place';
import type { FileChange } from './file-change';

/** Folders whose contents a program runs or obeys when the worktree is opened. */
const OBEYED_FOLDERS = new Set(['.git', '.vscode', '.devcontainer', '.idea', 'git~1']);
const SYMLINK = '120000';
const SUBMODULE = '160000';

/**
 * Why the change must not be applied: none, or `series/unsafe-path` problems, each naming the path.
 *
 * *Source* the checks of git's verify_path(), and the folders that editors obey.
 */
export function unsafePathProblems(file: FileChange): readonly Problem[] {
  const reasons = [...new Set([file.path, file.oldPath ?? ''])]
    .filter((path) => path !== '')
    .map((path) => [path, pathReason(path)] as const);
  if (file.path === '') reasons.push(['(no name)', 'names no file']);
  if (file.newMode === SYMLINK) reasons.push([file.path, linkReason(file)]);
  if (file.newMode === SUBMODULE) reasons.push([file.path, 'is another repository']);
  return reasons.flatMap(([path, reason]) =>
    reason === null ? [] : [{ code: 'series/unsafe-path', message: `The patch touches "${printable(path)}", which ${reason}.` }],
  );
}

/** What is wrong with a path relative to the tree, as the end of a sentence; null where nothing is. */
export function pathReason(path: string): string | null {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return 'is an absolute path';

  if (/[\x00-\x1f\x7f\\]/.test(path)) return 'has characters that no kernel file has';
  const parts = path.split('/');
  if (parts.some((part) => part === '..' || part === '.' || part === '')) return 'leads out of its folder';
  // HFS+ ignores some characters and NTFS trailing dots and blanks, so `.git ` is `.git` there.
  const plain = parts.map((part) =>
    part
      .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu, '')
      .replace(/[. ]+$/, '')
      .toLowerCase(),
  );
  const folder = plain.find((part) => OBEYED_FOLDERS.has(part));
  return folder === undefined ? null : `lies in ${folder}, which programs obey`;
}

/** A symlink's target is the text that the patch adds. */
function linkReason(file: FileChange): string | null {
  if (file.binary) return 'is a symbolic link with a binary target';
  const target = file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.kind !== 'removed').map((line) => line.text)).join('\n');
  if (target.startsWith('/')) return 'is a symbolic link to an absolute path';
  let depth = file.path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth--;
    else if (part !== '.' && part !== '') depth++;
    if (depth < 0) return 'is a symbolic link that points out of the tree';
  }
  return target.split('/').some((part) => OBEYED_FOLDERS.has(part.toLowerCase()))
    ? 'is a symbolic link to a folder that programs obey'
    : null;
}

const printable = (path: string): string =>
  path
    .slice(0, 200)

    .replace(/[\x00-\x1f\x7f]/g, '?');
