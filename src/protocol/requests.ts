/** The requests that the editor and the language server exchange beside LSP's own. Method names and shapes only. */
import type { Outcome } from '../base/outcome';
import type { Program } from '../kernel-c/program';
import type { AssumptionsView, CallRows, SiteHistory } from './assumptions';
import type { ExplorationReport } from './exploration';
import type { Remark, ReplyPreview } from './remark';
import type { RunScenarioParams, ScenarioResult, ScenarioTests } from './scenario-runs';
import type { SeriesView } from './series-view';
import type { Scenario } from './simulation';

/** A request's name with the shapes of its parameters and result (carried as types only). */
export interface RequestOf<P, R> {
  readonly method: string;
  readonly shapes?: { readonly params: P; readonly result: R };
}

export type { Site, SiteKind } from '../assumptions/site';

const request = <P, R>(method: string): RequestOf<P, R> => ({ method });

export interface OpenParams {
  /** mbox path (plain or .gz), message-id, or lore URL. */
  readonly source: string;
  /** Kernel clone. */
  readonly repo: string;
  readonly base?: string;
  readonly worktree?: string;
  /** Check out everything instead of the directories that the series and the model need. */
  readonly full: boolean;
  /** Where threads are fetched from, `https://lore.kernel.org/all/`. */
  readonly archive: string;
  /** Token for `$/progress`. */
  readonly workDoneToken?: string | number;
}

export const openSeries = request<OpenParams, Outcome<SeriesView>>('folioscope/openSeries');
/** The series opened on this machine, newest first; with `worktree`, the one of that worktree. */
export const openedSeries = request<{ readonly worktree?: string }, readonly SeriesView[]>('folioscope/openedSeries');
/** Plain text of a mail: the headers that people read, a blank line, the body. */
export const messageText = request<{ readonly series: string; readonly message: string }, Outcome<string>>('folioscope/messageText');
/** Text of a file at a commit of a worktree ('' where the file is not there). */
export const fileAt = request<{ readonly worktree: string; readonly commit: string; readonly path: string }, Outcome<string>>(
  'folioscope/fileAt',
);
export interface TreeWork {
  readonly tree: string;
  /** Token for `$/progress`. */
  readonly workDoneToken?: string | number;
}

/** Sites of a whole worktree with what is known of each, and what could not be read. */
export const assumptions = request<TreeWork, Outcome<AssumptionsView>>('folioscope/assumptions');
/** What each patch of the series in a worktree did to its sites. */
export const siteHistory = request<TreeWork, Outcome<SiteHistory>>('folioscope/siteHistory');

export interface ReviewParams {
  readonly tree: string;
  readonly file: string;
  /** From 1, as in the site. */
  readonly line: number;
  readonly column: number;
  readonly reviewed: boolean;
}

/** Marks a site as reviewed, or takes that back; on disk when it is answered. */
export const reviewSite = request<ReviewParams, Outcome<null>>('folioscope/reviewSite');
/** Who calls a function of a file, and whom it calls. */
export const callsOf = request<{ readonly tree: string; readonly file: string; readonly function: string }, Outcome<CallRows>>(
  'folioscope/callsOf',
);
/** Everything that the page needs to run a function. */
export const programOf = request<{ readonly tree: string; readonly function: string; readonly file?: string }, Outcome<Program>>(
  'folioscope/programOf',
);
/** The functions that an open C file of a kernel tree defines, from the top; `line` from 0. None where it is no such file, or not open. */
export const functionsIn = request<{ readonly uri: string }, readonly { readonly name: string; readonly line: number }[]>(
  'folioscope/functionsIn',
);

export interface ExploreParams {
  readonly tree: string;
  readonly function: string;
  /** At least one. */
  readonly states: readonly { readonly name: string; readonly scenario: Scenario }[];
  /** Token for `$/progress`. */
  readonly workDoneToken?: string | number;
}

/** A verdict on one function; runs in a thread of its own, which is ended when the request is cancelled. */
export const explore = request<ExploreParams, Outcome<ExplorationReport>>('folioscope/explore');
/** What of a scenario text can be run; of any text, also one with errors. */
export const scenarioTests = request<{ readonly text: string }, ScenarioTests>('folioscope/scenarioTests');
/** A scenario on the model of each design, in a thread of its own, which is ended when the request is cancelled. */
export const runScenario = request<RunScenarioParams, Outcome<ScenarioResult>>('folioscope/runScenario');
export const remarks = request<{ readonly series: string }, readonly Remark[]>('folioscope/remarks');
export const saveRemark = request<Remark, Outcome<Remark>>('folioscope/saveRemark');
export const deleteRemark = request<{ readonly series: string; readonly id: string }, Outcome<null>>('folioscope/deleteRemark');
export const previewReply = request<{ readonly series: string; readonly patch: number }, Outcome<ReplyPreview>>('folioscope/previewReply');

/** What a mail of the list says under a line of a patch that it quotes. */
export interface ListReply {
  /** Patch from 1. */
  readonly patch: number;
  readonly file: string;
  /** `old`: a line that the patch removes. */
  readonly side: 'new' | 'old';
  /** Line of the file after (`old`: before) the patch, from 1. */
  readonly line: number;
  /** That line, without its `+`, `-` or blank. */
  readonly quoted: string;
  readonly says: string;
  /** Message-id, sender, subject and date of the mail. */
  readonly message: string;
  readonly from: string;
  readonly subject: string;
  readonly date: string;
}

/** What the list says about lines of code, in order of patch and date. */
export const listReplies = request<{ readonly series: string }, readonly ListReply[]>('folioscope/listReplies');
/** Builds the bundled demo (git repository and worktree) and opens its series. */
export const openDemo = request<{ readonly workDoneToken?: string | number }, Outcome<SeriesView>>('folioscope/openDemo');

/** The server tells that C files of a tree changed on disk (method name; params `{ tree }`): what `assumptions` gave is no longer all. */
export const treeChanged = 'folioscope/treeChanged';
