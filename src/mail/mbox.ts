/** An mbox file cut into the mails that it holds. */
import type { Problem } from '../base/place';

interface SplitMbox {
  /** Each mail as it was sent: without its `From ` line, mbox quoting undone, line ends kept. In order of the file. */
  readonly messages: readonly Uint8Array[];
  readonly problems: readonly Problem[];
}

/** A year of a busy list is smaller; a reader's memory is not endless. */
const MAX_MBOX_BYTES = 256 * 1024 * 1024;
/** The longest threads on the lists have about two thousand mails. */
const MAX_MESSAGES = 20_000;

/** How body lines that begin with `From ` are hidden: `mboxrd` adds a `>` before any `>*From `, `mboxo` before `From ` alone, git not at all. */
type Quoting = 'mboxrd' | 'mboxo' | 'none';

const NEWLINE = 0x0a;
const ANGLE = 0x3e;
const FROM = [0x46, 0x72, 0x6f, 0x6d, 0x20];
/** Enough of a line to tell a separator. */
const SEPARATOR_BYTES = 300;

/**
 * The mails of an mbox (or of one bare mail).
 *
 * *Fails* never: `mail/not-mbox` (then there are no messages), `mail/too-large`, `mail/too-many` are problems.
 * *Source* the mboxrd format of public-inbox archives; the separator rule of `git mailsplit` (a time and a year in the `From ` line).
 * *Cost* linear in the bytes.
 */
export function splitMbox(bytes: Uint8Array): SplitMbox {
  if (bytes.byteLength > MAX_MBOX_BYTES) {
    return none('mail/too-large', `The file has ${bytes.byteLength} bytes; an mbox of at most ${MAX_MBOX_BYTES} bytes is read.`);
  }
  const begin = firstText(bytes);
  if (begin === bytes.byteLength) return none('mail/not-mbox', 'The file is empty.');
  if (!isSeparator(bytes, begin)) {
    if (!looksLikeMail(bytes, begin)) return none('mail/not-mbox', `The file begins with ${shown(bytes, begin)}, which begins no mail.`);
    return { messages: [bytes.subarray(begin)], problems: [] };
  }
  const problems: Problem[] = [];
  const messages: Uint8Array[] = [];
  let separator = begin;
  while (separator < bytes.byteLength) {
    if (messages.length === MAX_MESSAGES) {
      problems.push({ code: 'mail/too-many', message: `The mbox holds more than ${MAX_MESSAGES} mails; the rest is left out.` });
      break;
    }
    const start = lineEnd(bytes, separator);
    let next = start;
    while (next < bytes.byteLength && !isSeparator(bytes, next)) next = lineEnd(bytes, next);
    const mail = withoutMboxQuotes(withoutFinalBlank(bytes.subarray(start, next)), quotingOf(bytes, separator));
    if (mail.byteLength > 0) messages.push(mail);
    separator = next;
  }
  if (messages.length === 0) problems.push({ code: 'mail/not-mbox', message: 'The file holds a separator line and no mail.' });
  return { messages, problems };
}

/**
 * A mail as an mbox of one mail, in mboxrd form: what `git am --patch-format=mboxrd` takes. Such boxes may be joined.
 */
export function mboxOf(mail: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [ascii('From mboxrd@z Thu Jan  1 00:00:00 1970\n')];
  let copied = 0;
  for (let at = 0; at < mail.byteLength; at = lineEnd(mail, at)) {
    if (!fromAfterAngles(mail, at)) continue;
    parts.push(mail.subarray(copied, at), Uint8Array.of(ANGLE));
    copied = at;
  }
  parts.push(mail.subarray(copied), ascii(mail[mail.byteLength - 1] === NEWLINE ? '\n' : '\n\n'));
  return joined(parts);
}

const none = (code: string, message: string): SplitMbox => ({ messages: [], problems: [{ code, message }] });

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(NEWLINE, from);
  return end < 0 ? bytes.byteLength : end + 1;
}

/** Past a byte order mark and blank lines. */
function firstText(bytes: Uint8Array): number {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.byteLength && (bytes[at] === NEWLINE || bytes[at] === 0x0d)) at++;
  return at;
}

const startsWithFrom = (bytes: Uint8Array, at: number): boolean => FROM.every((byte, index) => bytes[at + index] === byte);

function lineText(bytes: Uint8Array, at: number, limit: number): string {
  let text = '';
  for (let i = at; i < bytes.byteLength && i < at + limit && bytes[i] !== NEWLINE; i++) text += String.fromCharCode(bytes[i] ?? 0);
  return text;
}

function isSeparator(bytes: Uint8Array, at: number): boolean {
  if (!startsWithFrom(bytes, at)) return false;
  return /\s\d{1,2}:\d{2}(:\d{2})?\s.*\b(19[7-9]|2\d\d)\d/.test(lineText(bytes, at, SEPARATOR_BYTES));
}

function quotingOf(bytes: Uint8Array, separator: number): Quoting {
  const line = lineText(bytes, separator, SEPARATOR_BYTES);
  if (line.startsWith('From mboxrd@z ')) return 'mboxrd';
  return /^From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001/.test(line) ? 'none' : 'mboxo';
}

/** True where the line is `From ` after one or more `>` … or none. */
function fromAfterAngles(bytes: Uint8Array, at: number): boolean {
  let i = at;
  while (bytes[i] === ANGLE) i++;
  return startsWithFrom(bytes, i);
}

function withoutMboxQuotes(mail: Uint8Array, quoting: Quoting): Uint8Array {
  if (quoting === 'none') return mail;
  const parts: Uint8Array[] = [];
  let copied = 0;
  for (let at = 0; at < mail.byteLength; at = lineEnd(mail, at)) {
    if (mail[at] !== ANGLE) continue;
    const quoted = quoting === 'mboxrd' ? fromAfterAngles(mail, at) : startsWithFrom(mail, at + 1);
    if (!quoted) continue;
    parts.push(mail.subarray(copied, at));
    copied = at + 1;
  }
  return parts.length === 0 ? mail : joined([...parts, mail.subarray(copied)]);
}

/** The blank line that an mbox puts after each mail is not part of it. */
function withoutFinalBlank(mail: Uint8Array): Uint8Array {
  const size = mail.byteLength;
  if (mail[size - 1] !== NEWLINE) return mail;
  if (mail[size - 2] === NEWLINE) return mail.subarray(0, size - 1);
  if (mail[size - 2] === 0x0d && mail[size - 3] === NEWLINE) return mail.subarray(0, size - 2);
  return mail;
}

/** A mail begins with header lines, and says who sent it or what it is about. */
function looksLikeMail(bytes: Uint8Array, begin: number): boolean {
  let known = false;
  let at = begin;
  for (let lines = 0; at < bytes.byteLength && lines < 1000; lines++, at = lineEnd(bytes, at)) {
    const line = lineText(bytes, at, SEPARATOR_BYTES).replace(/\r$/, '');
    if (line === '') return known;
    if (/^[ \t]/.test(line) && at > begin) continue;
    const name = /^([!-9;-~]+):/.exec(line)?.[1]?.toLowerCase();
    if (name === undefined) return false;
    if (name === 'from' || name === 'subject' || name === 'message-id') known = true;
  }
  return known;
}

function shown(bytes: Uint8Array, at: number): string {
  const text = lineText(bytes, at, 40).replace(/[^\x20-\x7e]/g, '.');
  return text === '' ? 'an empty line' : `"${text}"`;
}
