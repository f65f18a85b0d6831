/** From the bytes of an mbox to the one series that a reviewer opens. */
import { done, type Outcome, refused } from '../base/outcome';
import { splitMbox } from '../mail/mbox';
import { instantOf } from '../mail/date';
import { type Message, parseMessage } from '../mail/message';
import { seriesOf } from './series-of';
import type { Series } from './series';

/** Which series is wanted where a file holds several. */
export interface SeriesChoice {
  /** Message-id of any mail of it, with or without angle brackets. */
  readonly id?: string;
  readonly revision?: number;
}

const ANOTHER_FILE = 'Give the mbox of the whole thread (on a lore archive: t.mbox.gz).';

/**
 * The series in an mbox (already gunzipped): the newest complete revision unless told otherwise.
 *
 * *Shape* what is odd but readable is in the series' `problems`; `series/unsafe-path` among them means: read it, do not apply it.
 * *Fails* `mail/not-mbox`, `mail/too-large`, `mail/truncated`, `series/none`, `series/no-such-revision`, `series/missing-patch`.
 */
export async function readSeries(bytes: Uint8Array, choice: SeriesChoice = {}): Promise<Outcome<Series>> {
  const box = splitMbox(bytes);
  const fault = box.problems.find((problem) => problem.code === 'mail/not-mbox' || problem.code === 'mail/too-large');
  if (fault !== undefined) return refused(fault.code, fault.message, 'No mail can be read from it.', ANOTHER_FILE);
  const messages: Message[] = [];
  for (const mail of box.messages) messages.push(await parseMessage(mail));
  const found = seriesOf(messages);
  if (found.series.length === 0) {
    const met = `The mbox holds ${messages.length} ${messages.length === 1 ? 'mail' : 'mails'}, none of them a patch of a series.`;
    return refused('series/none', met, 'There is nothing to review in it.', ANOTHER_FILE);
  }
  const chosen = chosenSeries(found.series, choice);
  if (chosen === null) {
    const have = found.series.map((series) => `v${series.revision} "${series.title}"`).join(', ');
    const wanted = choice.revision === undefined ? `a mail <${choice.id ?? ''}>` : `revision v${choice.revision}`;
    return refused(
      'series/no-such-revision',
      `No series in the mbox has ${wanted}; there are ${have}.`,
      'It cannot be opened from this mbox.',
      'Choose one of these, or give another mbox.',
    );
  }
  const cutShort = truncation(chosen, messages);
  if (cutShort !== null)
    return refused('mail/truncated', cutShort, 'The mbox was cut short, so the series is not whole.', 'Fetch it again.');
  if (chosen.missing.length > 0) {
    const met = `Of "${chosen.title}" (v${chosen.revision}, ${chosen.total} patches) ${numbersText(chosen.missing)} not in the mbox.`;
    return refused('series/missing-patch', met, 'The series cannot be applied without them.', ANOTHER_FILE);
  }
  const newer = found.series.find(
    (series) => series.revision > chosen.revision && series.missing.length > 0 && sameLineage(series, chosen),
  );
  if (newer === undefined || choice.revision !== undefined || choice.id !== undefined) return done(withMailProblems(chosen));
  const note = {
    code: 'series/newer-incomplete',
    message: `v${newer.revision} is in the mbox too, but ${numbersText(newer.missing)} missing; v${chosen.revision} is shown.`,
  };
  return done(withMailProblems({ ...chosen, problems: [...chosen.problems, note] }));
}

/** What was odd in the mails of the series goes with it. */
const withMailProblems = (series: Series): Series => ({
  ...series,
  problems: [
    ...series.problems,
    ...series.messages.flatMap((message) =>
      message.problems.map((problem) => ({ ...problem, message: `<${message.id}>: ${problem.message}` })),
    ),
  ],
});

function chosenSeries(all: readonly Series[], choice: SeriesChoice): Series | null {
  let candidates = all;
  const id = choice.id?.replace(/^<|>$/g, '');
  if (id !== undefined) candidates = candidates.filter((series) => series.messages.some((message) => message.id === id));
  // A cover or patch decides over a reply that is under several.
  const exact = candidates.filter((series) => series.id === id || series.patches.some((patch) => patch.message.id === id));
  if (exact.length > 0) candidates = exact;
  if (choice.revision !== undefined) candidates = candidates.filter((series) => series.revision === choice.revision);
  else if (id === undefined) {
    // The thread's own series is the earliest of those with most patches in a mail box; fix-ups sent as answers are not it.
    const anchor = candidates.find((series) => series.total > 1) ?? candidates[0];
    if (anchor !== undefined) candidates = candidates.filter((series) => sameLineage(series, anchor));
  }
  const sorted = [...candidates].sort(newestFirst);
  return sorted.find((series) => series.missing.length === 0) ?? sorted[0] ?? null;
}

/** Two revisions of the same work, as far as mail tells: the same title, or several patches by the same sender. */
function sameLineage(a: Series, b: Series): boolean {
  const sender = (series: Series): string => (series.cover ?? series.patches[0]?.message)?.from.address.toLowerCase() ?? '';
  return a === b || plainTitle(a) === plainTitle(b) || (a.total > 1 && b.total > 1 && sender(a) === sender(b));
}

const plainTitle = (series: Series): string =>
  series.title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();

function newestFirst(a: Series, b: Series): number {
  const date = (series: Series): number => instantOf((series.cover ?? series.patches[0]?.message)?.date ?? '') || 0;
  return b.revision - a.revision || b.total - a.total || date(b) - date(a);
}

/** A hunk that ends too early in the last mail of the file means that the file was cut. */
function truncation(series: Series, messages: readonly Message[]): string | null {
  const last = messages.at(-1);
  const patch = series.patches.find((one) => one.message.id === last?.id);
  if (last === undefined || patch === undefined) return null;
  const hunk = patch.files.at(-1)?.hunks.at(-1);
  if (hunk === undefined) return null;
  const before = hunk.lines.filter((line) => line.old !== null).length;
  const after = hunk.lines.filter((line) => line.new !== null).length;
  if (before >= hunk.oldLines && after >= hunk.newLines) return null;
  return `The last mail of the mbox, patch ${patch.number} (<${last.id}>), ends within the hunk "${hunk.header.slice(0, 80)}".`;
}

/** `patches 3, 5 to 7 are`. */
function numbersText(numbers: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let j = i;
    while (j + 1 < numbers.length && numbers[j + 1] === (numbers[j] ?? 0) + 1) j++;
    runs.push(j === i ? `${numbers[i] ?? 0}` : `${numbers[i] ?? 0} to ${numbers[j] ?? 0}`);
    i = j + 1;
  }
  return numbers.length === 1 ? `patch ${runs[0] ?? ''} is` : `patches ${runs.join(', ')} are`;
}
