/** `folioscope scan DIR`: the places that test hugetlb status or take it for granted, each with its class, its reach, and why. */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { done, type Outcome } from '../../base/outcome';
import type { Progress } from '../../base/progress';
import type { Scan } from '../../review/scan';
import { historyOf, type PatchEffect } from '../../review/scan-history';
import { commitNamed, commitsAfter } from '../../worktree/commit-texts';
import { openedAt } from '../../worktree/opened';
import { scanCommits, scanDirectory } from '../../worktree/scan-directory';
import { printable } from '../output';
import { type Answer, type CliCommand, flag, listOption, type Options, textOption, UsageError } from '../command';

export const scan: CliCommand = {
  name: 'scan',
  summary: 'list where the C of a tree tests folios or VMAs for hugetlb, or takes a VMA to be one, and what each place is',
  define: (command) => {
    command
      .argument('<dir>', 'a kernel tree')
      .option('--paths <path...>', 'tell only of these files and directories, relative to the tree; callers are looked for in all of it')
      .option(
        '--at <patch>',
        'the tree with the first patches of its series, up to this one (0: without any), or at a commit that git knows',
      )
      .option('--history', 'also what each patch of the series adds, removes and changes')
      .option('--base <commit>', 'what the patches come after, where no series was opened in the tree')
      .option('--no-cache', 'read every file again, and keep nothing');
  },
  run: async ([directory = ''], options, progress) => {
    const scanned = {
      paths: listOption(options, 'paths'),
      // The thread lies beside the bundle.
      thread: join(__dirname, 'scan-worker.js'),
      note: (text: string): void => {
        process.stderr.write(`${printable(text)}\n`);
      },
      ...(flag(options, 'cache') ? {} : { data: null }),
    };
    const at = textOption(options, 'at');
    if (flag(options, 'history')) {
      if (at !== undefined) throw new UsageError('--history and --at do not go together');
      return await historyAnswer(directory, scanned, options, progress);
    }
    if (at === undefined)
      return await unoptimised(async (onFew) => answerOf(await scanDirectory(directory, { ...scanned, onFew }, progress)));
    const commit = await commitAt(directory, at, options, progress);
    return commit.kind === 'done' ? answerOf(await scanDirectory(directory, { ...scanned, at: commit.value }, progress)) : commit;
  },
};

/**
 * Runs work that may find out that it is short: then V8 compiles nothing for long use any more, which takes as much processor time as reading one file
 * and is never paid back.
 */
async function unoptimised<T>(work: (onFew: () => void) => Promise<T>): Promise<T> {
  let isShort = false;
  try {
    return await work(() => {
      isShort = true;
      setFlagsFromString('--no-opt');
    });
  } finally {
    // The code that is kept of this run is of use to none with other flags.
    if (isShort) setFlagsFromString('--opt');
  }
}

function answerOf(found: Outcome<Scan>): Outcome<Answer> {
  return found.kind === 'done' ? done({ json: found.value, text: scanText(found.value) }) : found;
}

async function historyAnswer(
  directory: string,
  scanned: Parameters<typeof scanDirectory>[1],
  options: Options,
  progress: Progress,
): Promise<Outcome<Answer>> {
  const series = await commitsOf(directory, options, progress);
  if (series.kind !== 'done') return series;
  const scans = await scanCommits(directory, series.value, scanned, progress);
  if (scans.kind !== 'done') return scans;
  const last = scans.value.at(-1);
  if (last === undefined) throw new UsageError('the series has no patches');
  const { patches, sites } = historyOf(scans.value, series.value.slice(1));
  const found = { ...last, sites, patches };
  return done({ json: found, text: `${patches.map(effectText).join('\n')}\n\n${scanText(found)}` });
}

/** The base of the series in a tree, then its patches. */
async function commitsOf(directory: string, options: Options, progress: Progress): Promise<Outcome<readonly string[]>> {
  const base = textOption(options, 'base');
  const opened = base === undefined ? openedAt(directory) : null;
  if (opened !== null) return done([opened.base, ...opened.commits.filter((commit) => commit !== '')]);
  if (base === undefined) throw new UsageError('no series was opened in the tree: say with --base what its patches come after');
  const from = await commitNamed(directory, base, progress);
  if (from.kind !== 'done') return from;
  const after = await commitsAfter(directory, from.value, progress);
  return after.kind === 'done' ? done([from.value, ...after.value]) : after;
}

async function commitAt(directory: string, at: string, options: Options, progress: Progress): Promise<Outcome<string>> {
  const isPatch = /^\d{1,4}$/.test(at) && (openedAt(directory) !== null || textOption(options, 'base') !== undefined);
  if (!isPatch) return await commitNamed(directory, at, progress);
  const series = await commitsOf(directory, options, progress);
  if (series.kind !== 'done') return series;
  const commit = series.value[Number(at)];
  if (commit === undefined) throw new UsageError(`--at wants a patch from 0 to ${series.value.length - 1}, not "${at}"`);
  return done(commit);
}

function scanText(found: Scan): string {
  const lines = found.sites.map(
    (site) =>
      `${site.file}:${site.line}:${site.column} ${site.symbol} ${site.class} in ${site.function || 'no function'} (${site.reach.is})`,
  );
  lines.push('', ...found.claims.map(({ says, verdict, because }) => `${verdict}: ${says}; ${because}.`));
  lines.push(`${found.sites.length} sites in ${found.files} files.`);
  lines.push(
    ...found.unread.map((one) => `Not read: ${one.file}:${one.line}${one.function === '' ? '' : ` ${one.function}`} (${one.reason}).`),
  );
  return lines.join('\n');
}

function effectText({ patch, added, removed, changed }: PatchEffect): string {
  const lines = [
    ...added.map((site) => `  new      ${site.file}:${site.line} ${site.symbol} ${site.class} in ${site.function}`),
    ...removed.map((site) => `  gone     ${site.file}:${site.line} ${site.symbol} ${site.class} in ${site.function}`),
    ...changed.map(
      ({ site, before }) =>
        `  changed  ${site.file}:${site.line} ${site.symbol} in ${site.function}: ${before.class} (${before.reach}), now ${site.class} (${site.reach.is})`,
    ),
  ];
  return [`Patch ${patch}: ${added.length} new, ${removed.length} gone, ${changed.length} changed.`, ...lines].join('\n');
}
