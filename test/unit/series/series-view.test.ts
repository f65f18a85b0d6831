import { describe, expect, it } from 'vitest';
import { readSeries } from '../../../src/series/read-series';
import { seriesViewOf } from '../../../src/series/series-view';
import { bytesOf, coverText, mailText, mboxText, patchText } from '../mail/mails';

describe('seriesViewOf', () => {
  it('is plain data with commits where patches are applied', async () => {
    const reply = mailText({
      id: 'r',
      subject: 'Re: [PATCH 2/2] b',
      inReplyTo: 'p2@example.org',
      from: 'Bo Gray <bo@example.org>',
      date: 'Wed, 11 Sep 2024 01:00:00 +0200',
    });
    const mails = [
      coverText(2, 'Both'),
      patchText({ number: 1, total: 2, title: 'a' }),
      patchText({ number: 2, total: 2, title: 'b' }),
      reply,
    ];
    const read = await readSeries(bytesOf(mboxText(mails)));
    if (read.kind !== 'done') throw new Error(JSON.stringify(read));
    const view = seriesViewOf(read.value, { worktree: '/w', repo: '/r', base: 'b', commits: ['c1'] });
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
    expect(view).toMatchObject({ id: 'cover@example.org', title: 'Both', revision: 1, worktree: '/w', repo: '/r', base: 'b' });
    expect(view.patches.map((patch) => patch.commit)).toEqual(['c1', '']);
    expect(view.patches[1]).toMatchObject({
      number: 2,
      title: 'b',
      author: 'Ada Field <ada@example.org>',
      files: [{ path: 'dir/file2.c', oldPath: 'dir/file2.c', status: 'modified', additions: 1, deletions: 0 }],
      replies: [{ id: 'r', from: 'Bo Gray <bo@example.org>', date: '2024-09-11T01:00:00+02:00', inReplyTo: 'p2@example.org' }],
    });
  });
});
