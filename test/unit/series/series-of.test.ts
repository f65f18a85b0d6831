import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../src/mail/message';
import { seriesOf } from '../../../src/series/series-of';
import { bytesOf, coverText, diffText, mailText, patchText } from '../mail/mails';

const found = async (texts: readonly string[]) => seriesOf(await Promise.all(texts.map((text) => parseMessage(bytesOf(text)))));
const only = async (texts: readonly string[]) => {
  const { series } = await found(texts);
  expect(series).toHaveLength(1);
  return series[0]!;
};
const three = (rest = {}): string[] => [
  coverText(3, 'Split pages', rest),
  ...[1, 2, 3].map((number) => patchText({ number, total: 3, title: `part ${number}`, ...rest })),
];
const answer = (id: string, to: string, subject: string, body = 'Looks fine.\n', rest = {}): string =>
  mailText({ id, subject, inReplyTo: to, body, date: 'Wed, 11 Sep 2024 01:00:00 +0000', from: 'Bo Gray <bo@example.org>', ...rest });

describe('seriesOf', () => {
  it('puts a series together whatever the order of its mails', async () => {
    const series = await only(three().reverse());
    expect(series).toMatchObject({
      id: 'cover@example.org',
      title: 'Split pages',
      revision: 1,
      prefix: 'PATCH',
      total: 3,
      missing: [],
      problems: [],
    });
    expect(series.patches.map((patch) => [patch.number, patch.title, patch.additions, patch.deletions])).toEqual([
      [1, 'part 1', 1, 0],
      [2, 'part 2', 1, 0],
      [3, 'part 3', 1, 0],
    ]);
    expect(series.patches[0]?.description).toBe('Say why.\n\nSigned-off-by: Ada Field <ada@example.org>');
  });

  it('takes one patch for a series of one', async () => {
    const series = await only([mailText({ id: 'a', subject: '[PATCH] mend it', body: `Why.\n---\n${diffText('x.c', ['int y;'])}` })]);
    expect(series).toMatchObject({ id: 'a', total: 1, title: 'mend it', cover: null });
  });

  it('puts replies under the patch that they answer, whole sub-threads', async () => {
    const series = await only([
      ...three(),
      answer('r1', 'p2@example.org', 'Re: [PATCH 2/3] part 2'),
      answer('r2', 'r1', 'Re: [PATCH 2/3] part 2', 'Indeed.\n', { date: 'Wed, 11 Sep 2024 02:00:00 +0000' }),
      answer('r3', 'cover@example.org', 'Re: [PATCH 0/3] Split pages'),
    ]);
    expect(series.patches.map((patch) => patch.replies.map((reply) => reply.id))).toEqual([[], ['r1', 'r2'], []]);
    expect(series.coverReplies.map((reply) => reply.id)).toEqual(['r3']);
    expect(series.messages).toHaveLength(7);
  });

  it('keeps chained patches apart from each other’s replies', async () => {
    const series = await only([
      coverText(2, 'x'),
      patchText({ number: 1, total: 2, title: 'a' }),
      patchText({ number: 2, total: 2, title: 'b', inReplyTo: 'p1@example.org' }),
      answer('r1', 'p2@example.org', 'Re: [PATCH 2/2] b'),
    ]);
    expect(series.patches.map((patch) => patch.replies.map((reply) => reply.id))).toEqual([[], ['r1']]);
  });

  it('puts a mail of a broken thread under the patch of its subject', async () => {
    const series = await only([
      ...three(),
      answer('r1', 'lost@example.org', 'Re: [PATCH 2/3] part 2'),
      answer('r2', 'r1', 'Re: [PATCH 2/3] part 2'),
    ]);
    expect(series.patches[1]?.replies.map((reply) => reply.id)).toEqual(['r1', 'r2']);
  });

  it('collects the trailers that replies give, not those that they quote or that come with a patch', async () => {
    const series = await only([
      ...three(),
      answer(
        'r1',
        'p2@example.org',
        'Re: [PATCH 2/3] part 2',
        '> Signed-off-by: Ada Field <ada@example.org>\n\nReviewed-by: Bo Gray <bo@example.org>\n',
      ),
      answer(
        'r2',
        'p2@example.org',
        'Re: [PATCH 2/3] part 2',
        `Take this:\n\nSigned-off-by: Bo Gray <bo@example.org>\n---\n${diffText('x.c', ['int z;'])}`,
      ),
      answer('r3', 'cover@example.org', 'Re: [PATCH 0/3] Split pages', 'Tested-by: Cy <cy@example.org>\n'),
    ]);
    expect(series.patches[1]?.trailers).toEqual([{ name: 'Reviewed-by', value: 'Bo Gray <bo@example.org>', message: 'r1' }]);
    expect(series.coverTrailers.map((trailer) => trailer.name)).toEqual(['Tested-by']);
  });

  it('takes no reply with a diff for a patch', async () => {
    const { series } = await found([...three(), answer('r1', 'p1@example.org', 'Re: [PATCH 1/3] part 1', diffText('x.c', ['int z;']))]);
    expect(series).toHaveLength(1);
    expect(series[0]?.patches[0]?.replies).toHaveLength(1);
  });

  it('tells a fix-up that somebody sends as an answer from the series, and shows it as an answer', async () => {
    const { series } = await found([
      ...three(),
      answer('f', 'p1@example.org', '[PATCH] fix for part 1', `---\n${diffText('x.c', ['int z;'])}`),
    ]);
    expect(series.map((one) => one.title)).toEqual(['Split pages', 'fix for part 1']);
    expect(series[0]?.patches[0]?.replies.map((reply) => reply.id)).toEqual(['f']);
  });

  it('tells revisions in one thread apart', async () => {
    const second = [
      coverText(2, 'Split pages', {
        prefix: 'PATCH v2',
        id: 'cover2@example.org',
        inReplyTo: 'cover@example.org',
        date: 'Wed, 18 Sep 2024 01:00:00 +0000',
      }),
      ...[1, 2].map((number) =>
        patchText({
          number,
          total: 2,
          title: `part ${number}`,
          prefix: 'PATCH v2',
          id: `q${number}@example.org`,
          inReplyTo: 'cover2@example.org',
        }),
      ),
    ];
    const { series } = await found([...three(), ...second, answer('r', 'q1@example.org', 'Re: [PATCH v2 1/2] part 1')]);
    expect(series.map((one) => [one.revision, one.total, one.missing.length])).toEqual([
      [1, 3, 0],
      [2, 2, 0],
    ]);
    expect(series[0]?.messages).toHaveLength(4);
    expect(series[1]?.patches[0]?.replies).toHaveLength(1);
  });

  it('names the numbers that are missing', async () => {
    const series = await only([three()[0]!, three()[2]!]);
    expect(series.missing).toEqual([1, 3]);
  });

  it('puts patches without threading or ids together', async () => {
    const loose = [1, 2, 3].map((number) =>
      mailText({
        subject: `[PATCH ${number}/3] part ${number}`,
        body: `---\n${diffText(`f${number}.c`, ['int x;'])}`,
        date: `Tue, 10 Sep 2024 23:1${number}:00 +0000`,
      }),
    );
    expect((await only(loose)).patches.map((patch) => patch.number)).toEqual([1, 2, 3]);
  });

  it('does not mix two unthreaded series of one sender', async () => {
    const loose = (tag: string): string[] =>
      [1, 2].map((number) =>
        mailText({ id: `${tag}${number}`, subject: `[PATCH ${number}/2] ${tag}`, body: `---\n${diffText(`${tag}.c`, ['int x;'])}` }),
      );
    const { series } = await found([...loose('a'), ...loose('b')]);
    expect(series.map((one) => one.patches.map((patch) => patch.title))).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });

  it('counts the later of two mails with one number, and says so', async () => {
    const again = patchText({ number: 2, total: 3, title: 'part 2 again', id: 'p2b@example.org', date: 'Tue, 10 Sep 2024 23:50:00 +0000' });
    const series = await only([...three(), again]);
    expect(series.patches[1]?.title).toBe('part 2 again');
    expect(series.problems).toMatchObject([{ code: 'series/duplicate-patch' }]);
  });

  it('reads base and prerequisites', async () => {
    const base = 'a'.repeat(40);
    const cover = coverText(3, 'x', {
      body: `About.\n\nbase-commit: ${base}\nprerequisite-patch-id: ${'b'.repeat(40)}\nprerequisite-patch-id: ${'c'.repeat(40)}\n-- \n2.46\n`,
    });
    const series = await only([cover, ...three().slice(1)]);
    expect(series.baseCommit).toBe(base);
    expect(series.prerequisites).toEqual(['b'.repeat(40), 'c'.repeat(40)]);
  });

  it('takes author and subject from the body where they are there', async () => {
    const text = mailText({
      id: 'a',
      subject: '[PATCH] x',
      body: `From: Cy Hill <cy@example.org>\nSubject: other\n\nWhy.\n---\n${diffText('x.c', ['int y;'])}`,
    });
    const series = await only([text]);
    expect(series.patches[0]).toMatchObject({
      author: { name: 'Cy Hill', address: 'cy@example.org' },
      title: 'other',
      description: 'Why.',
    });
  });

  it('says that a patch holds no diff', async () => {
    const series = await only([three()[0]!, patchText({ number: 1, total: 3, title: 'empty', body: 'nothing\n' }), ...three().slice(2)]);
    expect(series.problems).toMatchObject([{ code: 'series/no-diff' }]);
  });

  it('finds nothing among mails that are no patches', async () => {
    expect((await found([mailText({ id: 'a', subject: 'Hello' }), answer('b', 'a', 'Re: Hello')])).series).toEqual([]);
  });
});
