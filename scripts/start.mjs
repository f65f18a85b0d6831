// `npm start`: sets everything up and opens VS Code on the demo review. `-- --headless` does the same unseen and exits 0 once the demo is open and the simulator has run.
import { spawn, spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installPackages, must, root, stop } from './setup.mjs';

installPackages();
must('node', ['scripts/build.mjs']);
if (process.argv.includes('--headless')) {
  const { runDemoSuite } = await import('./vscode/suites.mjs');
  const run = await runDemoSuite();
  console.log(
    run.code === 0 ? 'The demo review opened and the simulator ran.' : 'The demo review did not come up; the lines above say where.',
  );
  process.exit(run.code);
}

const data = process.env.FOLIOSCOPE_DATA || join(process.env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'folioscope');
const demo = spawnSync('node', ['dist/cli.js', 'demo', '--json'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
if (demo.status !== 0) stop(`The demo could not be built: ${demo.stdout}`);
const { worktree } = JSON.parse(demo.stdout).series;

const code = process.env.VSCODE_EXECUTABLE || spawnSync('sh', ['-c', 'command -v code'], { encoding: 'utf8' }).stdout.trim();
if (code) {
  spawn(code, ['--new-window', `--extensionDevelopmentPath=${root}`, worktree], { detached: true, stdio: 'ignore' }).unref();
  console.log(`Opening ${worktree} in ${code}.`);
} else {
  const { startServer } = await import('./vscode/server.mjs');
  const server = await startServer({ env: { FOLIOSCOPE_DATA: data } });
  const url = server.url({ workspace: worktree, extension: root });
  console.log(`VS Code with the demo review is at\n\n  ${url}\n\nCtrl-C ends it.`);
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY || process.platform !== 'linux') {
    const { openInBrowser } = await import('./vscode/open-in-browser.mjs');
    openInBrowser(url);
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void server.stop().then(() => process.exit(0)));
}
