import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/base/outcome';
import { type Progress, unwatched } from '../../../src/base/progress';
import { openSeries, type OpenResult } from '../../../src/review/open-series';
import type { OpenPorts } from '../../../src/review/ports';
import { openPorts } from '../../../src/worktree/open-ports';
import { listOpened, loadRemarks, openedAt, saveRemarks, seriesMail } from '../../../src/worktree/opened';
import { type Change, cloneDigests, git, lines, mailed, scratch, smallClone, THREE } from './scratch';

interface Bench {
  readonly home: string;
  readonly clone: string;
  readonly data: string;
  readonly ports: OpenPorts;
  open(
    mbox: string,
    extra?: { base?: string | null; worktree?: string; full?: boolean; repo?: string },
    progress?: Progress,
  ): Promise<Outcome<OpenResult>>;
}

function bench(): Bench {
  const home = scratch();
  const clone = smallClone(home);
  const data = join(home, 'data');
  const ports = openPorts(data);
  const mail = join(home, 'series.mbox');
  return {
    home,
    clone,
    data,
    ports,
    open: async (mbox, extra = {}, progress = unwatched) => {
      writeFileSync(mail, mbox, 'latin1');
      const { base = 'base', ...rest } = extra;
      return await openSeries(
        ports,
        { source: mail, repo: clone, full: false, archive: '', ...(base === null ? {} : { base }), ...rest },
        progress,
      );
    },
  };
}

function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

function code(outcome: Outcome<unknown>): string {
  if (outcome.kind !== 'refused') throw new Error(`not refused: ${outcome.kind}`);
  for (const part of [outcome.refusal.met, outcome.refusal.means, outcome.refusal.todo]) expect(part).toMatch(/\S/);
  return outcome.refusal.code;
}

