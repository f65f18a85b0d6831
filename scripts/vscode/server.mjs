// Starts the VS Code server on loopback with folders of its own, and stops it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installServer } from './install-server.mjs';

/** What a person would have clicked away: nothing may ask, update or greet during a run. */
const settings = {
  'workbench.startupEditor': 'none',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'git.openRepositoryInParentFolders': 'never',
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
};

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * Starts a server. `vsix` is installed into it first; `theme` is the colour theme; `env` is seen by the extension host.
 * Gives { port, url(query), folder, stop }.
 */
export async function startServer({ vsix, theme, env = {}, userSettings = {} } = {}) {
  const entry = installServer();
  const folder = mkdtempSync(join(tmpdir(), 'folioscope-vscode-'));
  const userData = join(folder, 'user');
  const extensions = join(folder, 'extensions');
  mkdirSync(join(userData, 'User'), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  const all = { ...settings, ...(theme ? { 'workbench.colorTheme': theme } : {}), ...userSettings };
  writeFileSync(join(userData, 'User/settings.json'), JSON.stringify(all, null, 2));
  const folders = ['--user-data-dir', userData, '--extensions-dir', extensions];
  if (vsix) {
    const install = spawnSync('node', [entry, ...folders, '--install-extension', vsix], { encoding: 'utf8' });
    if (install.status !== 0) throw new Error(`The package ${vsix} did not install: ${install.stdout}${install.stderr}`);
  }
  const port = await freePort();
  const flags = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'];
  const more = ['--disable-workspace-trust', '--disable-getting-started-override'];
  const child = spawn('node', [entry, ...flags, ...more, ...folders], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
  const base = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`${base}/healthz`).catch(() => undefined);
    if (answer?.ok) break;
    if (child.exitCode !== null || tries > 300) throw new Error(`The VS Code server did not start:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    folder,
    base,
    log: () => log,
    /** The address of a workbench on a folder, with the extension under development and, where given, a suite to run in it. */
    url({ workspace, extension, tests }) {
      const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
      const payload = [
        ...(extension ? [['extensionDevelopmentPath', remote(extension)]] : []),
        ...(tests
          ? [
              ['extensionTestsPath', remote(tests)],
              ['enableProposedApi', ''],
            ]
          : []),
        ['skipWelcome', 'true'],
      ];
      return `${base}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    },
    async stop() {
      child.kill('SIGTERM');
      await Promise.race([new Promise((resolve) => child.once('exit', resolve)), new Promise((resolve) => setTimeout(resolve, 3000))]);
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
