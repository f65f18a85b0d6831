/** Progress of work as LSP tells it, through a token of the client or one of our own. */
import type { CancellationToken, Connection, WorkDoneProgressReporter } from 'vscode-languageserver/node';
import type { Progress } from '../base/progress';

/** Between two reports: more are not seen, and cost the work. */
const REPORT_MS = 80;

/** Runs work under a reporter that begins before it and is done after it, whatever comes of it. */
export async function toldProgress<T>(
  reporter: WorkDoneProgressReporter,
  title: string,
  token: CancellationToken,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  // The client asks by cancelling the request, or by the button beside the progress.
  const own = (reporter as Partial<{ readonly token: CancellationToken }>).token;
  let last = 0;
  reporter.begin(title, 0, undefined, true);
  try {
    return await work({
      report: (message, fraction) => {
        const now = Date.now();
        if (now - last < REPORT_MS) return;
        last = now;
        if (fraction === undefined) reporter.report(message);
        else reporter.report(Math.round(Math.min(1, Math.max(0, fraction)) * 100), message);
      },
      get cancelled() {
        return token.isCancellationRequested || own?.isCancellationRequested === true;
      },
    });
  } finally {
    reporter.done();
  }
}

/** A reporter for work that the client gave no token for; one that says nothing where the client shows no progress. */
export const ownReporter = async (connection: Connection, supported: boolean): Promise<WorkDoneProgressReporter> =>
  supported ? await connection.window.createWorkDoneProgress() : connection.window.attachWorkDoneProgress(undefined);
