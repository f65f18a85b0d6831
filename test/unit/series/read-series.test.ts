import { describe, expect, it } from 'vitest';
import { splitMbox } from '../../../src/mail/mbox';
import { patchMails } from '../../../src/series/patch-mails';
import { readSeries, type SeriesChoice } from '../../../src/series/read-series';
import { bytesOf, coverText, diffText, mailText, mboxText, patchText, textOf } from '../mail/mails';

const series = (revision: number, total: number, title = 'Split pages', skip: readonly number[] = []): string[] => {
  const prefix = revision === 1 ? 'PATCH' : `PATCH v${revision}`;
  const day = `${10 + revision} Sep 2024`;
  const cover = `cover${revision}@example.org`;
  return [
    coverText(total, title, { prefix, id: cover, date: `${day} 01:00:00 +0000` }),
    ...Array.from({ length: total }, (_, index) => index + 1)
      .filter((number) => !skip.includes(number))
      .map((number) =>
        patchText({
          number,
          total,
          prefix,
          title: `part ${number}`,
          id: `v${revision}p${number}@example.org`,
          inReplyTo: cover,
          date: `${day} 01:${10 + number}:00 +0000`,
        }),
      ),
  ];
};
const read = (mails: readonly string[], choice: SeriesChoice = {}) => readSeries(bytesOf(mboxText(mails)), choice);
const value = async (mails: readonly string[], choice: SeriesChoice = {}) => {
  const outcome = await read(mails, choice);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
};
const refusal = async (mails: readonly string[], choice: SeriesChoice = {}) => {
  const outcome = await read(mails, choice);
  if (outcome.kind !== 'refused') throw new Error(`not refused: ${outcome.kind}`);
  return outcome.refusal;
};

describe('readSeries', () => {
  it('opens the one series', async () => {
    expect(await value(series(1, 3))).toMatchObject({ total: 3, revision: 1, missing: [] });
  });

  it('takes the newest complete revision', async () => {
    expect((await value([...series(1, 3), ...series(2, 2), ...series(3, 2)])).revision).toBe(3);
    const older = await value([...series(1, 3), ...series(2, 4, 'Split pages', [2, 3])]);
    expect(older.revision).toBe(1);
    expect(older.problems).toMatchObject([{ code: 'series/newer-incomplete' }]);
    expect(older.problems[0]?.message).toContain('patches 2 to 3 are');
  });

  it('takes the revision or the mail asked for', async () => {
    const both = [...series(1, 3), ...series(2, 2)];
    expect((await value(both, { revision: 1 })).revision).toBe(1);
    expect((await value(both, { id: '<v1p2@example.org>' })).revision).toBe(1);
    expect((await value(both, { id: 'cover2@example.org' })).revision).toBe(2);
    const none = await refusal(both, { revision: 7 });
    expect(none.code).toBe('series/no-such-revision');
    expect(none.met).toContain('v1 "Split pages", v2 "Split pages"');
  });

  it('takes no fix-up for the series, however new it is', async () => {
    const fix = mailText({
      id: 'f',
      subject: '[PATCH v9] mend',
      inReplyTo: 'v1p1@example.org',
      body: `---\n${diffText('x.c', ['int z;'])}`,
      date: '1 Oct 2024 00:00:00 +0000',
    });
    expect((await value([...series(1, 3), fix])).total).toBe(3);
  });

  it('names the patches that are missing', async () => {
    const { code, met } = await refusal(series(1, 9, 'Split pages', [2, 5, 6, 7, 9]));
    expect(code).toBe('series/missing-patch');
    expect(met).toContain('patches 2, 5 to 7, 9 are not in the mbox');
  });

  it.each([
    ['int main(void) { }\n', 'mail/not-mbox'],
    ['', 'mail/not-mbox'],
    [mboxText([mailText({ id: 'a', subject: 'Hello' })]), 'series/none'],
  ])('refuses %j', async (text, code) => {
    const outcome = await readSeries(bytesOf(text));
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code } });
  });

  it('says that an mbox was cut short within a patch', async () => {
    const whole = bytesOf(mboxText(series(1, 2)));
    const cut = whole.subarray(0, whole.byteLength - 40);
    const outcome = await readSeries(cut);
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { code: 'mail/truncated' } });
  });

  it('reads on past unsafe paths, and says where they are', async () => {
    const outcome = await value([coverText(1, 'x'), patchText({ number: 1, total: 1, title: 'x', path: '.git/config' })]);
    expect(outcome.problems).toMatchObject([{ code: 'series/unsafe-path' }]);
    expect(outcome.problems[0]?.message).toContain('Patch 1');
  });
});

describe('patchMails', () => {
  it('gives the untouched patch mails in order, without the cover', async () => {
    const mails = series(1, 3);
    const boxes = patchMails(await value([mails[3]!, mails[0]!, mails[2]!, mails[1]!]));
    expect(boxes.flatMap((box) => splitMbox(box).messages.map(textOf))).toEqual(mails.slice(1));
  });
});
