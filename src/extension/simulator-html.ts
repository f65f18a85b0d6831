/** The HTML of the simulator page with its content policy. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/**
 * Nothing may come from anywhere but the extension: scripts by nonce, no inline style, no network. A worker may only start from a blob, which the page
 * makes of the script that it fetches.
 */
export function simulatorHtml(webview: vscode.Webview, folder: vscode.Uri, title: string): string {
  const nonce = randomBytes(16).toString('base64');
  const address = (name: string): string => attribute(webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString());
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
    `connect-src ${webview.cspSource}`,
    `worker-src blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(title)}</title>
<link rel="stylesheet" href="${address('page.css')}">
</head>
<body data-worker="${address('worker.js')}">
<script nonce="${nonce}" src="${address('page.js')}"></script>
</body>
</html>`;
}

export const attribute = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
