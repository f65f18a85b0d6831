import { describe, expect, it } from 'vitest';
import { printGmem } from '../../../src/scenario/gmem/print-gmem';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';
import { STATEMENTS } from '../../../src/scenario/gmem/statements';
import { textWith } from './gmem-text';
import { onCpu } from '../../cpu-time';

const head = `scenario "x"
  vm td type tdx
  process vmm
  create gmem0 for td size 2GiB
`;

/** Problems of lines behind the head, each as `line:column message`. */
const problemsOf = (text: string): string[] =>
  readGmem(text).problems.flatMap(({ severity, span, message }) =>
    severity === 'error' ? [`${span.line}:${span.column} ${message}`] : [],
  );

describe('the table of statements', () => {
  it.each(STATEMENTS.map((each) => [each.word, each] as const))('reads the example of "%s", and prints it so', (_word, statement) => {
    const { text, line } = textWith(statement);
    const { scenarios, problems } = readGmem(text);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const printed = printGmem(scenarios).split('\n');
    const example = text.split('\n')[line - 1]?.trim();
    expect(printed.map((each) => each.trim())).toContain(example);
  });

  it('says of each statement what it means, with its own word first in pattern and example', () => {
    for (const { word, pattern, meaning, example } of STATEMENTS) {
      expect(pattern.startsWith(word)).toBe(true);
      expect(example.startsWith(word)).toBe(true);
      expect(meaning).toMatch(/^\S.*\.$/);
    }
    expect(new Set(STATEMENTS.map(({ word }) => word)).size).toBe(STATEMENTS.length);
  });
});

describe('what a text says', () => {
  it('is ranges in pages, bytes, blocks, or all of the file', () => {
    const text = `${head}  guest-fault td gmem0 pages 1..3
  guest-fault td gmem0 page 7
  guest-fault td gmem0 [4K, 2MiB)
  guest-fault td gmem0 block 1
  guest-fault td gmem0 blocks 0..2
  guest-fault td gmem0 all
  guest-fault td gmem0 pages 1_00..2M
`;
    const { scenarios, problems } = readGmem(text);
    expect(problems).toEqual([]);
    const ranges = scenarios[0]?.steps.flatMap((step) =>
      step.kind === 'operation' && 'range' in step.operation ? [step.operation.range] : [],
    );
    expect(ranges).toEqual([
      { from: 1, to: 3 },
      { from: 7, to: 8 },
      { from: 1, to: 512 },
      { from: 262_144, to: 524_288 },
      { from: 0, to: 524_288 },
      { from: 0, to: 524_288 },
      // A size among pages is as many pages as it has.
      { from: 100, to: 512 },
    ]);
  });

  it('is a parameter wherever a number or a word stands, with the value of the sweep where one is given', () => {
    const text = `scenario "x"
  let n 3
  let kind tdx
  sweep n over 1 2
  vm td type $kind
  create gmem0 for td size 2GiB
  repeat $n
    convert gmem0 page $n to shared
  expect metric splits = $n
`;
    const at = (values: Record<string, string>): unknown[] => {
      const { scenarios, problems } = readGmem(text, values);
      expect(problems).toEqual([]);
      const block = scenarios[0]?.steps[1];
      return [scenarios[0]?.vms[0]?.type, block?.kind === 'repeat' ? block.times : 0, block?.expects[0]?.expectation];
    };
    expect(at({})).toEqual(['tdx', 3, { kind: 'metric', name: 'splits', is: '=', value: 3 }]);
    expect(at({ n: '5', kind: 'snp' })).toEqual(['snp', 5, { kind: 'metric', name: 'splits', is: '=', value: 5 }]);
    expect(printGmem(readGmem(text).scenarios).replace('\n\n', '\n')).toBe(text);
  });

  it('is expectations of the step above, or of the block behind which they stand', () => {
    const text = `${head}  repeat 2
    convert gmem0 page 0 to shared
      expect ok
    expect held L1
  expect metric splits = 1
`;
    const block = readGmem(text).scenarios[0]?.steps[1];
    expect(block).toMatchObject({ kind: 'repeat', expects: [{ expectation: { kind: 'metric' } }] });
    expect(block?.kind === 'repeat' ? block.steps[0]?.expects.map(({ expectation }) => expectation.kind) : []).toEqual([
      'error',
      'invariant',
    ]);
  });

  it('is what another thread does during a fault', () => {
    const text = `${head}  host-fault vmm gmem0 page 0 write
    meanwhile punch gmem0 [0, 1GiB)
    expect meanwhile EAGAIN
`;
    expect(readGmem(text).scenarios[0]?.steps[1]).toMatchObject({
      operation: { kind: 'host-fault', meanwhile: { kind: 'punch', offset: 0, size: 2 ** 30 } },
      expects: [{ expectation: { kind: 'meanwhile', error: 'EAGAIN' } }],
    });
  });
});

