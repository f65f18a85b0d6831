/** A page that plays the extension: the host's API, the editor's colours in three themes, and the content policy of the real one. */
/// <reference types="node" />
import { createServer, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export type Theme = 'light' | 'dark' | 'high-contrast';

export interface HostPage {
  /** Address of the page in a theme. */
  address(theme: Theme, worker?: string): string;
  close(): Promise<void>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const NONCE = 'c3RlcHM';

/** As the extension sets it: scripts by nonce, styles of its own origin and those with the nonce, workers from blobs only. */
const policyOf = (origin: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${NONCE}'`,
    `style-src ${origin} 'nonce-${NONCE}'`,
    `connect-src ${origin}`,
    'worker-src blob:',
    `img-src ${origin}`,
    `font-src ${origin}`,
  ].join('; ');

/**
 * Bundles the page and the workers, and serves them on loopback.
 * @param workers name → file of a worker's entry
 * @param entry of the page
 */
export async function serveHostPage(workers: Readonly<Record<string, string>>, entry = 'webview-ui/page.ts'): Promise<HostPage> {
  const files = await bundled(workers, entry);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const origin = `http://${request.headers.host ?? ''}`;
    const file = files.get(url.pathname.slice(1));
    if (url.pathname === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyOf(origin) });
      response.end(htmlOf(url.searchParams.get('theme') as Theme, url.searchParams.get('worker') ?? ''));
    } else if (file === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': url.pathname.endsWith('.css') ? 'text/css' : 'text/javascript' });
      response.end(file);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: (theme, worker = Object.keys(workers)[0] ?? '') => `http://127.0.0.1:${portOf(server)}/?theme=${theme}&worker=${worker}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function bundled(workers: Readonly<Record<string, string>>, entry: string): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { page: entry, ...workers },
    outdir: 'dist/webview',
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
  });
  return new Map(result.outputFiles.map((file) => [file.path.slice(file.path.lastIndexOf('/') + 1), file.text]));
}

/** The stub keeps what the page posts in `window.posted` and its state in the session's storage, as VS Code does over a reload. */
const STUB = `
  window.posted = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
  });`;

const htmlOf = (theme: Theme, worker: string): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Simulation</title>
<style nonce="${NONCE}">:root { ${Object.entries(THEMES[theme] ?? THEMES.dark)
  .map(([name, value]) => `--vscode-${name}: ${value};`)
  .join(' ')} }</style>
<link rel="stylesheet" href="/page.css">
</head>
<body class="vscode-${theme}" data-worker="/${worker}.js">
<script nonce="${NONCE}">${STUB}</script>
<script nonce="${NONCE}" src="/page.js"></script>
</body>
</html>`;

const FONTS = {
  'font-family': 'system-ui, sans-serif',
  'font-size': '13px',
  'font-weight': 'normal',
  'editor-font-family': 'monospace',
  'editor-font-size': '14px',
};

