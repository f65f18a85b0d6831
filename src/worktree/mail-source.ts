/** Where the bytes of a series come from: a file, plain or gzip, or a thread of a public-inbox archive. */
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { gunzip } from 'node:zlib';
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { MailPort } from '../review/ports';

export const mailPort: MailPort = {
  isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  fromFile,
  fromArchive,
};

/** The largest threads of the lists are under 30 MB plain; what a small .gz may grow to must have an end. */
export const MAX_MAIL_BYTES = 256 * 1024 * 1024;
/** The same for what is read from a file or the net before it is gunzipped. */
const MAX_GZIP_BYTES = 64 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** An archive that sends nothing for so long is down. */
const IDLE_MS = 30_000;
const CANCEL_POLL_MS = 50;

async function fromFile(path: string, progress: Progress): Promise<Outcome<Uint8Array>> {
  let bytes: Uint8Array;
  try {
    const descriptor = openSync(path, 'r');
    try {
      const size = fstatSync(descriptor).size;
      if (size > MAX_MAIL_BYTES) return tooLarge(path, size);
      bytes = readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return refused(
      'source/unreadable',
      `${path} cannot be read: ${error instanceof Error ? error.message : 'it is no file'}.`,
      'The series cannot be taken from it.',
      'Give an mbox file that you may read, a message-id, or a lore URL.',
    );
  }
  return isGzip(bytes) ? await gunzipped(bytes, path, progress) : done(bytes);
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

async function gunzipped(bytes: Uint8Array, from: string, progress: Progress): Promise<Outcome<Uint8Array>> {
  if (bytes.byteLength > MAX_GZIP_BYTES) return tooLarge(from, bytes.byteLength);
  const out = await new Promise<Buffer | NodeJS.ErrnoException>((settle) => {
    gunzip(bytes, { maxOutputLength: MAX_MAIL_BYTES }, (error, result) => {
      settle(error ?? result);
    });
  });
  if (progress.cancelled) return cancelled;
  if (Buffer.isBuffer(out)) return done(out);
  if (out.code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(from, null);
  return out.code === 'Z_BUF_ERROR'
    ? refused(
        'source/truncated-gzip',
        `${from} ends in the middle of its gzip data.`,
        'The file is not whole, so the series is not either.',
        'Fetch it again.',
      )
    : refused('source/damaged-gzip', `${from} is damaged gzip data: ${out.message}.`, 'The mails in it cannot be read.', 'Fetch it again.');
}

const tooLarge = (from: string, bytes: number | null): Outcome<never> =>
  refused(
    'source/too-large',
    `${from} ${bytes === null ? `grows to more than ${MAX_MAIL_BYTES} bytes` : `has ${bytes} bytes`}.`,
    'No thread of a mailing list is as large, so it is not read.',
    'Give the mbox of the one thread (on a lore archive: t.mbox.gz).',
  );

async function fromArchive(archive: string, messageId: string, progress: Progress): Promise<Outcome<Uint8Array>> {
  const address = threadAddress(archive, messageId);
  if (address === null) {
    return refused(
      'archive/bad-address',
      `"${archive}" is no address of an archive.`,
      'Threads are fetched from an http or https address.',
      'Set the archive to one such as https://lore.kernel.org/all/.',
    );
  }
  progress.report(`Fetching ${address.href}`);
  const abort = new AbortController();
  let idle = Date.now();
  const poll = setInterval(() => {
    if (progress.cancelled || Date.now() - idle > IDLE_MS) abort.abort();
  }, CANCEL_POLL_MS);
  try {
    const response = await followed(address, abort.signal);
    if (response.kind !== 'done') return response;
    const body = await bodyOf(response.value, address, progress, () => {
      idle = Date.now();
    });
    if (body.kind !== 'done') return body;
    if (progress.cancelled) return cancelled;
    if (!isGzip(body.value)) return notGzip(address);
    return await gunzipped(body.value, address.href, progress);
  } catch (error) {
    if (progress.cancelled) return cancelled;
    return unreachable(address, abort.signal.aborted ? `it sent nothing for ${IDLE_MS / 1000} s` : causeOf(error));
  } finally {
    clearInterval(poll);
    abort.abort();
  }
}

/** `https://lore.kernel.org/all/` and an id give `https://lore.kernel.org/all/ID/t.mbox.gz`. */
export function threadAddress(archive: string, messageId: string): URL | null {
  try {
    const base = new URL(archive.endsWith('/') ? archive : `${archive}/`);
    if (base.protocol !== 'http:' && base.protocol !== 'https:') return null;
    return new URL(`${encodeURIComponent(messageId).replace(/%40/g, '@')}/t.mbox.gz`, base);
  } catch {
    return null;
  }
}

/** The answer after redirects, which may lead to another host but neither to another protocol nor from https to http. */
async function followed(address: URL, signal: AbortSignal): Promise<Outcome<Response>> {
  let at = address;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const response = await fetch(at, {
      redirect: 'manual',
      signal,
      headers: { 'user-agent': 'folioscope', accept: 'application/gzip, */*' },
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return answered(response, address);
    await response.body?.cancel();
    const next = new URL(location, at);
    const allowed = next.protocol === 'https:' || (next.protocol === 'http:' && at.protocol === 'http:');
    if (!allowed) return unreachable(address, `it redirects to ${next.protocol}//${next.host}`);
    at = next;
  }
  return unreachable(address, `it redirects more than ${MAX_REDIRECTS} times`);
}

async function answered(response: Response, address: URL): Promise<Outcome<Response>> {
  if (response.ok) return done(response);
  await response.body?.cancel();
  return response.status === 404
    ? refused(
        'archive/no-such-message',
        `${address.href} is not there (404).`,
        'The archive does not have a thread with this message-id.',
        'Check the message-id, or the archive in the settings (--archive).',
      )
    : refused(
        'archive/answer',
        `${address.href} was answered with ${response.status} ${response.statusText}.`,
        'The thread could not be fetched.',
        'Try again later, or download t.mbox.gz with a browser and open the file.',
      );
}

async function bodyOf(response: Response, address: URL, progress: Progress, alive: () => void): Promise<Outcome<Uint8Array>> {
  const expected = Number(response.headers.get('content-length') ?? NaN);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return notGzip(address);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    alive();
    bytes += chunk.byteLength;
    if (bytes > MAX_GZIP_BYTES) return tooLarge(address.href, bytes);
    chunks.push(chunk);
    progress.report(`Fetching the thread: ${Math.round(bytes / 1024)} KiB`, expected > 0 ? Math.min(1, bytes / expected) : undefined);
  }
  return done(Buffer.concat(chunks));
}

const notGzip = (address: URL): Outcome<never> =>
  refused(
    'archive/not-gzip',
    `${address.href} gave something that is no gzip file.`,
    'An archive may answer with a page for browsers, a login or a challenge.',
    'Download t.mbox.gz with a browser and open the file.',
  );

const unreachable = (address: URL, why: string): Outcome<never> =>
  refused(
    'archive/unreachable',
    `${address.href} could not be fetched: ${why}.`,
    'The thread was not fetched.',
    'Check the network and the archive address, or download t.mbox.gz with a browser and open the file.',
  );

/** Node's fetch says only "fetch failed"; its cause says why. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && cause.message !== '') return cause.message;
  return error instanceof Error ? error.message : String(error);
}
