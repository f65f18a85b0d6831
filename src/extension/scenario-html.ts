/** The HTML of the page of the memory model: it has all that the first picture needs, so that nothing must be fetched or asked for before it. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ToScenarioPage } from '../protocol/scenario-page';
import { attribute } from './simulator-html';

/**
 * Style and script stand in the HTML: a webview fetches each resource through a service worker and the extension host, which takes longer than all that
 * the page itself does. The worker's script is fetched while the page is built. Nothing may come from anywhere but the extension: scripts and styles by
 * nonce, no network, a worker from a blob only.
 *
 * @param load the text of the scenarios, where it is at hand
 */
export function scenarioHtml(
  webview: vscode.Webview,
  folder: vscode.Uri,
  file: string,
  load: Extract<ToScenarioPage, { kind: 'load' }> | undefined,
): string {
  const nonce = randomBytes(16).toString('base64');
  const worker = attribute(webview.asWebviewUri(vscode.Uri.joinPath(folder, 'scenario-worker.js')).toString());
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    `img-src ${webview.cspSource}`,
    `connect-src ${webview.cspSource}`,
    `worker-src blob:`,
  ].join('; ');
  const first = load === undefined ? '' : `<script type="application/json" id="first-load">${json({ born: nonce, load })}</script>`;
  return `<!DOCTYPE html>
<html lang="${attribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(vscode.l10n.t('Model: {0}', file))}</title>
<link rel="preload" as="fetch" crossorigin href="${worker}">
<style nonce="${nonce}">${read(folder, 'scenario-page.css')}</style>
</head>
<body data-worker="${worker}">
<main class="simulator scenario-page" aria-busy="true">
<header class="top"><div class="top-row"><h1>${attribute(vscode.l10n.t('Memory model'))}</h1><span class="pane-note">${attribute(file)}</span></div></header>
<p class="waiting" role="status">${attribute(vscode.l10n.t('Reading the scenarios.'))}</p>
</main>
${first}<script nonce="${nonce}">${read(folder, 'scenario-page.js')}</script>
</body>
</html>`;
}

/** Nothing in it ends the script that it stands in. */
const json = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');

/** By path: each file is read once. */
const contents = new Map<string, string>();

function read(folder: vscode.Uri, name: string): string {
  const path = vscode.Uri.joinPath(folder, name).fsPath;
  let text = contents.get(path);
  if (text === undefined) {
    // The bundler never writes the end of a script or a style into one.
    text = readFileSync(path, 'utf8').replace(/^\/[/*]# sourceMappingURL=.*$/gm, '');
    contents.set(path, text);
  }
  return text;
}
