/** A language client for the tests: starts the bundled server as a child process and speaks LSP with it over its pipes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  LogMessageNotification,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type PublishDiagnosticsParams,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgressCreateRequest,
} from 'vscode-languageserver/node';

/** Bundles the server and its threads as the build does, into `out/dist` of a directory, and gives that. */
export async function bundledServer(out: string): Promise<string> {
  const root = join(__dirname, '../..');
  const dist = join(out, 'dist');
  mkdirSync(dist, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { server: 'src/server/main.ts', worker: 'src/worker/main.ts', 'scenario-worker': 'src/worker/scenario-run.ts' },
    outdir: dist,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: { 'import.meta.url': 'undefined' },
    logLevel: 'error',
  });
  copyFileSync(require.resolve('web-tree-sitter/tree-sitter.wasm'), join(dist, 'tree-sitter.wasm'));
  copyFileSync(join(dirname(require.resolve('tree-sitter-c/package.json')), 'tree-sitter-c.wasm'), join(dist, 'tree-sitter-c.wasm'));
  return dist;
}

export class Client {
  /** What the server has published for each document, last first. */
  readonly diagnostics = new Map<string, PublishDiagnosticsParams>();
  readonly log: string[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly connection: ProtocolConnection,
  ) {
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      this.diagnostics.set(params.uri, params);
      for (const wake of [...this.waiting]) wake();
    });
    connection.onNotification(LogMessageNotification.type, ({ message }) => this.log.push(message));
    connection.onRequest(RegistrationRequest.type, () => undefined);
    connection.onRequest(WorkDoneProgressCreateRequest.type, () => undefined);
    connection.listen();
  }

  /** @param data the server's data directory */
  static async started(dist: string, data: string): Promise<Client> {
    const child = spawn(process.execPath, [join(dist, 'server.js'), '--stdio'], {
      env: { ...process.env, FOLIOSCOPE_DATA: data },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const connection = createProtocolConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
    const client = new Client(child, connection);
    await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities: { window: { workDoneProgress: true }, workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
    });
    await connection.sendNotification(InitializedNotification.type, {});
    return client;
  }

  async open(path: string, text: string): Promise<string> {
    const uri = pathToFileURL(path).href;
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: 'c', version: 1, text },
    });
    return uri;
  }

  /** Inserts text at the start of a line (from 0). */
  async insert(uri: string, version: number, line: number, text: string): Promise<void> {
    const at = { line, character: 0 };
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ range: { start: at, end: at }, text }],
    });
  }

  /** The diagnostics of a version of a document. */
  async diagnosed(uri: string, version: number): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const known = this.diagnostics.get(uri);
      if (known?.version !== undefined && known.version >= version) return known;
      await this.published();
    }
  }

  /** The next diagnostics of any document. */
  private async published(): Promise<void> {
    await new Promise<void>((wake) => {
      const once = (): void => {
        this.waiting.delete(once);
        wake();
      };
      this.waiting.add(once);
    });
  }

  /** As `diagnosed`, once the tree around the document has been read. */
  async classified(uri: string, version: number): Promise<PublishDiagnosticsParams> {
    for (;;) {
      const known = await this.diagnosed(uri, version);
      if (known.diagnostics.every(({ code }) => code !== 'reading')) return known;
      await this.published();
    }
  }

  async close(uri: string): Promise<void> {
    await this.connection.sendNotification(DidCloseTextDocumentNotification.type, { textDocument: { uri } });
  }

  /** Shuts down as LSP says, and gives the exit code. */
  async shutDown(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    const code = await ended;
    this.connection.dispose();
    return code;
  }

  kill(): void {
    this.child.kill();
  }
}
