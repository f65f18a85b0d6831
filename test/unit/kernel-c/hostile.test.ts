import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { scratch } from '../worktree/scratch';
import { hostileCases } from './hostile-c';
import type { HostileResult } from './hostile-child';

/** Time of one core for one piece: indexed once, read twice, written as JSON. The pieces take a tenth of it on a quiet machine. */
const MOST_MS = 30_000;
/** Megabytes of objects; a process that needs more ends at once. */
const MOST_MEMORY = 700;

/** Runs every piece in a process that is ended when it says nothing for too long. */
async function readAll(): Promise<Map<string, HostileResult>> {
  const outfile = join(scratch(), 'child.cjs');
  await build({
    entryPoints: [join(__dirname, 'hostile-child.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  const child = spawn(process.execPath, [`--max-old-space-size=${MOST_MEMORY}`, outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
  const results = new Map<string, HostileResult>();
  let timer = setTimeout(() => child.kill('SIGKILL'), 3 * MOST_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(() => child.kill('SIGKILL'), 3 * MOST_MS);
    const result = JSON.parse(line) as HostileResult;
    results.set(result.name, result);
  }
  clearTimeout(timer);
  return results;
}

describe('C that was made to hurt', () => {
  const all = readAll();

  it.each(hostileCases.map((one) => [one.name, one] as const))(
    '%s: a message, within bounds',
    async (name, { says }) => {
      const result = (await all).get(name);
      // None where the process hung, or ran out of memory.
      expect(result).toBeDefined();
      expect(result!.thrown).toBe('');
      expect(['done', 'refused']).toContain(result!.outcome);
      expect(result!.ms).toBeLessThan(MOST_MS);
      if (says !== null) expect(result!.said.join('\n')).toMatch(says);
    },
    600_000,
  );
});
