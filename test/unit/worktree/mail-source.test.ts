import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from '../../../src/base/outcome';
import { type Progress, unwatched } from '../../../src/base/progress';
import { openSeries } from '../../../src/review/open-series';
import { messageIdIn } from '../../../src/review/series-source';
import { mailPort, MAX_MAIL_BYTES, threadAddress } from '../../../src/worktree/mail-source';
import { openPorts } from '../../../src/worktree/open-ports';
import { mailed, scratch, smallClone, THREE } from './scratch';

const ID = '20240910.abc+1@example.org';
const THREAD = gzipSync('From mboxrd@z Thu Jan  1 00:00:00 1970\nSubject: x\n\ny\n');

/** A server on this machine, gone after the test. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/all/`;
}

const code = (outcome: Outcome<unknown>): string => (outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind);
const fetched = async (archive: string, progress: Progress = unwatched): Promise<Outcome<Uint8Array>> =>
  await mailPort.fromArchive(archive, ID, progress);

describe('the source of a series', () => {
  it.each([
    ['https://lore.kernel.org/all/20240910.abc@example.org/', '20240910.abc@example.org'],
    ['https://lore.kernel.org/r/20240910.abc@example.org', '20240910.abc@example.org'],
    ['https://lore.kernel.org/linux-mm/20240910.abc@example.org/T/#t', '20240910.abc@example.org'],
    ['https://lore.kernel.org/kvm/20240910.abc@example.org/t.mbox.gz', '20240910.abc@example.org'],
    ['https://lore.kernel.org/kvm/cover.17%2B1.git.a%40example.org/raw', 'cover.17+1.git.a@example.org'],
    ['https://patch.msgid.link/20240910.abc@example.org', '20240910.abc@example.org'],
    ['http://lkml.kernel.org/r/a%2Fb@example.org', 'a/b@example.org'],
    ['<a/b@example.org>', 'a/b@example.org'],
    ['./missing/a@b.mbox', null],
    ['<20240910.abc@example.org>', '20240910.abc@example.org'],
    ['  20240910.abc@example.org\n', '20240910.abc@example.org'],
    ['mid:a%2Bb@example.org', 'a+b@example.org'],
    ['id:<a@b>', 'a@b'],
    ['https://lore.kernel.org/all/?q=a@b', null],
    ['https://lore.kernel.org/all/', null],
    ['series.mbox', null],
    ['a@b c@d', null],
    ['--help@x y', null],
    ['', null],
  ])('%s', (source, id) => {
    expect(messageIdIn(source)).toBe(id);
  });

  it('becomes an address below the archive', () => {
    expect(threadAddress('https://lore.kernel.org/all', 'a+b@c')?.href).toBe('https://lore.kernel.org/all/a%2Bb@c/t.mbox.gz');
    expect(threadAddress('https://lore.kernel.org/all/', '../../x@c')?.href).toBe('https://lore.kernel.org/all/..%2F..%2Fx@c/t.mbox.gz');
    expect(threadAddress('file:///etc/', 'a@b')).toBeNull();
    expect(threadAddress('lore', 'a@b')).toBeNull();
  });
});

describe('a file', () => {
  it('is read plain or gunzipped, whatever its name', async () => {
    const home = scratch();
    for (const [name, bytes] of [
      ['plain.gz', Buffer.from('From x\n')],
      ['packed.mbox', gzipSync('From x\n')],
    ] as const) {
      writeFileSync(join(home, name), bytes);
      expect(await mailPort.fromFile(join(home, name), unwatched)).toEqual({ kind: 'done', value: Buffer.from('From x\n') });
    }
  });

  it('that is damaged, cut short, a bomb or not there is refused', async () => {
    const home = scratch();
    const whole = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, at) => `line ${at * 7919}\n`).join('')));
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 20, 60);
    const cases = {
      'source/truncated-gzip': whole.subarray(0, whole.length - 100),
      'source/damaged-gzip': damaged,
      'source/too-large': gzipSync(Buffer.alloc(MAX_MAIL_BYTES + 1)),
    };
    for (const [wanted, bytes] of Object.entries(cases)) {
      writeFileSync(join(home, 'x.gz'), bytes);
      expect(code(await mailPort.fromFile(join(home, 'x.gz'), unwatched))).toBe(wanted);
    }
    expect(code(await mailPort.fromFile(join(home, 'nowhere'), unwatched))).toBe('source/unreadable');
  });
});

describe('an archive', () => {
  it('gives the thread, through redirects', async () => {
    const asked: string[] = [];
    const archive = await serve((request, response) => {
      asked.push(request.url ?? '');
      if (asked.length === 1) response.writeHead(302, { location: '/moved/t.mbox.gz' }).end();
      else response.end(THREAD);
    });
    const outcome = await fetched(archive);
    expect(outcome.kind === 'done' && Buffer.from(outcome.value).toString()).toContain('Subject: x');
    expect(asked).toEqual(['/all/20240910.abc%2B1@example.org/t.mbox.gz', '/moved/t.mbox.gz']);
  });

  it.each<[string, RequestListener]>([
    ['archive/no-such-message', (_q, response) => response.writeHead(404).end('no')],
    ['archive/answer', (_q, response) => response.writeHead(503).end('no')],
    ['archive/not-gzip', (_q, response) => response.end('<html>prove that you are human</html>')],
    ['archive/not-gzip', (_q, response) => response.end()],
    ['source/truncated-gzip', (_q, response) => response.end(THREAD.subarray(0, 40))],
    ['archive/unreachable', (_q, response) => response.writeHead(302, { location: '/all/again' }).end()],
    ['archive/unreachable', (_q, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
    ['archive/unreachable', (_q, response) => response.writeHead(200, { 'content-length': '1000' }).write('x', () => response.destroy())],
    [
      'source/too-large',
      (_q, response) => {
        const chunk = Buffer.alloc(1 << 20, 0x1f);
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      },
    ],
  ])('that answers otherwise is refused: %s', async (wanted, listener) => {
    expect(code(await fetched(await serve(listener)))).toBe(wanted);
  });

  it('that is not there is refused', async () => {
    expect(code(await fetched('http://127.0.0.1:1/all/'))).toBe('archive/unreachable');
    expect(code(await fetched('ftp://127.0.0.1/'))).toBe('archive/bad-address');
  });

  it('that does not answer can be cancelled', async () => {
    let asked = false;
    const archive = await serve(() => {
      asked = true;
    });
    const progress: Progress = {
      report: () => undefined,
      get cancelled() {
        return asked;
      },
    };
    expect(await fetched(archive, progress)).toEqual({ kind: 'cancelled' });
  });

  it('is where a series is opened from by message-id or URL', async () => {
    const home = scratch();
    const clone = smallClone(home);
    const mbox = mailed(clone, THREE);
    const archive = await serve((_request, response) => response.end(gzipSync(mbox)));
    const id = /^Message-I[Dd]: <([^>]+)>/m.exec(mbox)?.[1] ?? '';
    for (const source of [id, `https://lore.kernel.org/all/${id}/T/#u`]) {
      const opened = await openSeries(
        openPorts(join(home, 'data')),
        { source, repo: clone, base: 'base', full: false, archive },
        unwatched,
      );
      expect(opened.kind === 'done' && opened.value.opened.id).toBe(id);
    }
    const other = await openSeries(
      openPorts(join(home, 'data')),
      { source: 'other@example.org', repo: clone, base: 'base', full: false, archive },
      unwatched,
    );
    expect(code(other)).toBe('series/no-such-revision');
  });
});
