/** Mails in our own words for the tests, put together from their parts. */
import { parseMessage, type Message } from '../../../src/mail/message';

export interface MailParts {
  readonly id?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cc?: string;
  readonly subject: string;
  readonly date?: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export function mailText(parts: MailParts): string {
  const headers = [
    ...(parts.id === undefined ? [] : [`Message-ID: <${parts.id}>`]),
    `From: ${parts.from ?? 'Ada Field <ada@example.org>'}`,
    `To: ${parts.to ?? 'list@example.org'}`,
    ...(parts.cc === undefined ? [] : [`Cc: ${parts.cc}`]),
    `Date: ${parts.date ?? 'Tue, 10 Sep 2024 23:43:31 +0000'}`,
    `Subject: ${parts.subject}`,
    ...(parts.inReplyTo === undefined ? [] : [`In-Reply-To: <${parts.inReplyTo}>`]),
    ...(parts.references === undefined ? [] : [`References: ${parts.references}`]),
    ...(parts.headers ?? []),
  ];
  return `${headers.join('\n')}\n\n${parts.body ?? 'Hello.\n'}`;
}

export const mail = (parts: MailParts): Promise<Message> => parseMessage(bytesOf(mailText(parts)));

export const mboxText = (mails: readonly string[]): string =>
  mails.map((text) => `From mboxrd@z Thu Jan  1 00:00:00 1970\n${text.replace(/^(>*From )/gm, '>$1')}\n`).join('');

/** A patch that adds `lines` to the top of a file of three lines. */
export const diffText = (path: string, lines: readonly string[]): string =>
  [
    `diff --git a/${path} b/${path}`,
    'index 1111111..2222222 100644',
    `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -1,3 +1,${3 + lines.length} @@ int top(void)`,
    ' int first;',
    ...lines.map((line) => `+${line}`),
    ' int second;',
    ' int third;',
    '',
  ].join('\n');

export interface PatchParts extends Partial<MailParts> {
  readonly number: number;
  readonly total: number;
  readonly title: string;
  readonly prefix?: string;
  readonly lines?: readonly string[];
  readonly path?: string;
}

export function patchText(parts: PatchParts): string {
  const { number, total, title, prefix, lines, path, ...rest } = parts;
  const day = String(10 + number).padStart(2, '0');
  return mailText({
    id: `p${number}@example.org`,
    subject: `[${prefix ?? 'PATCH'} ${number}/${total}] ${title}`,
    inReplyTo: 'cover@example.org',
    date: `Tue, 10 Sep 2024 23:${day}:00 +0000`,
    body: `Say why.\n\nSigned-off-by: Ada Field <ada@example.org>\n---\n x.c | 1 +\n\n${diffText(path ?? `dir/file${number}.c`, lines ?? [`int added_${number};`])}-- \n2.46.0\n`,
    ...rest,
  });
}

export const coverText = (total: number, title: string, rest: Partial<MailParts> & { readonly prefix?: string } = {}): string => {
  const { prefix, ...parts } = rest;
  return mailText({
    id: 'cover@example.org',
    subject: `[${prefix ?? 'PATCH'} 0/${total}] ${title}`,
    date: 'Tue, 10 Sep 2024 23:00:00 +0000',
    body: 'About it.\n',
    ...parts,
  });
};
