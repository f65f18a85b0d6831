/** Random programs of csmith: the checksum of all their globals is the one that gcc's binary gives. */
import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createMachine } from '../../../src/machine/machine';
import { programOfC } from '../../unit/machine/c';
import { hasGcc, printedBy } from '../kernel-c/gcc';
import { csmithHeader } from './csmith-header';

const hasCsmith = spawnSync('csmith', ['--version']).status === 0;
/** FOLIOSCOPE_CSMITH=500 runs more of them. */
const PROGRAMS = Number(process.env['FOLIOSCOPE_CSMITH'] ?? 50);
const FIRST_SEED = 1;
/** Programs of one test: short enough that the runner hears of it. */
const CHUNK = 10;
/** Programs that run longer are left out: csmith makes some that never end. */
const STEPS = 20_000_000;
const OPTIONS = ['--no-argc', '--no-packed-struct', '--max-funcs', '6', '--max-block-depth', '3', '--concise'];

function generated(seed: number): string {
  const text = execFileSync('csmith', ['--seed', String(seed), ...OPTIONS], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    // It leaves a file of its own in the directory that it runs in.
    cwd: tmpdir(),
  });
  return text.replace('#include "csmith.h"', csmithHeader);
}

/** `agrees`, `too long`, or what is wrong. */
function compare(seed: number): string {
  const source = generated(seed);
  const machine = createMachine({ program: programOfC(source, ['main']), primitives: [], history: false });
  machine.start('main', []);
  if (!machine.run(STEPS)) return 'too long';
  const status = machine.status();
  if (status.kind !== 'returned') return `seed ${seed}: ${JSON.stringify(status)}`;
  const finding = machine.findings()[0];
  if (finding !== undefined) return `seed ${seed}: ${finding.kind} at line ${finding.line}: ${finding.message}`;
  const ours = machine.kernel.loadBig(machine.kernel.symbol('csmith_result'), { offset: 0, size: 8, signed: false });
  const printing = source.replace('csmith_result = sum;', 'csmith_result = sum; printf("%lu", sum);');
  const theirs = printedBy(printing);
  return theirs === ours.toString() ? 'agrees' : `seed ${seed}: gcc ${theirs}, we ${ours}`;
}

describe.skipIf(!hasGcc || !hasCsmith)(`${PROGRAMS} programs of csmith give the checksums that gcc's give`, () => {
  const chunks = Array.from({ length: Math.ceil(PROGRAMS / CHUNK) }, (_, index) => FIRST_SEED + index * CHUNK);

  it.each(chunks)(
    `${CHUNK} programs from seed %i`,
    (first) => {
      const outcomes = Array.from({ length: CHUNK }, (_, index) => compare(first + index));
      expect(outcomes.filter((outcome) => outcome !== 'agrees' && outcome !== 'too long')).toEqual([]);
      expect(outcomes).toContain('agrees');
    },
    CHUNK * 20_000,
  );
});
