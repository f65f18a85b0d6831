/** The requests about running functions: the program of one, and a verdict on one. */
import { resolve } from 'node:path';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import { exploreParams, programParams } from '../protocol/decode';
import { explore, programOf } from '../protocol/requests';
import type { Border } from './border';
import { exploredInThread } from './exploring-threads';
import { readingThread } from './reading-thread';
import { ownReporter, toldProgress } from './told-progress';

/**
 * @param script path of the bundled thread
 * @param showsProgress whether the client shows progress that it gave no token for
 */
export function answerRuns(connection: Connection, border: Border, script: string, showsProgress: boolean): void {
  const thread = readingThread(script);
  const read = (tree: string, name: string, progress: Progress, onCancel: (stop: () => void) => void): Promise<Outcome<Program>> =>
    thread.program(resolve(tree), name, reportTo(progress), onCancel);
  border.answer(programOf, programParams, async ({ tree, function: name }, token) => {
    const reporter = await ownReporter(connection, showsProgress);
    return toldProgress(reporter, `Reading ${name}()`, token, (progress) => read(tree, name, progress, whenCancelled(token)));
  });
  border.answer(explore, exploreParams, async ({ tree, function: name, states, workDoneToken }, token) => {
    const reporter = connection.window.attachWorkDoneProgress(workDoneToken);
    return toldProgress(reporter, `Exploring ${name}()`, token, async (progress) => {
      progress.report(`Reading ${name}() and what it calls`);
      const program = await read(tree, name, progress, whenCancelled(token));
      return program.kind === 'done'
        ? exploredInThread(script, program.value, { function: name, states }, reportTo(progress), whenCancelled(token))
        : program;
    });
  });
}

const reportTo =
  (progress: Progress) =>
  (text: string, fraction?: number): void => {
    progress.report(text, fraction);
  };

/** Runs what ends some work when the request is cancelled, at once where it was already. */
const whenCancelled =
  (token: CancellationToken) =>
  (stop: () => void): void => {
    if (token.isCancellationRequested) stop();
    else token.onCancellationRequested(stop);
  };
