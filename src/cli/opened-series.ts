/** The series of a worktree, read again from the mails that were kept. */
import { done, type Outcome, refused } from '../base/outcome';
import { readSeries } from '../series/read-series';
import type { Series } from '../series/series';
import { openedAt, type OpenedSeries, seriesMail } from '../worktree/opened';

/** *Fails* `series/not-opened`, and as `readSeries`. */
export async function seriesAt(directory: string): Promise<Outcome<{ readonly opened: OpenedSeries; readonly series: Series }>> {
  const opened = openedAt(directory);
  const mail = opened === null ? null : seriesMail(opened.slug);
  if (opened === null || mail === null) {
    return refused(
      'series/not-opened',
      `No series was opened in ${directory}.`,
      'What its patches and mails are is not known.',
      'Open the series first (folioscope open), and give its worktree.',
    );
  }
  const series = await readSeries(mail, { id: opened.id });
  return series.kind === 'done' ? done({ opened, series: series.value }) : series;
}
