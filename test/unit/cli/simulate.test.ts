/** `folioscope simulate` and `program` in a process of their own: what they print, and what they say of bad input. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { namedStates } from '../../../src/scenario/named-states';
import { scratch, write } from '../worktree/scratch';
import { violations } from './json-schema';
import { bundledCli, type CliRun, runCli } from './run-cli';

const home = scratch();
const data = join(home, 'data');
const tree = join(home, 'tree');
let cli = '';

beforeAll(() => {
  cli = bundledCli(join(home, 'app'));
  write(tree, {
    'sum.c': 'static int twice(int a)\n{\n\treturn a * 2;\n}\n\nint sum(int a, int b)\n{\n\treturn twice(a) + b;\n}\n',
    'broken.c': 'int broken(int a)\n{\n\tint b = 1;\n\n\treturn b + ;\n}\n',
    'loop.h': '#define A(x) B(x) B(x)\n#define B(x) A(x) A(x)\n',
    'unchecked.c':
      'void *kmalloc(unsigned long size, unsigned int flags);\nvoid kfree(const void *p);\nint unchecked(void)\n{\n\tint *p = kmalloc(4, 0);\n\t*p = 3;\n\tkfree(p);\n\treturn 0;\n}\n',
    'checked.c': 'int checked(void)\n{\n\tint *p = kmalloc(4, 0);\n\n\tif (!p)\n\t\treturn -12;\n\t*p = 3;\n\tkfree(p);\n\treturn 0;\n}\n',
    'macros.c': 'int macros(void)\n{\n\treturn A(1);\n}\n',
  });
});

const run = async (...args: string[]): Promise<CliRun> => await runCli(cli, args, { cwd: home, data });
const simulated = async (name: string, ...more: string[]): Promise<{ code: number | null; json: Record<string, unknown> }> => {
  const { code, stdout } = await run('simulate', '--tree', tree, '--function', name, '--order', '2', ...more, '--json');
  return { code, json: JSON.parse(stdout) as Record<string, unknown> };
};

describe('folioscope simulate', () => {
  it('runs a function and prints what its schema describes', async () => {
    const { code, json } = await simulated('sum', '--arg', 'a=20', '--arg', 'b=-1');
    expect(code).toBe(0);
    expect(json['status']).toEqual({ kind: 'returned', value: '39' });
    expect(violations('simulate', json)).toEqual([]);
  });

  it('says which function does not exist, and names one that does', async () => {
    const { code, json } = await simulated('summ');
    expect(code).toBe(1);
    expect(json['refused']).toMatchObject({ code: 'kernel-c/no-function', met: expect.stringContaining('summ()') as unknown });
    expect(JSON.stringify(json)).toContain('sum');
  });

  it('says where C does not parse, and gives no verdict', async () => {
    const { code, json } = await simulated('broken');
    expect(code).toBe(0);
    expect(json['status']).toMatchObject({ kind: 'undecided', place: { file: 'broken.c', line: 5 } });
  });

  it('ends with macros that expand into each other', async () => {
    const { json } = await simulated('macros');
    expect(json['status']).toMatchObject({ kind: 'undecided' });
  });

  it('says that a directory has no C', async () => {
    const { code, stdout } = await run('simulate', '--tree', data, '--function', 'sum', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ refused: { code: 'scan/empty-tree' } });
  });
});

describe('folioscope states', () => {
  it('lists the states that have a name, as its schema describes', async () => {
    const { code, stdout } = await run('states', '--json');
    const json = JSON.parse(stdout) as { states: { name: string; text: string }[] };
    expect([code, violations('states', json)]).toEqual([0, []]);
    expect(json.states.map((each) => each.name)).toEqual(namedStates.map((each) => each.name));
    expect((await run('states')).stdout).toContain('split-pinned');
  });

  it('prints a text that --state reads', async () => {
    const printed = await run('states', 'split-pinned', '--order', '4');
    write(home, { 'mine.state': `${printed.stdout}\n# and what is mine\nargument b = 0x10\n` });
    const { json } = await simulated('sum', '--state', 'mine.state', '--arg', 'a=1');
    expect(json['scenario']).toMatchObject({
      order: 2,
      folios: 'split',
      references: [{ index: 1, count: 1 }],
      arguments: { a: '1', b: '0x10' },
    });
    expect(json['status']).toEqual({ kind: 'returned', value: '18' });
    expect(violations('simulate', json)).toEqual([]);
    const explored = await run('explore', '--tree', tree, '--function', 'sum', '--state', 'mine.state', '--json');
    expect(JSON.parse(explored.stdout)).toMatchObject({ verdict: 'held', states: [{ state: 'mine.state', scenario: { order: 4 } }] });
  });

  it('says where a file is wrong, and that there is none', async () => {
    write(home, { 'bad.state': 'folios split\ncolour blue\norder many\n' });
    const bad = await simulated('sum', '--state', 'bad.state');
    expect([bad.code, violations('simulate', bad.json)]).toEqual([1, []]);
    expect(bad.json['refused']).toMatchObject({ code: 'state/bad-text' });
    expect(JSON.stringify(bad.json)).toMatch(/bad\.state:2:1: .*colour.*bad\.state:3:7: .*many/);
    const gone = await run('explore', '--tree', tree, '--function', 'sum', '--state', 'gone.state', '--json');
    expect([gone.code, JSON.parse(gone.stdout)]).toMatchObject([1, { refused: { code: 'state/not-found' } }]);
    expect((await run('states', 'gone.state')).code).toBe(1);
  });
});

describe('folioscope explore', () => {
  it('finds the path on which a failed allocation is used, with a witness that replays', async () => {
    const explored = await run('explore', '--tree', tree, '--function', 'unchecked', '--order', '2', '--json');
    expect(explored.code).toBe(0);
    const result = JSON.parse(explored.stdout) as { verdict: string; findings: { kind: string; line: number; choices: number[] }[] };
    expect(violations('explore', result)).toEqual([]);
    expect(result.verdict).toBe('violated');
    const [finding] = result.findings;
    expect(finding).toMatchObject({ kind: 'null-deref', line: 6 });
    const { json } = await simulated('unchecked', '--choices', finding!.choices.join(','));
    expect(json['status']).toMatchObject({ kind: 'stopped', finding: { kind: 'null-deref', line: 6 } });
  });

  it('holds, within bounds, for the mended twin', async () => {
    const { stdout } = await run('explore', '--tree', tree, '--function', 'checked', '--order', '2', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'held', findings: [] });
  });
});

describe('folioscope program', () => {
  it('prints the flat program that its schema describes', async () => {
    const { code, stdout } = await run('program', '--tree', tree, '--function', 'sum', '--json');
    expect(code).toBe(0);
    const json = JSON.parse(stdout) as { functions: Record<string, unknown> };
    expect(Object.keys(json.functions).sort()).toEqual(['sum', 'twice']);
    expect(violations('program', json)).toEqual([]);
  });
});
