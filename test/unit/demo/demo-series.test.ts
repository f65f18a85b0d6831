import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patchMails } from '../../../src/series/patch-mails';
import { placedReplies } from '../../../src/series/place-quotes';
import { readSeries } from '../../../src/series/read-series';
import type { Series } from '../../../src/series/series';

const demo = join(__dirname, '../../../demo');

describe('the series of the demo', () => {
  const home = mkdtempSync(join(tmpdir(), 'demo-series-'));
  let series: Series;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', home, '-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false', ...args], {
      encoding: 'utf8',
    });

  beforeAll(async () => {
    const read = await readSeries(readFileSync(join(demo, 'series.mbox')));
    if (read.kind !== 'done') throw new Error(JSON.stringify(read));
    series = read.value;
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('is whole, with a cover and a dozen answers', () => {
    expect(series).toMatchObject({ missing: [], problems: [] });
    expect(series.cover).not.toBeNull();
    expect(series.total).toBeGreaterThanOrEqual(6);
    const answers = series.coverReplies.length + series.patches.reduce((sum, patch) => sum + patch.replies.length, 0);
    expect(answers).toBeGreaterThanOrEqual(12);
  });

  it('applies to its tree without a blank out of place', () => {
    cpSync(join(demo, 'tree'), home, { recursive: true });
    git('init', '-q', '-b', 'main');
    git('add', '--all', '--force', '.');
    git('commit', '-q', '-m', 'base');
    writeFileSync(join(home, '../', `${home.split('/').at(-1)!}.mbox`), Buffer.concat(patchMails(series)));
    git('am', '-q', '--whitespace=error', '--patch-format=mboxrd', `${home}.mbox`);
    rmSync(`${home}.mbox`);
    expect(git('log', '--reverse', '--format=%s', `HEAD~${series.total}..`).trim().split('\n')).toEqual(
      series.patches.map((patch) => patch.title),
    );
  });

  it('has for each patch an answer that stands at a line of its code', () => {
    for (const patch of series.patches) expect(patch.replies.flatMap((reply) => placedReplies(reply, patch)).length).toBeGreaterThan(0);
  });

  it('names people and lists that cannot exist', () => {
    for (const message of series.messages)
      for (const box of [message.from, ...message.to, ...message.cc]) expect(box.address).toMatch(/@([a-z]+\.)*example\.(org|com|net)$/);
  });
});
