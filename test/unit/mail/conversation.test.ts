import { describe, expect, it } from 'vitest';
import { conversationsOf, type Turn, turnsOf } from '../../../src/mail/conversation';
import { mail } from './mails';

const at = (minute: number): string => `Tue, 10 Sep 2024 23:${String(minute).padStart(2, '0')}:00 +0000`;
const shape = (turn: Turn): unknown => (turn.answers.length === 0 ? turn.message.id : [turn.message.id, ...turn.answers.map(shape)]);

describe('conversationsOf', () => {
  it('hangs answers under what they answer, in order of date', async () => {
    const mails = [
      await mail({ id: 'c', subject: 'Re: x', inReplyTo: 'a', date: at(3) }),
      await mail({ id: 'a', subject: 'x', date: at(0) }),
      await mail({ id: 'd', subject: 'Re: x', inReplyTo: 'b', date: at(4) }),
      await mail({ id: 'b', subject: 'Re: x', inReplyTo: 'a', date: at(1) }),
    ];
    expect(conversationsOf(mails).map(shape)).toEqual([['a', ['b', 'd'], 'c']]);
  });

  it('hangs a mail whose parent is missing from the nearest reference, and names the parent', async () => {
    const mails = [
      await mail({ id: 'a', subject: 'x', date: at(0) }),
      await mail({ id: 'd', subject: 'Re: x', inReplyTo: 'gone', references: '<a> <gone>', date: at(1) }),
    ];
    const [root] = conversationsOf(mails);
    expect(shape(root!)).toEqual(['a', 'd']);
    expect(root!.answers[0]!.missingParent).toBe('gone');
  });

  it('counts a mail once that came from several lists', async () => {
    const one = await mail({ id: 'a', subject: 'x', date: at(0) });
    const again = await mail({ id: 'a', subject: 'x', date: at(0), headers: ['List-Id: <other.example.org>'] });
    const [root, ...more] = conversationsOf([one, again]);
    expect(root!.message).toBe(one);
    expect(more).toEqual([]);
  });

  it('opens a loop at its earliest mail and loses none', async () => {
    const mails = [
      await mail({ id: 'b', subject: 'x', inReplyTo: 'a', date: at(1) }),
      await mail({ id: 'a', subject: 'x', inReplyTo: 'c', date: at(0) }),
      await mail({ id: 'c', subject: 'x', inReplyTo: 'b', date: at(2) }),
      await mail({ id: 's', subject: 'x', inReplyTo: 's', date: at(3) }),
    ];
    expect(conversationsOf(mails).map(shape)).toEqual([['a', ['b', 'c']], 's']);
  });

  it('stands a conversation of ten thousand answers', async () => {
    const one = await mail({ id: 'm0', subject: 'x', date: at(0) });
    const mails = Array.from({ length: 10_000 }, (_, n) => ({ ...one, id: `m${n}`, inReplyTo: n === 0 ? '' : `m${n - 1}` }));
    const roots = conversationsOf(mails);
    expect(roots).toHaveLength(1);
    expect(turnsOf(roots[0]!).map((turn) => turn.message.id)).toEqual(mails.map((message) => message.id));
  });
});
