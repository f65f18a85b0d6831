import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/list';
import type { SeriesView } from '../../../src/protocol/series-view';
import { cloneDigests, git, mailed, scratch, smallClone, THREE, write } from '../worktree/scratch';
import { violations, violationsOf } from './json-schema';
import { bundledCli, type CliRun, runCli } from './run-cli';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const home = scratch();
const data = join(home, 'data');
let cli = '';
let clone = '';
let mbox = '';

beforeAll(() => {
  cli = bundledCli(join(home, 'app'));
  clone = smallClone(home);
  git(clone, 'config', 'user.name', 'Rita Reviewer');
  git(clone, 'config', 'user.email', 'rita@example.org');
  mbox = mailed(clone, THREE);
  write(home, { 'series.mbox': mbox });
});

const run = async (...args: string[]): Promise<CliRun> => await runCli(cli, args, { cwd: home, data });

/** A run with `--json`: its exit code and what it printed, which its schema must describe. */
async function json(command: string, ...args: string[]): Promise<{ readonly code: number | null; readonly value: unknown }> {
  const { code, stdout, stderr } = await run(command, ...args, '--json');
  expect(stderr).toBe('');
  const value = JSON.parse(stdout) as unknown;
  expect(violations(command, value)).toEqual([]);
  return { code, value };
}

async function refusal(command: string, ...args: string[]): Promise<{ readonly code: string; readonly met: string }> {
  const { code, value } = await json(command, ...args);
  expect(code).toBe(1);
  return (value as { refused: { code: string; met: string } }).refused;
}

