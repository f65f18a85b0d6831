/** A reply as RFC 5322 text: who gets it, how it threads, and the bytes that would be sent. */
import { mailDateOfIso } from './date';
import { idHeader, isAddress, mailboxHeader, textHeader, utf8Bytes } from './header';
import type { Mailbox, Message } from './message';

export interface ReplyRequest {
  readonly answered: Message;
  /** Who writes. */
  readonly from: Mailbox;
  /** ISO 8601 with offset: the caller's clock. */
  readonly date: string;
  /** The whole text under the headers, lines ended by \n. */
  readonly body: string;
}

interface ComposedReply {
  readonly messageId: string;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly inReplyTo: string;
  readonly references: readonly string[];
  readonly subject: string;
  /** Headers, a blank line, the body; lines ended by \n. */
  readonly text: string;
}

/** RFC 5322 2.1.1: longer lines are not carried. */
const MAX_LINE_BYTES = 998;
/** The whole chain of a long thread is not needed: its start and its last mails thread it everywhere. */
const MAX_REFERENCES = 100;

/**
 * The reply.
 *
 * *Shape* To is the mail's Reply-To or its author; Cc its To and Cc, each address once, without the writer and without what is in To. Words
 * that are not addresses are left out. The same request gives the same bytes; the Message-ID is made from them and the date.
 * *Fails* null where the date or the writer's address is not one.
 * *Source* RFC 5322 3.6.3 and 3.6.4, RFC 2047; no RFC 3676: kernel mail is not flowed.
 */
export function composeReply(request: ReplyRequest): ComposedReply | null {
  const { answered, from } = request;
  const date = mailDateOfIso(request.date);
  if (date === null || !isAddress(from.address)) return null;
  const { to, cc } = recipients(answered, from);
  const subject = replySubject(answered.subject);
  const references = referencesFor(answered);
  const body = request.body.endsWith('\n') ? request.body : `${request.body}\n`;
  const messageId = madeMessageId(request.date, from.address, [answered.id, subject, body].join('\n'));
  const encoding = encodingOf(body);
  const headers = [
    mailboxHeader('From', [from]),
    ...(to.length > 0 ? [mailboxHeader('To', to)] : []),
    ...(cc.length > 0 ? [mailboxHeader('Cc', cc)] : []),
    textHeader('Subject', subject),
    `Date: ${date}`,
    `Message-ID: <${messageId}>`,
    idHeader('In-Reply-To', [answered.id]),
    idHeader('References', references),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=UTF-8',
    `Content-Transfer-Encoding: ${encoding}`,
  ];
  const text = `${headers.join('\n')}\n\n${encoding === 'quoted-printable' ? quotedPrintable(body) : body}`;
  return { messageId, to, cc, inReplyTo: answered.id, references, subject, text };
}

/** `Re: ` once, whatever stood there. */
export const replySubject = (subject: string): string => `Re: ${subject.replace(/^(?:\s*re(?:\[\d+\])?\s*:)+\s*/i, '').trim()}`;

/** `On <date>, <name> wrote:`; without a date, `<name> wrote:`. */
export function attributionOf(message: Message): string {
  const name = message.from.name === '' ? message.from.address : message.from.name;
  const date = mailDateOfIso(message.date);
  return date === null ? `${name} wrote:` : `On ${date}, ${name} wrote:`;
}

/** A line of the answered mail as it is quoted: never wrapped, nothing after the mark on an empty line. */
export const quoteLine = (line: string): string => (line.trimEnd() === '' ? '>' : `> ${line}`);

function recipients(answered: Message, from: Mailbox): { readonly to: readonly Mailbox[]; readonly cc: readonly Mailbox[] } {
  const self = from.address.toLowerCase();
  const seen = new Set<string>();
  const fresh = (boxes: readonly Mailbox[], butSelf: boolean): readonly Mailbox[] =>
    boxes.filter((box) => {
      const address = box.address.toLowerCase();
      if (!isAddress(box.address) || seen.has(address) || (butSelf && address === self)) return false;
      seen.add(address);
      return true;
    });
  const author = answered.replyTo.length > 0 ? answered.replyTo : [answered.from];
  const ownMail = author.every((box) => box.address.toLowerCase() === self);
  // One's own mail is answered to those whom it went to.
  const to = fresh(ownMail ? answered.to : author, true);
  return { to: to.length > 0 ? to : fresh(author, false), cc: fresh([...answered.to, ...answered.cc], true) };
}

function referencesFor(answered: Message): readonly string[] {
  const before = answered.references.length > 0 || answered.inReplyTo === '' ? answered.references : [answered.inReplyTo];
  const all = [...before.filter((id) => id !== answered.id), answered.id];
  return all.length <= MAX_REFERENCES ? all : [...all.slice(0, 1), ...all.slice(-(MAX_REFERENCES - 1))];
}

/** Unlike any other: the date to the second, then a hash of all that is said and to what. */
function madeMessageId(date: string, address: string, text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = (Math.imul(b ^ text.charCodeAt(i), 0x85ebca6b) ^ (b >>> 13)) | 0;
  }
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
  return `${date.replace(/\D/g, '').slice(0, 14)}.${hex(a)}${hex(b)}.folioscope@${address.slice(address.lastIndexOf('@') + 1)}`;
}

function encodingOf(body: string): '7bit' | '8bit' | 'quoted-printable' {
  const ascii = /^[\x00-\x7f]*$/.test(body);
  const longest = body.split('\n').reduce((most, line) => Math.max(most, ascii ? line.length : byteLength(line)), 0);
  if (longest > MAX_LINE_BYTES) return 'quoted-printable';
  return ascii ? '7bit' : '8bit';
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const char of text) bytes += utf8Bytes(char).length;
  return bytes;
}

/** RFC 2045 6.7: lines of at most 76 characters. */
function quotedPrintable(body: string): string {
  return body
    .split('\n')
    .map((line) => {
      const out: string[] = [];
      let current = '';
      for (const char of line) {
        const code = char.charCodeAt(0);
        const plain = char.length === 1 && code >= 32 && code < 127 && char !== '=';
        const piece = plain
          ? char
          : utf8Bytes(char)
              .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
              .join('');
        if (current.length + piece.length > 75) {
          out.push(`${current}=`);
          current = '';
        }
        current += piece;
      }
      out.push(current.replace(/ $/, '=20'));
      return out.join('\n');
    })
    .join('\n');
}
