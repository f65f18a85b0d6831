/** The real series over the tree that it was made for, against plain git and Python's mail reader. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unwatched } from '../../src/base/progress';
import { openSeries, type OpenResult } from '../../src/review/open-series';
import { openPorts } from '../../src/worktree/open-ports';
import { cloneDigests, git, scratch } from '../unit/worktree/scratch';

const shared = join(dirname(fileURLToPath(import.meta.url)), '../../../shared/corpus/1g-guest-memfd-rfc-v1.mbox.gz');
const corpus = process.env['FOLIOSCOPE_CORPUS'] ?? shared;
const tree = process.env['FOLIOSCOPE_BASE_TREE'] ?? '';
const absent = tree === '' ? 'FOLIOSCOPE_BASE_TREE is not set' : existsSync(corpus) ? '' : `${corpus} is not there`;

describe.skipIf(absent !== '')(`the real series${absent === '' ? '' : ` (skipped: ${absent})`}`, () => {
  async function opened(home: string, clone: string, full: boolean): Promise<OpenResult> {
    const params = { source: corpus, repo: clone, base: 'base', full, archive: '', worktree: join(home, full ? 'full' : 'sparse') };
    const outcome = await openSeries(openPorts(join(home, 'data')), params, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }

  /** The patches' From, Date and Subject as another mail reader gives them. */
  function mailsByPython(home: string): readonly { readonly from: string; readonly date: number; readonly subject: string }[] {
    writeFileSync(join(home, 'plain.mbox'), gunzipSync(readFileSync(corpus)));
    const script = `
import mailbox, email, email.policy, email.utils, json, re, sys
rows = []
for m in mailbox.mbox(sys.argv[1], factory=lambda f: email.message_from_binary_file(f, policy=email.policy.default)):
    subject = re.sub(r'\\s+', ' ', str(m['subject']))
    number = re.match(r'\\[RFC PATCH (\\d+)/39\\] (.*)', subject)
    if not number or number.group(1) == '00': continue
    body = m.get_body(('plain',)).get_content()
    inner = re.match(r'From: (.*)\\n', body)
    who = email.utils.parseaddr(inner.group(1) if inner else str(m['from']))
    rows.append((int(number.group(1)), who[0] + ' <' + who[1] + '>', int(email.utils.parsedate_to_datetime(str(m['date'])).timestamp()), number.group(2)))
print(json.dumps([dict(zip(('from', 'date', 'subject'), row[1:])) for row in sorted(rows)]))
`;
    return JSON.parse(execFileSync('python3', ['-c', script, join(home, 'plain.mbox')], { encoding: 'utf8' })) as ReturnType<
      typeof mailsByPython
    >;
  }

  it('becomes 39 commits with authors and dates of the mails, and the clone stays byte-identical', async () => {
    const home = scratch();
    const clone = join(home, 'clone');
    git(home, 'clone', '-q', '--no-hardlinks', tree, clone);
    const before = cloneDigests(clone);
    const { opened: record } = await opened(home, clone, false);
    expect(record.commits).toHaveLength(39);
    const log = git(record.worktree, 'log', '--reverse', '--format=%an <%ae>%x00%at%x00%s', 'base..HEAD').trim().split('\n');
    const made = log.map((line) => line.split('\0')).map(([from, date, subject]) => ({ from, date: Number(date), subject }));
    expect(made).toEqual(mailsByPython(home));
    expect(git(record.worktree, 'status', '--porcelain')).toBe('');
    expect(cloneDigests(clone)).toEqual(before);
  });

  it('gives the tree and the messages that plain git am gives', async () => {
    const home = scratch();
    const clone = join(home, 'clone');
    git(home, 'clone', '-q', '--no-hardlinks', tree, clone);
    const { opened: record, series } = await opened(home, clone, true);
    git(clone, 'worktree', 'add', '-q', '--detach', join(home, 'plain'), 'base');
    series.patches.forEach((patch) => {
      writeFileSync(join(home, 'one.eml'), patch.message.raw);
      git(join(home, 'plain'), 'am', '-q', '--3way', join(home, 'one.eml'));
    });
    const treeOf = (worktree: string): string => git(worktree, 'rev-parse', 'HEAD^{tree}').trim();
    const messages = (worktree: string): string => git(worktree, 'log', '--format=%an%n%ae%n%ad%n%B', 'base..HEAD');
    expect(treeOf(record.worktree)).toBe(treeOf(join(home, 'plain')));
    expect(messages(record.worktree)).toBe(messages(join(home, 'plain')));
    expect(git(record.worktree, 'status', '--porcelain')).toBe('');
  });
});