describe('folioscope open', () => {
  it('prints the series, first as opened and then as used again', async () => {
    const before = cloneDigests(clone);
    const first = await json('open', 'series.mbox', '--repo', clone, '--base', 'base');
    const second = await json('open', 'series.mbox', '--repo', clone, '--base', 'base');
    expect([first.code, second.code]).toEqual([0, 0]);
    const opened = first.value as { series: SeriesView; reused: boolean };
    expect(second.value).toEqual({ series: opened.series, reused: true });
    expect(opened.series.patches.map((patch) => patch.title)).toEqual(THREE.map((change) => change.subject));
    expect(git(opened.series.worktree, 'rev-parse', 'HEAD').trim()).toBe(opened.series.patches[2]?.commit);
    expect(cloneDigests(clone)).toEqual(before);
  });

  it('prints text for people without --json, and progress only when asked', async () => {
    const quiet = await run('open', 'series.mbox', '--repo', clone, '--base', 'base', '--worktree', 'text');
    expect(quiet.stderr).toBe('');
    expect(quiet.stdout).toContain('Applied 3 patches.');
    expect(quiet.stdout).toContain('2 ');
    const told = await run('open', 'series.mbox', '--repo', clone, '--base', 'base', '--worktree', 'told', '--progress');
    expect(told.stderr).toContain('Applying patch 3 of 3: fs: add a file 100 %');
  });

  it('takes control characters out of what came by mail', async () => {
    write(home, { 'rude.mbox': mbox.replace('Rename a few things', 'Rename \u001b]0;owned\u0007 things') });
    const { stdout } = await run('open', 'rude.mbox', '--repo', clone, '--base', 'base', '--worktree', 'rude');
    expect(stdout).toMatch(/Rename .*things/);
    expect(stdout).not.toMatch(/[\u0007\u001b]/);
  });

  it('is cancelled by Ctrl-C: exit 130, and nothing left', async () => {
    const before = cloneDigests(clone);
    const many = Array.from({ length: 40 }, (_, at) => ({
      subject: `change ${at}`,
      files: { 'mm/hugetlb.c': (text: string) => text.replace(`hugetlb_${at + 1};`, `hugetlb_x${at + 1};`) },
    }));
    write(home, { 'many.mbox': mailed(clone, many, { title: 'Many' }) });
    const { code, stderr } = await runCli(
      cli,
      ['open', 'many.mbox', '--repo', clone, '--base', 'base', '--worktree', 'cut', '--progress'],
      {
        cwd: home,
        data,
        during: (child) => {
          child.stderr?.on('data', (text: string) => {
            if (text.includes('Applying patch 1 ')) child.kill('SIGINT');
          });
        },
      },
    );
    expect(code).toBe(130);
    expect(stderr).toContain('Cancelled; nothing of it is left.');
    expect(existsSync(join(home, 'cut'))).toBe(false);
    expect(git(clone, 'worktree', 'list')).not.toContain('cut');
    expect(cloneDigests(clone)).toEqual(before);
  });

  it.each<[string, string, () => string[]]>([
    ['a file that is no mbox', 'mail/not-mbox', () => ['not.mbox']],
    ['an empty file', 'mail/not-mbox', () => ['empty.mbox']],
    ['a .gz that is cut short', 'source/truncated-gzip', () => ['cut.mbox.gz']],
    ['a series with a patch missing', 'series/missing-patch', () => ['missing.mbox']],
    ['mails without a patch', 'series/none', () => ['talk.mbox']],
    ['a source that is nothing', 'source/not-found', () => ['nowhere.mbox']],
    ['a URL without a message', 'source/no-message-id', () => ['https://lore.kernel.org/all/']],
    ['an archive that is not there', 'archive/unreachable', () => ['a@b.example', '--archive', 'http://127.0.0.1:1/']],
    ['a base that is not there', 'series/no-such-base', () => ['series.mbox', '--base', 'v0.0.1']],
    ['a directory that is no clone', 'worktree/not-a-clone', () => ['series.mbox', '--repo', home]],
    ['a worktree that is in the way', 'worktree/exists', () => ['series.mbox', '--worktree', home]],
    ['a series that does not apply', 'worktree/conflict', () => ['series.mbox', '--base', 'conflicting']],
  ])('refuses %s, and leaves nothing behind', async (_name, wanted, args) => {
    write(home, {
      'not.mbox': 'int main(void) { return 0; }\n',
      'empty.mbox': '',
      'talk.mbox': 'From: a@example.org\nSubject: hello\nMessage-ID: <hello@example.org>\n\nhi\n',
      'missing.mbox': mailed(clone, THREE, { without: [2] }),
    });
    const packed = gzipSync(mbox);
    writeFileSync(join(home, 'cut.mbox.gz'), packed.subarray(0, packed.length - 50));
    if (git(clone, 'tag', '--list', 'conflicting').trim() === '') {
      git(clone, 'checkout', '-q', '--detach', 'base');
      write(clone, { 'mm/hugetlb.c': 'int nothing;\n' });
      git(clone, 'commit', '-qam', 'in the way');
      git(clone, 'tag', 'conflicting');
      git(clone, 'checkout', '-q', 'master');
    }
    const before = [cloneDigests(clone), git(clone, 'worktree', 'list'), readdirSync(home).sort()];
    const given = args();
    const standing = ['--repo', clone, '--base', 'base', '--worktree', 'refused'].filter(
      (_, at, all) => !given.includes(all[at - (at % 2)] ?? ''),
    );
    const { code, met } = await refusal('open', ...given, ...standing);
    expect(code).toBe(wanted);
    expect(met).toMatch(/\S.*[.]$/);
    expect([cloneDigests(clone), git(clone, 'worktree', 'list'), readdirSync(home).sort()]).toEqual(before);
  });
});

describe('folioscope series and reply', () => {
  it('read again what was opened', async () => {
    const opened = (await json('open', 'series.mbox', '--repo', clone, '--base', 'base')).value as { series: SeriesView };
    expect(await json('series', opened.series.worktree)).toEqual({ code: 0, value: opened.series });
    expect(await json('series', join(opened.series.worktree, 'mm'))).toEqual({ code: 0, value: opened.series });
    expect((await refusal('series', clone)).code).toBe('series/not-opened');
  });

  it('make the mail that answers a patch', async () => {
    const { series } = (await json('open', 'series.mbox', '--repo', clone, '--base', 'base')).value as { series: SeriesView };
    const answered = await json('reply', series.worktree, '--patch', '1', '--remark', 'mm/hugetlb.c:5:Why in words: "five"?');
    expect(answered.code).toBe(0);
    const mail = answered.value as { inReplyTo: string; text: string };
    expect(mail.inReplyTo).toBe(series.patches[0]?.id);
    expect(mail.text).toContain('From: Rita Reviewer <rita@example.org>\n');
    expect(mail.text).toContain('> +int hugetlb_five;\n\nWhy in words: "five"?\n');
    expect((await refusal('reply', series.worktree, '--patch', '9', '--remark', 'mm/hugetlb.c:5:x')).code).toBe('reply/no-such-patch');
    expect((await refusal('reply', series.worktree, '--patch', '1', '--remark', 'mm/hugetlb.c:5000:x')).code).toBe('reply/no-such-line');
    expect((await refusal('reply', series.worktree, '--patch', '2')).code).toBe('reply/nothing-to-say');
  });
});

