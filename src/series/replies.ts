/** Which mails answer which part of a series. */
import { type Turn, turnsOf, inOrder } from '../mail/conversation';
import type { Message } from '../mail/message';
import type { Part } from './part';
import { subjectParts } from './subject';

/**
 * The mails under each part (by its id), whole sub-threads, in order of date.
 *
 * *Shape* a mail is under one part only: the nearest above it. Sub-threads of other series (`foreign`) are left out. A mail whose thread is broken
 * is put under the part that has its subject.
 */
export function repliesOf(
  parts: readonly Part[],
  roots: readonly Turn[],
  foreign: (id: string) => boolean,
): ReadonlyMap<string, readonly Message[]> {
  const ids = new Set(parts.map((part) => part.message.id));
  const found = new Map<string, Message[]>();
  const add = (part: string, message: Message): void => {
    const known = found.get(part);
    if (known === undefined) found.set(part, [message]);
    else known.push(message);
  };
  for (const root of roots) {
    const open: { turn: Turn; under: string | null }[] = [{ turn: root, under: null }];
    for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
      const { message } = entry.turn;
      if (foreign(message.id)) {
        // Another revision's own answers are not ours, but what it carries of ours (a chained thread) is looked at.
        open.push(...entry.turn.answers.map((turn) => ({ turn, under: null })));
        continue;
      }
      const own = ids.has(message.id);
      if (!own && entry.under !== null) add(entry.under, message);
      const under = own ? message.id : entry.under;
      open.push(...entry.turn.answers.map((turn) => ({ turn, under })));
    }
  }
  for (const orphan of roots.filter((root) => root.missingParent !== '' && !ids.has(root.message.id) && !foreign(root.message.id))) {
    const part = parts.find((one) => sameSubject(one, orphan.message));
    if (part !== undefined)
      for (const turn of turnsOf(orphan)) if (!ids.has(turn.message.id) && !foreign(turn.message.id)) add(part.message.id, turn.message);
  }
  return new Map([...found].map(([id, messages]) => [id, inOrder(messages)]));
}

function sameSubject(part: Part, message: Message): boolean {
  const subject = subjectParts(message.subject);
  const { title, number, revision, total } = part.subject;
  return (
    subject.reply &&
    subject.number === number &&
    subject.revision === revision &&
    subject.total === total &&
    subject.title.toLowerCase() === title.toLowerCase()
  );
}
