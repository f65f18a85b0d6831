// Brings a fresh clone to where it can be built: installs the packages of package-lock.json when they are not there yet. Uses Node alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Runs a command with its output shown; ends this process with a clear line when it fails. */
export function must(command, args, options = {}) {
  const run = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (run.error) stop(`${command} could not be started (${run.error.message}). Install it and run this again.`);
  if (run.status !== 0) stop(`\`${[command, ...args].join(' ')}\` ended with ${run.status ?? run.signal}. Its output is above.`);
}

export function stop(message) {
  console.error(`folioscope: ${message}`);
  process.exit(1);
}

/** Installs packages when node_modules is missing or older than the lock file. */
export function installPackages() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) stop(`Node ${process.versions.node} was met; Folioscope needs Node 20 or newer. Install it and run this again.`);
  const mark = join(root, 'node_modules/.package-lock.json');
  const fresh = existsSync(mark) && statSync(mark).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
  if (fresh || (existsSync(mark) && sameVersions(mark))) return;
  must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  must('node', ['node_modules/esbuild/install.js']);
}

/** True when every package of the lock file is installed in its version (a fresh checkout gives the lock file a new time). */
function sameVersions(mark) {
  const versions = (file) =>
    Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
      .filter(([path, entry]) => path && !entry.optional)
      .map(([path, entry]) => `${path}@${entry.version}`)
      .sort()
      .join('\n');
  return versions(mark) === versions(join(root, 'package-lock.json'));
}
