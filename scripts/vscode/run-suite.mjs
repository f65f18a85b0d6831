// Runs a suite inside a real VS Code: in a desktop one where it can be had, else in the server build driven by Chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { browserFlags, findBrowser } from './browser.mjs';
import { startServer } from './server.mjs';

/** A suite that has not ended by then hangs: reasons are in its log. */
const longestRun = 15 * 60_000;
const size = { width: 1600, height: 1000 };

/**
 * @param suite { tests, workspace, extension, env, theme, vsix, screenshots }: paths are absolute; `env` reaches the suite.
 * Gives { code, passed, failed, skipped }.
 */
export async function runSuite(suite) {
  const desktop = await desktopVsCode();
  return desktop && !suite.vsix ? runOnDesktop(desktop, suite) : runOnServer(suite);
}

/** Path of a desktop VS Code, or undefined: VSCODE_EXECUTABLE, else a download where there is a display and a way out. */
async function desktopVsCode() {
  if (process.env.VSCODE_EXECUTABLE) return process.env.VSCODE_EXECUTABLE;
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!display || process.env.FOLIOSCOPE_VSCODE === 'server') return undefined;
  const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
  return downloadAndUnzipVSCode('1.100.3').catch((error) => {
    console.error(`folioscope: no desktop VS Code (${error.message}); using the server build`);
    return undefined;
  });
}

async function runOnDesktop(vscodeExecutablePath, suite) {
  const { runTests } = await import('@vscode/test-electron');
  const user = mkdtempSync(join(tmpdir(), 'folioscope-user-'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const code = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: suite.extension,
      extensionTestsPath: suite.tests,
      extensionTestsEnv: suite.env,
      launchArgs: [suite.workspace, `--user-data-dir=${user}`, '--disable-workspace-trust', '--skip-welcome'],
    }).catch(() => 1);
    return { code, ...counts };
  } finally {
    rmSync(user, { recursive: true, force: true });
  }
}

async function runOnServer(suite) {
  const server = await startServer({ env: suite.env, theme: suite.theme, vsix: suite.vsix, userSettings: suite.userSettings });
  const browser = await chromium.launch({ executablePath: findBrowser(), headless: true, args: browserFlags });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const page = await browser.newPage({ viewport: size });
    const code = await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`The suite did not end within ${longestRun / 60_000} minutes.`)), longestRun);
      const finish = (value) => (clearTimeout(late), resolve(value));
      page.on('crash', () => reject(new Error('The browser page crashed.')));
      const opened = (async () => {
        await page.exposeFunction('codeAutomationLog', (level, args) => takeLine(page, suite, counts, level, args));
        await page.exposeFunction('codeAutomationExit', finish);
        await page.goto(server.url(suite), { timeout: 120_000 });
      })();
      opened.catch(reject);
    });
    return { code: Number(code), ...counts };
  } catch (error) {
    console.error(`${error.message}\nLast lines of the server:\n${server.log().slice(-4000)}`);
    return { code: 1, ...counts };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** A line that the suite printed: shown, and obeyed where it asks for a screenshot or gives the counts. */
async function takeLine(page, suite, counts, level, args) {
  const text = args.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(' ');
  const wanted = /^folioscope-screenshot ([\w-]+)$/.exec(text);
  if (wanted) {
    if (!suite.screenshots) return;
    mkdirSync(suite.screenshots, { recursive: true });
    await page.screenshot({ path: join(suite.screenshots, `${wanted[1]}.png`) }).catch((error) => console.error(error.message));
    return;
  }
  const measured = /^folioscope-thread (begin|end) ?(\d*) ?(.*)$/.exec(text);
  if (measured) return takeThreadTime(page, measured[1], Number(measured[2]), measured[3]);
  const ended = /^folioscope-counts (\d+) (\d+) (\d+)$/.exec(text);
  if (ended) {
    [counts.passed, counts.failed, counts.skipped] = ended.slice(1).map(Number);
    return;
  }
  if (level === 'error' || level === 'log' || level === 'info' || level === 'warn') console.log(text);
}

/** Of the page whose thread is measured: its session and what the thread had worked when it began. */
let measuring;

/** Tells what the main thread of the workbench has worked for each of so many frames; in the server build the webviews are on it too. */
async function takeThreadTime(page, which, frames, what) {
  const threadTime = async (devtools) =>
    (await devtools.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
  if (which === 'begin') {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    measuring = { devtools, before: await threadTime(devtools) };
    return;
  }
  if (!measuring) return;
  const { devtools, before } = measuring;
  const worked = (await threadTime(devtools)) - before;
  await devtools.detach();
  measuring = undefined;
  console.log(`${what}: ${(worked / Math.max(1, frames)).toFixed(1)} ms of the main thread a frame, the workbench's work included`);
}
