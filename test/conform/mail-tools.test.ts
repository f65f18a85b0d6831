/** A small series of our own against git and Python, on machines without the real one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { mailboxHeader, textHeader } from '../../src/mail/header';
import { isoOfMailDate, mailDateOfIso } from '../../src/mail/date';
import { patchMails } from '../../src/series/patch-mails';
import { readSeries } from '../../src/series/read-series';

const home = mkdtempSync(join(tmpdir(), 'mail-tools-'));
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const git = (...args: string[]): string =>
  execFileSync(
    'git',
    ['-C', home, '-c', 'user.name=Ada Field', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgsign=false', ...args],
    { encoding: 'utf8' },
  );
const python = (script: string, input: unknown): unknown =>
  JSON.parse(execFileSync('python3', ['-c', script], { encoding: 'utf8', input: JSON.stringify(input) }));

describe('a series that git made', () => {
  it('is read whole, and applies again to the same tree', async () => {
    git('init', '-q', '-b', 'main');
    writeFileSync(join(home, 'a.c'), 'int a;\n');
    git('add', '.');
    git('commit', '-q', '-m', 'base');
    writeFileSync(join(home, 'a.c'), 'int a;\nint b;\n');
    git('commit', '-q', '-a', '-m', 'Add b\n\nFrom here on there are two.\n>From a quote.');
    git('mv', 'a.c', 'grün ä.c');
    git('commit', '-q', '-m', 'Rename a');
    writeFileSync(
      join(home, 'bin'),
      Uint8Array.from({ length: 600 }, (_, index) => (index * 31) % 256),
    );
    git('add', '.');
    git('commit', '-q', '-m', 'Add a binary — with a dash');
    const mbox = git('format-patch', '--stdout', '--cover-letter', '--base=HEAD~3', '-v2', 'HEAD~3').replace(
      '*** SUBJECT HERE ***',
      'Three things',
    );
    const read = await readSeries(Buffer.from(mbox));
    if (read.kind !== 'done') throw new Error(JSON.stringify(read));
    const series = read.value;
    expect(series).toMatchObject({ revision: 2, total: 3, title: 'Three things', baseCommit: git('rev-parse', 'HEAD~3').trim() });
    expect(
      series.patches.map((patch) => [patch.title, ...patch.files.map((file) => [file.status, file.oldPath, file.path, file.binary])]),
    ).toEqual([
      ['Add b', ['modified', 'a.c', 'a.c', false]],
      ['Rename a', ['renamed', 'a.c', 'grün ä.c', false]],
      ['Add a binary — with a dash', ['added', null, 'bin', true]],
    ]);
    const wanted = git('rev-parse', 'HEAD^{tree}');
    const messages = git('log', '--format=%B', 'HEAD~3..');
    git('reset', '-q', '--hard', 'HEAD~3');
    writeFileSync(join(home, 'am.mbox'), Buffer.concat(patchMails(series)));
    git('am', '-q', '--patch-format=mboxrd', 'am.mbox');
    expect(git('rev-parse', 'HEAD^{tree}')).toBe(wanted);
    expect(git('log', '--format=%B', 'HEAD~3..')).toBe(messages);
  });
});

describe('headers and dates', () => {
  it('read in Python as they were meant', () => {
    const names = ['Ada Field', 'Field, Ada', 'A. "Q" \\ B', 'Zoë Größer', '漢字'.repeat(30), '=?x?q?y?=', '(comment)', 'a@b'];
    const subjects = ['[PATCH] x', 'Größe '.repeat(30).trim(), '😀'.repeat(40), `${'word '.repeat(40)}end`, '=?utf-8?q?a?='];
    const script = `
import json, sys, email, email.policy, email.utils
from email.header import decode_header, make_header
d = json.load(sys.stdin)
parse = lambda h: email.message_from_string(h + '\\n\\n', policy=email.policy.default)
# The newer address parser of Python keeps the blank between two encoded words, against RFC 2047 6.2; the older one does not decode.
name = lambda text: str(make_header(decode_header(text)))
raw = email.message_from_string(d['to'] + '\\n\\n')['to']
print(json.dumps([[name(n) for n, a in email.utils.getaddresses([raw])], [str(parse(s)['subject']) for s in d['subjects']]]))
`;
    const to = mailboxHeader(
      'To',
      names.map((name, index) => ({ name, address: `n${index}@example.org` })),
    );
    expect(python(script, { to, subjects: subjects.map((subject) => textHeader('Subject', subject)) })).toEqual([names, subjects]);
  });

  it('agree with Python on instants', () => {
    const dates = [
      'Tue, 10 Sep 2024 23:43:31 +0000',
      'Wed, 11 Sep 2024 08:56:29 +0200',
      '29 Feb 2024 01:02 -0730',
      'Mon, 1 Jan 2001 00:00:00 EST',
    ];
    const script =
      'import json,sys,email.utils as u;print(json.dumps([u.parsedate_to_datetime(d).isoformat() for d in json.load(sys.stdin)]))';
    expect(dates.map(isoOfMailDate)).toEqual(python(script, dates));
    expect(dates.map((date) => mailDateOfIso(isoOfMailDate(date)))).toEqual([
      'Tue, 10 Sep 2024 23:43:31 +0000',
      'Wed, 11 Sep 2024 08:56:29 +0200',
      'Thu, 29 Feb 2024 01:02:00 -0730',
      'Mon, 1 Jan 2001 00:00:00 -0500',
    ]);
  });
});
