import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { violations } from './json-schema';
import { bundledCli, type CliRun, runCli } from './run-cli';

const home = mkdtempSync(join(tmpdir(), 'folioscope-gmem-'));
const cli = bundledCli(home);
const shipped = join(dirname(fileURLToPath(import.meta.url)), '../../../demo/scenarios');
afterAll(() => {
  rmSync(home, { recursive: true });
});

const run = (...args: string[]): Promise<CliRun> => runCli(cli, args, { cwd: home, data: home });
const file = (text: string): string => {
  writeFileSync(join(home, 'x.gmem'), text);
  return 'x.gmem';
};
const good = `scenario "one"
  designs A B
  vm td type tdx
  create gmem0 for td size 2GiB
    expect ok
  bind gmem0 to td gpa 0 offset 0 size 2GiB
  guest-fault td gmem0 all
  convert gmem0 page 0 to shared
    expect metric splits = 1

scenario "two"
  let n 1
  sweep n over 1 2
  vm td type tdx
  create gmem0 for td size 2GiB
  bind gmem0 to td gpa 0 offset 0 size 2GiB
  guest-fault td gmem0 all
  repeat $n
    convert gmem0 page 0 to shared moving 1GiB
`;

describe('folioscope run', () => {
  it('is ended by Ctrl-C in the middle of its work', async () => {
    const text =
      good.slice(0, good.indexOf('scenario "two"')).replace('designs A B', 'designs B C D') +
      '  random 900000 seed 1\n    guest-fault td gmem0 page 5\n';
    let told = '';
    const { code, stdout } = await runCli(cli, ['run', file(text), '--progress'], {
      cwd: home,
      data: home,
      during: (child) => {
        child.stderr?.on('data', (part: string) => {
          told += part;
          child.kill('SIGINT');
        });
      },
    });
    expect(told).not.toBe('');
    expect([code, stdout]).toEqual([null, '']);
  });

  it('prints steps and expectations, and exits 0 where all are met', async () => {
    const { code, stdout, stderr } = await run('run', file(good), '--scenario', 'one');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/convert gmem0 page 0 to shared +ok +ok/);
    expect(stdout).toContain('4 expectations met, 0 not met');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(75);
  });

  it('exits 1 where one is not met, and says so at its line', async () => {
    const { code, stdout } = await run('run', file(good.replace('splits = 1', 'splits = 2')), '--scenario', 'one', '--design', 'B');
    expect(code).toBe(1);
    expect(stdout).toContain('x.gmem:9: B: expected metric splits = 2; it was 1');
  });

  it('lists what is wrong with a text, and runs nothing', async () => {
    const { code, stdout } = await run('run', file(good.replace('convert', 'convrt')));
    expect(code).toBe(1);
    expect(stdout).toBe(
      'x.gmem:8:3: error: There is no statement "convrt". The line is left out of the scenario. Did you mean "convert"?\n',
    );
  });

  it('prints JSON as its schema says', async () => {
    for (const text of [good, good.replace('splits = 1', 'splits = 2'), good.replace('convert', 'convrt')]) {
      const { stdout } = await run('run', file(text), '--json');
      expect(violations('run', JSON.parse(stdout))).toEqual([]);
    }
  });

  it('prints JSON as its schema says of a shipped scenario with another thread in it', async () => {
    const { code, stdout } = await run('run', join(shipped, 'sc-12-last-block.gmem'), '--json');
    const value = JSON.parse(stdout) as { scenarios: unknown[] };
    expect([code, value.scenarios.length]).toEqual([0, 2]);
    expect(violations('run', value)).toEqual([]);
  });

  it('prints CSV', async () => {
    const { stdout } = await run('run', file(good), '--csv', '--design', 'A');
    expect(stdout).toContain('\none,A,8,step,convert gmem0 page 0 to shared,ok,1\n');
    expect(stdout).toContain('\none,A,9,expect,metric splits = 1,passed,1\n');
  });

  it.each([
    [['run', 'nowhere.gmem'], 1, 'gmem/no-file'],
    [['run', 'x.gmem', '--scenario', 'three'], 1, 'gmem/no-scenario'],
    [['sweep', 'x.gmem', '--scenario', 'one'], 1, 'gmem/no-sweep'],
    [['run', 'x.gmem', '--design', 'F'], 2, '--design wants some of A,B,B2,C,D,E'],
    [['sweep', 'x.gmem', '--show', 'nonsense'], 2, 'there is no "nonsense"'],
    [['run'], 2, 'missing required argument'],
  ])('refuses %j', async (args, code, said) => {
    file(good);
    const result = await run(...args);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(said)]);
  });
});

describe('folioscope sweep', () => {
  it('prints a table for each thing shown', async () => {
    const { code, stdout } = await run('sweep', file(good), '--design', 'A,E', '--show', 'splits,failed');
    expect([code, stdout]).toEqual([
      0,
      `two

splits:
n  A  E
-------
1  1  0
2  2  0

failed:
n  A  E
-------
1  0  0
2  0  0
`,
    ]);
  });

  it('says at which value an expectation is not met, and exits 1', async () => {
    const text = `${good}  expect metric splits = 3 - $n when $n < 9\n`;
    const { code, stdout } = await run('sweep', file(text), '--design', 'B');
    expect(code).toBe(1);
    expect(stdout).toContain('x.gmem:20: B, n 1: expected metric splits = 2; it was 1\n');
    const json = await run('sweep', 'x.gmem', '--json');
    expect(violations('sweep', JSON.parse(json.stdout))).toEqual([]);
  });

  it('prints JSON as its schema says, and CSV', async () => {
    const { stdout } = await run('sweep', file(good), '--json');
    expect(violations('sweep', JSON.parse(stdout))).toEqual([]);
    expect((await run('sweep', 'x.gmem', '--csv')).stdout).toContain('\ntwo,n,2,A,splits,2\n');
  });
});
