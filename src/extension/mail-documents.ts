/** The documents `folioscope-mail:`: the mails of a series, and the replies that the remarks make. */
import * as vscode from 'vscode';
import { refusalText, type Outcome } from '../base/outcome';
import { messageText, previewReply } from '../protocol/requests';
import type { SeriesView } from '../protocol/series-view';
import { MAIL_SCHEME, type MailAddress, mailAddress, mailParts } from './document-address';
import type { Engine } from './engine';
import type { OpenedList } from './opened-list';
import { serveReadOnly } from './read-only-files';

export interface MailDocuments extends vscode.Disposable {
  /** Shows a mail. */
  show(address: MailAddress, title: string): Promise<void>;
  /** Writes the open replies of a series anew. */
  repliesChanged(series: string): void;
}

export function serveMails(engine: Engine): MailDocuments {
  const files = serveReadOnly(MAIL_SCHEME, async (uri) => {
    const address = mailAddress(uri);
    if (!address) throw vscode.FileSystemError.FileNotFound(uri);
    if (address.kind === 'message') return textOf(await engine.ask(messageText, { series: address.series, message: address.message }), uri);
    if (!vscode.workspace.isTrusted) {
      throw vscode.FileSystemError.NoPermissions(
        vscode.l10n.t('Writing a reply asks git for your name, and this workspace is not trusted. Trust it to see the reply.'),
      );
    }
    const preview = await engine.ask(previewReply, { series: address.series, patch: address.patch });
    return textOf(preview.kind === 'done' ? { kind: 'done', value: preview.value.text } : preview, uri);
  });
  return {
    async show(address, title) {
      const uri = mailUri(address, title);
      if (address.kind === 'reply') files.changed(uri);
      await vscode.window.showTextDocument(uri, { preview: true });
    },
    repliesChanged(series) {
      for (const { uri } of vscode.workspace.textDocuments) {
        const address = mailAddressOf(uri);
        if (address?.kind === 'reply' && address.series === series) files.changed(uri);
      }
    },
    dispose: () => files.dispose(),
  };
}

/** The document of a mail. */
export const mailUri = (address: MailAddress, title: string): vscode.Uri =>
  vscode.Uri.from({ scheme: MAIL_SCHEME, ...mailParts(address, title) });

const mailAddressOf = (uri: vscode.Uri): MailAddress | undefined => (uri.scheme === MAIL_SCHEME ? mailAddress(uri) : undefined);

/** What a mail document is about: its series and patch (0: the cover letter); undefined for a mail that is neither. */
export function patchOfMail(list: OpenedList, uri: vscode.Uri): { readonly series: SeriesView; readonly patch: number } | undefined {
  const address = mailAddressOf(uri);
  const series = address && list.byId(address.series);
  if (!series) return undefined;
  if (address.kind === 'reply') return { series, patch: address.patch };
  if (series.cover?.id === address.message) return { series, patch: 0 };
  const patch = series.patches.find((one) => one.id === address.message);
  return patch && { series, patch: patch.number };
}

function textOf(outcome: Outcome<string>, uri: vscode.Uri): string {
  if (outcome.kind === 'done') return outcome.value;
  throw vscode.FileSystemError.Unavailable(outcome.kind === 'refused' ? refusalText(outcome.refusal) : uri);
}
