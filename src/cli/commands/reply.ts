/** `folioscope reply DIR --patch N`: the mail that answers a patch with remarks, to look at. */
import { randomUUID } from 'node:crypto';
import { done, type Outcome, refused } from '../../base/outcome';
import type { Remark } from '../../protocol/remark';
import { replyTo } from '../../review/reply';
import type { Series } from '../../series/series';
import { fileAtCommit } from '../../worktree/history';
import { identityIn } from '../../worktree/identity';
import { loadRemarks, type OpenedSeries } from '../../worktree/opened';
import { type CliCommand, listOption, numberOption, UsageError } from '../command';
import { seriesAt } from '../opened-series';

export const reply: CliCommand = {
  name: 'reply',
  summary: 'show the mail that answers a patch with remarks; nothing is sent',
  define: (command) => {
    command
      .argument('<dir>', 'a worktree that was opened')
      .requiredOption('--patch <n>', 'the patch to answer; 0 is the cover letter')
      .option(
        '--remark <file:line:text>',
        'a remark on a line as it is after the patch, repeatable (default: the remarks stored for the series)',
        (value: string, before: readonly string[] = []) => [...before, value],
      );
  },
  run: async ([directory = ''], options, progress) => {
    const patch = numberOption(options, 'patch', 0, 9999) ?? 0;
    const given = listOption(options, 'remark').map(parsedRemark);
    const found = await seriesAt(directory);
    if (found.kind !== 'done') return found;
    const { opened, series } = found.value;
    const identity = await identityIn(opened.worktree, progress);
    if (identity.kind !== 'done') return identity;
    const remarks = given.length === 0 ? done(loadRemarks(opened.slug)) : await remarksOf(given, patch, series, opened);
    if (remarks.kind !== 'done') return remarks;
    const preview = replyTo(series, patch, remarks.value, identity.value, localDate(new Date()));
    return preview.kind === 'done' ? done({ json: preview.value, text: preview.value.text.trimEnd() }) : preview;
  },
};

interface GivenRemark {
  readonly file: string;
  readonly line: number;
  readonly body: string;
}

function parsedRemark(text: string): GivenRemark {
  const match = /^([^:]+):([1-9]\d{0,8}):([^]+)$/.exec(text);
  if (match === null) throw new UsageError(`--remark wants FILE:LINE:TEXT, not "${text}"`);
  return { file: match[1] ?? '', line: Number(match[2]), body: match[3] ?? '' };
}

/** Gives each remark the text of its line, by which it is found in the mail. */
async function remarksOf(
  given: readonly GivenRemark[],
  patch: number,
  series: Series,
  opened: OpenedSeries,
): Promise<Outcome<readonly Remark[]>> {
  const commit = opened.commits[patch - 1] ?? '';
  const remarks: Remark[] = [];
  for (const one of given) {
    const text = await fileAtCommit(opened.worktree, commit === '' ? opened.base : commit, one.file);
    if (text.kind !== 'done') return text;
    const context = text.value.split('\n')[one.line - 1];
    if (context === undefined || text.value === '') {
      return refused(
        'reply/no-such-line',
        `${one.file} has no line ${one.line} after patch ${patch}.`,
        'The remark has no place.',
        'Give a file and line of the tree as it is after that patch.',
      );
    }
    const written = new Date().toISOString();
    remarks.push({
      id: randomUUID(),
      series: series.id,
      patch,
      file: one.file,
      side: 'new',
      line: one.line,
      context,
      body: one.body,
      written,
    });
  }
  return done(remarks);
}

/** ISO 8601 with this machine's offset, as mail shows it. */
function localDate(now: Date): string {
  const minutes = -now.getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const local = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}