describe('problems', () => {
  it.each([
    [
      'an unknown statement',
      `${head}  convrt gmem0 page 0 to shared`,
      '5:3 There is no statement "convrt". The line is left out of the scenario. Did you mean "convert"?',
    ],
    [
      'an unknown name',
      `${head}  convert gmem9 page 0 to shared`,
      '5:11 "gmem9" is not a file declared above. The line is left out of the scenario. Did you mean "gmem0"?',
    ],
    [
      'an unknown word',
      `${head}  convert gmem0 page 0 to shred`,
      '5:27 "shred" is not shared or private. The line is left out of the scenario. Did you mean "shared"?',
    ],
    [
      'an unknown error',
      `${head}  close gmem0\n    expect ENOMEN`,
      '6:12 "ENOMEN" is not an error. The line is left out of the scenario. Did you mean "ENOMEM"?',
    ],
    [
      'an unknown metric',
      `${head}  close gmem0\n    expect metric vmemmap-page = 1`,
      '6:19 "vmemmap-page" is not a metric. The line is left out of the scenario. Did you mean "vmemmap-pages"?',
    ],
    [
      'an unknown counter',
      `${head}  close gmem0\n    expect counter hstate.1G.free_hugepages = 1`,
      '6:20 "hstate.1G.free_hugepages" is not a counter. The line is left out of the scenario. Did you mean "hstate.1G.free_huge_pages"?',
    ],
    [
      'a parameter without a value',
      `${head}  repeat $n`,
      '5:10 The parameter "$n" has no value. The line is left out of the scenario. Declare it above: let n 1.',
    ],
    [
      'a line that ends too early',
      `${head}  convert gmem0 page 0`,
      '5:23 The line ends too early. The line is left out of the scenario. Write "to" here.',
    ],
    [
      'a range outside of the file',
      `${head}  convert gmem0 [0, 3GiB) to shared`,
      '5:17 The range ends at 3GiB, and the file has 2GiB. The line is left out of the scenario. Keep it inside the file, or create a larger one.',
    ],
    [
      'an empty range',
      `${head}  convert gmem0 pages 5..5 to shared`,
      '5:17 The range is empty or runs backwards. The line is left out of the scenario. Let it end behind its beginning; the end itself is not part of it.',
    ],
    [
      'a size beyond any host',
      `scenario "x"\n  vm td type tdx\n  create gmem0 for td size 9999TiB`,
      '3:28 "9999TiB" is more than any host has. The line is left out of the scenario. Write at most 1024TiB.',
    ],
    [
      'a host that cannot be',
      `scenario "x"\n  node 0 memory 1GiB pages-1G 2`,
      '1:1 The huge pages of node 0 take 2GiB of its 1GiB. There can be no such host. Give it more memory or fewer huge pages.',
    ],
    [
      'a node that the host has not',
      `${head}  policy td node 3`,
      '5:18 The host has no node 3. The line is left out of the scenario. Write one of 0, -1.',
    ],
    [
      'nodes that are not in order',
      `scenario "x"\n  node 1 memory 1GiB`,
      '1:1 The nodes are 1. There can be no such host. Number them 0, 1, 2 and so on, in order.',
    ],
    [
      'a step that a design cannot do',
      `${head}  transfer 1 to pool`,
      '5:3 Design A has not got a pool to which huge pages could go. The line is left out of the scenario. Keep the step to those that have: for C D.',
    ],
    [
      'a switch of another design',
      `scenario "x"\n  switch A-2 as-intended for B`,
      '2:3 Design B has no switch A-2. The line is left out of the scenario. Write it for A.',
    ],
    [
      'more operations than are run',
      `${head}  repeat 10_000\n    repeat 10_000\n      close gmem0`,
      '6:5 The block asks for 100000000 operations. More than 2000000 are not run; it is left out of the scenario. Repeat it less often.',
    ],
    [
      'a name that is taken',
      `${head}  create gmem0 for td size 1GiB`,
      '5:3 There is a file "gmem0" already. The line is left out of the scenario. Close it first, or take another name.',
    ],
    [
      'an expectation of nothing',
      `scenario "x"\n  expect ok`,
      '2:3 No step stands above the expectation. There is nothing yet that it could speak of. Put it behind a step.',
    ],
    [
      'an error expected of a block',
      `${head}  repeat 2\n    wait 1us\n  expect ok`,
      '7:3 The lines above are a block. Only a single step goes well or fails. Put the expectation below a step of the block.',
    ],
    [
      'a text without its end',
      `scenario "x\n  vm td type tdx`,
      '1:10 The line ends within a text. The line is left out of the scenario. Close it with a quotation mark.',
    ],
    [
      'a step outside of a scenario',
      `close gmem0`,
      '1:1 "close" stands outside of a scenario. The line, and what is indented below it, is left out. Indent it below a line such as scenario "Name".',
    ],
    [
      'a declaration behind a step',
      `${head}  vm late type tdx`,
      '5:3 "vm" stands behind the first step. The line is left out of the scenario. Write it above the steps.',
    ],
    [
      'two of one declaration',
      `scenario "x"\n  designs A\n  designs B`,
      '3:3 There is a line "designs" above. Two would contradict each other; this one is left out. Make one of the two.',
    ],
    [
      'a branch without parallel',
      `${head}  branch\n    close gmem0`,
      '5:3 A branch stands outside of "parallel". The line is left out of the scenario. Indent it below a line "parallel".',
    ],
    [
      'a step below a step',
      `${head}  close gmem0\n    wait 1us`,
      '6:5 The line is indented below a step. Steps hold expectations only; it is read as a step behind it. Indent it as the line above.',
    ],
    [
      'a sweep of too many runs',
      `scenario "x"\n  let n 1\n  sweep n from 0 to 5000 by 1`,
      '3:3 The sweep asks for 1001 runs. More than 1000 values of one parameter, or 10000 runs in all, are not run. Take a larger step.',
    ],
  ])('tell %s where it stands', (_what, text, expected) => {
    expect(problemsOf(text)).toEqual([expected]);
  });

  it.each([
    ['expect ok', 'expect EAGAIN'],
    ['expect EAGAIN at 0', 'expect EAGAIN at 4096'],
    ['expect metric splits = 1', 'expect metric splits = 2'],
    ['expect metric splits > 5', 'expect metric splits < 3'],
    ['expect metric splits = 1 for A B', 'expect metric splits != 1 for B C'],
    ['expect held L1', 'expect violated L1'],
    ['expect state gmem0 pages 0..9 mapped 0', 'expect state gmem0 page 5 mapped 1'],
  ])('tell that "%s" and "%s" contradict each other', (one, other) => {
    const text = `${head}  close gmem0\n    ${one}\n    ${other}`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^7:5 The expectation contradicts the one in line 6 for design [AB]\. /)]);
  });

  it.each([
    ['expect ok for A', 'expect EAGAIN for B'],
    ['expect metric splits > 3', 'expect metric splits < 5'],
    ['expect metric splits >= 1', 'expect metric splits = 1'],
    ['expect state gmem0 pages 0..9 mapped 0', 'expect state gmem0 page 9 mapped 1'],
  ])('are none where "%s" and "%s" can both be met', (one, other) => {
    expect(problemsOf(`${head}  close gmem0\n    ${one}\n    ${other}`)).toEqual([]);
  });

  it('that do not stand in the way of a run are warnings', () => {
    expect(readGmem('scenario "x"\n  vm td type tdx').problems).toMatchObject([
      { severity: 'warning', span: { line: 1 }, message: expect.stringContaining('no step') as unknown },
    ]);
  });

  it('of a text are told up to a bound, and what follows is not read', () => {
    const { problems } = readGmem(head + '  nonsense\n'.repeat(10_000));
    expect(problems).toHaveLength(501);
    expect(problems.at(-1)?.message).toBe('There are 500 problems up to here. What follows was not read. Mend these first.');
  });
});

