/** Random programs of csmith: the checksum of all their globals is the one that gcc's binary gives. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMachine } from '../../../src/machine/machine';
import { programOfC } from '../../unit/machine/c';
import { hasGcc } from '../kernel-c/gcc';
import { csmithHeader } from './csmith-header';

const hasCsmith = spawnSync('csmith', ['--version'], { cwd: tmpdir() }).status === 0;
/** FOLIOSCOPE_CSMITH=500 runs more of them. */
const PROGRAMS = Number(process.env['FOLIOSCOPE_CSMITH'] ?? 50);
const FIRST_SEED = 1;
/** Programs of one test, compiled by one gcc while the machine runs them. */
const CHUNK = 25;
/** Programs that run longer are left out: csmith makes some that never end. */
const STEPS = 2_000_000;
/** More than that left out would mean that the suite shows little. */
const MOST_LEFT_OUT = CHUNK / 4;
const OPTIONS = ['--no-argc', '--no-packed-struct', '--max-funcs', '6', '--max-block-depth', '3', '--concise'];
const FLAGS = ['-std=gnu11', '-O0', '-w', '-fwrapv', '-fno-strict-aliasing', '-pipe'];

function generated(seed: number): string {
  const text = execFileSync('csmith', ['--seed', String(seed), ...OPTIONS], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    // It leaves a file of its own in the directory that it runs in.
    cwd: tmpdir(),
  });
  return text.replace('#include "csmith.h"', csmithHeader);
}

/** Our checksum, null where the program runs too long; throws what is wrong. */
function ourChecksum(source: string): string | null {
  const machine = createMachine({ program: programOfC(source, ['main']), primitives: [], history: false });
  machine.start('main', []);
  if (!machine.run(STEPS)) return null;
  const status = machine.status();
  if (status.kind !== 'returned') throw new Error(JSON.stringify(status));
  const finding = machine.findings()[0];
  if (finding !== undefined) throw new Error(`${finding.kind} at line ${finding.line}: ${finding.message}`);
  return machine.kernel.loadBig(machine.kernel.symbol('csmith_result'), { offset: 0, size: 8, signed: false }).toString();
}

/** One binary of all programs: given a number it prints the checksum of that one. */
async function compiled(directory: string, sources: readonly string[]): Promise<string> {
  const files = sources.map((source, at) => {
    const file = join(directory, `program${at}.c`);
    writeFileSync(
      file,
      source.replace(
        'unsigned long csmith_result;',
        `unsigned long csmith_result${at};\n#define csmith_result csmith_result${at}\n#define main main${at}`,
      ),
    );
    return file;
  });
  const each = (text: (at: number) => string): string => sources.map((_, at) => text(at)).join('\n');
  writeFileSync(
    join(directory, 'all.c'),
    `#include <stdio.h>\n#include <stdlib.h>\n${each((at) => `int main${at}(void); extern unsigned long csmith_result${at};`)}\nint main(int argc, char **argv)\n{\nfor (int i = 1; i < argc; i++) switch (atoi(argv[i])) {\n${each((at) => `case ${at}: main${at}(); printf("%lu\\n", csmith_result${at}); break;`)}\n}\nreturn 0;\n}\n`,
  );
  const binary = join(directory, 'all');
  await promisify(execFile)('gcc', [...FLAGS, '-o', binary, join(directory, 'all.c'), ...files]);
  return binary;
}

/** For each program `agrees`, `too long`, or what is wrong. */
async function compare(first: number, count: number): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'folioscope-csmith-'));
  try {
    const sources = Array.from({ length: count }, (_, at) => generated(first + at));
    const binary = compiled(directory, sources);
    const outcomes = sources.map((source): { checksum: string | null } | { wrong: string } => {
      try {
        return { checksum: ourChecksum(source) };
      } catch (error) {
        return { wrong: error instanceof Error ? error.message : String(error) };
      }
    });
    const finished = outcomes.flatMap((one, at) => ('checksum' in one && one.checksum !== null ? [at] : []));
    const printed = execFileSync(await binary, finished.map(String), { encoding: 'utf8' })
      .trim()
      .split('\n');
    return outcomes.map((one, at) => {
      if ('wrong' in one) return `seed ${first + at}: ${one.wrong}`;
      if (one.checksum === null) return 'too long';
      const theirs = printed[finished.indexOf(at)];
      return theirs === one.checksum ? 'agrees' : `seed ${first + at}: gcc ${theirs}, we ${one.checksum}`;
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe.skipIf(!hasGcc || !hasCsmith)(`${PROGRAMS} programs of csmith give the checksums that gcc's give`, () => {
  let agreed = 0;
  let leftOut = 0;
  let next = FIRST_SEED;

  // Seeds are taken until as many programs as asked for have agreed: those that never end do not count.
  it.each(Array.from({ length: Math.ceil(PROGRAMS / CHUNK) }, (_, at) => at + 1))(
    `${CHUNK} programs, part %i`,
    async (part) => {
      const wanted = Math.min(PROGRAMS, part * CHUNK);
      while (agreed < wanted) {
        const outcomes = await compare(next, CHUNK);
        next += CHUNK;
        expect(outcomes.filter((outcome) => outcome !== 'agrees' && outcome !== 'too long')).toEqual([]);
        const late = outcomes.filter((outcome) => outcome === 'too long').length;
        leftOut += late;
        agreed += CHUNK - late;
        expect(leftOut).toBeLessThanOrEqual(((next - FIRST_SEED) / CHUNK) * MOST_LEFT_OUT);
      }
    },
    CHUNK * 20_000,
  );
});
