import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'folioscope-code-'));
const cache = join(home, 'cache');
const bundle = join(home, 'bundle.js');
const launcher = join(home, 'launcher.js');

beforeAll(() => {
  buildSync({
    stdin: {
      contents: "import { runCompiled } from './src/cli/compiled';\nrunCompiled(process.argv[2]!, process.argv[3]!, process.argv[4]!);",
      resolveDir: process.cwd(),
      loader: 'ts',
    },
    outfile: launcher,
    bundle: true,
    platform: 'node',
    format: 'cjs',
  });
});
beforeEach(() => {
  rmSync(cache, { recursive: true, force: true });
  writeFileSync(bundle, program('one'));
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});

const program = (word: string): string =>
  `const { basename } = require('node:path');\nfunction said() { return [basename(__filename), basename(__dirname) !== '', typeof module.exports, '${word}'].join(' '); }\nconsole.log(said());\nprocess.exitCode = 7;`;

function run(use = 'scan'): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [launcher, bundle, cache, use], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(7);
  return stdout.trim();
}
const kept = (): readonly string[] => readdirSync(cache).sort();
const bytes = (): Buffer => readFileSync(join(cache, kept()[0] ?? ''));

describe('a bundle that is run compiled', () => {
  it('says the same with its code as without, and keeps that once', () => {
    expect(run()).toBe('bundle.js true object one');
    const first = bytes();
    expect(first.length).toBeGreaterThan(100);
    writeFileSync(join(cache, 'mine'), '');
    expect(run()).toBe('bundle.js true object one');
    expect(bytes()).toEqual(first);
    expect(kept()).toHaveLength(2);
  });

  it('is compiled anew where it has changed, though its length has not, and the old code goes', () => {
    run();
    const [old] = kept();
    writeFileSync(bundle, program('two'));
    expect(run()).toBe('bundle.js true object two');
    expect(kept()).toHaveLength(1);
    expect(kept()).not.toContain(old);
    run('other');
    expect(kept()).toHaveLength(2);
  });

  it('does without code that is damaged, and mends it', () => {
    run();
    const whole = bytes();
    const path = join(cache, kept()[0] ?? '');
    const flipped = Buffer.from(whole);
    flipped[whole.length - 9] = (flipped[whole.length - 9] ?? 0) ^ 0xff;
    for (const damaged of [flipped, whole.subarray(0, 40), Buffer.alloc(3), Buffer.alloc(0)]) {
      writeFileSync(path, damaged);
      expect(run()).toBe('bundle.js true object one');
      expect(bytes().length).toBe(whole.length);
    }
  });

  it('runs where nothing can be kept', () => {
    writeFileSync(cache, 'no directory');
    expect(run()).toBe('bundle.js true object one');
    rmSync(cache);
    mkdirSync(cache);
  });
});