describe('large texts', () => {
  const within = (milliseconds: number, text: string): ReturnType<typeof readGmem> => {
    const read = onCpu(() => readGmem(text));
    expect(read.milliseconds).toBeLessThan(milliseconds);
    return read.value;
  };

  it('of more than 5,000,000 characters are not read', () => {
    const read = within(2_000, 'x'.repeat(5_000_001));
    expect(read.scenarios).toEqual([]);
    expect(read.problems).toMatchObject([
      { span: { line: 1, column: 1 }, message: expect.stringContaining('5000001 characters') as unknown },
    ]);
  });

  it.each([
    ['good steps', head + '  convert gmem0 page 0 to shared\n'.repeat(150_000)],
    [
      'files',
      `scenario "x"\n  vm td type tdx\n${Array.from({ length: 100_000 }, (_, at) => `  create g${at} for td size 1GiB\n`).join('')}`,
    ],
    ['scenarios', Array.from({ length: 150_000 }, (_, at) => `scenario "${at}"\n`).join('')],
    ['one line', `scenario "x"\n  process ${'p '.repeat(2_400_000)}`],
    ['one word', `scenario "x"\n  ${'p'.repeat(4_900_000)}`],
    ['one text', `scenario "${'\\"'.repeat(2_400_000)}`],
    ['nesting', `scenario "x"\n${Array.from({ length: 3_000 }, (_, at) => `${' '.repeat(at)}repeat 1\n`).join('')}`],
    ['expectations', `${head}  close gmem0\n${'    expect held L1\n'.repeat(200_000)}`],
  ])('of %s are read in bounded time', (_what, text) => {
    expect(text.length).toBeLessThan(5_000_000);
    within(20_000, text);
  });
});
