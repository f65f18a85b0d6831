import { describe, expect, it } from 'vitest';
import { attributionOf, composeReply, quoteLine, replySubject, type ReplyRequest } from '../../../src/mail/compose';
import { idHeader, mailboxHeader, textHeader } from '../../../src/mail/header';
import { parseMessage } from '../../../src/mail/message';
import { wrappedProse } from '../../../src/mail/prose';
import { bytesOf, mail, type MailParts } from './mails';

const DATE = '2024-09-12T10:00:00+02:00';
const ME = { name: 'Bo Gray', address: 'bo@example.org' };

async function reply(parts: Partial<MailParts>, more: Partial<ReplyRequest> = {}) {
  const answered = await mail({ id: 'p1@example.org', subject: '[PATCH 1/2] x', ...parts });
  const composed = composeReply({ answered, from: ME, date: DATE, body: 'Hi.\n', ...more });
  expect(composed).not.toBeNull();
  return { composed: composed!, parsed: await parseMessage(bytesOf(composed!.text)) };
}

const addresses = (boxes: readonly { address: string }[]): string[] => boxes.map((box) => box.address);

describe('who gets a reply', () => {
  it('goes to the author, with To and Cc as Cc, each once, without the writer', async () => {
    const { parsed } = await reply({
      to: 'list@example.org, Bo <BO@example.org>, Cy <cy@example.org>',
      cc: 'cy@example.org, ada@example.org, dee@example.org',
    });
    expect(addresses(parsed.to)).toEqual(['ada@example.org']);
    expect(addresses(parsed.cc)).toEqual(['list@example.org', 'cy@example.org', 'dee@example.org']);
  });

  it('respects Reply-To', async () => {
    const { parsed } = await reply({ headers: ['Reply-To: Ada at work <ada@work.example.org>'] });
    expect(parsed.to).toEqual([{ name: 'Ada at work', address: 'ada@work.example.org' }]);
  });

  it('answers one’s own mail to those whom it went to', async () => {
    const { parsed } = await reply({ from: 'Bo Gray <bo@example.org>', to: 'list@example.org', cc: 'cy@example.org' });
    expect(addresses(parsed.to)).toEqual(['list@example.org']);
    expect(addresses(parsed.cc)).toEqual(['cy@example.org']);
  });

  it('lets no address break out of its header', async () => {
    const { composed, parsed } = await reply({
      cc: '"x\r\n y" <evil@example.org\n Bcc: z@example.org>, =?utf-8?q?a=0ABcc:_q@example.org?= <fine@example.org>',
    });
    expect(composed.text.split('\n\n')[0]).not.toMatch(/^Bcc:/m);
    expect(addresses(parsed.cc)).toContain('fine@example.org');
  });
});

