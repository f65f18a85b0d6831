/** Compiles a C program with the system's gcc and runs it: the oracle of these suites. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const hasGcc = spawnSync('gcc', ['--version']).status === 0;

/** What the program prints. `-fwrapv`: signed overflow wraps, as the kernel is built. */
export function printedBy(source: string, flags: readonly string[] = []): string {
  const directory = mkdtempSync(join(tmpdir(), 'folioscope-gcc-'));
  try {
    const file = join(directory, 'program.c');
    writeFileSync(file, source);
    execFileSync('gcc', ['-std=gnu11', '-O0', '-w', '-fwrapv', '-fno-strict-aliasing', ...flags, '-o', join(directory, 'program'), file], {
      stdio: 'pipe',
    });
    return execFileSync(join(directory, 'program'), { maxBuffer: 1 << 28 }).toString();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
