/** Opens a mailed series: finds its mails and its base, and applies it in a worktree that is whole in the end or not there. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { OpenParams } from '../protocol/requests';
import { patchMails } from '../series/patch-mails';
import { readSeries } from '../series/read-series';
import type { Patch, Series } from '../series/series';
import { pathReason } from '../series/unsafe-path';
import type { Application, CheckedOut, Clone, OpenedSeries, OpenPorts, TouchedPath } from './ports';
import { messageIdIn } from './series-source';

export interface OpenResult {
  readonly opened: OpenedSeries;
  readonly series: Series;
  /** True where a worktree of the same patches on the same base was there already. */
  readonly reused: boolean;
}

/**
 * The series, applied. The clone's own checkout, index, branches and configuration stay as they are; of what failed or was cancelled nothing is left.
 *
 * *Fails* `source/…`, `archive/…`, `mail/…`, `series/no-base`, `series/no-such-base`, `series/unsafe-path`, `series/missing-patch`,
 * `worktree/not-a-clone`, `worktree/exists`, `worktree/inside-clone`, `worktree/conflict`, `worktree/disk-full`, `git/missing`, `git/failed`.
 */
export async function openSeries(ports: OpenPorts, params: OpenParams, progress: Progress): Promise<Outcome<OpenResult>> {
  const mail = await mailOf(ports, params, progress);
  if (mail.kind !== 'done') return mail;
  progress.report('Reading the mails');
  const read = await readSeries(mail.value.bytes, mail.value.id === null ? {} : { id: mail.value.id });
  if (read.kind !== 'done') return read;
  const series = read.value;
  const unsafe = unsafeIn(series);
  if (unsafe !== null) return unsafe;
  if (progress.cancelled) return cancelled;

  const clone = await ports.clone.find(params.repo, progress);
  if (clone.kind !== 'done') return clone;
  const base = await baseOf(ports, clone.value, series, params.base, progress);
  if (base.kind !== 'done') return base;

  const plan = planOf(ports, params, series, clone.value, base.value);
  const standing = await reusable(ports, plan, progress);
  if (standing.kind !== 'done') return standing;
  const opened = standing.value === null ? await applied(ports, plan, progress) : done(standing.value);
  if (opened.kind !== 'done') return opened;
  // A worktree used again may have been opened from fewer mails: the newest thread is kept.
  const kept = ports.record.keep(opened.value.series, mail.value.bytes);
  if (kept.kind !== 'done') {
    opened.value.remove();
    return kept;
  }
  return done({ opened: opened.value.series, series, reused: standing.value !== null });
}

interface Plan {
  readonly series: Series;
  readonly clone: Clone;
  readonly base: string;
  readonly slug: string;
  readonly worktree: string;
  /** Whether the user said where. */
  readonly chosen: boolean;
  readonly full: boolean;
  readonly mails: readonly Uint8Array[];
  readonly digest: string;
}

interface Standing {
  readonly series: OpenedSeries;
  remove(): void;
}

async function mailOf(
  ports: OpenPorts,
  params: OpenParams,
  progress: Progress,
): Promise<Outcome<{ readonly bytes: Uint8Array; readonly id: string | null }>> {
  if (ports.mail.isFile(params.source)) {
    const bytes = await ports.mail.fromFile(params.source, progress);
    return bytes.kind === 'done' ? done({ bytes: bytes.value, id: null }) : bytes;
  }
  const id = messageIdIn(params.source);
  if (id === null) {
    const isUrl = /^https?:/i.test(params.source);
    return refused(
      isUrl ? 'source/no-message-id' : 'source/not-found',
      isUrl
        ? `${params.source} has no message-id in it.`
        : `"${params.source.slice(0, 200)}" is neither a file nor a message-id nor a URL.`,
      'No series can be found by it.',
      'Give an mbox file (plain or .gz), a message-id, or the URL of a message in a lore archive.',
    );
  }
  const bytes = await ports.mail.fromArchive(params.archive, id, progress);
  return bytes.kind === 'done' ? done({ bytes: bytes.value, id }) : bytes;
}

