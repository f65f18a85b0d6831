import { describe, expect, it } from 'vitest';
import type { Remark } from '../../../src/protocol/remark';
import { replyTo } from '../../../src/review/reply';
import { readSeries } from '../../../src/series/read-series';
import type { Series } from '../../../src/series/series';
import { bytesOf, coverText, mailText, mboxText } from '../mail/mails';

const ME = { name: 'Bo Gray', address: 'bo@example.org' };
const DATE = '2024-09-12T10:00:00+02:00';

const context = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => ` line ${from + index};`);
const PATCH = mailText({
  id: 'p1@example.org',
  subject: '[RFC PATCH 1/2] KVM: split',
  to: 'list@example.org',
  cc: 'bo@example.org, cy@example.org',
  inReplyTo: 'cover@example.org',
  references: '<cover@example.org>',
  body: [
    'Split early,',
    'because it is simpler.',
    '---',
    ' 2 files changed',
    '',
    'diff --git a/virt/x.c b/virt/x.c',
    'index 1..2 100644',
    '--- a/virt/x.c',
    '+++ b/virt/x.c',
    '@@ -1,20 +1,22 @@ int f(void)',
    ...context(1, 18),
    '-old 19;',
    '+new 19;',
    '+new 20;',
    '+new 21;',
    ' line 20;',
    '@@ -100,2 +102,3 @@ int g(void)',
    ' {',
    '+\tunlock(x);',
    ' }',
    'diff --git a/mm/y.c b/mm/y.c',
    '--- a/mm/y.c',
    '+++ b/mm/y.c',
    '@@ -5,2 +5,3 @@ int h(void)',
    ' a;',
    '+b;',
    ' c;',
    '-- ',
    '2.46',
    '',
  ].join('\n'),
});

async function series(patch = PATCH): Promise<Series> {
  const second = PATCH.replace('p1@example.org', 'p2@example.org').replace('1/2', '2/2');
  const read = await readSeries(bytesOf(mboxText([coverText(2, 'Both', { prefix: 'RFC PATCH' }), patch, second])));
  if (read.kind !== 'done') throw new Error(JSON.stringify(read));
  return read.value;
}

const remark = (parts: Partial<Remark>): Remark => ({
  id: `${parts.file ?? ''}:${parts.line ?? 0}:${parts.body ?? ''}`,
  series: 'cover@example.org',
  patch: 1,
  file: 'virt/x.c',
  side: 'new',
  line: 1,
  context: '',
  body: 'Why?',
  written: '2024-09-12T09:00:00Z',
  ...parts,
});

const preview = async (remarks: readonly Remark[], patch = 1) => {
  const outcome = replyTo(await series(), patch, remarks, ME, DATE);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
};
const bodyOf = async (remarks: readonly Remark[], patch = 1): Promise<string[]> => {
  const { text } = await preview(remarks, patch);
  return text.slice(text.indexOf('\n\n') + 2).split('\n');
};
const ATTRIBUTION = 'On Tue, 10 Sep 2024 23:43:31 +0000, Ada Field wrote:';

