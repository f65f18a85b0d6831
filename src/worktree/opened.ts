/** The record of what was opened on this machine: which series, in which worktree, with its mails and the reviewer's remarks. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, realpathSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import type { Remark } from '../protocol/remark';
import type { OpenedSeries } from '../review/ports';
import { bytesOf, jsonOf, writeWhole } from './files';

export type { OpenedSeries };

/** Where Folioscope keeps its own files: `$FOLIOSCOPE_DATA`, else `folioscope` in the user's data directory. */
export function dataDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = env['FOLIOSCOPE_DATA'] ?? '';
  if (own !== '') return resolve(own);
  const shared = env['XDG_DATA_HOME'] ?? '';
  // The XDG specification lets relative values be ignored.
  return join(shared.startsWith('/') ? shared : join(homedir(), '.local', 'share'), 'folioscope');
}

/** `1g-page-support-for-guest-memfd-v1-5d41402a`. */
export function slugOf(series: { readonly id: string; readonly title: string; readonly revision: number }): string {
  const words = series.title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 48)
    .replace(/-+$/, '');
  const mark = createHash('sha256').update(series.id).digest('hex').slice(0, 8);
  return [words, `v${series.revision}`, mark].filter((part) => part !== '').join('-');
}

/** Everything opened whose worktree is still there, newest first. */
export function listOpened(data: string = dataDirectory()): readonly OpenedSeries[] {
  const found = slugsIn(data).flatMap((slug) => openingsOf(data, slug));
  return found.filter((one) => existsSync(join(one.worktree, '.git'))).sort(newestFirst);
}

/** The series of the worktree that holds this path, or null. */
export function openedAt(path: string, data: string = dataDirectory()): OpenedSeries | null {
  const wanted = realPath(path);
  return listOpened(data).find((one) => holds(realPath(one.worktree), wanted)) ?? null;
}

/** The newest opening of a series by message-id or slug, or null. */
export function openedById(id: string, data: string = dataDirectory()): OpenedSeries | null {
  return listOpened(data).find((one) => one.id === id || one.slug === id) ?? null;
}

/** The mails of an opened series as an mbox (for `readSeries`), or null where they are gone. */
export const seriesMail = (slug: string, data: string = dataDirectory()): Uint8Array | null =>
  bytesOf(join(folderOf(data, slug), 'series.mbox'));

/** Adds or renews an opening, and keeps its mails. */
export function recordOpened(opened: OpenedSeries, mail: Uint8Array, data: string = dataDirectory()): void {
  writeWhole(join(folderOf(data, opened.slug), 'series.mbox'), mail);
  const others = openingsOf(data, opened.slug).filter((one) => one.worktree !== opened.worktree);
  writeOpenings(data, opened.slug, [opened, ...others]);
}

/** Forgets a worktree; mails and remarks of its series stay. */
export function forgetOpened(opened: OpenedSeries, data: string = dataDirectory()): void {
  writeOpenings(
    data,
    opened.slug,
    openingsOf(data, opened.slug).filter((one) => one.worktree !== opened.worktree),
  );
}

/** The remarks on a series, oldest first; those that cannot be read are left out (their file stays as it is until the next save). */
export function loadRemarks(slug: string, data: string = dataDirectory()): readonly Remark[] {
  const stored = jsonOf(join(folderOf(data, slug), 'remarks.json'));
  return listIn(stored, 'remarks').filter(isRemark);
}

/** Stores all remarks of a series; on disk when it returns. */
export function saveRemarks(slug: string, remarks: readonly Remark[], data: string = dataDirectory()): void {
  const path = join(folderOf(data, slug), 'remarks.json');
  // What cannot be read may still hold someone's words: it is put aside, not written over.
  if (existsSync(path) && jsonOf(path) === null) renameSync(path, `${path}.unreadable-${Date.now()}`);
  writeWhole(path, `${JSON.stringify({ version: 1, remarks }, null, 2)}\n`);
}

/** Where worktrees go unless the user says otherwise. */
export const worktreePathOf = (slug: string, data: string = dataDirectory()): string => join(data, 'worktrees', slug);

/** A slug comes from our own record or from a request: only a plain name may become a folder. */
function folderOf(data: string, slug: string): string {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(slug)) throw new Error(`not a slug: ${JSON.stringify(slug)}`);
  return join(data, 'series', slug);
}

function slugsIn(data: string): readonly string[] {
  try {
    return readdirSync(join(data, 'series')).filter((name) => /^[a-z0-9][a-z0-9-]*$/.test(name));
  } catch {
    return [];
  }
}

const openingsOf = (data: string, slug: string): readonly OpenedSeries[] =>
  listIn(jsonOf(join(folderOf(data, slug), 'series.json')), 'openings')
    .filter(isOpened)
    .filter((one) => one.slug === slug);

const writeOpenings = (data: string, slug: string, openings: readonly OpenedSeries[]): void => {
  writeWhole(join(folderOf(data, slug), 'series.json'), `${JSON.stringify({ version: 1, openings }, null, 2)}\n`);
};

const newestFirst = (a: OpenedSeries, b: OpenedSeries): number =>
  a.opened < b.opened ? 1 : a.opened > b.opened ? -1 : a.slug < b.slug ? -1 : 1;

const holds = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`));
};

const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
};

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? (list as unknown[]) : [];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const hasTexts = (value: Record<string, unknown>, keys: readonly string[]): boolean => keys.every((key) => typeof value[key] === 'string');

const isOpened = (value: unknown): value is OpenedSeries =>
  isObject(value) &&
  hasTexts(value, ['slug', 'id', 'title', 'worktree', 'repo', 'base', 'digest', 'opened']) &&
  typeof value['revision'] === 'number' &&
  typeof value['full'] === 'boolean' &&
  Array.isArray(value['commits']) &&
  value['commits'].every((commit) => typeof commit === 'string');

const isRemark = (value: unknown): value is Remark =>
  isObject(value) &&
  hasTexts(value, ['id', 'series', 'file', 'context', 'body', 'written']) &&
  Number.isInteger(value['patch']) &&
  Number.isInteger(value['line']) &&
  (value['side'] === 'new' || value['side'] === 'old');
