/** Starts the language server and speaks LSP with it. Bundled on its own, so that activation does not wait for it to be read. */
import * as vscode from 'vscode';
import {
  CloseAction,
  CodeLensRequest,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import { treeChanged } from '../protocol/requests';
import { CallHierarchyTurn, navigation } from './assumptions-navigation';

export interface EngineClient {
  ask(method: string, params: unknown, token?: vscode.CancellationToken): Promise<unknown>;
  /** @param take gets what is being done now, and by how many per cent it has moved on */
  onProgress(token: string, take: (message: string, increment: number) => void): vscode.Disposable;
  /** Files of a tree changed on disk. */
  onTreeChanged(take: (tree: string) => void): vscode.Disposable;
  /** The server ended and was started again: what it knew is gone. */
  onRestarted(take: () => void): vscode.Disposable;
  stop(): Promise<void>;
}

/** C of the kernel (VS Code takes its headers for C++), and scenarios wherever they are. */
const C_FILES = [
  { scheme: 'file', language: 'c' },
  { scheme: 'file', language: 'cpp' },
];
const documentSelector = [...C_FILES, { language: 'gmem' }];

export async function startEngineClient(serverModule: string): Promise<EngineClient> {
  const client = new LanguageClient(
    'folioscope',
    'Folioscope',
    {
      run: { module: serverModule, transport: TransportKind.ipc },
      debug: { module: serverModule, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6019'] } },
    },
    {
      documentSelector,
      progressOnInitialization: false,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      errorHandler: errorHandler(),
      middleware: {
        ...navigation,
        provideCodeLenses: (document, token, next) => (showsLenses() ? next(document, token) : []),
      },
    },
  );
  client.registerFeature(new CallHierarchyTurn(client, C_FILES));
  await client.start();
  const settings = vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration('folioscope.codeLens')) refreshLenses(client);
  });
  return {
    ask: (method, params, token) => (token ? client.sendRequest(method, params, token) : client.sendRequest(method, params)),
    onProgress(token, take) {
      let reached = 0;
      return client.onProgress(WorkDoneProgress.type, token, (value) => {
        if (value.kind === 'end') return;
        const now = value.percentage ?? reached;
        take(value.message ?? '', now - reached);
        reached = now;
      });
    },
    onTreeChanged: (take) =>
      client.onNotification(treeChanged, (params: unknown) => {
        const tree = typeof params === 'object' && params !== null && 'tree' in params ? params.tree : undefined;
        if (typeof tree === 'string') take(tree);
      }),
    onRestarted: (take) =>
      client.onDidChangeState(({ oldState, newState }) => {
        if (oldState !== State.Running && newState === State.Running) take();
      }),
    stop() {
      settings.dispose();
      return client.isRunning() ? client.stop() : Promise.resolve();
    },
  };
}

const showsLenses = (): boolean => vscode.workspace.getConfiguration('folioscope').get('codeLens', true);

function refreshLenses(client: LanguageClient): void {
  const feature = client.getFeature(CodeLensRequest.method);
  for (const document of vscode.workspace.textDocuments) feature.getProvider(document)?.onDidChangeCodeLensEmitter.fire();
}

/** Restarts a server that died, but not for ever. */
function errorHandler() {
  const deaths: number[] = [];
  return {
    error: () => ({ action: ErrorAction.Continue }),
    closed() {
      const now = Date.now();
      deaths.push(now);
      const often = deaths.filter((time) => now - time < 180_000).length > 4;
      return often
        ? {
            action: CloseAction.DoNotRestart,
            message: vscode.l10n.t('The language server ended five times in three minutes and is not started again.'),
          }
        : { action: CloseAction.Restart, handled: true };
    },
  };
}