describe('replyTo', () => {
  it('answers the patch, to its author, with the rest in Cc', async () => {
    const reply = await preview([remark({ line: 21, context: 'new 21;' })]);
    expect(reply).toMatchObject({
      patch: 1,
      to: ['Ada Field <ada@example.org>'],
      cc: ['list@example.org', 'cy@example.org'],
      inReplyTo: 'p1@example.org',
      references: ['cover@example.org', 'p1@example.org'],
      subject: 'Re: [RFC PATCH 1/2] KVM: split',
    });
  });

  it('puts a remark under its line, with the file, the hunk and a few lines above, the rest dropped', async () => {
    expect(await bodyOf([remark({ line: 20, context: 'new 20;' })])).toEqual([
      ATTRIBUTION,
      '> diff --git a/virt/x.c b/virt/x.c',
      '> index 1..2 100644',
      '> --- a/virt/x.c',
      '> +++ b/virt/x.c',
      '> @@ -1,20 +1,22 @@ int f(void)',
      '',
      '[...]',
      '',
      ...context(11, 18).map((line) => `> ${line}`),
      '> -old 19;',
      '> +new 19;',
      '> +new 20;',
      '',
      'Why?',
      '',
    ]);
  });

  it('puts several remarks into one mail, in order of the patch, quoting no line twice', async () => {
    const body = await bodyOf([
      remark({ file: 'mm/y.c', line: 6, context: 'b;', body: 'Fourth.' }),
      remark({ line: 103, context: '\tunlock(x);', body: 'Third.' }),
      remark({ line: 21, context: 'new 21;', body: 'Second.' }),
      remark({ side: 'old', line: 19, context: 'old 19;', body: 'First.' }),
      remark({ patch: 2, line: 21, context: 'new 21;', body: 'Not here.' }),
    ]);
    const shown = body.filter((line) => !line.startsWith('>') && line !== '');
    expect(shown).toEqual([ATTRIBUTION, '[...]', 'First.', 'Second.', '[...]', 'Third.', '[...]', 'Fourth.']);
    const quotes = body.filter((line) => line.startsWith('>'));
    expect(new Set(quotes).size).toBe(quotes.length);
    expect(body.slice(body.indexOf('First.') - 2)).toEqual([
      '> -old 19;',
      '',
      'First.',
      '',
      '> +new 19;',
      '> +new 20;',
      '> +new 21;',
      '',
      'Second.',
      '',
      '[...]',
      '',
      '> @@ -100,2 +102,3 @@ int g(void)',
      '>  {',
      '> +\tunlock(x);',
      '',
      'Third.',
      '',
      '[...]',
      '',
      '> diff --git a/mm/y.c b/mm/y.c',
      '> --- a/mm/y.c',
      '> +++ b/mm/y.c',
      '> @@ -5,2 +5,3 @@ int h(void)',
      '>  a;',
      '> +b;',
      '',
      'Fourth.',
      '',
    ]);
  });

  it('puts two remarks on one line under it in the order in which they were written', async () => {
    const at = { line: 103, context: '\tunlock(x);' };
    const body = await bodyOf([remark({ ...at, body: 'Later.', written: '2024-09-12T09:30:00Z' }), remark({ ...at, body: 'Earlier.' })]);
    expect(body.slice(-6)).toEqual(['> +\tunlock(x);', '', 'Earlier.', '', 'Later.', '']);
  });

  it('finds a line again that later patches have moved', async () => {
    const body = await bodyOf([remark({ line: 130, context: 'unlock(x);' })]);
    expect(body).toContain('> +\tunlock(x);');
  });

  it('says file and line where the patch does not show the line', async () => {
    const body = await bodyOf([remark({ file: 'mm/rmap.c', line: 77, context: '\t\tflush(vma);' })]);
    expect(body.slice(1)).toEqual(['', 'In mm/rmap.c, line 77:', '', '\tflush(vma);', '', 'Why?', '']);
  });

  it('speaks of the commit message and of the mail as a whole', async () => {
    const body = await bodyOf([
      remark({ file: '', line: 2, context: 'because it is simpler.', body: 'Is it?' }),
      remark({ file: '', line: 0, body: 'Thanks for this.' }),
    ]);
    expect(body).toEqual([ATTRIBUTION, 'Thanks for this.', '', '> Split early,', '> because it is simpler.', '', 'Is it?', '']);
  });

  it('answers the cover letter', async () => {
    const reply = await preview([remark({ patch: 0, file: '', line: 1, context: 'About it.' })], 0);
    expect(reply.inReplyTo).toBe('cover@example.org');
    expect(reply.text).toContain('\n> About it.\n\nWhy?\n');
  });

  it('wraps what the reviewer wrote, never what is quoted', async () => {
    const body = await bodyOf([remark({ line: 103, context: '\tunlock(x);', body: 'many words '.repeat(20) })]);
    for (const line of body.slice(1)) expect(line.startsWith('>') || line.length <= 72).toBe(true);
  });

  it.each([
    ['reply/no-such-patch', 9, [remark({ patch: 9 })], ME],
    ['reply/nothing-to-say', 1, [remark({ patch: 2 })], ME],
    ['reply/nothing-to-say', 1, [remark({ body: ' \n' })], ME],
    ['reply/bad-identity', 1, [remark({})], { name: 'Bo', address: '' }],
  ])('refuses: %s', async (code, patch, remarks, identity) => {
    expect(replyTo(await series(), patch, remarks, identity, DATE)).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  it('refuses to answer a mail that has no Message-ID', async () => {
    const outcome = replyTo(await series(PATCH.replace(/^Message-ID:.*\n/m, '')), 1, [remark({})], ME, DATE);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'reply/no-id' } });
  });
});
