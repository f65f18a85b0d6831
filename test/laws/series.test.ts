import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../src/mail/message';
import type { Remark } from '../../src/protocol/remark';
import { replyTo } from '../../src/review/reply';
import { diffOf } from '../../src/series/patch';
import { placedReplies } from '../../src/series/place-quotes';
import { readSeries } from '../../src/series/read-series';
import { seriesOf } from '../../src/series/series-of';
import { subjectParts } from '../../src/series/subject';
import { bytesOf, coverText, mailText, mboxText, patchText } from '../unit/mail/mails';

const code = fc.stringMatching(/^\t{0,2}[a-z_]{3,12}\([a-z]{1,8}\);$/);

describe('subjects', () => {
  it('of any text are read without an exception, and what is written is read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(subjectParts(text).number).toBeLessThanOrEqual(subjectParts(text).total);
      }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 1, max: 200 }),
        fc.nat(200),
        fc.constantFrom('PATCH', 'RFC PATCH', 'PATCH bpf-next'),
        (revision, total, at, prefix) => {
          const number = at % (total + 1);
          expect(subjectParts(`[${prefix} v${revision} ${String(number).padStart(2, '0')}/${total}] mm: x`)).toMatchObject({
            revision,
            number,
            total,
            prefix,
            title: 'mm: x',
          });
        },
      ),
    );
  });
});

describe('diffs', () => {
  it('of any text are read without an exception', () => {
    const piece = fc.constantFrom(
      'diff --git a/x b/x',
      '--- a/x',
      '+++ b/x',
      '@@ -1,3 +1,4 @@ f',
      '@@ -0,0 +0,0 @@',
      '+a',
      '-b',
      ' c',
      '\\ No newline at end of file',
      'GIT binary patch',
      'rename from x',
      '',
      '-- ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 40 }), (lines) => {
        const body = lines.join('\n');
        const split = body.split('\n');
        for (const file of diffOf(body).files)
          for (const hunk of file.hunks) for (const line of hunk.lines) expect(split[line.at]?.replace(/\r$/, '').slice(1)).toBe(line.text);
      }),
    );
  });
});

describe('series', () => {
  it('are the same whatever the order of their mails', async () => {
    const mails = [
      coverText(4, 'Split'),
      ...[1, 2, 3, 4].map((number) => patchText({ number, total: 4, title: `part ${number}` })),
      mailText({ id: 'r', subject: 'Re: [PATCH 2/4] part 2', inReplyTo: 'p2@example.org', date: 'Wed, 11 Sep 2024 01:00:00 +0000' }),
    ];
    const messages = await Promise.all(mails.map((text) => parseMessage(bytesOf(text))));
    const expected = seriesOf(messages);
    fc.assert(
      fc.property(fc.shuffledSubarray(messages, { minLength: messages.length }), (shuffled) => {
        expect(seriesOf(shuffled)).toEqual(expected);
      }),
    );
  });
});

describe('remarks and quotes', () => {
  it('what a reply says under a line is found at that line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(code, { minLength: 3, maxLength: 60 }), fc.infiniteStream(fc.nat()), async (lines, picks) => {
        const read = await readSeries(
          bytesOf(mboxText([coverText(1, 'x'), patchText({ number: 1, total: 1, title: 'x', path: 'mm/x.c', lines })])),
        );
        if (read.kind !== 'done') throw new Error(JSON.stringify(read));
        const numbers = [...new Set([...picks.take(3)].map((pick) => 2 + (pick % lines.length)))].sort((a, b) => a - b);
        const remarks = numbers.map((line): Remark => {
          const context = lines[line - 2] ?? '';
          return {
            id: String(line),
            series: 'cover@example.org',
            patch: 1,
            file: 'mm/x.c',
            side: 'new',
            line,
            context,
            body: `About line ${line}.`,
            written: '2024-09-12T09:00:00Z',
          };
        });
        const reply = replyTo(read.value, 1, remarks, { name: 'Bo', address: 'bo@example.org' }, '2024-09-12T10:00:00Z');
        if (reply.kind !== 'done') throw new Error(JSON.stringify(reply));
        const message = await parseMessage(bytesOf(reply.value.text));
        const placed = placedReplies(message, read.value.patches[0]!);
        expect(placed.map(({ file, side, line, quoted, says }) => ({ file, side, line, quoted, says }))).toEqual(
          remarks.map(({ file, side, line, context, body }) => ({ file, side, line, quoted: context, says: body })),
        );
      }),
      { numRuns: 60 },
    );
  });
});
