/** The real series, where it is there: its mails against Python's email module, its diffs against `git apply`. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitMbox } from '../../src/mail/mbox';
import { type Message, parseMessage } from '../../src/mail/message';
import type { Remark } from '../../src/protocol/remark';
import { replyTo } from '../../src/review/reply';
import { patchMails } from '../../src/series/patch-mails';
import { placedReplies } from '../../src/series/place-quotes';
import { readSeries } from '../../src/series/read-series';
import type { Series } from '../../src/series/series';

const corpus = join(__dirname, '../../../shared/corpus/1g-guest-memfd-rfc-v1.mbox.gz');
const python = (script: string, ...args: string[]): unknown =>
  JSON.parse(execFileSync('python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }));

const MAILBOX = `
import json, mailbox, sys, email, email.policy, re
from email.header import decode_header, make_header
out = []
for m in mailbox.mbox(sys.argv[1], factory=None):
    text = re.sub(r'\\s+', ' ', str(make_header(decode_header(str(m['subject']).replace('\\n', ''))))).strip()
    body = m.get_payload(decode=True) if not m.is_multipart() else b''
    out.append({'id': str(m['message-id']).strip().strip('<>'), 'subject': text,
      'answers': (re.findall(r'<([^<>\\s]+)>', str(m['in-reply-to'] or '')) or [''])[0],
      'to': sorted(a.lower() for _, a in email.utils.getaddresses([str(v) for v in m.get_all('to', [])]) if '@' in a),
      'cc': sorted(a.lower() for _, a in email.utils.getaddresses([str(v) for v in m.get_all('cc', [])]) if '@' in a),
      'date': email.utils.parsedate_to_datetime(str(m['date'])).isoformat(), 'body': body.decode(m.get_content_charset() or 'ascii', 'replace')})
print(json.dumps(out))
`;

const REPLY = `
import json, sys, email, email.policy
read = lambda path: email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.default)
print(json.dumps([{'from': m['from'].addresses[0].addr_spec, 'to': [a.addr_spec for a in m['to'].addresses], 'cc': [a.addr_spec for a in m['cc'].addresses],
  'subject': str(m['subject']), 'inReplyTo': str(m['in-reply-to']).strip('<>'), 'references': str(m['references']).replace('<','').replace('>','').split(),
  'date': m['date'].datetime.isoformat(), 'body': m.get_content(), 'defects': [str(d) for d in m.defects] + [str(d) for v in m.values() for d in v.defects]}
  for m in map(read, sys.argv[1:])]))
`;

describe.skipIf(!existsSync(corpus))('the real series', () => {
  let home = '';
  let bytes = new Uint8Array();
  let messages: Message[] = [];
  let series: Series;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'mail-corpus-'));
    bytes = gunzipSync(readFileSync(corpus));
    messages = await Promise.all(splitMbox(bytes).messages.map((mail) => parseMessage(mail)));
    const read = await readSeries(bytes);
    if (read.kind !== 'done') throw new Error(JSON.stringify(read));
    series = read.value;
  });
  afterAll(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('is one series of 39 patches with a cover and every other mail an answer', () => {
    expect(series).toMatchObject({
      revision: 1,
      prefix: 'RFC PATCH',
      total: 39,
      missing: [],
      title: '1G page support for guest_memfd',
      problems: [],
    });
    const answers = series.coverReplies.length + series.patches.reduce((sum, patch) => sum + patch.replies.length, 0);
    expect(1 + 39 + answers).toBe(messages.length);
    expect(series.messages).toHaveLength(messages.length);
  });

  it('reads as Python reads it', () => {
    const path = join(home, 'series.mbox');
    writeFileSync(path, bytes);
    const theirs = python(MAILBOX, path) as Record<string, unknown>[];
    // Python undoes no quoting of body lines that begin with From.
    const plain = (text: unknown): string =>
      String(text)
        .replace(/\r\n/g, '\n')
        .replace(/^>(>*From )/gm, '$1')
        .replace(/\n+$/, '');
    const flowed = new Set(
      messages.filter((one) => /format="?flowed/i.test(Buffer.from(one.raw).toString('latin1').split('\n\n')[0]!)).map((one) => one.id),
    );
    const lower = (boxes: readonly { address: string }[]): string[] => boxes.map((box) => box.address.toLowerCase()).sort();
    const ours = messages.map((one) => ({
      id: one.id,
      subject: one.subject,
      answers: one.inReplyTo,
      to: lower(one.to),
      cc: lower(one.cc),
      date: one.date,
      body: flowed.has(one.id) ? '' : plain(one.body),
    }));
    expect(ours).toEqual(theirs.map((one) => ({ ...one, body: flowed.has(String(one['id'])) ? '' : plain(one['body']) })));
  });

  it('is cut as git cuts it', () => {
    execFileSync('git', ['mailsplit', '--mboxrd', `-o${home}`, '--keep-cr', '-d4'], { input: bytes });
    const split = readdirSync(home)
      .filter((name) => /^\d{4}$/.test(name))
      .sort();
    const text = (mail: Uint8Array): string => Buffer.from(mail).toString('latin1').replace(/\n+$/, '');
    expect(messages.map((one) => text(one.raw))).toEqual(
      split.map((name) => text(readFileSync(join(home, name))).replace(/^From mboxrd@z .*\n/, '')),
    );
  });

  it('counts changed lines, and takes authors and messages, as git does', () => {
    patchMails(series).forEach((box, index) => {
      const patch = series.patches[index]!;
      const info = execFileSync('git', ['mailinfo', '--encoding=UTF-8', join(home, 'msg'), join(home, 'patch')], {
        input: Buffer.from(box).subarray(box.indexOf(10) + 1),
        encoding: 'utf8',
      });
      const said = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(info)?.[1] ?? '';
      expect([patch.author.name, patch.author.address, patch.title]).toEqual([said('Author'), said('Email'), said('Subject')]);
      expect(patch.description).toBe(readFileSync(join(home, 'msg'), 'utf8').trim());
      const numstat = execFileSync('git', ['apply', '--numstat', join(home, 'patch')], { cwd: home, encoding: 'utf8' });
      expect(patch.files.map((file) => `${file.additions}\t${file.deletions}\t${file.path}\n`).join('')).toBe(numstat);
    });
  });

  it('has the list’s words at lines of code that read as they were quoted', () => {
    const placed = series.patches.flatMap((patch) =>
      patch.replies.flatMap((reply) => placedReplies(reply, patch).map((one) => ({ patch, one }))),
    );
    expect(placed.length).toBeGreaterThan(40);
    for (const { patch, one } of placed) {
      const file = patch.files.find((each) => (one.side === 'old' ? each.oldPath : each.path) === one.file)!;
      const line = file.hunks.flatMap((hunk) => hunk.lines).find((each) => (one.side === 'old' ? each.old : each.new) === one.line);
      expect(line?.text).toBe(one.quoted);
    }
  });

  it('is answered by a mail that Python reads the same, for each patch', () => {
    const paths: string[] = [];
    const expected = series.patches.map((patch) => {
      const file = patch.files.at(-1)!;
      const added = file.hunks.flatMap((hunk) => hunk.lines).filter((line) => line.new !== null && line.text.trim().length > 3);
      const remarks = [added[0]!, added.at(-1)!].map((line, index): Remark => ({
        id: String(index),
        series: series.id,
        patch: patch.number,
        file: file.path,
        side: 'new',
        line: line.new!,
        context: line.text,
        body: `Größer? (${index})`,
        written: '2024-09-12T09:00:00Z',
      }));
      const reply = replyTo(series, patch.number, remarks, { name: 'Bo Grün', address: 'bo@example.org' }, '2024-09-12T10:00:00+02:00');
      if (reply.kind !== 'done') throw new Error(JSON.stringify(reply));
      const path = join(home, `reply-${patch.number}.eml`);
      writeFileSync(path, reply.value.text);
      paths.push(path);
      const { from, to, cc } = patch.message;
      const others = [...to, ...cc].map((box) => box.address).filter((address) => address !== from.address);
      return {
        from: 'bo@example.org',
        to: [from.address],
        cc: [...new Set(others)],
        subject: `Re: ${patch.message.subject}`,
        inReplyTo: patch.message.id,
        references: [...patch.message.references, patch.message.id],
        date: '2024-09-12T10:00:00+02:00',
        body: reply.value.text.slice(reply.value.text.indexOf('\n\n') + 2),
        defects: [],
      };
    });
    expect(python(REPLY, ...paths)).toEqual(expected);
  });
});
