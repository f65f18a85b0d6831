/** The extension's line to the language server: started at the first question, asked by typed requests. */
import { createRequire } from 'node:module';
import * as vscode from 'vscode';
import { cancelled, type Outcome, refused } from '../base/outcome';
import type { RequestOf } from '../protocol/requests';
import type * as languageClient from './language-client';

export interface Engine extends vscode.Disposable {
  /** The answer; throws where the server fails (a bug), rejects with `vscode.CancellationError` where the token was cancelled. */
  ask<P, R>(request: RequestOf<P, R>, params: P, token?: vscode.CancellationToken): Promise<R>;
  /** As `ask`, with a notification that shows what is being done and can be cancelled. */
  askWithProgress<P extends { readonly workDoneToken?: string | number }, R>(
    title: string,
    request: RequestOf<P, Outcome<R>>,
    params: P,
  ): Promise<Outcome<R>>;
  /** Fires with the path of a tree whose files changed on disk. */
  readonly onTreeChanged: vscode.Event<string>;
  /** Fires when the server ended and was started again. */
  readonly onRestarted: vscode.Event<void>;
}

export function openEngine(context: vscode.ExtensionContext): Engine {
  let client: Promise<languageClient.EngineClient> | null = null;
  let lastToken = 0;
  const treeChanged = new vscode.EventEmitter<string>();
  const restarted = new vscode.EventEmitter<void>();

  const started = (): Promise<languageClient.EngineClient> => {
    client ??= startClient(context).then(
      (running) => {
        running.onTreeChanged((tree) => treeChanged.fire(tree));
        running.onRestarted(() => restarted.fire());
        return running;
      },
      (error: unknown) => {
        client = null;
        throw error;
      },
    );
    return client;
  };
  const ask = async <P, R>(request: RequestOf<P, R>, params: P, token?: vscode.CancellationToken): Promise<R> =>
    (await started()).ask(request.method, params, token) as Promise<R>;

  return {
    ask,
    onTreeChanged: treeChanged.event,
    onRestarted: restarted.event,
    askWithProgress: (title, request, params) =>
      Promise.resolve(
        vscode.window.withProgress(
          { location: vscode.ProgressLocation.Notification, title, cancellable: true },
          async (progress, token) => {
            const running = await started();
            const workDoneToken = `folioscope-${(lastToken += 1)}`;
            const watch = running.onProgress(workDoneToken, (message, increment) => progress.report({ message, increment }));
            try {
              return await ask(request, { ...params, workDoneToken }, token);
            } catch (error) {
              if (token.isCancellationRequested) return cancelled;
              return failed(error);
            } finally {
              watch.dispose();
            }
          },
        ),
      ),
    dispose() {
      treeChanged.dispose();
      restarted.dispose();
      void client?.then((running) => running.stop()).catch(() => undefined);
    },
  };
}

/** The client is a bundle of its own: reading it takes longer than all the rest of activation. */
async function startClient(context: vscode.ExtensionContext): Promise<languageClient.EngineClient> {
  const load = createRequire(__filename);
  const { startEngineClient } = load(context.asAbsolutePath('dist/language-client.js')) as typeof languageClient;
  return startEngineClient(context.asAbsolutePath('dist/server.js'));
}

/** A request that broke, as something that can be shown like a refusal. */
export function failed(error: unknown): Outcome<never> {
  return refused(
    'server/failed',
    vscode.l10n.t('The language server did not answer: {0}.', messageOf(error).replace(/\.$/, '')),
    vscode.l10n.t('This is a fault of Folioscope.'),
    vscode.l10n.t('The output channel "Folioscope" has the details; "Developer: Restart Extension Host" starts it anew.'),
  );
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
