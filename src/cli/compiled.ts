/** Runs a bundle with what V8 compiled of it in an earlier run: half of what a short command takes is compiling otherwise. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { bytesOf, writeWhole } from '../worktree/files';

/** Of the SHA-1 before the code: V8 trusts what it is given. */
const SUM_BYTES = 20;

/**
 * Runs a CommonJS bundle as `require` would, and keeps its code when the process ends.
 *
 * @param file absolute path of the bundle
 * @param cache directory where the code is kept; nothing is lost when it is deleted
 * @param use what it is run for: other uses compile other functions
 * *Fails* as the bundle does.
 */
export function runCompiled(file: string, cache: string, use: string): void {
  const source = readFileSync(file, 'utf8');
  const name = `code-${use}-`;
  const path = join(cache, `${name}${sumOf(`${process.version} ${process.arch} ${source}`).toString('hex')}`);
  const known = codeIn(path);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    ...(known === null ? {} : { cachedData: known }),
  });
  if (known === null || script.cachedDataRejected === true)
    process.on('exit', () => {
      keep(script.createCachedData(), path, cache, name);
    });
  const made = new Module(file);
  made.filename = file;
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
  run.call(made.exports, made.exports, createRequire(file), made, file, dirname(file));
}

function codeIn(path: string): Buffer | null {
  const bytes = bytesOf(path);
  if (bytes === null || bytes.byteLength <= SUM_BYTES) return null;
  const code = Buffer.from(bytes.buffer, bytes.byteOffset + SUM_BYTES, bytes.byteLength - SUM_BYTES);
  return sumOf(code).equals(bytes.subarray(0, SUM_BYTES)) ? code : null;
}

/** Keeps code in the place of that of other versions. */
function keep(code: Buffer, path: string, cache: string, name: string): void {
  try {
    writeWhole(path, Buffer.concat([sumOf(code), code]));
    for (const other of readdirSync(cache)) if (other.startsWith(name) && join(cache, other) !== path) rmSync(join(cache, other));
  } catch (error) {
    // A full disk must not keep anyone from working.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

const sumOf = (content: string | Uint8Array): Buffer => createHash('sha1').update(content).digest();
