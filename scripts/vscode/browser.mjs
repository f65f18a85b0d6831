// Finds a Chromium, or installs Debian's where that may be done.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { must, stop } from '../setup.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** As root in a container there is no sandbox to be had; the rest keeps Chromium from calling home. */
export const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Path of a Chromium. Installs it by apt-get as root; otherwise stops and says what to install. */
export function findBrowser() {
  const found = lookUp();
  if (found) return found;
  const root = typeof process.getuid === 'function' && process.getuid() === 0;
  if (root && spawnSync('sh', ['-c', 'command -v apt-get']).status === 0) {
    console.error('folioscope: installing chromium by apt-get');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const log = { env, stdio: ['ignore', 'ignore', 'inherit'] };
    must('apt-get', ['update', '-q'], log);
    must('apt-get', ['install', '-y', '-q', 'chromium'], log);
    return lookUp() ?? stop('apt-get installed chromium, but it is not on the PATH. Set FOLIOSCOPE_BROWSER to its path.');
  }
  return stop(
    `No browser was found (looked for ${names.join(', ')}). VS Code's server build needs one here. ` +
      'Install Chromium (Debian: `sudo apt-get install chromium`) or set FOLIOSCOPE_BROWSER to a Chromium-based browser.',
  );
}

function lookUp() {
  const given = process.env.FOLIOSCOPE_BROWSER;
  if (given && existsSync(given)) return given;
  for (const name of names) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (found) return found;
  }
  return undefined;
}
