/** The scenario language over the pipe: marks, completion, hover, formatting, outline, folds, lenses, tests and runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CancellationTokenSource,
  CodeLensRequest,
  CompletionRequest,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  type CompletionItem,
  type DocumentSymbol,
  type ProtocolRequestType,
  ProgressType,
  type TextEdit,
  WorkDoneProgressCreateRequest,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Outcome } from '../../src/base/outcome';
import type { DesignId } from '../../src/model/host/operation';
import type { ScenarioResult, ScenarioTests } from '../../src/protocol/scenario-runs';
import { formatOf } from '../../src/scenario/gmem/language';
import { scratch } from '../unit/worktree/scratch';
import { bundledServer, Client } from './client';

const home = scratch();
const shipped = join(__dirname, '../../demo/scenarios');
/** A kernel tree with the series applied. */
const TREE = process.env['FOLIOSCOPE_TREE'] ?? '';
let client: Client;
let count = 0;

const TEXT = `# A page is asked back.

scenario "Asked back"
  designs A B
  vm td type tdx
  process vmm

  create gmem0 for td size 2GiB
  bind gmem0 to td gpa 0 offset 0 size 2GiB
  repeat 2
    convert gmem0 page 0 to shared
      expect ok
    convert gmem0 page 0 to private
  mmap vmm gmem0 all
    expect ENODEV
    expect state gmem0 page 0 sharing private for A B
`;

beforeAll(async () => {
  client = await Client.started(await bundledServer(home), join(home, 'data'));
}, 120_000);

afterAll(() => {
  client.kill();
});

async function opened(text: string): Promise<string> {
  const uri = pathToFileURL(join(home, `s${(count += 1)}.gmem`)).href;
  const textDocument = { uri, languageId: 'gmem', version: 1, text };
  await client.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument });
  return uri;
}

async function changed(uri: string, version: number, text: string): Promise<void> {
  await client.connection.sendNotification(DidChangeTextDocumentNotification.type, {
    textDocument: { uri, version },
    contentChanges: [{ text }],
  });
}

const asked = async <P, R, PR, E, RO>(type: ProtocolRequestType<P, R, PR, E, RO>, params: P): Promise<R> =>
  await client.connection.sendRequest(type, params);
/** Place of the first character of a part of the text. */
function placeOf(text: string, part: string, more = 0): { readonly line: number; readonly character: number } {
  const before = text.slice(0, text.indexOf(part) + more).split('\n');
  return { line: before.length - 1, character: before.at(-1)!.length };
}

const testsOf = async (text: string): Promise<ScenarioTests> =>
  await client.connection.sendRequest<ScenarioTests>('folioscope/scenarioTests', { text });
