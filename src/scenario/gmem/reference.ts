/** The reference page of the language, from the table of statements: `docs/scenarios.md`. */
import { ARGUMENT_KINDS } from './argument-kinds';
import type { Statement, StatementPlace } from './statement';
import { STATEMENTS } from './statements';
import {
  COMPARISONS,
  COUNTERS,
  DESIGN_TITLES,
  ERRORS,
  INVARIANTS,
  LABELS,
  type Meanings,
  METRICS,
  PROPERTIES,
  SWITCHES,
} from './vocabulary';

export function referencePage(): string {
  const sections = [
    INTRODUCTION,
    '## In the editor',
    EDITOR,
    '## Statements',
    ...PLACES.map(([place, title, text]) => placeSection(place, title, text)),
    '## Arguments',
    ARGUMENTS,
    table(
      ['argument', 'what it is'],
      Object.entries(ARGUMENT_KINDS).map(([name, { what }]) => [`\`${name}\``, what]),
    ),
    '## Words',
    ...WORDS.map(([title, words]) => `### ${title}\n\n${wordTable(words)}`),
    `### Properties of \`expect state\`\n\n${propertyTable()}`,
    `### Switches\n\nThe first value holds where a scenario says nothing; where designs differ in that, the defect is as its own posting has it.\n\n${switchTable()}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const INTRODUCTION = `# Scenarios

A \`.gmem\` file says what happens to a host: its memory, the designs that are compared, who acts, the steps, and what is expected of them.
\`folioscope run FILE\` runs it on the model of each design, \`folioscope sweep FILE\` for every value of a parameter. Those that ship are in
\`demo/scenarios\`.

\`\`\`gmem
scenario "A pinned page is asked back"
  about "One shared page is mapped and pinned; userspace drops its mapping and converts."
  label derived
  designs A B E
  vm td type tdx
  process vmm
  device nic

  create gmem0 for td size 16GiB
  bind gmem0 to td gpa 0 offset 0 size 16GiB
  mmap vmm gmem0 all
  convert gmem0 page 0 to shared
  host-fault vmm gmem0 page 0 write for A B
  pin nic gmem0 page 0 for A B
  dontneed vmm gmem0 page 0 for A B
  convert gmem0 page 0 to private
    expect EINVAL for A
    expect EAGAIN at 0 for B
    expect ok for E
\`\`\`

- One statement a line. What belongs to a line is indented below it: the lines of a scenario, the steps of a block, the expectations of a step.
  Expectations of a block stand behind its steps, indented as the block's own line.
- \`#\` begins a comment. Texts are in double quotes, with \`\\"\`, \`\\\\\` and \`\\n\`.
- Numbers may have \`_\` in them. Sizes have a unit, K, M, G or T (or KiB, MiB, GiB, TiB), each 1024 of the one before; without a unit they are bytes. Times are
  in us, ms or s.
- A range is \`pages 0..512\` (the end is not part of it), \`page 7\`, \`[0, 2GiB)\` in bytes, \`block 3\` or \`blocks 0..4\` in huge pages of the file, or \`all\`.
- \`for A B\` at the end of a step or an expectation keeps it to these designs; the others pass over it.
- \`$name\` stands for what \`let name\` says, wherever a number or a word can stand. \`let\` works sums out: \`let most min($blocks, 4) * 4095\`. Signs
  stand between spaces; a size or time with a unit keeps it; 0 goes with every unit; a quotient is rounded down; a comparison is 1 or 0, so that
  \`let turns $policy = eager\` and \`repeat $turns\` below it do something for one value of a sweep alone.
- What is expected of a counter or metric can be such a sum, and \`when\` keeps an expectation to some values of a sweep:
  \`expect metric splits = 2 * $turns when $policy = eager and $turns > 1 for B C\`.
- A step that gives an error goes on with the next step. What is not expected is not checked: \`expect ok\` says that a step must go well.
- A step on something that is not there (a file that could not be created) is not done, and the run has failed.

Limits: 5,000,000 characters, 1,000 scenarios, 2,000,000 operations, 10,000 files, 1,000 pins at a time that last for a time, 32 levels of indentation, 500 problems told of one text, 1,000 expectations of one step, 1,000 orders of a
\`parallel\`, 1,000 values of a parameter and 10,000 runs of a sweep.

Metrics that count are exact. Times are illustrations, from costs that are assumed; nothing was measured. Labels say how sure an expectation is.

This page is generated from \`src/scenario/gmem\` by \`scripts/generate-docs.mjs\`.`;

const EDITOR = `VS Code marks what is wrong in a \`.gmem\` file while it is typed, completes words and names, says what a word means and how sure that is, formats
(only what differs is touched), folds, and shows an outline. "Folioscope: Open Example Scenarios…" opens those that ship; they can be read and run.

Scenarios are tests of the Test Explorer: a file holds scenarios, a scenario its designs, a design its steps. Each has a run button there and in the margin.

- A step that was asked for alone ends the run behind it; anything else runs to its end.
- An expectation that is not met is shown at its line, with what was expected and what it was. The output of the run is what \`folioscope run\` prints.
- A step fails where an expectation of it is not met, or where it cannot be done; it is skipped where the run never came to it.
- A scenario with an error in its lines is not run, and says so at the line.
- A run is a thread of its own and ends at once when it is cancelled. With continuous run on, what is chosen runs again whenever its text changes.
- The code lenses over a scenario run it, run it on some of its designs, and open it in the memory model. While the worktree of a series is open, "Run on the C"
  runs it on the series' own C, as \`folioscope run FILE --tree DIR\` does: the results stand at design A. Splitting huge pages of 1G there takes a minute each.

None of this needs a trusted workspace: nothing is run but the model.`;

const PLACES: readonly (readonly [readonly StatementPlace[], string, string])[] = [
  [['file', 'declaration'], 'Declarations', 'Before the first step.'],
  [['step'], 'Steps', 'Each does one operation.'],
  [['block', 'branch', 'attached'], 'Blocks', 'They hold steps.'],
  [['expectation'], 'Expectations', 'Below the step that they speak of, or behind a block.'],
];

const ARGUMENTS = 'In the patterns, `<name:argument>` is an argument, `[…]` may be left out, and `a|b` is one of these words.';

const WORDS: readonly (readonly [string, Meanings])[] = [
  ['Designs', DESIGN_TITLES],
  ['Labels', LABELS],
  ['Errors', ERRORS],
  ['Comparisons', COMPARISONS],
  ['Invariants', INVARIANTS],
  ['Metrics', METRICS],
  ['Counters', COUNTERS],
];

function placeSection(places: readonly StatementPlace[], title: string, text: string): string {
  const rows = STATEMENTS.filter(({ place }) => places.includes(place)).map(statementText);
  return [`### ${title}`, text, ...rows].join('\n\n');
}

const statementText = ({ word, pattern, meaning, example }: Statement): string =>
  `#### ${word}\n\n${meaning}\n\n\`\`\`gmem\n${pattern}\n${example}\n\`\`\``;

const wordTable = (words: Meanings): string =>
  table(
    ['word', 'meaning'],
    Object.entries(words).map(([word, meaning]) => [code(word), meaning]),
  );

const propertyTable = (): string =>
  table(
    ['property', 'meaning', 'values'],
    Object.entries(PROPERTIES).map(([name, { meaning, values }]) => [
      code(name),
      meaning,
      values === null ? 'a number' : values.length === 0 ? 'a name' : values.map(code).join(', '),
    ]),
  );

const switchTable = (): string =>
  table(
    ['switch', 'designs', 'values', 'meaning'],
    Object.entries(SWITCHES).map(([name, { designs, values, meaning }]) => [
      code(name),
      designs.join(' '),
      values.map(code).join(', '),
      meaning,
    ]),
  );

const code = (text: string): string => `\`${text}\``;

/** Columns as wide as their widest cell, as the formatter of the repository sets them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = all;
  return [line(first), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest.map(line)].join('\n');
}
