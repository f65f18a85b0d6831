/** Stands in for clangd's extension, which comes from a marketplace: the same name, settings, commands and interface, and the real clangd. */
import * as vscode from 'vscode';
import { LanguageClient, RevealOutputChannelOn, State } from 'vscode-languageclient/node';

/** What the extension of this name gives to others. */
export interface ClangdExtension {
  getApi(version: 1): { readonly languageClient: LanguageClient | undefined };
}

const documentSelector = ['c', 'cpp', 'objective-c'].map((language) => ({ scheme: 'file', language }));

export function activate(context: vscode.ExtensionContext): ClangdExtension {
  let client: LanguageClient | undefined;
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('clangd');
  const start = (): void => {
    const command = settings().get('path', 'clangd');
    const args = settings().get<string[]>('arguments', []);
    client = new LanguageClient(
      'clangd',
      'clangd',
      { command, args },
      {
        documentSelector,
        initializationOptions: { clangdFileStatus: true },
        revealOutputChannelOn: RevealOutputChannelOn.Never,
      },
    );
    // As there: nobody waits for it.
    void client.start();
  };
  const stop = async (): Promise<void> => {
    const ending = client;
    client = undefined;
    await ending?.dispose();
  };
  context.subscriptions.push(
    vscode.commands.registerCommand('clangd.restart', async () => {
      // As there: it goes on where it is switched off, until it is shut down.
      if (!settings().get('enable', true) || client?.state === State.Starting) return;
      await stop();
      start();
    }),
    vscode.commands.registerCommand('clangd.shutdown', stop),
    new vscode.Disposable(() => void stop()),
  );
  if (settings().get('enable', true)) start();
  return { getApi: () => ({ languageClient: client }) };
}