describe('how a reply threads', () => {
  it('answers the mail and adds it to its references', async () => {
    const { parsed } = await reply({ references: '<c@example.org> <d@example.org>', inReplyTo: 'd@example.org' });
    expect(parsed.inReplyTo).toBe('p1@example.org');
    expect(parsed.references).toEqual(['c@example.org', 'd@example.org', 'p1@example.org']);
  });

  it('takes In-Reply-To for the references where there are none', async () => {
    expect((await reply({ inReplyTo: 'c@example.org' })).parsed.references).toEqual(['c@example.org', 'p1@example.org']);
  });

  it('folds references at 78 columns', async () => {
    const ids = Array.from({ length: 12 }, (_, n) => `${'x'.repeat(20)}${n}@example.org`);
    const { composed, parsed } = await reply({ references: ids.map((id) => `<${id}>`).join(' ') });
    expect(parsed.references).toEqual([...ids, 'p1@example.org']);
    for (const line of composed.text.split('\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('bounds the references, keeping the first and the last', async () => {
    const { composed } = await reply({ references: Array.from({ length: 400 }, (_, n) => `<r${n}@example.org>`).join('\n ') });
    expect(composed.references).toHaveLength(100);
    expect(composed.references[0]).toBe('r0@example.org');
    expect(composed.references.at(-1)).toBe('p1@example.org');
  });

  it('has an id of its own for each text and second, and the same for the same', async () => {
    const id = async (more: Partial<ReplyRequest>): Promise<string> => (await reply({}, more)).composed.messageId;
    const ids = [await id({}), await id({ body: 'Ho.\n' }), await id({ date: '2024-09-12T10:00:01+02:00' })];
    expect(new Set(ids).size).toBe(3);
    expect(await id({})).toBe(ids[0]);
    expect(ids[0]).toMatch(/@example\.org$/);
  });
});

describe('the text of a reply', () => {
  it('is plain, dated by the caller, with the body as it is', async () => {
    const { composed } = await reply(
      {},
      { body: '> +\tvery long line that is quoted and is not to be wrapped, whatever its length may be in the end\n\nHi.\n' },
    );
    expect(composed.text).toContain('\nDate: Thu, 12 Sep 2024 10:00:00 +0200\n');
    expect(composed.text).toContain('\nContent-Transfer-Encoding: 7bit\n');
    expect(composed.text).not.toContain('flowed');
    expect(
      composed.text.endsWith(
        '\n\n> +\tvery long line that is quoted and is not to be wrapped, whatever its length may be in the end\n\nHi.\n',
      ),
    ).toBe(true);
  });

  it('carries other scripts in headers and body', async () => {
    const name = 'Žofie Ěščřžýáíé Dlouhájménová Ještědelší 漢字漢字漢字';
    const { composed, parsed } = await reply(
      { from: `${name} <zofie@example.org>`, subject: '[PATCH] größer, schöner, länger, weiter, höher, ähnlich, möglich' },
      { body: 'Schön — 😀.\n' },
    );

    expect(composed.text.split('\n\n')[0]).toMatch(/^[\x00-\x7f]*$/);
    expect(parsed.to[0]?.name).toBe(name);
    expect(parsed.subject).toBe('Re: [PATCH] größer, schöner, länger, weiter, höher, ähnlich, möglich');
    expect(parsed.body).toBe('Schön — 😀.\n');
  });

  it('carries lines that are too long for mail', async () => {
    const body = `> +${'é= x\t'.repeat(400)} \nend\n`;
    const { composed, parsed } = await reply({}, { body });
    expect(composed.text).toContain('quoted-printable');
    for (const line of composed.text.split('\n')) expect(line.length).toBeLessThanOrEqual(998);
    expect(parsed.body).toBe(body);
  });

  it('is not made for a date or an address that is none', async () => {
    const answered = await mail({ id: 'p1@example.org', subject: 'x' });
    expect(composeReply({ answered, from: ME, date: 'now', body: '' })).toBeNull();
    expect(composeReply({ answered, from: { name: 'x', address: 'a@b>\nBcc: c@d' }, date: DATE, body: '' })).toBeNull();
  });

  it.each([
    ['x', 'Re: x'],
    ['Re: x', 'Re: x'],
    ['RE: re[2]: x', 'Re: x'],
    ['Regarding: x', 'Re: Regarding: x'],
  ])('makes of the subject %j %j', (subject, answer) => {
    expect(replySubject(subject)).toBe(answer);
  });

  it('says who wrote when', async () => {
    expect(attributionOf(await mail({ subject: 'x', date: 'Wed, 11 Sep 2024 08:56:29 +0200' }))).toBe(
      'On Wed, 11 Sep 2024 08:56:29 +0200, Ada Field wrote:',
    );
    expect(attributionOf(await mail({ subject: 'x', date: 'odd', from: 'x@example.org' }))).toBe('x@example.org wrote:');
  });

  it('quotes an empty line without a blank', () => {
    expect([quoteLine('+\tx'), quoteLine(' '), quoteLine('> y')]).toEqual(['> +\tx', '>', '> > y']);
  });
});

describe('headers', () => {
  it('quotes names that need it', () => {
    expect(mailboxHeader('To', [{ name: 'Field, "A" \\', address: 'a@example.org' }])).toBe('To: "Field, \\"A\\" \\\\" <a@example.org>');
  });

  it('encodes what would be read as encoded', () => {
    expect(textHeader('Subject', 'a =?x?q?y?= b')).toMatch(/^Subject: =\?UTF-8\?B\?[\w+/=]+\?=$/);
  });

  it('never ends a line within a header', () => {
    expect(textHeader('Subject', 'a\r\nBcc: x')).toBe('Subject: a Bcc: x');
    expect(idHeader('References', ['a', 'b'])).toBe('References: <a> <b>');
  });
});

describe('wrappedProse', () => {
  it('wraps only prose that is too long', () => {
    const long = `${'word '.repeat(30)}end`;
    const lines = wrappedProse(`short\n${long}\n\n- ${long}\n\n\tcode ${long}\n    code ${long}\n> ${long}\n\`\`\`\n${long}\n\`\`\`\n`);
    expect(lines.slice(0, 4)).toEqual(['short', `${'word '.repeat(13)}word`, `${'word '.repeat(13)}word`, 'word word end']);
    expect(lines[5]).toMatch(/^- word/);
    expect(lines[6]).toMatch(/^ {2}word/);
    expect(lines).toContain(`\tcode ${long}`);
    expect(lines).toContain(`    code ${long}`);
    expect(lines).toContain(`> ${long}`);
    expect(lines.at(-2)).toBe(long);
  });

  it('cuts no link and no trailer', () => {
    const link = `https://example.org/${'x'.repeat(90)}`;
    const trailer = `Reviewed-by: ${'Long '.repeat(15)}Name <name@example.org>`;
    expect(wrappedProse(`See ${link} for it.\n${trailer}`)).toEqual(['See', link, 'for it.', trailer]);
  });
});