describe('opening a series', () => {
  it('makes a commit of each patch with the author and the date of the mail', async () => {
    const b = bench();
    const { opened } = value(await b.open(mailed(b.clone, THREE)));
    const log = git(opened.worktree, 'log', '--reverse', '--format=%H|%an <%ae>|%aI|%s|%b', 'base..HEAD')
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    expect(log).toEqual([
      `${opened.commits[0] ?? ''}|Grace Writer <grace@example.org>|2024-09-01T10:00:00+02:00|mm: hugetlb: rename one|Because of 1.`,
      `${opened.commits[1] ?? ''}|Grace Writer <grace@example.org>|2024-09-02T10:00:00+02:00|KVM: guest_memfd: rename two|Because of 2.`,
      `${opened.commits[2] ?? ''}|Grace Writer <grace@example.org>|2024-09-03T10:00:00+02:00|fs: add a file|Because of 3.`,
    ]);
    expect(opened.base).toBe(git(b.clone, 'rev-parse', 'base').trim());
  });

  it('leaves everything of the clone byte-identical but its objects and its note of the worktree', async () => {
    const b = bench();
    git(b.clone, 'checkout', '-q', '-b', 'mine');
    writeFileSync(join(b.clone, 'mm/hugetlb.c'), 'int mine;\n');
    git(b.clone, 'add', 'mm/hugetlb.c');
    writeFileSync(join(b.clone, 'untracked'), 'x');
    const before = cloneDigests(b.clone);
    value(await b.open(mailed(b.clone, THREE)));
    value(await b.open(mailed(b.clone, THREE), { worktree: join(b.home, 'again'), full: true }));
    expect(cloneDigests(b.clone)).toEqual(before);
  });

  it('checks out what the series and the model need, and plain git finds the worktree clean', async () => {
    const b = bench();
    const { opened } = value(await b.open(mailed(b.clone, THREE)));
    expect(git(opened.worktree, 'status', '--porcelain')).toBe('');
    const there = (path: string): boolean => existsSync(join(opened.worktree, path));
    expect(
      ['Makefile', 'virt/kvm/guest_memfd.c', 'mm/hugetlb.c', 'include/linux/mm.h', 'fs/open.c', 'fs/new.c'].filter((path) => !there(path)),
    ).toEqual([]);
    expect(['drivers', 'fs/ext4'].filter(there)).toEqual([]);
  });

  it('takes a worktree again when base and patches are the same, and widens it for --full', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const first = value(await b.open(mbox));
    const second = value(await b.open(mbox));
    expect([first.reused, second.reused]).toEqual([false, true]);
    expect(second.opened.commits).toEqual(first.opened.commits);
    const wide = value(await b.open(mbox, { full: true }));
    expect(wide.opened.worktree).toBe(first.opened.worktree);
    expect(existsSync(join(wide.opened.worktree, 'drivers/net/far.c'))).toBe(true);
    expect(git(wide.opened.worktree, 'status', '--porcelain')).toBe('');
    expect(openedAt(wide.opened.worktree, b.data)?.full).toBe(true);
  });

  it('opens again where the worktree was deleted by hand', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const first = value(await b.open(mbox));
    rmSync(first.opened.worktree, { recursive: true });
    expect(listOpened(b.data)).toEqual([]);
    const second = value(await b.open(mbox));
    expect(second.reused).toBe(false);
    expect(git(second.opened.worktree, 'status', '--porcelain')).toBe('');
  });

  it('does not take a worktree whose commits were dropped', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const first = value(await b.open(mbox));
    git(first.opened.worktree, 'reset', '-q', '--hard', 'base');
    expect(code(await b.open(mbox))).toBe('worktree/exists');
  });

  it('takes the base from the base-commit trailer', async () => {
    const b = bench();
    const { opened } = value(await b.open(mailed(b.clone, THREE, { baseCommit: true }), { base: null }));
    expect(opened.base).toBe(git(b.clone, 'rev-parse', 'base').trim());
  });

  it('gives no commit to a patch that the base has already', async () => {
    const b = bench();
    writeFileSync(
      join(b.clone, 'mm/hugetlb.c'),
      readFileSync(join(b.clone, 'mm/hugetlb.c'), 'utf8').replace('hugetlb_5;', 'hugetlb_five;'),
    );
    git(b.clone, 'commit', '-qam', 'already');
    const { opened } = value(await b.open(mailed(b.clone, THREE), { base: 'master' }));
    expect(opened.commits.map((commit) => commit === '')).toEqual([true, false, false]);
  });

  it('keeps a record: mails, openings and remarks', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const { opened } = value(await b.open(mbox));
    expect(openedAt(join(opened.worktree, 'mm'), b.data)).toEqual(opened);
    expect(openedAt(b.clone, b.data)).toBeNull();
    expect(Buffer.from(seriesMail(opened.slug, b.data) ?? []).toString('latin1')).toBe(mbox);
    const remark = {
      id: 'r1',
      series: opened.id,
      patch: 1,
      file: 'mm/hugetlb.c',
      side: 'new',
      line: 5,
      context: 'int hugetlb_five;',
      body: 'Why?',
      written: '2025-01-01T00:00:00Z',
    } as const;
    saveRemarks(opened.slug, [remark], b.data);
    expect(loadRemarks(opened.slug, b.data)).toEqual([remark]);
    value(await b.open(mbox, { worktree: join(b.home, 'other') }));
    expect(listOpened(b.data).map((one) => one.worktree)).toEqual([join(b.home, 'other'), opened.worktree]);
    expect(loadRemarks(opened.slug, b.data)).toEqual([remark]);
  });
});

describe('mails as they come', () => {
  it('applies mails whose lines end in CR LF', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE).replace(/\n/g, '\r\n');
    const { opened } = value(await b.open(mbox));
    expect(readFileSync(join(opened.worktree, 'mm/hugetlb.c'), 'latin1')).not.toContain('\r');
    expect(git(opened.worktree, 'log', '-1', '--format=%B', opened.commits[0] ?? '')).toBe('mm: hugetlb: rename one\n\nBecause of 1.\n\n');
  });

  it('keeps the CR of a file that has them', async () => {
    const b = bench();
    const series: Change[] = [{ subject: 'add a file of another system', files: { 'mm/dos.c': () => 'int a;\r\nint b;\r\n' } }];
    const { opened } = value(await b.open(mailed(b.clone, series)));
    expect(readFileSync(join(opened.worktree, 'mm/dos.c'), 'latin1')).toBe('int a;\r\nint b;\r\n');
  });

  it('does not take a line of a commit message for the next mail', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE).replace('Because of 1.', 'Said by\n>From mboxrd@z Thu Jan  1 00:00:00 1970\nand others.');
    const { opened } = value(await b.open(mbox.replace(/^From [0-9a-f]{40} .*$/gm, 'From mboxrd@z Thu Jan  1 00:00:00 1970')));
    expect(git(opened.worktree, 'log', '-1', '--format=%b', opened.commits[0] ?? '')).toBe(
      'Said by\nFrom mboxrd@z Thu Jan  1 00:00:00 1970\nand others.\n\n',
    );
  });
});

