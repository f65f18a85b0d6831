/** A mail as a person reads it: the headers that people read, a blank line, the body. */
import { type Message, shownMailbox } from '../mail/message';

/** *Shape* ends with one newline; the body is not changed otherwise. */
export function messageText(message: Message): string {
  const headers: readonly (readonly [string, string])[] = [
    ['From', shownMailbox(message.from)],
    ['To', message.to.map(shownMailbox).join(', ')],
    ['Cc', message.cc.map(shownMailbox).join(', ')],
    ['Date', message.date],
    ['Subject', message.subject],
    ['Message-ID', message.idMade ? '' : `<${message.id}>`],
    ['In-Reply-To', message.inReplyTo === '' ? '' : `<${message.inReplyTo}>`],
  ];
  const shown = headers.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`);
  const parts = message.attachments.map((one) => `[attachment ${one.name === '' ? one.type : one.name}, ${one.size} bytes, not shown]`);
  return `${[...shown, '', message.body.replace(/\n+$/, ''), ...(parts.length === 0 ? [] : ['', ...parts])].join('\n')}\n`;
}
