/** What is in each page frame, as one word: zero, never initialised, or a token that says who wrote it. */
import type { Kernel, Word } from '../primitive';
import type { RecordReader } from '../record';
import { setWord, USERS, usersOf, wordAt } from './record';

/** Who wrote a page. `partly`: someone zeroed a part of it since. */
export type Writer = 'stale' | 'host' | 'guest-private' | 'guest-shared' | 'partly';
const WRITERS: readonly Writer[] = ['stale', 'host', 'guest-private', 'guest-shared', 'partly'];
/** Room for the writer in the low bits of a word, and for more of them. */
const KINDS = 8;

export const ZERO: Word = 0;
/** A frame that nobody has written since the machine was started. */
export const STALE: Word = 1;

export interface Content {
  readonly writer: Writer | 'zero';
  readonly token: number;
}

/** @param token at most 2^40 */
export const contentWord = (writer: Writer, token: number): Word => token * KINDS + WRITERS.indexOf(writer) + 1;

export function contentOfWord(word: Word): Content {
  if (word === ZERO) return { writer: 'zero', token: 0 };
  return { writer: WRITERS[(word % KINDS) - 1] ?? 'stale', token: Math.floor(word / KINDS) };
}

/** `zero`, `stale`, `42 of guest-private`. */
export function contentText(word: Word): string {
  const { writer, token } = contentOfWord(word);
  return writer === 'zero' || writer === 'stale' ? writer : `${token} of ${writer}`;
}

/** The place of a frame in the array of contents; -1 for one outside the memmap. */
function placeIn(reader: RecordReader, users: number, pfn: number): number {
  const place = pfn - reader.peek(users, USERS.firstPfn);
  return place >= 0 && place < reader.peek(users, USERS.frames) ? place : -1;
}

/** What a frame holds; `STALE` for one that the model does not have. */
export function readContent(reader: RecordReader, pfn: number): Word {
  const users = usersOf(reader);
  const place = users === 0 ? -1 : placeIn(reader, users, pfn);
  return place < 0 ? STALE : wordAt(reader, reader.peek(users, USERS.contents), place);
}

export function writeContent(kernel: Kernel, pfn: number, word: Word): void {
  const users = usersOf(kernel);
  const place = users === 0 ? -1 : placeIn(kernel, users, pfn);
  if (place >= 0) setWord(kernel, kernel.peek(users, USERS.contents), place, word);
}

/** Zeroes whole frames, at once. */
export function zeroFrames(kernel: Kernel, pfn: number, count: number): void {
  const users = usersOf(kernel);
  const place = users === 0 ? -1 : placeIn(kernel, users, pfn);
  if (place < 0) return;
  const most = Math.min(count, kernel.peek(users, USERS.frames) - place);
  kernel.zero(kernel.peek(users, USERS.contents) + place * 8, most * 8);
}

const PAGE = 4096;

/** Zeroes bytes [from, to) counted from the start of a frame: whole pages become zero, the others partly so. */
export function zeroBytesOf(kernel: Kernel, pfn: number, from: number, to: number): void {
  if (to <= from) return;
  const first = Math.ceil(from / PAGE);
  const last = Math.floor(to / PAGE);
  if (last > first) zeroFrames(kernel, pfn + first, last - first);
  for (const page of new Set([Math.floor(from / PAGE), Math.floor((to - 1) / PAGE)])) {
    if (page >= first && page < last) continue;
    const { writer, token } = contentOfWord(readContent(kernel, pfn + page));
    if (writer !== 'zero') writeContent(kernel, pfn + page, contentWord('partly', token));
  }
}