const ran = async (text: string, more: object = {}): Promise<Outcome<ScenarioResult>> => {
  const [first] = (await testsOf(text)).scenarios;
  const params = { text, file: 's.gmem', line: first?.span.line, designs: first?.designs, untilLine: 0, ...more };
  return await client.connection.sendRequest<Outcome<ScenarioResult>>('folioscope/runScenario', params);
};
function valueOf(outcome: Outcome<ScenarioResult>): ScenarioResult {
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

describe('an open scenario text', () => {
  it('is marked where it is wrong, with version and place, and no more once it is mended', async () => {
    const uri = await opened(TEXT.replace('type tdx', 'type tdy'));
    const { diagnostics } = await client.diagnosed(uri, 1);
    const first = diagnostics[0]!;
    expect(first.range.start).toEqual({ line: 4, character: 13 });
    expect(first.range.end).toEqual({ line: 4, character: 16 });
    expect(first.severity).toBe(1);
    expect(first.message).toContain('tdy');
    await changed(uri, 2, TEXT);
    expect((await client.diagnosed(uri, 2)).diagnostics.filter(({ severity }) => severity === 1)).toEqual([]);
    await client.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  });

  it('is read once for many keys', async () => {
    const uri = await opened(TEXT);
    await client.diagnosed(uri, 1);
    const versions: (number | undefined)[] = [];
    const told = client.diagnostics;
    const set = told.set.bind(told);
    told.set = (key, value) => {
      if (key === uri) versions.push(value.version);
      return set(key, value);
    };
    for (let version = 2; version < 12; version++) await changed(uri, version, `${TEXT}# ${version}\n`);
    await client.diagnosed(uri, 11);
    told.set = set;
    expect(versions.at(-1)).toBe(11);
    expect(versions.length).toBeLessThan(5);
  });

  it('gets completions at its words, which replace what is there', async () => {
    const text = TEXT.replace('type tdx', 'type t');
    const uri = await opened(text);
    const items = (await asked(CompletionRequest.type, {
      textDocument: { uri },
      position: placeOf(text, 'type t', 6),
    })) as CompletionItem[];
    expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(['tdx', 'snp', 'plain']));
    const tdx = items.find(({ label }) => label === 'tdx')!;
    const document = TextDocument.create(uri, 'gmem', 1, text);
    expect(TextDocument.applyEdits(document, [tdx.textEdit as TextEdit])).toBe(TEXT);
    const names = (await asked(CompletionRequest.type, {
      textDocument: { uri },
      position: placeOf(text, 'mmap vmm', 5),
    })) as CompletionItem[];
    expect(names.map(({ label }) => label)).toContain('vmm');
  });

  it('says what a word means', async () => {
    const uri = await opened(TEXT);
    const hover = await asked(HoverRequest.type, { textDocument: { uri }, position: placeOf(TEXT, 'ENODEV', 1) });
    expect(JSON.stringify(hover?.contents)).toContain('ENODEV');
    expect(hover?.range?.start).toEqual(placeOf(TEXT, 'ENODEV'));
    const blank = await asked(HoverRequest.type, { textDocument: { uri }, position: { line: 1, character: 0 } });
    expect(blank).toBeNull();
  });

  it.each([
    ['spaces', TEXT.replace('  vm td', '      vm   td').replace('  mmap vmm', '\tmmap   vmm')],
    ['blank lines', `\n\n\n${TEXT}\n\n\n`.replace('  create', '\n\n\n  create')],
    ['no end of the last line', TEXT.trimEnd()],
    ['other ends of lines', TEXT.replaceAll('\n', '\r\n').replace('  vm td', 'vm  td')],
    ['what cannot be read', TEXT.replace('  process vmm', '     prozess "x   y"   1 [2 ,3)')],
    ['nothing', ''],
  ])('is formatted by edits that touch only what differs: %s', async (_, text) => {
    const uri = await opened(text);
    const edits = (await asked(DocumentFormattingRequest.type, {
      textDocument: { uri },
      options: { tabSize: 2, insertSpaces: true },
    })) as TextEdit[];
    const document = TextDocument.create(uri, 'gmem', 1, text);
    const formatted = TextDocument.applyEdits(document, edits);
    expect(formatted.replaceAll('\r\n', '\n')).toBe(formatOf(text));
    if (text.includes('\r\n')) expect(formatted.split('\r\n')).toHaveLength(formatted.split('\n').length);
    for (const { range } of edits) expect(range.end.line - range.start.line).toBeLessThanOrEqual(1);
  });

  it('that is formatted already gets no edit', async () => {
    const uri = await opened(TEXT);
    expect(await asked(DocumentFormattingRequest.type, { textDocument: { uri }, options: { tabSize: 2, insertSpaces: true } })).toEqual([]);
  });

  it('has an outline, folds and lenses', async () => {
    const uri = await opened(TEXT);
    const symbols = (await asked(DocumentSymbolRequest.type, { textDocument: { uri } })) as DocumentSymbol[];
    expect(symbols.map(({ name }) => name)).toEqual(['Asked back']);
    const [scenario] = symbols;
    expect(scenario?.children?.map(({ name }) => name)).toEqual(['designs', 'vm', 'process', 'create', 'bind', 'repeat', 'mmap']);
    expect(scenario?.children?.find(({ name }) => name === 'repeat')?.children).toHaveLength(2);
    for (const { range, selectionRange } of [scenario!, ...scenario!.children!]) {
      expect(range.start.line).toBeLessThanOrEqual(selectionRange.start.line);
      expect(range.end.line).toBeGreaterThanOrEqual(selectionRange.end.line);
    }
    const folds = await asked(FoldingRangeRequest.type, { textDocument: { uri } });
    expect(folds).toEqual(expect.arrayContaining([expect.objectContaining({ startLine: 2, endLine: 15 }), { startLine: 9, endLine: 12 }]));
    const lenses = await asked(CodeLensRequest.type, { textDocument: { uri } });
    expect(lenses?.map(({ command }) => command?.command)).toEqual(
      expect.arrayContaining(['folioscope.scenario.test', 'folioscope.scenario.testOn', 'folioscope.scenario.run']),
    );
    expect(lenses?.every(({ range }) => range.start.line === 2)).toBe(true);
  });

  it('costs C files nothing', async () => {
    const uri = await client.open(join(home, 'a.c'), 'int a;\n');
    expect(await asked(DocumentFormattingRequest.type, { textDocument: { uri }, options: { tabSize: 8, insertSpaces: false } })).toEqual(
      [],
    );
    expect(await asked(FoldingRangeRequest.type, { textDocument: { uri } })).toEqual([]);
  });
});

