import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeReply, quoteLine } from '../../src/mail/compose';
import { conversationsOf, turnsOf } from '../../src/mail/conversation';
import { isoOfMailDate, mailDateOfIso } from '../../src/mail/date';
import { mboxOf, splitMbox } from '../../src/mail/mbox';
import { type Message, parseMessage } from '../../src/mail/message';
import { wrappedProse } from '../../src/mail/prose';
import { bodyLines, passagesOf } from '../../src/mail/quote';
import { bytesOf, mail, textOf } from '../unit/mail/mails';

const line = fc.oneof(
  fc.string({ maxLength: 90 }).map((text) => text.replace(/[\r\n]/g, '')),
  fc.constantFrom('From me', '>From me', '>>From x', '', 'From x Tue Sep 10 23:43:31 2024', '-- ', '> quote', '+added', '@@ -1 +1 @@'),
);
const body = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((one) => `${one}\n`).join(''));

describe('mboxes', () => {
  it('give back the mails that were put in', () => {
    fc.assert(
      fc.property(fc.array(body, { minLength: 1, maxLength: 5 }), (bodies) => {
        const mails = bodies.map((text, index) => `Subject: ${index}\n\n${text}`);
        const box = mails.map((text) => textOf(mboxOf(bytesOf(text)))).join('');
        expect(splitMbox(bytesOf(box))).toMatchObject({ problems: [] });
        expect(splitMbox(bytesOf(box)).messages.map(textOf)).toEqual(mails);
      }),
    );
  });

  it('of any bytes give mails or a problem, never an exception', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.array(line).map((lines) => bytesOf(lines.join('\n'))),
        ),
        async (bytes) => {
          const { messages, problems } = splitMbox(bytes);
          expect(messages.length > 0 || problems.length > 0).toBe(true);
          for (const one of messages) expect((await parseMessage(one)).raw).toBe(one);
        },
      ),
    );
  });
});

describe('dates', () => {
  it('survive being written and read', () => {
    const date = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2199-01-01T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (day, offset) => {
        const minutes = Math.abs(offset);
        const zone = `${offset < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
        const iso = `${day.toISOString().slice(0, 19)}${zone}`;
        expect(isoOfMailDate(mailDateOfIso(iso)!)).toBe(iso);
        const weekday = mailDateOfIso(iso)!.slice(0, 3);
        expect(new Date(`${day.toISOString().slice(0, 19)}Z`).toUTCString().slice(0, 3)).toBe(weekday);
      }),
    );
  });
});

describe('conversations', () => {
  it('hold every mail once, whatever answers what', async () => {
    const one = await mail({ id: 'x', subject: 'x' });
    const id = fc.integer({ min: 0, max: 12 }).map((n) => `m${n}`);
    const mails = fc.array(
      fc.record({
        id,
        inReplyTo: fc.oneof(id, fc.constant('')),
        references: fc.array(id, { maxLength: 4 }),
        hour: fc.integer({ min: 0, max: 23 }),
      }),
    );
    fc.assert(
      fc.property(mails, (shapes) => {
        const messages: Message[] = shapes.map(({ hour, ...shape }) => ({
          ...one,
          ...shape,
          date: `2024-09-10T${String(hour).padStart(2, '0')}:00:00+00:00`,
        }));
        const ids = conversationsOf(messages).flatMap((root) => turnsOf(root).map((turn) => turn.message.id));
        expect([...ids].sort()).toEqual([...new Set(messages.map((message) => message.id))].sort());
      }),
    );
  });
});

describe('bodies', () => {
  it('lose no line when taken apart', () => {
    fc.assert(
      fc.property(body, (text) => {
        const lines = text.split('\n').slice(0, -1);
        expect(bodyLines(text)).toHaveLength(lines.length);
        expect(passagesOf(text).flatMap((passage) => passage.lines)).toEqual(bodyLines(text).map((one) => one.text));
      }),
    );
  });

  it('tell back what quoteLine quotes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const plain = text.replace(/[\r\n]/g, '');
        fc.pre(!plain.startsWith('>') && !plain.startsWith(' >') && plain.trimEnd() !== '');
        const [found] = bodyLines(`${quoteLine(plain)}\n`);
        expect(found).toMatchObject({ level: 1, text: plain });
      }),
    );
  });

  it('keep every word of prose when wrapped, and are the same when wrapped again', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z.,]{1,30}$/), { minLength: 1, maxLength: 60 }), (words) => {
        const once = wrappedProse(words.join(' '));
        expect(once.join(' ')).toBe(words.join(' '));
        expect(wrappedProse(once.join('\n'))).toEqual(once);
        for (const one of once) expect(one.length).toBeLessThanOrEqual(72);
      }),
    );
  });
});

describe('replies', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).map((text) => text.replace(/\s+/g, ' ').trim());
  it('parse back to what was composed, whatever names, subject and body hold', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, body, async (name, subject, text) => {
        const answered: Message = {
          ...(await mail({ id: 'p@example.org', subject: 'x' })),
          subject,
          from: { name, address: 'ada@example.org' },
        };
        const composed = composeReply({
          answered,
          from: { name: 'Bo', address: 'bo@example.org' },
          date: '2024-09-12T10:00:00Z',
          body: `Hi.\n${text}`,
        })!;
        const parsed = await parseMessage(bytesOf(composed.text));
        expect(parsed.problems).toEqual([]);
        expect(parsed).toMatchObject({
          id: composed.messageId,
          inReplyTo: 'p@example.org',
          references: ['p@example.org'],
          date: '2024-09-12T10:00:00+00:00',
        });
        expect(parsed.from).toEqual({ name: 'Bo', address: 'bo@example.org' });
        expect(parsed.to.map((box) => box.address)).toEqual(['ada@example.org']);
        expect(parsed.body).toBe(`Hi.\n${text}`);
      }),
    );
  });
});