describe('what does not apply', () => {
  it('names patch, file and first failing hunk, and leaves nothing behind', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const path = join(b.clone, 'mm/hugetlb.c');
    writeFileSync(path, readFileSync(path, 'utf8').replace('hugetlb_49;', 'hugetlb_other;').replace('hugetlb_50;', 'hugetlb_else;'));
    git(b.clone, 'commit', '-qam', 'in the way');
    const before = cloneDigests(b.clone);
    const outcome = await b.open(mbox, { base: 'master', worktree: join(b.home, 'made/for/it') });
    expect(code(outcome)).toBe('worktree/conflict');
    expect(outcome.kind === 'refused' && outcome.refusal.met).toMatch(
      /^Patch 2\/3 "KVM: guest_memfd: rename two" does not apply to [0-9a-f]{12}: mm\/hugetlb\.c, first failing hunk "@@ -47,7 \+47,7 @@.*"\.$/,
    );
    expect(existsSync(join(b.home, 'made'))).toBe(false);
    expect(existsSync(join(b.clone, '.git/worktrees'))).toBe(false);
    expect(cloneDigests(b.clone)).toEqual(before);
    expect(listOpened(b.data)).toEqual([]);
  });

  it('merges three ways what has only moved', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const path = join(b.clone, 'mm/hugetlb.c');
    writeFileSync(
      path,
      `${lines(...Array.from({ length: 30 }, (_, at) => `int above_${at};`))}${readFileSync(path, 'utf8').replace('hugetlb_8;', 'hugetlb_eight;')}`,
    );
    git(b.clone, 'commit', '-qam', 'moved');
    const { opened } = value(await b.open(mbox, { base: 'master' }));
    expect(readFileSync(join(opened.worktree, 'mm/hugetlb.c'), 'utf8')).toContain('hugetlb_five;');
  });

  it('says which file is missing at the base', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    git(b.clone, 'rm', '-q', 'virt/kvm/guest_memfd.c');
    git(b.clone, 'commit', '-qm', 'gone');
    const outcome = await b.open(mbox, { base: 'master' });
    expect(outcome.kind === 'refused' && outcome.refusal.met).toMatch(
      /^Patch 2\/3 .*: virt\/kvm\/guest_memfd\.c, first failing hunk "@@ -4,7 \+4,7 @@/,
    );
  });

  it('refuses a base that is not there, or none', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    expect(code(await b.open(mbox, { base: 'v9.9' }))).toBe('series/no-such-base');
    expect(code(await b.open(mbox, { base: '--all' }))).toBe('series/no-such-base');
    expect(code(await b.open(mbox, { base: null }))).toBe('series/no-base');
    const elsewhere = mailed(b.clone, THREE, { baseCommit: true }).replace(/^base-commit: .*/gm, `base-commit: ${'1'.repeat(40)}`);
    expect(code(await b.open(elsewhere, { base: null }))).toBe('series/no-base');
    expect(existsSync(join(b.data, 'worktrees'))).toBe(false);
  });

  it('refuses what is no clone, and a worktree in the way', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    expect(code(await b.open(mbox, { repo: b.home }))).toBe('worktree/not-a-clone');
    expect(code(await b.open(mbox, { repo: join(b.home, 'nowhere') }))).toBe('worktree/not-a-clone');
    expect(code(await b.open(mbox, { repo: join(b.clone, 'mm') }))).toBe('worktree/not-a-clone');
    expect(code(await b.open(mbox, { worktree: join(b.clone, 'inside') }))).toBe('worktree/inside-clone');
    expect(code(await b.open(mbox, { worktree: b.home }))).toBe('worktree/exists');
    expect(code(await b.open(mbox, { worktree: join(b.home, 'series.mbox') }))).toBe('worktree/exists');
    expect(existsSync(join(b.clone, '.git/worktrees'))).toBe(false);
  });

  it('opens in a bare clone and from another worktree of the clone', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    git(b.home, 'clone', '-q', '--bare', b.clone, 'bare.git');
    value(await b.open(mbox, { repo: join(b.home, 'bare.git'), worktree: join(b.home, 'of-bare') }));
    git(b.clone, 'worktree', 'add', '-q', '--detach', join(b.home, 'linked'), 'base');
    value(await b.open(mbox, { repo: join(b.home, 'linked'), worktree: join(b.home, 'of-linked') }));
    expect(code(await b.open(mbox, { repo: join(b.home, 'linked'), worktree: join(b.home, 'linked/inside') }))).toBe(
      'worktree/inside-clone',
    );
  });
});

