// Shows an address in the user's own browser, or in a Chromium where the desktop names none.
import { spawn, spawnSync } from 'node:child_process';
import { findBrowser } from './browser.mjs';

const openers = { darwin: 'open', win32: 'explorer', linux: 'xdg-open' };

export function openInBrowser(url) {
  const opener = openers[process.platform] ?? 'xdg-open';
  const there = process.platform !== 'linux' || spawnSync('sh', ['-c', `command -v ${opener}`]).status === 0;
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const [command, args] = there ? [opener, [url]] : [findBrowser(), [...asRoot, `--app=${url}`]];
  spawn(command, args, { detached: true, stdio: 'ignore' }).unref();
}
