import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { openSeries } from '../../../src/review/open-series';
import { runGit } from '../../../src/worktree/git';
import { fileAtCommit } from '../../../src/worktree/history';
import { openPorts } from '../../../src/worktree/open-ports';
import { git, mailed, scratch, smallClone, THREE, write } from './scratch';

/** Programs that a clone's hooks, attributes and configuration name; each that runs leaves a file of its name. */
function hostileClone(home: string): { readonly clone: string; readonly mbox: string; ran(): readonly string[] } {
  const clone = smallClone(home);
  const mbox = mailed(clone, THREE);
  const traces = join(home, 'traces');
  write(home, { 'traces/.keep': '' });
  const program = (name: string): string => {
    const path = join(home, `run-${name}`);
    writeFileSync(path, `#!/bin/sh\ntouch '${traces}/${name}'\ncat\nexit 0\n`);
    chmodSync(path, 0o755);
    return path;
  };
  write(clone, {
    '.gitattributes': '*.c filter=evil diff=evil merge=evil\nMakefile filter=odd=name\n*.h filter=byplace\nfs/*.c filter=served\n',
  });
  git(clone, 'add', '.gitattributes');
  // Something for a three-way merge to do.
  write(clone, { 'mm/hugetlb.c': `int first;\n${git(clone, 'show', 'base:mm/hugetlb.c').replace('hugetlb_3;', 'hugetlb_three;')}` });
  git(clone, 'commit', '-qam', 'attributes');
  const set = (key: string, value: string): string => git(clone, 'config', key, value);
  set('filter.evil.smudge', program('smudge'));
  set('filter.evil.clean', program('clean'));
  set('filter.evil.required', 'true');
  set('filter.odd=name.smudge', program('odd-smudge'));
  set('filter.served.process', program('process'));
  set('diff.evil.command', program('diff-command'));
  set('diff.evil.textconv', program('textconv'));
  set('diff.external', program('diff-external'));
  set('merge.evil.driver', `${program('merge')} %A`);
  set('core.fsmonitor', program('fsmonitor'));
  set('core.sshCommand', program('ssh'));
  set('core.editor', program('editor'));
  set('core.pager', program('pager'));
  set('gpg.program', program('gpg'));
  set('commit.gpgSign', 'true');
  set('log.showSignature', 'true');
  set('credential.helper', program('credential'));
  set('includeIf.gitdir:**/worktrees/**.path', join(home, 'by-place.config'));
  write(home, { 'by-place.config': `[filter "byplace"]\n\tsmudge = ${program('included-smudge')}\n` });
  const hooks =
    'post-checkout post-index-change reference-transaction pre-commit applypatch-msg pre-applypatch post-applypatch commit-msg post-commit pre-auto-gc post-rewrite';
  for (const hook of hooks.split(' ')) {
    write(clone, { [`.git/hooks/${hook}`]: `#!/bin/sh\ntouch '${traces}/hook-${hook}'\nexit 0\n` });
    chmodSync(join(clone, '.git/hooks', hook), 0o755);
  }
  return {
    clone,
    mbox,
    ran: () =>
      readdirSync(traces)
        .filter((name) => name !== '.keep')
        .sort(),
  };
}

describe('a hostile clone', () => {
  it('does run its programs under plain git: the traps are real', () => {
    const home = scratch();
    const { clone, ran } = hostileClone(home);
    try {
      git(clone, 'worktree', 'add', '-q', '--detach', join(home, 'plain'), 'master');
    } catch {
      // Filters that print nothing sensible may make it fail; they have run.
    }
    try {
      git(clone, 'diff', '--no-pager', 'base', 'master');
    } catch {
      // The same.
    }
    expect(ran()).toEqual(
      expect.arrayContaining(['hook-post-checkout', 'hook-post-index-change', 'included-smudge', 'odd-smudge', 'smudge']),
    );
  });

  it('runs none of them when a series is opened in it', async () => {
    const home = scratch();
    const { clone, mbox, ran } = hostileClone(home);
    writeFileSync(join(home, 'series.mbox'), mbox);
    const params = { source: join(home, 'series.mbox'), repo: clone, base: 'master', archive: '', worktree: join(home, 'tree') };
    const opened = await openSeries(openPorts(join(home, 'data')), { ...params, full: true }, unwatched);
    expect(opened.kind).toBe('done');
    if (opened.kind !== 'done') return;
    const text = await fileAtCommit(join(home, 'tree'), opened.value.opened.commits[2] ?? '', 'fs/new.c');
    expect(text).toEqual({ kind: 'done', value: 'int fresh;\n' });
    expect(existsSync(join(home, 'tree/fs/new.c'))).toBe(true);
    expect(ran()).toEqual([]);
  });

  it('runs none of them when the series does not apply', async () => {
    const home = scratch();
    const { clone, mbox, ran } = hostileClone(home);
    write(clone, { 'mm/hugetlb.c': 'int nothing_else;\n' });
    // The traps of the clone itself must not count.
    git(
      clone,
      '-c',
      'core.hooksPath=/dev/null',
      '-c',
      'core.fsmonitor=false',
      '-c',
      'filter.evil.process=',
      '-c',
      'filter.evil.required=false',
      '-c',
      'commit.gpgSign=false',
      'commit',
      '-qam',
      'x',
    );
    const before = ran();
    writeFileSync(join(home, 'series.mbox'), mbox);
    const params = {
      source: join(home, 'series.mbox'),
      repo: clone,
      base: 'master',
      full: false,
      archive: '',
      worktree: join(home, 'tree'),
    };
    const opened = await openSeries(openPorts(join(home, 'data')), params, unwatched);
    expect(opened.kind === 'refused' && opened.refusal.code).toBe('worktree/conflict');
    expect(ran()).toEqual(before);
  });
});

describe('the environment of git', () => {
  it('does not steer it to another repository, program or configuration', async () => {
    const home = scratch();
    const clone = smallClone(home);
    const other = smallClone(home, 'other');
    git(other, 'commit', '-q', '--allow-empty', '-m', 'other');
    const steer = {
      GIT_DIR: join(other, '.git'),
      GIT_INDEX_FILE: '/nowhere',
      GIT_EXTERNAL_DIFF: '/bin/false',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.bare',
      GIT_CONFIG_VALUE_0: 'true',
    };
    Object.assign(process.env, steer);
    try {
      const run = await runGit(clone, ['rev-parse', 'HEAD']);
      expect(run.kind === 'exited' && run.stdout.trim()).toBe(git(clone, 'rev-parse', 'HEAD').trim());
    } finally {
      for (const key of Object.keys(steer)) Reflect.deleteProperty(process.env, key);
    }
  });

  it('refuses options that would run a program', async () => {
    const home = scratch();
    const clone = smallClone(home);
    const run = await runGit(clone, ['fetch', '--upload-pack=touch /tmp/x', '.']);
    expect(run.kind).toBe('not-run');
  });

  it('says so when there is no git', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      const home = scratch();
      writeFileSync(
        join(home, 'm.mbox'),
        'From: a@b.c\nSubject: [PATCH] x\nMessage-ID: <1@x>\n\n---\n a | 1 +\n\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n',
      );
      const params = { source: join(home, 'm.mbox'), repo: home, base: 'x', full: false, archive: '' };
      const opened = await openSeries(openPorts(join(home, 'data')), params, unwatched);
      expect(opened.kind === 'refused' && opened.refusal.code).toBe('git/missing');
    } finally {
      process.env['PATH'] = path;
    }
  });
});