describe('unsafe paths', () => {
  it('are refused before git runs', async () => {
    const b = bench();
    const series: Change[] = [{ subject: 'be helpful', files: { '.vscode/tasks.json': () => '{}\n' } }];
    expect(code(await b.open(mailed(b.clone, series)))).toBe('series/unsafe-path');
    const link = mailed(b.clone, [{ subject: 'link', files: { 'mm/link': () => '../../../etc/passwd' } }]).replace(
      'new file mode 100644',
      'new file mode 120000',
    );
    expect(code(await b.open(link))).toBe('series/unsafe-path');
    expect(existsSync(join(b.clone, '.git/worktrees'))).toBe(false);
  });

  it('are refused after git ran, when only git saw them, and taken away', async () => {
    const b = bench();
    const seen = async (path: string, mode = '100644', target: string | null = null): Promise<string> => {
      const ports: OpenPorts = {
        ...b.ports,
        clone: {
          ...b.ports.clone,
          applyMails: async (...args) => {
            const outcome = await b.ports.clone.applyMails(...args);
            if (outcome.kind !== 'done' || outcome.value.kind !== 'applied') return outcome;
            return { kind: 'done', value: { ...outcome.value, touched: [...outcome.value.touched, { path, mode, target }] } };
          },
        },
      };
      writeFileSync(join(b.home, 'm.mbox'), mailed(b.clone, THREE));
      return code(
        await openSeries(ports, { source: join(b.home, 'm.mbox'), repo: b.clone, base: 'base', full: false, archive: '' }, unwatched),
      );
    };
    expect(await seen('.vscode/settings.json')).toBe('series/unsafe-path');
    expect(await seen('"a\\tb"')).toBe('series/unsafe-path');
    expect(await seen('mm/sub', '160000')).toBe('series/unsafe-path');
    expect(await seen('mm/link', '120000', '../../out')).toBe('series/unsafe-path');
    expect(await seen('mm/link', '120000', '/etc')).toBe('series/unsafe-path');
    expect(existsSync(join(b.data, 'worktrees'))).toBe(false);
  });
});

describe('cancelling', () => {
  it('leaves nothing at whatever moment it comes', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const before = cloneDigests(b.clone);
    let finished = false;
    let times = 0;
    for (let after = 0; !finished && after < 200; after += 1) {
      let looks = 0;
      const progress: Progress = {
        report: () => undefined,
        get cancelled() {
          looks += 1;
          return looks > after;
        },
      };
      const outcome = await b.open(mbox, { worktree: join(b.home, 'cancelled/tree') }, progress);
      finished = outcome.kind === 'done';
      if (finished) break;
      times += 1;
      expect(outcome.kind).toBe('cancelled');
      expect(existsSync(join(b.home, 'cancelled'))).toBe(false);
      expect(existsSync(join(b.clone, '.git/worktrees'))).toBe(false);
      expect(listOpened(b.data)).toEqual([]);
    }
    expect(finished).toBe(true);
    expect(times).toBeGreaterThan(8);
    expect(cloneDigests(b.clone)).toEqual(before);
  });
});

describe('the place of the worktree', () => {
  it('may be an empty directory, which stays empty when the series does not open', async () => {
    const b = bench();
    mkdirSync(join(b.home, 'mine'));
    const mbox = mailed(b.clone, THREE);
    git(b.clone, 'rm', '-q', 'mm/hugetlb.c');
    git(b.clone, 'commit', '-qm', 'gone');
    expect(code(await b.open(mbox, { base: 'master', worktree: join(b.home, 'mine') }))).toBe('worktree/conflict');
    expect(readdirSync(join(b.home, 'mine'))).toEqual([]);
    value(await b.open(mbox, { worktree: join(b.home, 'mine') }));
  });

  it('is not lost to a second run that wants it too', async () => {
    const b = bench();
    const mbox = mailed(b.clone, THREE);
    const outcomes = await Promise.all([b.open(mbox), b.open(mbox)]);
    expect(outcomes.map((one) => one.kind).sort()).toEqual(['done', 'refused']);
    const { opened } = value(outcomes.find((one) => one.kind === 'done') ?? outcomes[0]);
    expect(git(opened.worktree, 'log', '--format=%H', 'base..HEAD').trim().split('\n')).toHaveLength(3);
    expect(git(opened.worktree, 'status', '--porcelain')).toBe('');
  });
});