/** The theme variables that the page uses, with the values of the editor's own three default themes. */
const THEMES: Readonly<Record<Theme, Readonly<Record<string, string>>>> = {
  dark: {
    ...FONTS,
    foreground: '#cccccc',
    'editor-background': '#1f1f1f',
    'editor-foreground': '#cccccc',
    descriptionForeground: '#9d9d9d',
    errorForeground: '#f85149',
    focusBorder: '#0078d4',
    'icon-foreground': '#cccccc',
    'panel-border': '#2b2b2b',
    'editorWidget-background': '#202020',
    'textLink-foreground': '#4daafc',
    'textLink-activeForeground': '#4daafc',
    'button-background': '#0078d4',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#026ec1',
    'button-border': '#ffffff12',
    'button-secondaryBackground': '#313131',
    'button-secondaryForeground': '#cccccc',
    'button-secondaryHoverBackground': '#3c3c3c',
    'badge-background': '#616161',
    'badge-foreground': '#f8f8f8',
    'dropdown-background': '#313131',
    'dropdown-foreground': '#cccccc',
    'dropdown-border': '#3c3c3c',
    'input-background': '#313131',
    'input-foreground': '#cccccc',
    'settings-textInputBackground': '#313131',
    'settings-textInputForeground': '#cccccc',
    'settings-textInputBorder': '#3c3c3c',
    'settings-checkboxBackground': '#313131',
    'settings-checkboxForeground': '#cccccc',
    'settings-checkboxBorder': '#3c3c3c',
    'input-placeholderForeground': '#989898',
    'inputOption-activeBackground': '#2489db82',
    'inputOption-activeBorder': '#2488db',
    'inputOption-activeForeground': '#ffffff',
    'list-hoverBackground': '#2a2d2e',
    'list-inactiveSelectionBackground': '#37373d',
    'list-focusOutline': '#0078d4',
    'toolbar-hoverBackground': '#5a5d5e50',
    'toolbar-activeBackground': '#63666750',
    'scrollbarSlider-background': '#79797966',
    'editor-findMatchHighlightBackground': '#ea5c0055',
    'editorError-foreground': '#f14c4c',
    'editorWarning-foreground': '#cca700',
    'charts-blue': '#3794ff',
    'charts-green': '#89d185',
    'charts-yellow': '#cca700',
    'charts-red': '#f14c4c',
    'charts-orange': '#d18616',
    'charts-purple': '#b180d7',
    'testing-iconPassed': '#73c991',
    'debugIcon-continueForeground': '#75beff',
    'debugIcon-pauseForeground': '#75beff',
    'debugIcon-stepOverForeground': '#75beff',
    'debugIcon-restartForeground': '#89d185',
    'debugIcon-breakpointCurrentStackframeForeground': '#ffcc00',
    'debugTokenExpression-name': '#c586c0',
  },
  light: {
    ...FONTS,
    foreground: '#3b3b3b',
    'editor-background': '#ffffff',
    'editor-foreground': '#3b3b3b',
    descriptionForeground: '#3b3b3b',
    errorForeground: '#f85149',
    focusBorder: '#005fb8',
    'icon-foreground': '#3b3b3b',
    'panel-border': '#e5e5e5',
    'editorWidget-background': '#f8f8f8',
    'textLink-foreground': '#005fb8',
    'textLink-activeForeground': '#005fb8',
    'button-background': '#005fb8',
    'button-foreground': '#ffffff',
    'button-hoverBackground': '#0258a8',
    'button-border': '#0000001a',
    'button-secondaryBackground': '#e5e5e5',
    'button-secondaryForeground': '#3b3b3b',
    'button-secondaryHoverBackground': '#cccccc',
    'badge-background': '#cccccc',
    'badge-foreground': '#3b3b3b',
    'dropdown-background': '#ffffff',
    'dropdown-foreground': '#3b3b3b',
    'dropdown-border': '#cecece',
    'input-background': '#ffffff',
    'input-foreground': '#3b3b3b',
    'settings-textInputBackground': '#ffffff',
    'settings-textInputForeground': '#3b3b3b',
    'settings-textInputBorder': '#cecece',
    'settings-checkboxBackground': '#f8f8f8',
    'settings-checkboxForeground': '#3b3b3b',
    'settings-checkboxBorder': '#cecece',
    'input-placeholderForeground': '#767676',
    'inputOption-activeBackground': '#bed6ed',
    'inputOption-activeBorder': '#005fb8',
    'inputOption-activeForeground': '#000000',
    'list-hoverBackground': '#f2f2f2',
    'list-inactiveSelectionBackground': '#e4e6f1',
    'list-focusOutline': '#005fb8',
    'toolbar-hoverBackground': '#b8b8b850',
    'toolbar-activeBackground': '#a6a6a650',
    'scrollbarSlider-background': '#64646466',
    'editor-findMatchHighlightBackground': '#ea5c0055',
    'editorError-foreground': '#e51400',
    'editorWarning-foreground': '#bf8803',
    'charts-blue': '#1a85ff',
    'charts-green': '#388a34',
    'charts-yellow': '#bf8803',
    'charts-red': '#e51400',
    'charts-orange': '#d18616',
    'charts-purple': '#652d90',
    'testing-iconPassed': '#73c991',
    'debugIcon-continueForeground': '#007acc',
    'debugIcon-pauseForeground': '#007acc',
    'debugIcon-stepOverForeground': '#007acc',
    'debugIcon-restartForeground': '#388a34',
    'debugIcon-breakpointCurrentStackframeForeground': '#be8700',
    'debugTokenExpression-name': '#9b46b0',
  },
  'high-contrast': {
    ...FONTS,
    foreground: '#ffffff',
    'editor-background': '#000000',
    'editor-foreground': '#ffffff',
    descriptionForeground: '#ffffffb3',
    errorForeground: '#f48771',
    focusBorder: '#f38518',
    contrastBorder: '#6fc3df',
    contrastActiveBorder: '#f38518',
    'icon-foreground': '#ffffff',
    'panel-border': '#6fc3df',
    'editorWidget-background': '#0c141f',
    'textLink-foreground': '#21a6ff',
    'textLink-activeForeground': '#21a6ff',
    'button-background': '#000000',
    'button-foreground': '#ffffff',
    'button-border': '#6fc3df',
    'button-secondaryBackground': '#000000',
    'button-secondaryForeground': '#ffffff',
    'badge-background': '#000000',
    'badge-foreground': '#ffffff',
    'dropdown-background': '#000000',
    'dropdown-foreground': '#ffffff',
    'dropdown-border': '#6fc3df',
    'input-background': '#000000',
    'input-foreground': '#ffffff',
    'settings-textInputBackground': '#000000',
    'settings-textInputForeground': '#ffffff',
    'settings-textInputBorder': '#6fc3df',
    'settings-checkboxBackground': '#000000',
    'settings-checkboxForeground': '#ffffff',
    'settings-checkboxBorder': '#6fc3df',
    'input-placeholderForeground': '#ffffffb3',
    'inputOption-activeBackground': '#00000000',
    'inputOption-activeBorder': '#6fc3df',
    'inputOption-activeForeground': '#ffffff',
    'list-focusOutline': '#f38518',
    'toolbar-hoverOutline': '#f38518',
    'scrollbarSlider-background': '#6fc3df99',
    'editorError-foreground': '#f48771',
    'editorWarning-foreground': '#ffd370',
    'charts-blue': '#59a4f9',
    'charts-green': '#89d185',
    'charts-yellow': '#ffd370',
    'charts-red': '#f48771',
    'charts-orange': '#d18616',
    'charts-purple': '#b180d7',
    'testing-iconPassed': '#73c991',
    'debugIcon-continueForeground': '#75beff',
    'debugIcon-pauseForeground': '#75beff',
    'debugIcon-stepOverForeground': '#75beff',
    'debugIcon-restartForeground': '#89d185',
    'debugIcon-breakpointCurrentStackframeForeground': '#ffcc00',
    'debugTokenExpression-name': '#ffffff',
  },
};
