/** Bad scenario files, as a user hands them to the CLI: what is wrong is told with line and column, in bounded time. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { runText } from '../../../src/review/gmem-report';
import { runScenario } from '../../../src/review/run-gmem';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import { onCpu } from '../../cpu-time';
import { bundledCli, runCli } from './run-cli';

const home = mkdtempSync(join(tmpdir(), 'folioscope-bad-'));
const cli = bundledCli(home);
afterAll(() => {
  rmSync(home, { recursive: true });
});

const head = 'scenario "x"\n  vm td type tdx\n  create gmem0 for td size 1GiB\n';
const bound = `${head}  bind gmem0 to td gpa 0 offset 0 size 1GiB\n`;
const times = (count: number, line: (at: number) => string): string => Array.from({ length: count }, (_, at) => line(at)).join('');

describe.each(['run', 'sweep'])('folioscope %s', (command) => {
  it.each([
    ['a statement that there is not', `${head}  convrt gmem0 page 0 to shared\n`, '4:3', 'There is no statement "convrt"'],
    ['a metric that there is not', `${head}    expect metric vmemap-pages = 1\n`, '4:19', '"vmemap-pages" is not a metric'],
    ['an error that there is not', `${head}    expect EAGIAN\n`, '4:12', '"EAGIAN" is not an error'],
    ['a design that there is not', 'scenario "x"\n  designs A F\n', '2:13', '"F" is not a design'],
    ['a size that no host has', 'scenario "x"\n  vm td type tdx\n  create g for td size 9999TiB\n', '3:24', 'more than any host has'],
    ['a size below 0', 'scenario "x"\n  vm td type tdx\n  create g for td size -1GiB\n', '3:24', '"-1GiB" is not a size'],
    ['more huge pages than memory', 'scenario "x"\n  node 0 memory 1GiB pages-1G 16\n', '1:1', 'take 16GiB of its 1GiB'],
    ['a range beyond the file', `${head}  guest-fault td gmem0 [0, 2GiB)\n`, '4:24', 'The range ends at 2GiB'],
    ['a range backwards', `${head}  guest-fault td gmem0 pages 7..3\n`, '4:24', 'runs backwards'],
    ['ten million steps', `${head}  repeat 10000000\n    close gmem0\n`, '4:3', 'asks for 10000000 operations'],
    ['ten million steps drawn', `${head}  random 10000000 seed 1\n    close gmem0\n`, '4:3', 'asks for 10000000 operations'],
    ['sixteen million steps, nested', `${head}  repeat 4000\n    repeat 4000\n      close gmem0\n`, '5:5', 'asks for 16000000 operations'],
    [
      'a step that goes well and fails',
      `${head}    expect ok\n    expect ENOMEM for B\n`,
      '5:5',
      'contradicts the one in line 4 for design B',
    ],
    [
      'a metric of two values',
      `${head}    expect metric splits = 1\n    expect metric splits > 3\n`,
      '5:5',
      'contradicts the one in line 4',
    ],
    ['an invariant held and violated', `${head}    expect held L1\n    expect violated L1 for C\n`, '5:5', 'contradicts the one in line 4'],
    [
      'pages in two states',
      `${head}    expect state gmem0 all block whole\n    expect state gmem0 page 3 block split\n`,
      '5:5',
      'contradicts',
    ],
    ['a division by 0', `${head}    expect metric splits = 1 / 0\n`, '4:33', 'no number that can be counted with'],
    ['a sweep of a million runs', 'scenario "x"\n  let a 1\n  sweep a from 0 to 1000000 by 1\n', '3:3', 'asks for 1001 runs'],
    ['5 MB and one letter', '#'.repeat(5_000_001), '1:1', 'The text has 5000001 characters'],
    [
      '5 MB of words that are none',
      head + times(150_000, () => '  convrt gmem0 page 0 to shared\n'),
      '4:3',
      'There is no statement "convrt"',
    ],
    [
      '100,000 files',
      `scenario "x"\n  vm td type tdx\n${times(100_000, (at) => `  create g${at} for td size 1GiB\n`)}`,
      '10003:3',
      'has 10000 files',
    ],
    ['2,000 levels', `scenario "x"\n${times(1500, (at) => `${' '.repeat(at + 1)}repeat 1\n`)}`, '33:33', 'is indented 32 levels'],
    ['bytes', '\u0000\u0001\u00ff\n', '1:1', 'stands outside of a scenario'],
  ])('tells of %s', async (_what, text, place, met) => {
    writeFileSync(join(home, 'bad.gmem'), text);
    const { code, stdout } = await runCli(cli, [command, 'bad.gmem'], { cwd: home, data: home });
    expect(code).toBe(1);
    const line = stdout.split('\n').find((each) => each.startsWith(`bad.gmem:${place}: error: `));
    expect(line).toContain(met);
  });
});

describe('a text that is right and large is run in bounded time', () => {
  it.each([
    ['60,000 steps', 'B', head + times(60_000, () => '  convert gmem0 page 0 to shared\n')],
    ['200,000 steps in a loop', 'B', `${bound}  repeat 100000\n    convert gmem0 page 0 to shared\n    convert gmem0 page 0 to private\n`],
    [
      'a reference of every second page',
      'B',
      `scenario "x"\n  vm td type tdx\n  process p\n  create g for td size 2GiB\n  guest-fault td g all\n  repeat 30000\n    reference p g page 0 moving 8KiB\n`,
    ],
    [
      'pins that last, without end',
      'B',
      `scenario "x"\n  vm td type tdx\n  process p\n  create g for td size 1GiB\n  guest-fault td g all\n  repeat 30000\n    reference p g page 0 lasting 1000s moving 4KiB\n`,
    ],
    [
      'timers without end',
      'A',
      `scenario "x"\n  switch merge timer\n  switch A-1 as-intended for A\n  vm td type tdx\n  create g for td size 1GiB\n  bind g to td gpa 0 offset 0 size 1GiB\n  guest-fault td g all\n  repeat 30000\n    convert g page 0 to shared\n    convert g page 0 to private\n`,
    ],
  ] as const)('%s', (_what, design, text) => {
    const [scenario] = readGmem(text).scenarios;
    if (scenario === undefined) throw new Error('nothing was read');
    const { milliseconds } = onCpu(() => {
      const run = runScenario(scenario, design, unwatched);
      if (run.kind !== 'done') throw new Error(JSON.stringify(run));
      expect(runText({ file: 'x.gmem', scenario, runs: [run.value] }).length).toBeGreaterThan(0);
    });
    expect(milliseconds).toBeLessThan(30_000);
  });
});
