/** The series opened on this machine, read from their mails and kept while they are in use. */
import { done, type Outcome, refused } from '../base/outcome';
import { readSeries } from '../series/read-series';
import type { Series } from '../series/series';
import { type OpenedSeries, openedById, seriesMail } from '../worktree/opened';

interface SeriesAndPlace {
  readonly opened: OpenedSeries;
  readonly series: Series;
}

/** Series kept in memory: the mails of a large one take some 10 MB. */
const MAX_KEPT = 4;

export class KeptSeries {
  /** Oldest use first; the key changes when the mails do. */
  private readonly kept = new Map<string, Promise<Outcome<Series>>>();

  /** By message-id. *Fails* `series/not-opened`, and as `readSeries`. */
  async byId(id: string): Promise<Outcome<SeriesAndPlace>> {
    const opened = openedById(id);
    return opened === null ? notOpened(id) : await this.of(opened);
  }

  async of(opened: OpenedSeries): Promise<Outcome<SeriesAndPlace>> {
    const key = `${opened.slug} ${opened.opened}`;
    const series = await (this.kept.get(key) ?? this.read(key, opened));
    return series.kind === 'done' ? done({ opened, series: series.value }) : series;
  }

  private read(key: string, opened: OpenedSeries): Promise<Outcome<Series>> {
    const mail = seriesMail(opened.slug);
    const reading = mail === null ? Promise.resolve(notOpened(opened.id)) : readSeries(mail, { id: opened.id });
    this.kept.set(key, reading);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= MAX_KEPT) break;
      this.kept.delete(oldest);
    }
    return reading;
  }
}

const notOpened = (id: string): Outcome<never> =>
  refused(
    'series/not-opened',
    `The series ${id} is not opened on this machine, or its mails are gone.`,
    'What its patches and mails are is not known.',
    'Open the series again.',
  );
