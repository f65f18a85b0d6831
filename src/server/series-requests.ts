/** The requests about series: opening, reading, remarks and replies. Each is one call of the review or the record. */
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import { done, type Outcome, refused } from '../base/outcome';
import type { Progress } from '../base/progress';
import { listRepliesOf } from '../series/list-replies';
import { seriesViewOf } from '../series/series-view';
import * as decode from '../protocol/decode';
import type { Remark } from '../protocol/remark';
import * as requests from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import { messageText } from '../review/message-text';
import { openSeries, type OpenResult } from '../review/open-series';
import { remarkOf, withoutRemark, withSavedRemark } from '../review/remarks';
import { replyTo } from '../review/reply';
import { openDemo } from '../worktree/demo';
import { fileAtCommit } from '../worktree/history';
import { identityIn } from '../worktree/identity';
import { listOpened, loadRemarks, openedAt, openedById, saveRemarks } from '../worktree/opened';
import { openPorts } from '../worktree/open-ports';
import type { Border } from './border';
import { KeptSeries } from './kept-series';
import { localDate } from './local-date';
import { toldProgress } from './told-progress';

/**
 * @param demo directory with the bundled demo
 */
export function answerSeriesRequests(connection: Connection, border: Border, demo: string): void {
  const kept = new KeptSeries();
  const opening = async (
    title: string,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
    work: (progress: Progress) => Promise<Outcome<OpenResult>>,
  ): Promise<Outcome<SeriesView>> => {
    const outcome = await toldProgress(connection.window.attachWorkDoneProgress(workDoneToken), title, token, work);
    return outcome.kind === 'done' ? done(seriesViewOf(outcome.value.series, outcome.value.opened)) : outcome;
  };

  border.answer(requests.openSeries, decode.openParams, async (params, token) =>
    opening('Opening the series', params.workDoneToken, token, (progress) => openSeries(openPorts(), params, progress)),
  );
  border.answer(requests.openDemo, decode.demoParams, async ({ workDoneToken }, token) =>
    opening('Opening the demo review', workDoneToken, token, (progress) => openDemo(demo, progress)),
  );
  border.answer(requests.openedSeries, decode.openedParams, async ({ worktree }) => {
    const one = worktree === undefined ? null : openedAt(worktree);
    const wanted = worktree === undefined ? listOpened() : one === null ? [] : [one];
    const views: SeriesView[] = [];
    for (const opened of wanted) {
      const read = await kept.of(opened);
      if (read.kind === 'done') views.push(seriesViewOf(read.value.series, opened));
      else if (read.kind === 'refused') connection.console.warn(`${opened.worktree} is left out: ${read.refusal.met}`);
    }
    return views;
  });
  border.answer(requests.messageText, decode.messageParams, async ({ series, message }) => {
    const read = await kept.byId(series);
    if (read.kind !== 'done') return read;
    const mail = read.value.series.messages.find((one) => one.id === message);
    return mail === undefined ? noSuchMail(message, read.value.series.title) : done(messageText(mail));
  });
  border.answer(requests.listReplies, decode.seriesParams, async ({ series }) => {
    const read = await kept.byId(series);
    return read.kind === 'done' ? listRepliesOf(read.value.series) : [];
  });
  border.answer(requests.fileAt, decode.fileAtParams, async ({ worktree, commit, path }) =>
    // git runs in what was opened with Folioscope, nowhere else.
    openedAt(worktree) === null ? notOpenedHere(worktree) : await fileAtCommit(worktree, commit, path),
  );

  border.answer(requests.remarks, decode.seriesParams, ({ series }) => {
    const opened = openedById(series);
    return opened === null ? [] : loadRemarks(opened.slug);
  });
  border.answer(requests.saveRemark, decode.remarkParams, (remark): Outcome<Remark> => {
    const opened = openedById(remark.series);
    if (opened === null) return notOpenedHere(remark.series);
    const { id, ...draft } = remark;
    const saved = id === '' ? remarkOf(draft) : remark;
    saveRemarks(opened.slug, withSavedRemark(loadRemarks(opened.slug), saved));
    return done(saved);
  });
  border.answer(requests.deleteRemark, decode.remarkIdParams, ({ series, id }): Outcome<null> => {
    const opened = openedById(series);
    if (opened === null) return notOpenedHere(series);
    saveRemarks(opened.slug, withoutRemark(loadRemarks(opened.slug), id));
    return done(null);
  });
  border.answer(requests.previewReply, decode.replyParams, async ({ series, patch }) => {
    const read = await kept.byId(series);
    if (read.kind !== 'done') return read;
    const { opened } = read.value;
    const identity = await identityIn(opened.worktree);
    if (identity.kind !== 'done') return identity;
    return replyTo(read.value.series, patch, loadRemarks(opened.slug), identity.value, localDate(new Date()));
  });
}

const noSuchMail = (message: string, title: string): Outcome<never> =>
  refused(
    'series/no-such-message',
    `"${title}" has no mail ${message}.`,
    'There is no text to show.',
    'Open the series again to fetch newer mails.',
  );

const notOpenedHere = (what: string): Outcome<never> =>
  refused(
    'series/not-opened',
    `${what} is no series, or no worktree of one, that was opened on this machine.`,
    'Nothing was read and nothing was stored.',
    'Open the series first.',
  );