describe('folioscope scan', () => {
  it('lists the sites of a tree', async () => {
    write(home, {
      'tree/mm/a.c': 'int f(struct folio *folio)\n{\n\treturn folio_test_hugetlb(folio);\n}\n',
      'tree/fs/b.c': 'int g(void) { return 0; }\n',
      'tree/mm/broken.c': 'int h(( { if (is_vm_hugetlb_page(vma)) \n',
    });
    const { code, value } = await json('scan', 'tree');
    expect(code).toBe(0);
    const found = value as { sites: { file: string; line: number; column: number; symbol: string; function: string }[]; files: number };
    expect(found.files).toBe(3);
    expect(found.sites.map((site) => `${site.file}:${site.line}:${site.column} ${site.symbol}`)).toEqual([
      'mm/a.c:3:9 folio_test_hugetlb',
      'mm/broken.c:1:15 is_vm_hugetlb_page',
    ]);
    expect((await json('scan', 'tree', '--paths', 'fs')).value).toMatchObject({ sites: [], files: 1 });
    expect((await run('scan', 'tree')).stdout).toContain('mm/a.c:3:9 folio_test_hugetlb predicate in f (cannot-tell)\n');
    expect((await refusal('scan', 'tree', '--paths', 'nowhere')).code).toBe('scan/no-such-path');
    expect((await refusal('scan', 'nowhere')).code).toBe('scan/empty-tree');
  });
});

describe('usage', () => {
  it.each([
    [],
    ['nonsense'],
    ['open'],
    ['open', 'series.mbox'],
    ['open', 'series.mbox', '--repo', '.', '--wrong'],
    ['open', 'a', 'b', '--repo', '.'],
    ['reply', '.', '--patch', 'x'],
    ['reply', '.', '--patch', '1', '--remark', 'no-line'],
  ])('mistakes exit 2 and print nothing on standard output: %j', async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toBe('');
  });

  it('help and version exit 0', async () => {
    expect(await run('--version')).toEqual({
      code: 0,
      stdout: `${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`,
      stderr: '',
    });
    const help = await run('open', '--help');
    expect([help.code, help.stdout.includes('--worktree')]).toEqual([0, true]);
  });

  it('a bug of ours exits 3 and says how to report it', async () => {
    // Standing for a bug: the clock breaks when the reply is dated.
    write(home, { 'break.cjs': "Date.prototype.getTimezoneOffset = () => { throw new Error('boom'); };\n" });
    const { series } = (await json('open', 'series.mbox', '--repo', clone, '--base', 'base')).value as { series: SeriesView };
    const args = ['reply', series.worktree, '--patch', '1', '--remark', 'mm/hugetlb.c:5:x'];
    const { code, stderr } = await runCli(cli, args, { cwd: home, data, env: { NODE_OPTIONS: `--require=${join(home, 'break.cjs')}` } });
    expect(code).toBe(3);
    expect(stderr).toMatch(/met a bug of its own[\s\S]*boom[\s\S]*report/);
  });
});

describe('schemas and documentation', () => {
  it('there is a schema and a section for every command', () => {
    const text = readFileSync(join(root, 'docs/cli.md'), 'utf8');
    for (const command of COMMANDS) {
      expect(existsSync(join(root, `docs/schemas/${command.name}.schema.json`))).toBe(true);
      expect(text).toContain(`### \`folioscope ${command.name}`);
    }
  });

  it('reject what is not right', () => {
    expect(violations('refusal', { refused: { code: 'a/b', met: 'x', means: 'y' } })).toEqual(['$.refused: lacks todo']);
    expect(violations('refusal', { refused: { code: 'ab', met: 'x', means: 'y', todo: 'z', more: 1 } })).toHaveLength(2);
    expect(violations('open', { series: {}, reused: 'yes' })).not.toEqual([]);
    expect(violationsOf('series', '#/$defs/file', { path: 'a', oldPath: null, status: 'odd', additions: -1, deletions: 0 })).toHaveLength(
      2,
    );
  });
});