function unsafeIn(series: Series): Outcome<never> | null {
  const problem = series.problems.find((one) => one.code === 'series/unsafe-path');
  return problem === undefined ? null : unsafeRefusal(problem.message);
}

const unsafeRefusal = (met: string): Outcome<never> =>
  refused(
    'series/unsafe-path',
    met,
    'Writing there could make a program run what came by mail, so nothing of the series was applied.',
    'Read the mails of the series as text, and ask its author.',
  );

async function baseOf(
  ports: OpenPorts,
  clone: Clone,
  series: Series,
  asked: string | undefined,
  progress: Progress,
): Promise<Outcome<string>> {
  const name = asked ?? series.baseCommit;
  if (name === '') {
    return refused(
      'series/no-base',
      `"${series.title}" names no base commit, and none was given.`,
      'It is not known which commit of the clone the patches are made for.',
      'Give the commit, tag or branch that the series is based on (--base); the cover letter often names it.',
    );
  }
  const commit = await ports.clone.commitOf(clone, name, progress);
  if (commit.kind !== 'done' || commit.value !== null) return commit as Outcome<string>;
  if (asked !== undefined) {
    return refused(
      'series/no-such-base',
      `${clone.path} has no commit "${asked}".`,
      'The patches cannot be applied to it.',
      'Fetch it into the clone (git fetch), or give another base (--base).',
    );
  }
  return refused(
    'series/no-base',
    `"${series.title}" is based on commit ${name}, which ${clone.path} does not have.`,
    'The patches cannot be applied to it.',
    'Fetch that commit into the clone (git fetch), or give another base (--base).',
  );
}

function planOf(ports: OpenPorts, params: OpenParams, series: Series, clone: Clone, base: string): Plan {
  const slug = ports.record.slugOf(series);
  const mails = patchMails(series);
  return {
    series,
    clone,
    base,
    slug,
    worktree: params.worktree === undefined ? ports.record.worktreePathOf(slug) : ports.record.absolute(params.worktree),
    chosen: params.worktree !== undefined,
    full: params.full,
    mails,
    digest: ports.clone.digestOf(mails),
  };
}

/** A worktree of before with the same patches on the same base of the same clone, whatever was committed on top since. */
async function reusable(ports: OpenPorts, plan: Plan, progress: Progress): Promise<Outcome<Standing | null>> {
  for (const one of ports.record.openingsOf(plan.series.id)) {
    if (one.repo !== plan.clone.path || one.base !== plan.base || one.digest !== plan.digest) continue;
    if (plan.chosen && one.worktree !== plan.worktree) continue;
    const last = one.commits.filter((commit) => commit !== '').at(-1) ?? one.base;
    const holds = await ports.clone.holds(one.worktree, last, progress);
    if (holds.kind !== 'done') return holds;
    if (!holds.value) continue;
    if (plan.full && !one.full) {
      progress.report('Checking out the rest of the tree');
      const wide = await ports.clone.widen(one.worktree, progress);
      if (wide.kind !== 'done') return wide;
    }
    // What stood before is not taken away when the record cannot be written.
    return done({ series: { ...one, full: one.full || plan.full, opened: ports.record.now() }, remove: () => undefined });
  }
  return done(null);
}

async function applied(ports: OpenPorts, plan: Plan, progress: Progress): Promise<Outcome<Standing>> {
  progress.report('Adding the worktree');
  const directories = plan.full ? null : directoriesOf(plan.series);
  const made = await ports.clone.addWorktree(plan.clone, plan.worktree, plan.base, directories, progress);
  if (made.kind !== 'done') return made;
  let kept = false;
  try {
    const application = await ports.clone.applyMails(plan.worktree, plan.base, plan.mails, progress);
    if (application.kind !== 'done') return application;
    if (progress.cancelled) return cancelled;
    if (application.value.kind === 'stopped') return conflict(plan, application.value);
    const unsafe = unsafeTouched(application.value.touched);
    if (unsafe !== null) return unsafe;
    kept = true;
    const { slug, series, worktree, clone, base, full, digest } = plan;
    const record = { slug, id: series.id, title: series.title, revision: series.revision, worktree, repo: clone.path, base };
    return done({
      series: { ...record, commits: application.value.commits, full, digest, opened: ports.record.now() },
      remove: () => {
        made.value.remove();
      },
    });
  } finally {
    if (!kept) made.value.remove();
  }
}

