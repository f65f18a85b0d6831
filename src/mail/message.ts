/** One mail as the rest of the project sees it: decoded headers and text beside the untouched bytes. */
import PostalMime, { addressParser, type Address, type Email } from 'postal-mime';
import type { Problem } from '../base/place';
import { isoOfMailDate } from './date';
import { type Flowed, unflowed, withoutFlowed } from './flowed';

export interface Mailbox {
  /** Display name, decoded; '' where there is none. */
  readonly name: string;
  readonly address: string;
}

/** A part that is not the text: noted, not shown. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  /** Bytes, decoded. */
  readonly size: number;
}

export interface Message {
  /** Message-id without angle brackets. */
  readonly id: string;
  /** True where the mail has no Message-ID of its own and `id` was made from its bytes: it cannot be answered. */
  readonly idMade: boolean;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc: readonly Mailbox[];
  readonly replyTo: readonly Mailbox[];
  /** ISO 8601 with the sender's offset kept, or '' where there is no readable date. */
  readonly date: string;
  /** RFC 2047 decoded, unfolded, runs of blanks made one. */
  readonly subject: string;
  /** Without angle brackets, or ''. */
  readonly inReplyTo: string;
  /** Oldest first, without angle brackets. */
  readonly references: readonly string[];
  /** The text part(s), lines ended by \n; format=flowed is undone. */
  readonly body: string;
  readonly attachments: readonly Attachment[];
  /** The mail as it came (mbox quoting undone, its `From ` line left off): what `git am` must get. */
  readonly raw: Uint8Array;
  readonly problems: readonly Problem[];
}

/** Largest mail that is parsed; the largest patches on the lists are under 2 MB. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Ids kept of one References header: longer ones are only made by loops of broken mailers. */
const MAX_REFERENCES = 512;
const MAX_ADDRESSES = 2048;
/** postal-mime's limits, far over what mail has and far under what hurts. */
const MIME_LIMITS = { maxNestingDepth: 32, maxHeadersSize: 1024 * 1024, maxRfc822NestingDepth: 2 };

/**
 * The mail that the bytes hold.
 *
 * *Fails* never: what cannot be read becomes an empty value and a problem (`mail/unreadable`, `mail/too-large`, `mail/no-id`, `mail/bad-date`).
 * *Source* RFC 5322, RFC 2045 to 2047, RFC 3676.
 */
export async function parseMessage(raw: Uint8Array): Promise<Message> {
  const problems: Problem[] = [];
  let email: Email | null = null;
  let flowed: Flowed | null = null;
  if (raw.byteLength > MAX_MESSAGE_BYTES) {
    problems.push({ code: 'mail/too-large', message: `The mail has ${raw.byteLength} bytes; ${MAX_MESSAGE_BYTES} are read at most.` });
  } else {
    try {
      const fixed = withoutFlowed(raw);
      email = await PostalMime.parse(fixed.bytes, MIME_LIMITS);
      flowed = fixed.flowed;
    } catch (error) {
      problems.push({
        code: 'mail/unreadable',
        message: `The mail could not be read: ${error instanceof Error ? error.message : 'odd bytes'}.`,
      });
    }
  }
  const header = (key: string): string => email?.headers.find((h) => h.key === key)?.value ?? '';
  const ownId = idsIn(header('message-id'))[0] ?? '';
  if (ownId === '') problems.push({ code: 'mail/no-id', message: 'The mail has no Message-ID: it cannot be answered.' });
  const text = (email?.text ?? '').replace(/\r\n?/g, '\n');
  const date = isoOfMailDate(header('date'));
  if (date === '') problems.push({ code: 'mail/bad-date', message: `The mail's Date "${header('date').slice(0, 80)}" is not one.` });
  return {
    id: ownId === '' ? madeId(raw) : ownId,
    idMade: ownId === '',
    from: mailboxes(email?.from === undefined ? [] : [email.from])[0] ?? { name: '', address: '' },
    to: mailboxes(email?.to),
    cc: mailboxes(email?.cc),
    replyTo: mailboxes(email?.replyTo),
    date,
    subject: oneLine(email?.subject ?? ''),
    // Some mailers add a comment: `<id> (message from … on …)`.
    inReplyTo: idsIn(header('in-reply-to'))[0] ?? '',
    references: idsIn(header('references')).slice(-MAX_REFERENCES),
    body: flowed === null ? text : unflowed(text, flowed),
    attachments: (email?.attachments ?? []).map((part) => ({
      name: oneLine(part.filename ?? ''),
      type: part.mimeType,
      size: typeof part.content === 'string' ? part.content.length : part.content.byteLength,
    })),
    raw,
    problems,
  };
}

/** The mailboxes that a header value names, groups flattened. */
export const mailboxesIn = (value: string): readonly Mailbox[] => mailboxes(addressParser(value.slice(0, 100_000)));

/** `Name <address>` for a person to read; the name alone decides nothing. */
export const shownMailbox = (box: Mailbox): string => (box.name === '' ? box.address : `${box.name} <${box.address}>`);

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function mailboxes(addresses: readonly Address[] | undefined): readonly Mailbox[] {
  const flat: Mailbox[] = [];
  for (const one of addresses ?? []) {
    if (flat.length >= MAX_ADDRESSES) break;
    if (one.group !== undefined) flat.push(...one.group.map((box) => ({ name: oneLine(box.name), address: box.address.trim() })));
    else if (one.address !== undefined) flat.push({ name: oneLine(one.name), address: one.address.trim() });
  }
  return flat.filter((box) => box.address !== '' || box.name !== '');
}

/** Ids in angle brackets; where there are none, the blank-separated words that look like ids. */
function idsIn(value: string): string[] {
  const bracketed = [...value.matchAll(/<\s*([^<>\s]{1,1000})\s*>/g)].map((match) => match[1] ?? '');
  if (bracketed.length > 0) return bracketed;
  return value.split(/\s+/).filter((word) => /^[^\s<>()@]+@[^\s<>()@]+$/.test(word));
}

/** A name for a mail without one: made from its bytes (FNV-1a twice over), under a domain that cannot exist (RFC 2606). */
function madeId(raw: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x01234567;
  for (const byte of raw) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000193) + 0x9e37;
  }
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
  return `${hex(a)}${hex(b)}@no-message-id.invalid`;
}
