// Installs a real VS Code as a server (code-server 4.100.3, which is VS Code 1.100.3 and runs on Node 20) from the npm registry.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must, stop } from '../setup.mjs';
import { cacheFolder } from './cache.mjs';

const version = '4.100.3';
/** Native modules that its own install step would build; without them there is no log, no terminal and no watchdog. */
const natives = ['@vscode/spdlog', 'native-watchdog', 'node-pty'];
const quiet = ['--no-audit', '--no-fund', '--ignore-scripts'];

/** Gives the path of the server's entry script, installing it first where it is not there. A minute, once. */
export function installServer() {
  const folder = join(cacheFolder, 'vscode-server');
  const server = join(folder, 'node_modules/code-server');
  const entry = join(server, 'out/node/entry.js');
  const mark = join(folder, `.installed-${version}`);
  if (existsSync(mark) && existsSync(entry)) return entry;
  console.error(`folioscope: installing the VS Code server ${version} into ${folder} (a minute or two, once)`);
  mkdirSync(folder, { recursive: true });
  const log = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...nodeHeaders() } };
  writeFileSync(join(folder, 'package.json'), '{"name":"vscode-server","private":true}\n');
  must('npm', ['install', ...quiet, `code-server@${version}`], log);
  must('npm', ['rebuild', 'argon2'], log);
  const vscode = join(server, 'lib/vscode');
  installLocked(vscode);
  installLocked(join(vscode, 'extensions'));
  for (const native of natives.filter((name) => existsSync(join(vscode, 'node_modules', name)))) {
    must('npx', ['--yes', 'node-gyp', 'rebuild'], { ...log, cwd: join(vscode, 'node_modules', native) });
  }
  const asar = join(vscode, 'node_modules.asar');
  rmSync(asar, { recursive: true, force: true });
  symlinkSync('node_modules', asar);
  linkRipgrep(vscode);
  const check = spawnSync('node', [entry, '--version'], { encoding: 'utf8' });
  if (check.status !== 0) stop(`The VS Code server in ${folder} does not start: ${check.stderr}. Remove that folder and run this again.`);
  writeFileSync(mark, '');
  return entry;
}

function installLocked(cwd) {
  const log = { cwd, stdio: ['ignore', 'ignore', 'inherit'] };
  const clean = spawnSync('npm', ['ci', ...quiet, '--omit=dev'], { cwd, stdio: 'ignore' });
  if (clean.status !== 0) must('npm', ['install', ...quiet, '--omit=dev'], log);
}

/** Headers that came with Node, where they did: native modules are then built without fetching them. */
function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {};
}

/** The search view looks for ripgrep where its own package would have downloaded it to. */
function linkRipgrep(vscode) {
  const found = spawnSync('sh', ['-c', 'command -v rg'], { encoding: 'utf8' }).stdout.trim();
  if (!found) return;
  const bin = join(vscode, 'node_modules/@vscode/ripgrep/bin');
  mkdirSync(bin, { recursive: true });
  rmSync(join(bin, 'rg'), { force: true });
  symlinkSync(found, join(bin, 'rg'));
}
