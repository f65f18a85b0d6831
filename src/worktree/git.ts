/** Runs git for us: no shell, nothing of a hostile tree or its configuration executed, and no output before git has exited. */
import { devNull } from 'node:os';
import { simpleGit, type SimpleGitOptions } from 'simple-git';
import type { Progress } from '../base/progress';

export type GitRun =
  | { readonly kind: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'cancelled' }
  /** No git on the PATH, a directory that is not there, or an end without an exit code. */
  | { readonly kind: 'not-run'; readonly why: string };

export interface GitOptions {
  readonly input?: Uint8Array;
  readonly progress?: Progress;
  /** Looks at standard output while git runs, to tell how far it is; the result is `GitRun`. */
  readonly watch?: (text: string) => void;
  /** The same for standard error, where git tells its own progress. */
  readonly watchErrors?: (text: string) => void;
  /** Configuration beyond the fixed one, by exact key: how drivers that a clone's configuration names are made harmless. */
  readonly overrides?: readonly (readonly [key: string, value: string])[];
  /** Environment variables beyond the fixed ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Reads the user's own configuration too: only for asking who the user is. */
  readonly userConfig?: boolean;
}

/** Standard output and error that are kept; a list of the paths that a large series touches is under 1 MB. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
/** How often a run looks whether it has been cancelled. */
const CANCEL_POLL_MS = 40;

/**
 * What every run is told. A value that names a program is set to nothing, or to one that fails where nothing would mean "run the empty command".
 *
 * *Source* git-config(1), gitattributes(5), githooks(5).
 */
const FIXED_CONFIG = [
  `core.hooksPath=${devNull}`,
  'core.fsmonitor=false',
  `core.attributesFile=${devNull}`,
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.askPass=',
  'core.alternateRefsCommand=false',
  'credential.helper=',
  'diff.external=',
  'commit.gpgSign=false',
  'log.showSignature=false',
  'submodule.recurse=false',
  // Objects that a partial clone left out may still be fetched; by no way that runs a program of the configuration.
  'protocol.allow=never',
  'protocol.http.allow=always',
  'protocol.https.allow=always',
  // Both would change files of the clone that are not ours.
  'gc.auto=0',
  'maintenance.auto=false',
  'rerere.enabled=false',
  'rerere.autoUpdate=false',
  // The same series gives the same commits whatever the user prefers elsewhere.
  'i18n.commitEncoding=UTF-8',
  'apply.whitespace=nowarn',
  'apply.ignoreWhitespace=no',
  'am.threeWay=true',
  'advice.detachedHead=false',
  'core.quotePath=false',
  'color.ui=false',
];

/**
 * simple-git refuses these keys because a caller could point them at a program; here each is set to point at none.
 * What is not in this list (aliases, templates, includes, upload-pack, --exec …) stays refused.
 */
const NEUTRALISED: NonNullable<SimpleGitOptions['unsafe']> = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeAskPass: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeFilter: true,
  allowUnsafeMergeDriver: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
};

/** Ambient variables that could point git at another repository, program or configuration. */
const DROPPED = /^(GIT_|GCM_)|^(EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS|LANG|LANGUAGE)$|^LC_/i;

/** Runs git once. Cancelling kills it; the promise settles when it is gone. */
export async function runGit(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
  const unwanted = (): boolean => options.progress?.cancelled === true;
  if (unwanted()) return { kind: 'cancelled' };
  const env = environment(options);
  const abort = new AbortController();
  const poll = setInterval(() => {
    if (unwanted()) abort.abort();
  }, CANCEL_POLL_MS);
  let exited: { code: number | null; stdout: Buffer; stderr: Buffer } | null = null;
  try {
    const git = simpleGit({
      baseDir: cwd,
      config: FIXED_CONFIG,
      unsafe: NEUTRALISED,
      allowEnvironment: Object.keys(env).filter((key) => key.startsWith('GIT_')),
      abort: abort.signal,
      // Not when the process has exited but when its pipes are read to their end.
      completion: { onClose: true, onExit: false },
      ...(options.input === undefined ? {} : { input: () => Buffer.from(options.input ?? []) }),
      errors: (error, result) => {
        exited = { code: result.exitCode, stdout: Buffer.concat(result.stdOut), stderr: Buffer.concat(result.stdErr) };
        // An exit code is an answer here; only what is not one (killed, not run) stays an error.
        return typeof result.exitCode === 'number' && result.exitCode >= 0 && !(error instanceof Error) ? undefined : error;
      },
    }).env(env);
    let bytes = 0;
    git.outputHandler((_command, stdout, stderr) => {
      const count = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes > MAX_OUTPUT_BYTES) abort.abort();
      };
      stdout.on('data', (chunk: Buffer) => {
        count(chunk);
        options.watch?.(chunk.toString('utf8'));
      });
      stderr.on('data', (chunk: Buffer) => {
        count(chunk);
        options.watchErrors?.(chunk.toString('utf8'));
      });
    });
    await git.raw([...args]);
  } catch (error) {
    if (unwanted()) return { kind: 'cancelled' };
    const code = (exited as { code: number | null } | null)?.code ?? null;
    if (code === null || code < 0)
      return { kind: 'not-run', why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  } finally {
    clearInterval(poll);
  }
  const end = exited as { code: number | null; stdout: Buffer; stderr: Buffer } | null;
  if (end === null) return { kind: 'not-run', why: 'git gave no exit code' };
  return { kind: 'exited', code: end.code ?? -1, stdout: end.stdout.toString('utf8'), stderr: end.stderr.toString('utf8') };
}

/** The variables that git gets: the ambient ones without those that steer git, then ours. */
function environment(options: GitOptions): Record<string, string> {
  const ambient = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const env: Record<string, string> = Object.fromEntries(ambient.filter(([key]) => !DROPPED.test(key)));
  // Messages are read for the file and line that did not apply.
  env['LC_ALL'] = 'C';
  env['GIT_TERMINAL_PROMPT'] = '0';
  env['GIT_OPTIONAL_LOCKS'] = '0';
  env['GIT_ATTR_NOSYSTEM'] = '1';
  if (options.userConfig === true) {
    for (const key of ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']) {
      const value = process.env[key];
      if (value !== undefined) env[key] = value;
    }
  } else {
    env['GIT_CONFIG_NOSYSTEM'] = '1';
    env['GIT_CONFIG_GLOBAL'] = devNull;
  }
  // By environment and not by `-c`: a key such as `filter.a=b.process` could not be written there.
  const overrides = options.overrides ?? [];
  if (overrides.length > 0) env['GIT_CONFIG_COUNT'] = String(overrides.length);
  overrides.forEach(([key, value], at) => {
    env[`GIT_CONFIG_KEY_${at}`] = key;
    env[`GIT_CONFIG_VALUE_${at}`] = value;
  });
  return { ...env, ...options.env };
}
