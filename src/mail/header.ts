/** Header lines of a mail that is written: encoding of words, quoting of names, folding. */
import type { Mailbox } from './message';

/** RFC 5322 2.1.1: lines should have at most 78 characters. */
const HEADER_WIDTH = 78;
/** RFC 2047 2: an encoded word has at most 75 characters; `=?UTF-8?B?` and `?=` are 12 of them, base64 makes 4 of 3 bytes. */
const ENCODED_WORD_BYTES = 45;

/** A header whose value is free text (Subject), encoded where it is not ASCII, folded. */
export const textHeader = (name: string, value: string): string => folded(name, encodedText(cleanText(value)).split(' '), ' ');

/** A header of mailboxes, one comma-separated list, folded between them. */
export function mailboxHeader(name: string, boxes: readonly Mailbox[]): string {
  return folded(
    name,
    boxes.map((box, index) => mailboxText(box) + (index < boxes.length - 1 ? ',' : '')),
    ' ',
  );
}

/** A header of ids in angle brackets, folded between them. */
export const idHeader = (name: string, ids: readonly string[]): string =>
  folded(
    name,
    ids.map((id) => `<${id}>`),
    ' ',
  );

/** `Name <address>` as a header holds it: the name quoted or encoded where it must be. */
function mailboxText(box: Mailbox): string {
  const name = cleanText(box.name);
  if (name === '') return box.address;
  // Many mail readers decode what looks encoded within quotes too.
  if (!isAscii(name) || name.includes('=?')) return `${encodedText(name)} <${box.address}>`;
  const plain = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~ ]+$/.test(name);
  return `${plain ? name : `"${name.replace(/(["\\])/g, '\\$1')}"`} <${box.address}>`;
}

/** True for what may stand between angle brackets: an address in ASCII that cannot break out of its header. */
export const isAddress = (address: string): boolean =>
  /^(?:[^\s<>()[\],;:"\\@\x00-\x1f\x7f-\uffff]+|"[^"\\\r\n\x00-\x1f\x7f-\uffff]+")@[^\s<>()[\],;:"\\@\x00-\x1f\x7f-\uffff]+$/.test(address);

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** Nothing that could end a header line. */
const cleanText = (text: string): string =>
  text

    .replace(/[\x00-\x1f\x7f\u2028\u2029]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();

/**
 * Text with encoded words where it is not ASCII, or where it looks like one.
 *
 * *Source* RFC 2047: no character is cut in two, blanks between encoded words are inside them.
 */
function encodedText(text: string): string {
  if (isAscii(text) && !text.includes('=?')) return text;
  const words: string[] = [];
  let bytes: number[] = [];
  for (const char of text) {
    const more = utf8Bytes(char);
    if (bytes.length + more.length > ENCODED_WORD_BYTES) {
      words.push(`=?UTF-8?B?${base64(bytes)}?=`);
      bytes = [];
    }
    bytes.push(...more);
  }
  words.push(`=?UTF-8?B?${base64(bytes)}?=`);
  return words.join(' ');
}

/** Tokens joined by blanks, a new line begun before each that would not fit. */
function folded(name: string, tokens: readonly string[], indent: string): string {
  const lines: string[] = [];
  let line = `${name}:`;
  for (const token of tokens) {
    const full = line.length + 1 + token.length > HEADER_WIDTH && line !== `${name}:` && line.trim() !== '';
    if (full) {
      lines.push(line);
      line = indent + token;
    } else line += ` ${token}`;
  }
  return [...lines, line].join('\n');
}

/** UTF-8 of one character; a lone surrogate counts as U+FFFD. */
export function utf8Bytes(char: string): number[] {
  const at = char.codePointAt(0) ?? 0;
  const code = at >= 0xd800 && at <= 0xdfff ? 0xfffd : at;
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 63)];
  if (code < 0x10000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
  return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)];
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: readonly number[]): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const four = [18, 12, 6, 0].map((shift) => ALPHABET[(three >> shift) & 63] ?? '').join('');
    out += four.slice(0, Math.min(4, bytes.length - i + 1)).padEnd(4, '=');
  }
  return out;
}
