/** The CLI as a user has it: bundled, in a process of its own. */
import { buildSync } from 'esbuild';
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bundles the CLI of the source tree into `parent/dist`, as `scripts/build.mjs` does, and gives the path of the bundle. */
export function bundledCli(parent: string): string {
  const outfile = join(parent, 'dist/cli.js');
  mkdirSync(dirname(outfile), { recursive: true });
  buildSync({
    entryPoints: [join(root, 'src/cli/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    define: { 'import.meta.url': 'undefined' },
    logLevel: 'error',
    outfile,
  });
  for (const [from, name] of [
    ['node_modules/web-tree-sitter/tree-sitter.wasm', 'tree-sitter.wasm'],
    ['node_modules/tree-sitter-c/tree-sitter-c.wasm', 'tree-sitter-c.wasm'],
  ] as const) {
    if (existsSync(join(root, from))) copyFileSync(join(root, from), join(parent, 'dist', name));
  }
  return outfile;
}

/** Runs it to its end; `during` gets the process. */
export async function runCli(
  cli: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly data: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly during?: (child: ChildProcess) => void;
  },
): Promise<CliRun> {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: options.cwd,
    env: { ...process.env, FOLIOSCOPE_DATA: options.data, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  options.during?.(child);
  const code = await new Promise<number | null>((settle) => child.on('close', settle));
  return { code, stdout, stderr };
}
