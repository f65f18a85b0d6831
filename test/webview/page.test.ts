/** The simulator page in a real Chromium, against a host page that plays the extension. */
/// <reference types="node" />
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type axeCore from 'axe-core';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FromPage, ToPage } from '../../src/protocol/page';
import type { SimulationSetup } from '../../src/protocol/simulation';
import { fakeSetup } from './fake-simulation';
import { smallSetup } from './small-program';
import { serveHostPage, type HostPage, type Theme } from './host-page';

const browserPath = [process.env['FOLIOSCOPE_BROWSER'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path !== undefined && existsSync(path),
);
/** Where to leave pictures of the page, for people to look at. */
const pictures = process.env['FOLIOSCOPE_PICTURES'];
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

declare global {
  interface Window {
    posted: FromPage[];
    violations: string[];
  }
}

describe.skipIf(browserPath === undefined)('the simulator page (skipped where no Chromium is found)', () => {
  let host: HostPage;
  let browser: Browser;
  let page: Page;
  let odd: string[] = [];

  beforeAll(async () => {
    const fake = fileURLToPath(new URL('./fake-worker.ts', import.meta.url));
    const worker = fileURLToPath(new URL('../../webview-ui/worker.ts', import.meta.url));
    host = await serveHostPage({ fake, worker });
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync', '--disable-quic'];
    browser = await chromium.launch({ executablePath: browserPath!, headless: true, args });
    if (pictures) mkdirSync(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
  });
  afterEach(async () => {
    const violations = await page.evaluate(() => window.violations);
    await page.context().close();
    expect(violations).toEqual([]);
    expect(odd).toEqual([]);
  });

  const send = (message: ToPage): Promise<void> => page.evaluate((sent) => window.postMessage(sent, '*'), message);
  const load = async (setup: SimulationSetup): Promise<void> => {
    await send({ kind: 'load', version: 1, setup, tree: '/tree' });
    await status(`at the entry of ${setup.function}()`);
  };
  const open = async (theme: Theme = 'dark', setup: SimulationSetup = fakeSetup(3), width = 1200, worker = 'fake'): Promise<void> => {
    odd = [];
    page = await (await browser.newContext({ viewport: { width, height: 900 } })).newPage();
    page.on('pageerror', (error) => odd.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('404')) odd.push(message.text());
    });
    await page.goto(host.address(theme, worker));
    await load(setup);
  };
  const status = (text: string): Promise<void> =>
    page
      .waitForFunction((wanted) => document.querySelector('.status-text')?.textContent === wanted, text, { timeout: 10_000 })
      .then(() => undefined);
  const statusText = (): Promise<string | null> => page.locator('.status-text').textContent();
  const posted = (): Promise<FromPage[]> => page.evaluate(() => window.posted);
  const lastPosted = async <K extends FromPage['kind']>(kind: K): Promise<Extract<FromPage, { kind: K }>> =>
    (await posted()).filter((one): one is Extract<FromPage, { kind: K }> => one.kind === kind).at(-1)!;
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const picture = async (name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  };

  it('paints before it is told anything, and says that it is ready', async () => {
    odd = [];
    page = await (await browser.newContext()).newPage();
    await page.goto(host.address('dark'));
    await page.getByText('Waiting for the function').waitFor();
    expect(await posted()).toEqual([{ kind: 'ready' }]);
  });

  it('steps, steps back, runs to the end and restarts, and tells the editor each place', async () => {
    await open();
    expect(await lastPosted('at')).toMatchObject({ step: 0, place: { file: 'virt/kvm/demo.c', line: 12 } });
    await button('Step').click();
    await status('stopped in fake_split() at step 10');
    expect(await lastPosted('at')).toMatchObject({
      step: 10,
      place: { line: 13 },
      stack: [{ function: 'fake_split' }],
      findings: { total: 0, shown: [] },
      choices: { total: 0, shown: [] },
    });
    await page.getByRole('region', { name: 'Locks held' }).getByText('folio lock of pfn 0x40000').first().waitFor();
    await button('Back').click();
    await status('at the entry of fake_split()');
    for (let step = 0; step < 3; step += 1) await button('Step').click();
    await button('Start').click();
    await status('at the entry of fake_split()');
    await button('Run').click();
    await status('returned 0');
    expect(await page.locator('.bounds').textContent()).toContain('at order 3 with one task');
    await page.getByRole('region', { name: 'After the run' }).getByText('hstate.free_huge_pages').waitFor();
    const counter = page.locator('.counters tr', { hasText: 'free_huge_pages' });
    expect(await counter.textContent()).toBe('free_huge_pages01−1');
    await button('Restart').click();
    await status('at the entry of fake_split()');
  });

  it('goes by the keyboard: F11, F10, Shift+F11, Alt+F11, F5', async () => {
    await open();
    await page.keyboard.press('F11');
    await status('stopped in fake_split() at step 10');
    await page.keyboard.press('F11');
    await status('stopped in fake_split() at step 20');
    await page.keyboard.press('F10');
    await status('stopped in fake_split() at step 30');
    await page.keyboard.press('F11');
    await status('stopped in fake_split_page() at step 40');
    await page.keyboard.press('Alt+F11');
    await status('stopped in fake_split() at step 30');
    await page.keyboard.press('Shift+F11');
    await status('returned 0');
    await page.keyboard.press('F11');
    expect(await statusText()).toBe('returned 0');
    await page.keyboard.press('Control+Shift+F5');
    await status('at the entry of fake_split()');
    await page.keyboard.press('F5');
    await status('returned 0');
  });

  it('takes the step commands of the command palette', async () => {
    await open();
    await send({ kind: 'command', command: 'step' });
    await status('stopped in fake_split() at step 10');
    await send({ kind: 'command', command: 'step-back' });
    await status('at the entry of fake_split()');
    await send({ kind: 'command', command: 'run' });
    await status('returned 0');
  });

  it('moves over the map by arrow keys, zooms to a single page, and shows the same as tables', async () => {
    await open('dark', fakeSetup(18));
    const map = page.getByRole('application');
    await map.focus();
    await page.keyboard.press('End');
    await page.locator('.fact-pfn dd', { hasText: '0x80000' }).waitFor();
    await page.keyboard.press('Home');
    await page.locator('.fact-pfn dd', { hasText: '0x40000' }).waitFor();
    for (let press = 0; press < 19; press += 1) await page.keyboard.press('ArrowUp');
    await page.locator('#folios .pane-note', { hasText: '1 page of 524,288' }).waitFor();
    await page.keyboard.press('0');
    await page.locator('#folios .pane-note', { hasText: '2 blocks, 2 GiB' }).waitFor();
    await page.getByRole('button', { name: 'Table: the folio map as tables' }).click();
    const table = page.getByRole('table', { name: 'Folios by page frame' });
    expect(await table.getByRole('row').nth(1).locator('td').allTextContents()).toEqual(
      ['0x40000', '1', '18', 'hugetlb', 'page cache', '1', '0', '0', 'uptodate'],
    ); // prettier-ignore
    await page.getByRole('table', { name: 'Page cache by index' }).waitFor();
  });

  it('zooms by the wheel with Ctrl about the pointer and pans by dragging', async () => {
    await open('dark', fakeSetup(9));
    const box = (await page.getByRole('application').boundingBox())!;
    const note = page.locator('#folios .pane-note');
    await page.mouse.move(box.x + box.width / 2, box.y + 45);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -160);
    await page.keyboard.up('Control');
    await note.filter({ hasText: '512 pages of 1,024' }).waitFor();
    const ticks = (): Promise<string[]> => page.locator('.tick-pfn .tick-text').allTextContents();
    const before = await ticks();
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 - 200, box.y + 45, { steps: 4 });
    await page.mouse.up();
    await expect.poll(ticks).not.toEqual(before);
  });

  it('keeps thousands of events and draws those in sight; Enter jumps, Shift+Enter shows the line', async () => {
    await open('dark', fakeSetup(18));
    await button('Run').click();
    await status('returned 0');
    const grid = page.getByRole('grid', { name: 'Events' });
    expect(await grid.getAttribute('aria-rowcount')).toBe('5004');
    expect(await grid.locator('.event').count()).toBeLessThan(60);
    await grid.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+Enter');
    expect(await lastPosted('reveal')).toEqual({ kind: 'reveal', file: 'virt/kvm/demo.c', line: 13 });
    await page.keyboard.press('Enter');
    await status('stopped in fake_split() at step 10');
    expect(await grid.getAttribute('aria-rowcount')).toBe('5004');
    expect(await page.locator('.event.now .event-text').textContent()).toBe('folio lock of pfn 0x40000');
    await page.getByRole('textbox', { name: 'Filter the events' }).fill('pfn 0x400ff');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe('1');
  });

  it('drags the timeline, and jumps to a finding and its line, whose text is text', async () => {
    await open();
    await button('Run').click();
    await status('returned 0');
    expect(await page.locator('.status-found').textContent()).toBe('1 finding');
    const finding = page.getByRole('region', { name: 'Findings' }).getByRole('button', { name: /not markup/ });
    expect(await finding.locator('.finding-text').textContent()).toContain('<b>not markup</b>');
    await finding.click();
    await status('stopped in fake_split_page() at step 81');
    expect(await lastPosted('reveal')).toEqual({ kind: 'reveal', file: 'virt/kvm/demo.c', line: 18 });
    await page.getByRole('slider', { name: 'Step of the run' }).fill('20');
    await status('stopped in fake_split() at step 20');
    await page.getByRole('slider', { name: 'Step of the run' }).press('ArrowRight');
    await status('stopped in fake_split() at step 21');
  });

  it('picks a state by name, and takes one as text', async () => {
    await open();
    const field = (name: string): Locator => page.getByRole('combobox', { name: new RegExp(`^${name}`) });
    await button('Scenario').click();
    await field('State').selectOption('split');
    expect(await page.locator('.form-what').textContent()).toContain('split into single pages');
    expect(await field('Folios').inputValue()).toBe('split');
    expect(await field('Faultable').inputValue()).toBe('all');
    await button('Show the state as text, to be edited').click();
    const text = page.getByRole('textbox', { name: 'The state as text' });
    expect(await text.inputValue()).toContain('folios split');
    await field('Folios').selectOption('whole');
    expect(await text.inputValue()).toContain('folios whole');
    await text.fill('order 2\nfolios halved\n');
    expect(await page.locator('.form-note').textContent()).toContain('halved');
    expect(await text.getAttribute('aria-invalid')).toBe('true');
    await text.fill('order 2\nblocks 2\nfolios whole split\nfaultable first\nreference page 1 +1\n');
    expect(await field('Blocks').inputValue()).toBe('2');
    await button('Restart with this').click();
    await status('at the entry of fake_split()');
    // What no field shows is there all the same.
    expect(await lastPosted('scenario')).toMatchObject({
      scenario: { order: 2, blocks: 2, secondFolios: 'split', references: [{ index: 1, count: 1 }] },
    });
  });

  it('restarts with an allocation failing, and with another scenario, and tells the extension', async () => {
    await open();
    await button('Run').click();
    await status('returned 0');
    await page.getByRole('button', { name: /fail this one: kmalloc, allocation 1/ }).click();
    await status('at the entry of fake_split()');
    expect(await lastPosted('scenario')).toMatchObject({ fail: 1, scenario: { order: 3 } });
    await button('Run').click();
    await status('returned -12 (-ENOMEM)');
    await button('Scenario').click();
    await page.getByLabel('Order').selectOption('9');
    await page.getByRole('textbox', { name: /^index\. unsigned long/ }).fill('0x10');
    await page.getByRole('button', { name: 'Restart with this' }).press('Enter');
    await status('at the entry of fake_split()');
    expect(await lastPosted('scenario')).toMatchObject({ fail: 1, scenario: { order: 9, arguments: { index: '0x10' } } });
    await page.getByRole('textbox', { name: /^index\. unsigned long/ }).fill('10 of them');
    await page.getByText('is no value').waitFor();
  });

  it('shows the progress of a long run, stays usable, and pauses', async () => {
    await open('dark', fakeSetup(18, 'slow_split'));
    await button('Run').click();
    await page.waitForFunction(() => /^running: [\d,]+ steps$/.test(document.querySelector('.status-text')?.textContent ?? ''));
    await page.getByRole('application').press('ArrowUp');
    await page.locator('#folios .pane-note', { hasText: '262,144 pages' }).waitFor();
    await button('Pause').click();
    await expect.poll(statusText).toMatch(/^stopped in fake_split_page\(\) at step/);
    expect(await lastPosted('at')).toMatchObject({ place: { function: 'fake_split_page' } });
  });

  it('ends a worker that does not answer, when it is restarted', async () => {
    await open('dark', fakeSetup(3, 'stuck_split'));
    await page.keyboard.press('F10');
    await status('stepping: this takes long; Restart ends it');
    await button('Restart').click();
    await status('at the entry of stuck_split()');
    await button('Step').click();
    await status('stopped in stuck_split() at step 10');
  });

  it('is where it was after a reload', async () => {
    await open();
    await button('Step').click();
    await status('stopped in fake_split() at step 10');
    await page.reload();
    await send({ kind: 'load', version: 1, setup: fakeSetup(3), tree: '/tree' });
    await status('stopped in fake_split() at step 10');
    await page.reload();
    await load(fakeSetup(4));
    await button('Step').click();
    await status('stopped in fake_split() at step 10');
    await load(fakeSetup(4));
  });

  it('says what stands in the way', async () => {
    await open();
    await send({ kind: 'problem', text: 'There is no function of this name.' });
    await page.getByText('There is no function of this name.').waitFor();
    expect(await page.getByRole('grid', { name: 'Events' }).isVisible()).toBe(false);
    await load(fakeSetup(3));
    await page.getByRole('grid', { name: 'Events' }).waitFor();
    await send({ kind: 'load', version: 1, setup: fakeSetup(3, 'absent'), tree: '/tree' });
    await status('There is no function absent() in the tree. Nothing can be run. Name another function.');
    expect(await lastPosted('problem')).toMatchObject({ kind: 'problem' });
  });

  it('fits a narrow column and the colours of the system', async () => {
    await open('dark', fakeSetup(9), 560);
    await button('Run').click();
    await status('returned 0');
    await page.getByRole('slider', { name: 'Step of the run' }).fill('2000');
    await status('stopped in fake_split_page() at step 2,000');
    const map = page.getByRole('application');
    await map.focus();
    for (let press = 0; press < 6; press += 1) await page.keyboard.press('ArrowUp');
    await page.locator('#folios .pane-note', { hasText: '16 pages' }).waitFor();
    expect(await page.locator('.tick-pfn .tick-text').first().textContent()).toBe('0x40000');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await picture('narrow');
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    await picture('forced-colours');
  });

  it('runs C over the real machine: steps into and over calls, back, to the end, and with an allocation failing', async () => {
    await open('dark', smallSetup(), 1200, 'worker');
    await page.keyboard.press('F11');
    for (let presses = 0; presses < 20 && !(await statusText())?.includes('small_add'); presses += 1) {
      const before = await statusText();
      await page.keyboard.press('F11');
      await expect.poll(statusText).not.toBe(before);
    }
    expect(await page.locator('.frame-name').allTextContents()).toEqual(['small_add()', 'small_walk()']);
    const inside = await statusText();
    await page.keyboard.press('Shift+F11');
    await expect.poll(statusText).toContain('stopped in small_walk()');
    await page.keyboard.press('Alt+F11');
    await expect.poll(statusText).toContain('small_add');
    expect(Number(/step ([\d,]+)/.exec((await statusText())!)![1]!.replace(/,/g, ''))).toBeGreaterThanOrEqual(
      Number(/step ([\d,]+)/.exec(inside!)![1]!.replace(/,/g, '')),
    );
    await button('Run').click();
    await status('returned 1');
    expect(await page.locator('.bounds').textContent()).toContain('small_walk()');
    await page.getByRole('region', { name: 'Findings' }).getByText('No check of the machine fired').waitFor();
    const slider = page.getByRole('slider', { name: 'Step of the run' });
    await slider.fill('1000000');
    await expect.poll(statusText).toMatch(/^stopped in small_(walk|add)\(\) at step 1,000,000$/);
    await button('Back').click();
    await expect.poll(statusText).toMatch(/at step 999,99\d$/);
    await page.getByRole('button', { name: /fail this one/ }).click();
    await status('at the entry of small_walk()');
    await button('Run').click();
    await status('returned -12 (-ENOMEM)');
  });

  describe.each<Theme>(['light', 'dark', 'high-contrast'])('in the %s theme', (theme) => {
    it('has nothing serious for axe to find', async () => {
      await open(theme, fakeSetup(18), 1280);
      await button('Scenario').click();
      await picture(`${theme}-start`);
      await button('Run').click();
      await status('returned 0');
      await page.getByRole('slider', { name: 'Step of the run' }).fill('1400000');
      await status('stopped in fake_split_page() at step 1,400,000');
      await picture(`${theme}-middle`);
      expect(await seriousFaults()).toEqual([]);
      for (const name of ['Table: the folio map as tables', 'Table: vmemmap']) await page.getByRole('button', { name }).click();
      await picture(`${theme}-tables`);
      expect(await seriousFaults()).toEqual([]);
    });
  });

  const seriousFaults = async (): Promise<readonly string[]> => {
    // As a user script of the browser, not of the page: the page's policy is for what it brings itself.
    const client = await page.context().newCDPSession(page);
    await client.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
    const faults = await page.evaluate(async () => {
      const found = await (window as unknown as { axe: typeof axeCore }).axe.run();
      return found.violations.map((one) => ({
        id: one.id,
        impact: one.impact,
        where: one.nodes.slice(0, 4).map((node) => `${String(node.target)}: ${node.failureSummary}`),
      }));
    });
    return faults.filter((one) => one.impact === 'serious' || one.impact === 'critical').map((one) => JSON.stringify(one));
  };
});