/** What the memory model and the simulator read, and where the kernel asks for hugetlb, besides what the series touches. */
const MODEL_DIRECTORIES: CheckedOut = {
  whole: ['virt', 'mm', 'include', 'arch/x86/include', 'arch/x86/kvm', 'arch/x86/mm', 'fs/hugetlbfs', 'lib'],
  flat: ['fs', 'fs/proc', 'ipc', 'kernel', 'kernel/events', 'kernel/futex'],
};

/** Those with the directories of the files that the series touches; of one at the top (`drivers`, `fs`) only its own files. */
function directoriesOf(series: Series): CheckedOut {
  const paths = series.patches.flatMap((patch) => patch.files.flatMap((file) => [file.path, file.oldPath ?? '']));
  const touched = [...new Set(paths.map((path) => path.split('/').slice(0, -1).join('/')))].filter((directory) => directory !== '').sort();
  return {
    whole: [...MODEL_DIRECTORIES.whole, ...touched.filter((directory) => directory.includes('/'))],
    flat: [...MODEL_DIRECTORIES.flat, ...touched.filter((directory) => !directory.includes('/'))],
  };
}

/** The paths as git saw them: a mail that two readers read differently must not slip through. */
function unsafeTouched(touched: readonly TouchedPath[]): Outcome<never> | null {
  for (const { path, mode, target } of touched) {
    // git quotes a path that has characters which no kernel file has.
    const reason = path.startsWith('"') ? 'has characters that no kernel file has' : (pathReason(path) ?? modeReason(path, mode, target));
    if (reason !== null) return unsafeRefusal(`The series touches "${path}", which ${reason}.`);
  }
  return null;
}

function modeReason(path: string, mode: string, target: string | null): string | null {
  if (mode === '160000') return 'is another repository';
  if (target === null) return null;
  if (target.startsWith('/')) return 'is a symbolic link to an absolute path';
  let depth = path.split('/').length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.' && part !== '') depth += 1;
    if (depth < 0) return 'is a symbolic link that points out of the tree';
  }
  return null;
}

function conflict(plan: Plan, stop: Extract<Application, { kind: 'stopped' }>): Outcome<never> {
  const patch = plan.series.patches[stop.at - 1];
  const name = patch === undefined ? `Mail ${stop.at}` : `Patch ${patch.number}/${plan.series.total} "${patch.title}"`;
  const hunk = patch === undefined ? null : firstHunk(patch, stop);
  const where = stop.file === null ? firstLine(stop.said) : `${stop.file}${hunk === null ? '' : `, first failing hunk "${hunk}"`}`;
  return refused(
    'worktree/conflict',
    `${name} does not apply to ${plan.base.slice(0, 12)}: ${where}.`,
    'Nothing was opened: the worktree is removed and the clone is as it was.',
    'Open the series on the commit that it was made for (--base): its cover letter may name it, or try the release it was sent after.',
  );
}

/** The header of the hunk that git named by its old line, else the first of the file. */
function firstHunk(patch: Patch, stop: { readonly file: string | null; readonly line: number | null }): string | null {
  const file = patch.files.find((one) => one.path === stop.file || one.oldPath === stop.file);
  const hunk = file?.hunks.find((one) => one.oldStart === stop.line) ?? file?.hunks[0];
  return hunk?.header ?? null;
}

const firstLine = (text: string): string => (text.split('\n').find((line) => line.trim() !== '') ?? 'git does not say why').slice(0, 300);
