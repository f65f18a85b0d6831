/** The parser of the rules' tests: tree-sitter with the wasm files of the packages. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { type CParser, loadParser } from '../../../src/worktree/tree-sitter';

/** As the build lays them out: both wasm files in one directory. */
export async function parserOfPackages(): Promise<CParser> {
  const directory = mkdtempSync(join(tmpdir(), 'folioscope-wasm-'));
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  copyFileSync(require.resolve('web-tree-sitter/tree-sitter.wasm'), join(directory, 'tree-sitter.wasm'));
  copyFileSync(join(dirname(require.resolve('tree-sitter-c/package.json')), 'tree-sitter-c.wasm'), join(directory, 'tree-sitter-c.wasm'));
  return await loadParser(directory);
}
