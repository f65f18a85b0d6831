/** Scanning a whole kernel tree, cold, warm and after a patch, beside ripgrep for the same words and spatch for the same rule (FOLIOSCOPE_LINUX_6_12 or FOLIOSCOPE_TREE). */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYMBOLS } from '../src/assumptions/rules';

const root = process.env['FOLIOSCOPE_LINUX_6_12'] ?? process.env['FOLIOSCOPE_TREE'] ?? '';
/** The build has put the bundles there. */
const cli = join(process.cwd(), 'dist/cli.js');

/** The rule of the peer: a folio's test under which a VMA is taken to be hugetlb, whatever else stands there. */
const RULE = `@r@
expression folio, vma;
position p;
@@
if (<+... folio_test_hugetlb@p(folio) ...+>) {
... when any
(
hstate_vma(vma)
|
hugetlb_vma_trylock_write(vma)
|
huge_pmd_unshare(..., vma, ...)
)
... when any
}

@script:python@
p << r.p;
@@
print("%s:%s" % (p[0].file, p[0].line))
`;

interface Run {
  readonly ms: number;
  /** Peak of the resident set, in MiB; 0 where it was not measured. */
  readonly peak: number;
  /** Processor time of all threads, in milliseconds; 0 where it was not measured. On a machine with other work it says more than the clock. */
  readonly spent: number;
  readonly output: string;
}

/** One run in a process of its own, from start to exit. */
function timed(command: string, args: readonly string[], data: string): Run {
  const from = performance.now();
  const peakOf = spawnSync('/usr/bin/time', ['--version']).error === undefined;
  const [program, list] = peakOf ? ['/usr/bin/time', ['-f', '%M %U %S', command, ...args]] : [command, [...args]];
  const run = spawnSync(program, list, { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, FOLIOSCOPE_DATA: data } });
  const ms = performance.now() - from;
  if (run.error !== undefined) throw run.error;
  const last = run.stderr.trimEnd().split('\n').at(-1) ?? '';
  const [peak = 0, user = 0, system = 0] = peakOf && /^\d+ [\d.]+ [\d.]+$/.test(last) ? last.split(' ').map(Number) : [];
  return { ms, peak: peak / 1024, spent: (user + system) * 1000, output: run.stdout };
}

function best(times: number, make: () => Run): Run {
  let found = make();
  for (let at = 1; at < times; at += 1) {
    const one = make();
    if (one.ms < found.ms) found = one;
  }
  return found;
}

const line = (what: string, { ms, peak, spent }: Run, limit: string): void => {
  const measured = peak === 0 ? ''.padStart(32) : `${spent.toFixed(0).padStart(7)} ms computed ${peak.toFixed(0).padStart(6)} MiB`;
  console.log(`${what.padEnd(34)} ${ms.toFixed(0).padStart(7)} ms ${measured}   ${limit}`);
};

function main(): void {
  if (root === '') {
    console.log('skipped: neither FOLIOSCOPE_LINUX_6_12 nor FOLIOSCOPE_TREE is set');
    return;
  }
  const home = mkdtempSync(join(tmpdir(), 'folioscope-bench-'));
  try {
    const data = join(home, 'data');
    const scan = (...more: string[]): Run => timed(process.execPath, [cli, 'scan', root, '--json', ...more], data);
    const cold = best(2, () => {
      rmSync(data, { recursive: true, force: true });
      return scan();
    });
    const { sites, files } = JSON.parse(cold.output) as { readonly sites: readonly unknown[]; readonly files: number };
    console.log(`${files} files, ${sites.length} sites`);
    line('whole tree, cold', cold, 'under 6000 ms and 1536 MiB');
    // What has just been written is not trusted yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    scan();
    line('whole tree, unchanged', best(3, scan), 'under 500 ms');
    // Each time from what was kept of the whole tree: what an earlier round has kept of the change would make the next one shorter.
    const kept = join(home, 'kept');
    cpSync(data, kept, { recursive: true });
    const afresh = (): Run => {
      rmSync(data, { recursive: true });
      cpSync(kept, data, { recursive: true });
      return scan();
    };
    line('whole tree, after a patch', best(3, afterPatch('mm/rmap.c', afresh)), 'under 500 ms');
    line('the same of mm/hugetlb.c', best(3, afterPatch('mm/hugetlb.c', afresh)), 'under 500 ms');
    const parts = partsOf(home, ['mm', 'fs', 'virt']);
    const some = best(2, () => timed(process.execPath, [cli, 'scan', parts, '--json', '--no-cache'], data));
    const { sites: own } = JSON.parse(some.output) as { readonly sites: readonly { readonly class: string }[] };
    const assumed = own.filter((site) => site.class === 'assumes-hugetlb-vma').length;
    line('mm/ fs/ virt/ alone, cold', some, 'under 2500 ms');
    const words = [...SYMBOLS.keys()].join('|');
    const rg = best(3, () => timed('rg', ['-n', '-w', '-t', 'c', '-e', words, root], data));
    line('rg, the same words', rg, `ratio to a cold scan ${(cold.ms / rg.ms).toFixed(1)}`);
    if (spawnSync('spatch', ['--version']).error !== undefined) {
      console.log('spatch is not installed: no ratio');
      return;
    }
    const rule = join(home, 'rule.cocci');
    writeFileSync(rule, RULE);
    const spatch = best(2, () => timed('spatch', ['--very-quiet', '--no-includes', '--sp-file', rule, '--dir', parts], data));
    const lines = new Set(spatch.output.split('\n').filter((one) => /:\d+$/.test(one)));
    line(
      'spatch, one rule, the same alone',
      spatch,
      `ratio to ours ${(some.ms / spatch.ms).toFixed(2)}, ${lines.size} sites to our ${assumed}`,
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A change as a patch makes it, taken back after the run. */
function afterPatch(file: string, scan: () => Run): () => Run {
  return () => {
    const path = join(root, file);
    const before = readFileSync(path);
    appendFileSync(path, '\nstatic bool bench_asks(struct folio *folio)\n{\n\treturn folio_test_hugetlb(folio);\n}\n');
    try {
      const run = scan();
      if (!run.output.includes('bench_asks')) throw new Error('the change was not seen');
      return run;
    } finally {
      writeFileSync(path, before);
    }
  };
}

/** A tree of some directories alone. */
function partsOf(home: string, parts: readonly string[]): string {
  const tree = join(home, 'parts');
  execFileSync('mkdir', ['-p', tree]);
  for (const part of parts) execFileSync('cp', ['-r', '--no-clobber', join(root, part), tree]);
  return tree;
}

main();