describe('the tests of a text', () => {
  it('are its scenarios with designs and steps', async () => {
    const { scenarios, leftOut, titles } = await testsOf(TEXT);
    expect(leftOut).toBe(0);
    expect(Object.keys(titles)).toEqual(expect.arrayContaining(['A', 'B2', 'E']));
    expect(scenarios).toHaveLength(1);
    const [scenario] = scenarios;
    expect(scenario).toMatchObject({ name: 'Asked back', designs: ['A', 'B'], problem: null, span: { line: 3, column: 1 }, lastLine: 16 });
    expect(scenario!.steps.map(({ text, isStop }) => [text, isStop])).toEqual([
      ['create gmem0 for td size 2GiB', true],
      ['bind gmem0 to td gpa 0 offset 0 size 2GiB', true],
      ['repeat 2', false],
      ['convert gmem0 page 0 to shared', true],
      ['convert gmem0 page 0 to private', true],
      ['mmap vmm gmem0 all', true],
    ]);
    expect(scenario!.steps.at(-1)!.expects).toEqual([
      { line: 15, designs: [] },
      { line: 16, designs: ['A', 'B'] },
    ]);
  });

  it('are told with what is wrong', async () => {
    const { scenarios } = await testsOf(TEXT.replace('page 0 to private', 'page 0 to privat'));
    expect(scenarios[0]!.problem).toMatchObject({ span: { line: 13 } });
    expect((await testsOf('scenario\n')).scenarios[0]).toMatchObject({ designs: [], steps: [] });
    expect(await testsOf('')).toMatchObject({ scenarios: [], leftOut: 0 });
  });

  it('are bounded, and what is left out is counted', async () => {
    const many = Array.from(
      { length: 1000 },
      (_, index) =>
        `scenario "${index}"\n  vm td type tdx\n  create gmem0 for td size 1GiB\n${'  guest-fault td gmem0 page 0\n'.repeat(4)}`,
    ).join('');
    const { scenarios, leftOut } = await testsOf(many);
    const shown = scenarios.length + scenarios.reduce((sum, { steps }) => sum + steps.length, 0);
    expect(shown).toBe(5000);
    expect(leftOut).toBe(1000);
  });
});

