/** Marks in mm/hugetlb.c while it is typed in, and after the server has started again: the real server over its pipes, with a whole tree (FOLIOSCOPE_LINUX_6_12 or FOLIOSCOPE_TREE). */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  InitializedNotification,
  InitializeRequest,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  RegistrationRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';

const tree = process.env['FOLIOSCOPE_LINUX_6_12'] ?? process.env['FOLIOSCOPE_TREE'] ?? '';
const file = join(tree, 'mm/hugetlb.c');
/** What the project promises, in milliseconds and MiB. */
const BOUND = { key: 200, again: 1000, memory: 400 };
/** Typed one by one: a line of its own, braces and parentheses that stand open meanwhile, and at last a site. */
const KEYS = '\nif (folio_test_hugetlb(folio)) {}';
/** Milliseconds between marks and the next key: at once, within a word, between words, and while the server uses the pause. */
const PAUSES = [0, 30, 90, 430, 25, 600];

/** Longer than any reading of a tree. */
const PATIENCE_MS = 120_000;

class Editor {
  private last: PublishDiagnosticsParams | null = null;
  private wake: () => void = () => undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly connection: ProtocolConnection,
  ) {
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.last = params;
      this.wake();
    });
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.listen();
  }

  static async started(data: string): Promise<Editor> {
    const child = spawn(process.execPath, [join(process.cwd(), 'dist/server.js'), '--stdio'], {
      env: { ...process.env, FOLIOSCOPE_DATA: data },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const editor = new Editor(child, createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)));
    await editor.connection.sendRequest(InitializeRequest.type, { processId: process.pid, rootUri: null, capabilities: {} });
    await editor.connection.sendNotification(InitializedNotification.type, {});
    return editor;
  }

  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'c', version: 1, text },
    });
  }

  async type(uri: string, version: number, line: number, character: number, text: string): Promise<void> {
    const at = { line, character };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: at, end: at }, text }],
    });
  }

  /** Marks of a version, with the classes of their sites. */
  async marked(version: number): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const { last } = this;
      if ((last?.version ?? 0) >= version && last?.diagnostics.every(({ code }) => code !== 'reading') === true) return last;
      await new Promise<void>((wake, fail) => {
        const timer = setTimeout(() => fail(new Error(`no marks of version ${version} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
        this.wake = () => {
          clearTimeout(timer);
          wake();
        };
      });
    }
  }

  /** Processor time of all its threads so far, in milliseconds; 0 where the system does not tell. */
  get spent(): number {
    const tasks = `/proc/${this.child.pid}/task`;
    if (!existsSync(tasks)) return 0;
    return readdirSync(tasks).reduce((sum, task) => sum + Number(textOf(`${tasks}/${task}/schedstat`).split(' ')[0]) / 1e6, 0);
  }

  /** Resident memory now and at most, in MiB. */
  get memory(): { readonly now: number; readonly most: number } {
    const status = textOf(`/proc/${this.child.pid}/status`);
    const of = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1024;
    return { now: of('VmRSS'), most: of('VmHWM') };
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill(signal);
    await gone;
    this.connection.dispose();
  }
}

async function main(): Promise<number> {
  if (tree === '' || !existsSync(file)) {
    console.log(tree === '' ? 'skipped: neither FOLIOSCOPE_LINUX_6_12 nor FOLIOSCOPE_TREE is set' : `skipped: ${file} is not there`);
    return 0;
  }
  const home = mkdtempSync(join(tmpdir(), 'folioscope-bench-'));
  try {
    return await measured(join(home, 'data'));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

async function measured(data: string): Promise<number> {
  const text = readFileSync(file, 'utf8');
  const uri = pathToFileURL(file).href;
  const first = await openedIn(data, uri, text);
  console.log(`marks of the first start          ${ms(first.took)}   with ${first.marks} marks in ${text.split('\n').length} lines`);
  // A server that is killed has had no time to put anything in order.
  await passed(2500);
  await first.editor.end('SIGKILL');
  const again: Opened[] = [];
  for (let round = 0; round < 3; round += 1) {
    const one = await openedIn(data, uri, text);
    again.push(one);
    if (one.marks !== first.marks) throw new Error(`${one.marks} marks after starting again, ${first.marks} before`);
    if (round < 2) await one.editor.end('SIGKILL');
  }
  const started = Math.min(...again.map(({ took }) => took));
  console.log(
    `marks of a later start            ${ms(started)}   at most ${BOUND.again} ms; the server computed ${Math.min(...again.map(({ spent }) => spent)).toFixed(0)} ms`,
  );
  const { editor } = again[2] ?? first;
  await passed(1500);
  const keys = await typed(editor, uri, text).catch(async (error: unknown) => {
    await editor.end('SIGKILL');
    throw error;
  });
  const { memory } = editor;
  await editor.end('SIGKILL');
  const sorted = keys.map(({ took }) => took).sort((a, b) => a - b);
  const spent = keys.map((key) => key.spent).sort((a, b) => a - b);
  console.log(
    `marks after a key, median         ${ms(part(sorted, 0.5))}   of ${keys.length} keys; the server computed ${part(spent, 0.5).toFixed(0)} ms`,
  );
  console.log(
    `marks after a key, 95 of 100      ${ms(part(sorted, 0.95))}   at most ${BOUND.key} ms; it computed ${part(spent, 0.95).toFixed(0)} ms`,
  );
  console.log(
    `memory of the server              ${memory.now.toFixed(0).padStart(6)} MiB  at most ${BOUND.memory} MiB (${memory.most.toFixed(0)} MiB at its most)`,
  );
  return started <= BOUND.again && part(sorted, 0.95) <= BOUND.key && memory.now <= BOUND.memory ? 0 : 1;
}

interface Opened {
  readonly editor: Editor;
  /** From the start of the process to the marks. */
  readonly took: number;
  readonly spent: number;
  readonly marks: number;
}

async function openedIn(data: string, uri: string, text: string): Promise<Opened> {
  const from = performance.now();
  const editor = await Editor.started(data);
  await editor.open(uri, text);
  const { diagnostics } = await editor.marked(1);
  return { editor, took: performance.now() - from, spent: editor.spent, marks: diagnostics.length };
}

/** Types into the first function that tests a folio, and sees at the end that its marks have followed. */
async function typed(editor: Editor, uri: string, text: string): Promise<readonly { readonly took: number; readonly spent: number }[]> {
  const lines = text.split('\n');
  const line = lines.findIndex((one) => /^\t(?:if|while) \(.*folio_test_hugetlb\(folio\)/.test(one));
  if (line < 0) throw new Error('no function of the file tests a folio');
  const before = await countAt(editor, 1, line);
  const keys: { readonly took: number; readonly spent: number }[] = [];
  for (const [at, key] of [...KEYS].entries()) {
    await passed(PAUSES[at % PAUSES.length] ?? 0);
    const spent = editor.spent;
    const from = performance.now();
    await editor.type(uri, at + 2, line, Math.max(0, at - 1), key);
    await editor.marked(at + 2);
    keys.push({ took: performance.now() - from, spent: editor.spent - spent });
  }
  const own = await countAt(editor, KEYS.length + 1, line);
  const after = await countAt(editor, KEYS.length + 1, line + 1);
  if (own !== 1 || after !== before)
    throw new Error(`${own} marks in the new line and ${after} below it, ${before} before: they have not followed`);
  return keys;
}

async function countAt(editor: Editor, version: number, line: number): Promise<number> {
  const { diagnostics } = await editor.marked(version);
  return diagnostics.filter(({ range, code }) => range.start.line === line && code !== 'unread').length;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const part = (sorted: readonly number[], of: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? NaN;
const ms = (value: number): string => `${value.toFixed(0).padStart(6)} ms`;

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
