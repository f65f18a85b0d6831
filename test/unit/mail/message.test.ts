import { describe, expect, it } from 'vitest';
import { isoOfMailDate, mailDateOfIso } from '../../../src/mail/date';
import { MAX_MESSAGE_BYTES, parseMessage } from '../../../src/mail/message';
import { bytesOf, mail, mailText } from './mails';

describe('parseMessage', () => {
  it('reads the headers that people and threads need', async () => {
    const message = await mail({
      id: 'one@example.org',
      from: '"Field, Ada" <ada@example.org>',
      to: 'Group: b@example.org, Cy <c@example.org>;',
      cc: 'd@example.org',
      subject: '[PATCH 1/2]\n  folded =?utf-8?q?caf=C3=A9?=',
      date: 'Wed, 11 Sep 2024 08:56:29 +0200 (CEST)',
      inReplyTo: 'zero@example.org',
      references: '<a@example.org>\n <zero@example.org>',
      headers: ['Reply-To: Elsewhere <e@example.org>'],
    });
    expect(message).toMatchObject({
      id: 'one@example.org',
      idMade: false,
      from: { name: 'Field, Ada', address: 'ada@example.org' },
      to: [
        { name: '', address: 'b@example.org' },
        { name: 'Cy', address: 'c@example.org' },
      ],
      cc: [{ name: '', address: 'd@example.org' }],
      replyTo: [{ name: 'Elsewhere', address: 'e@example.org' }],
      subject: '[PATCH 1/2] folded café',
      date: '2024-09-11T08:56:29+02:00',
      inReplyTo: 'zero@example.org',
      references: ['a@example.org', 'zero@example.org'],
      body: 'Hello.\n',
      problems: [],
    });
  });

  it('takes only the id of an In-Reply-To with a comment', async () => {
    const message = await mail({ subject: 'x', headers: ['In-Reply-To: <q@example.org> (message from Bo on\n Fri, 20 Sep 2024)'] });
    expect(message.inReplyTo).toBe('q@example.org');
  });

  it.each([
    ['base64', 'utf-8', 'w6kgPSAxCg==\n', 'é = 1\n'],
    ['quoted-printable', 'iso-8859-1', '=E9 =3D=\n 1\n', 'é = 1\n'],
    ['8bit', 'utf-8', 'é = 1\n', 'é = 1\n'],
  ])('decodes %s in %s', async (encoding, charset, body, text) => {
    const headers = [`Content-Type: text/plain; charset=${charset}`, `Content-Transfer-Encoding: ${encoding}`];
    expect((await mail({ subject: 'x', headers, body })).body).toBe(text);
  });

  it('undoes format=flowed but keeps signature and quote depths', async () => {
    const headers = ['Content-Type: text/plain; charset=utf-8; format=flowed'];
    const body = '> a quote \n> goes on\n>> deeper \nMy text \ngoes on.\n stuffed\n-- \nme\n';
    expect((await mail({ subject: 'x', headers, body })).body).toBe('> a quote goes on\n>> deeper \nMy text goes on.\nstuffed\n-- \nme\n');
  });

  it('keeps the diff of a mail that is not flowed byte for byte', async () => {
    const body = 'x\n---\n@@ -1,2 +1,2 @@\n \tkept  \n- \n+  \n';
    expect((await mail({ subject: 'x', body })).body).toBe(body);
  });

  it('takes the text of a multipart mail and notes its attachments', async () => {
    const headers = ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"'];
    const body =
      '--b\nContent-Type: text/plain; charset=utf-8\n\nThe text.\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename="x.bin"\nContent-Transfer-Encoding: base64\n\nAAEC\n--b--\n';
    const message = await mail({ subject: 'x', headers, body });
    expect(message.body.trim()).toBe('The text.');
    expect(message.attachments).toEqual([{ name: 'x.bin', type: 'application/octet-stream', size: 3 }]);
  });

  it('keeps the bytes as they came', async () => {
    const bytes = bytesOf(mailText({ subject: 'x', body: 'caf\u00e9\r\n' }));
    expect((await parseMessage(bytes)).raw).toBe(bytes);
  });

  it('changes nothing of a mail in a Buffer, whose slices share memory', async () => {
    const text = mailText({ subject: 'x', headers: ['Content-Type: text/plain; format=flowed'], body: 'soft \nline\n' });
    const bytes = Buffer.from(text);
    const message = await parseMessage(bytes);
    expect(message.body).toBe('soft line\n');
    expect(bytes.toString()).toBe(text);
  });

  it('names a mail without Message-ID by its bytes, and says so', async () => {
    const one = await mail({ subject: 'x' });
    const two = await mail({ subject: 'y' });
    expect(one.idMade).toBe(true);
    expect(one.id).toMatch(/^[0-9a-f]{16}@no-message-id\.invalid$/);
    expect(two.id).not.toBe(one.id);
    expect((await mail({ subject: 'x' })).id).toBe(one.id);
    expect(one.problems.map((problem) => problem.code)).toEqual(['mail/no-id']);
  });

  it('gives problems, not exceptions, for odd bytes', async () => {
    const message = await parseMessage(Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256));
    expect(message.problems.map((problem) => problem.code)).toContain('mail/bad-date');
    const nested = await parseMessage(
      bytesOf(Array.from({ length: 100 }, (_, n) => `Content-Type: multipart/mixed; boundary="b${n}"\n\n--b${n}\n`).join('')),
    );
    expect(nested.problems.map((problem) => problem.code)).toContain('mail/unreadable');
  });

  it('does not parse a mail over the bound', async () => {
    const message = await parseMessage(new Uint8Array(MAX_MESSAGE_BYTES + 1));
    expect(message.problems[0]?.code).toBe('mail/too-large');
    expect(message.body).toBe('');
  });
});

describe('dates', () => {
  it.each([
    ['Tue, 10 Sep 2024 23:43:31 +0000', '2024-09-10T23:43:31+00:00'],
    ['10 Sep 24 23:43 EST', '2024-09-10T23:43:00-05:00'],
    ['Thu, 29 Feb 2024 00:00:60 GMT', '2024-02-29T00:00:59+00:00'],
    ['Thu, 30 Feb 2024 00:00:00 +0000', ''],
    ['10 Sep 2024 24:00:00 +0000', ''],
    ['tomorrow', ''],
  ])('reads %s', (text, iso) => {
    expect(isoOfMailDate(text)).toBe(iso);
  });

  it.each([
    ['2024-09-10T23:43:31Z', 'Tue, 10 Sep 2024 23:43:31 +0000'],
    ['2024-09-11T08:56:29.123+02:00', 'Wed, 11 Sep 2024 08:56:29 +0200'],
    ['2024-13-11T08:56:29Z', null],
    ['2024-09-11', null],
  ])('writes %s', (iso, text) => {
    expect(mailDateOfIso(iso)).toBe(text);
  });
});