describe('running a scenario', () => {
  it('gives expected and actual at the lines', async () => {
    const { designs, report } = valueOf(await ran(TEXT));
    expect(designs.map(({ design, status }) => [design, status])).toEqual([
      ['A', 'failed'],
      ['B', 'failed'],
    ]);
    const [first] = designs;
    const byLine = new Map(first!.expectations.map((each) => [each.span.line, each]));
    expect(byLine.get(12)).toMatchObject({ status: 'passed', times: 2 });
    expect(byLine.get(15)).toMatchObject({ status: 'failed', expected: 'ENODEV', actual: 'ok' });
    expect(byLine.get(16)).toMatchObject({ status: 'passed' });
    expect(first!.steps.find(({ line }) => line === 11)).toMatchObject({ times: 2, answer: 'ok', isDone: true });
    expect(first!.took).toBeGreaterThan(0);
    for (const line of report.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
    expect(report).toContain('s.gmem:15: A: expected ENODEV; it was ok');
  });

  it('stops behind a step', async () => {
    const { designs } = valueOf(await ran(TEXT, { untilLine: 8, designs: ['A'] }));
    expect(designs[0]!.steps.map(({ line }) => line)).toEqual([8]);
    expect(designs[0]!.expectations.every(({ status }) => status === 'not-run')).toBe(true);
  });

  it('refuses what cannot be read, and where no scenario is', async () => {
    const wrong = await ran(TEXT.replace('page 0 to private', 'page 0 to privat'));
    expect(wrong.kind === 'refused' && wrong.refusal).toMatchObject({
      code: 'gmem/problems',
      met: expect.stringContaining('Line 13') as string,
    });
    const none = await ran(TEXT, { line: 4 });
    expect(none.kind === 'refused' && none.refusal.code).toBe('gmem/no-scenario');
    await expect(ran(TEXT, { designs: [] })).rejects.toThrow('designs');
    await expect(ran(TEXT, { designs: ['X'] })).rejects.toThrow('designs[0]');
  });

  it('can be cancelled at work and in the queue, tells what it is at, and the next run is answered', async () => {
    const long = TEXT.replace('repeat 2', 'repeat 900000');
    const [first] = (await testsOf(long)).scenarios;
    const params = { text: long, file: 's.gmem', line: first!.span.line, designs: ['A'] satisfies DesignId[], untilLine: 0 };
    const told: string[] = [];
    const progress = new ProgressType<{ readonly message?: string }>();
    client.connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      client.connection.onProgress(progress, token, ({ message }) => {
        if (message !== undefined) told.push(message);
      });
    });
    const source = new CancellationTokenSource();
    const queued = new CancellationTokenSource();
    const send = (token: CancellationTokenSource): Promise<Outcome<ScenarioResult>> =>
      client.connection.sendRequest('folioscope/runScenario', params, token.token);
    const asked = send(source);
    const waiting = send(queued);
    setTimeout(() => queued.cancel(), 300);
    expect(await waiting).toEqual({ kind: 'cancelled' });
    setTimeout(() => source.cancel(), 500);
    expect(await asked).toEqual({ kind: 'cancelled' });
    expect(told.join('\n')).toMatch(/Asked back, design A: \d+ operations/);
    expect(valueOf(await ran(TEXT)).designs).toHaveLength(2);
  }, 30_000);

  it('runs every example that ships, each design that it names', async () => {
    for (const name of readdirSync(shipped).filter((each) => each.startsWith('sc-0'))) {
      const text = readFileSync(join(shipped, name), 'utf8');
      const { scenarios } = await testsOf(text);
      expect(scenarios.length).toBeGreaterThan(0);
      for (const { span, designs, problem } of scenarios) {
        expect(problem).toBeNull();
        const result = valueOf(await ran(text, { line: span.line, designs }));
        expect(result.designs.map(({ design }) => design)).toEqual(designs);
      }
    }
  }, 120_000);
});

describe.skipIf(TREE === '')('running a scenario on the C of a tree', () => {
  // Huge pages of 2M: splitting one of 1G takes the C a minute.
  const text = TEXT.replaceAll('2GiB', '4MiB')
    .replace('size 4MiB\n  bind', 'size 4MiB pages 2M\n  bind')
    .replace('  process vmm', '  process vmm\n  node 0 memory 64GiB pages-2M 16')
    .replace('expect ENODEV', 'expect ok')
    .replace('for A B', 'for A');

  it('gives what the C gives, and reads the tree once', async () => {
    const began = Date.now();
    const { designs, report } = valueOf(await ran(text, { tree: TREE, designs: ['A'] }));
    const first = Date.now() - began;
    expect(designs.map(({ design }) => design)).toEqual(['A']);
    expect(designs[0]!.steps.every(({ isDone }) => isDone)).toBe(true);
    expect(designs[0]!.expectations.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report).toContain('on the C, with huge pages of order 9');
    const again = Date.now();
    valueOf(await ran(text, { tree: TREE, designs: ['A'], isRead: true }));
    expect(Date.now() - again).toBeLessThan(first);
  }, 180_000);

  it('says why the C cannot be asked for a scenario', async () => {
    const { designs, report } = valueOf(
      await ran('scenario "No file"\n  designs A\n  vm td type tdx\n', { tree: TREE, designs: ['A'], isRead: true }),
    );
    expect(designs).toEqual([]);
    expect(report).toContain('not runnable on the C');
  }, 60_000);
});
