import { appendFileSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/base/outcome';
import { unwatched } from '../../../src/base/progress';
import { openDemo } from '../../../src/worktree/demo';
import type { OpenResult } from '../../../src/review/open-series';
import { git, mailed, scratch, smallClone, THREE, write } from './scratch';

function bundled(home: string): string {
  const clone = smallClone(home);
  const demo = join(home, 'demo');
  write(demo, { 'series.mbox': mailed(clone, THREE) });
  for (const path of git(clone, 'ls-files').trim().split('\n')) write(demo, { [`tree/${path}`]: git(clone, 'show', `base:${path}`) });
  write(demo, { 'tree/.gitignore': '*.c\n' });
  return demo;
}

function opened(outcome: Outcome<OpenResult>): OpenResult {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

describe('the demo', () => {
  it('becomes a repository with a base that is the same everywhere, and is opened', async () => {
    const home = scratch();
    const demo = bundled(home);
    const one = opened(await openDemo(demo, unwatched, join(home, 'data1')));
    const two = opened(await openDemo(demo, unwatched, join(home, 'data2')));
    expect(one.opened.base).toBe(two.opened.base);
    expect(one.opened.commits).toHaveLength(3);
    // Ignored files are part of it too.
    expect(existsSync(join(one.opened.worktree, 'mm/hugetlb.c'))).toBe(true);
    expect(git(one.opened.worktree, 'status', '--porcelain')).toBe('');
  });

  it('is used again, and made again where it was damaged', async () => {
    const home = scratch();
    const demo = bundled(home);
    const data = join(home, 'data');
    const first = opened(await openDemo(demo, unwatched, data));
    expect(opened(await openDemo(demo, unwatched, data))).toMatchObject({ reused: true, opened: { commits: first.opened.commits } });
    rmSync(first.opened.worktree, { recursive: true });
    expect(opened(await openDemo(demo, unwatched, data)).reused).toBe(false);
    git(first.opened.worktree, 'reset', '-q', '--hard', 'demo-base');
    expect(opened(await openDemo(demo, unwatched, data)).reused).toBe(false);
    rmSync(join(first.opened.repo, '.git'), { recursive: true });
    expect(opened(await openDemo(demo, unwatched, data)).reused).toBe(false);
    expect(git(first.opened.worktree, 'log', '--format=%s', 'demo-base..').trim().split('\n')).toHaveLength(3);
    appendFileSync(join(demo, 'tree/Makefile'), '# newer\n');
    const newer = opened(await openDemo(demo, unwatched, data));
    expect(newer.opened.worktree).not.toBe(first.opened.worktree);
    expect(readdirSync(join(data, 'demo')).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('that is not there is refused', async () => {
    const outcome = await openDemo('/nowhere', unwatched, scratch());
    expect(outcome.kind === 'refused' && outcome.refusal.code).toBe('demo/missing');
  });
});
