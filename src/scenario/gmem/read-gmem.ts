/** Text → scenarios. Never fails: what cannot be read is a problem at its place, and the rest is read. */
import { treeOf, type LineNode } from './line-tree';
import { nothingInScope } from './names-in-scope';
import { nearestWord } from './nearest-word';
import { problem, shown, spanOfLine, warning } from './problem';
import { DeclarationReader } from './read-declarations';
import { LinesReader, MOST_PROBLEMS } from './read-line';
import { StepReader } from './read-steps';
import type { GmemScenario, GmemText, TextProblem } from './scenario';
import { statementOf } from './statements';
import { linesOf } from './tokens';

/** More are not looked at. */
const MOST_SCENARIOS = 1_000;

/** Longer texts are not looked at. In characters. */
const LONGEST_TEXT = 5_000_000;

/**
 * @param values of parameters, instead of those that the text gives them
 * @returns *Shape* scenarios in the order of the text; what has a problem is left out of its scenario, so a scenario
 * with an error in its lines is not what its author means.
 */
export function readGmem(text: string, values: Readonly<Record<string, string>> = {}): GmemText {
  if (text.length > LONGEST_TEXT) return { scenarios: [], problems: [tooLong(text)] };
  const problems: TextProblem[] = [];
  const scenarios: GmemScenario[] = [];
  const names = new Set<string>();
  for (const node of treeOf(linesOf(text))) {
    if (problems.length >= MOST_PROBLEMS) break;
    if (scenarios.length >= MOST_SCENARIOS) {
      problems.push(
        problem(
          spanOfLine(node.line),
          `There are ${MOST_SCENARIOS} scenarios above.`,
          'What follows is not read.',
          'Put it into another file.',
        ),
      );
      break;
    }
    const scenario = scenarioOf(node, values, problems);
    if (scenario === null) continue;
    if (names.has(scenario.name)) {
      problems.push(
        problem(
          scenario.span,
          `There is a scenario "${shown(scenario.name)}" above.`,
          'The two cannot be told apart.',
          'Give one another name.',
        ),
      );
    }
    names.add(scenario.name);
    scenarios.push(scenario);
  }
  problems.sort((left, right) => left.span.line - right.span.line || left.span.column - right.span.column);
  return { scenarios, problems: cut(problems) };
}

function tooLong(text: string): TextProblem {
  return problem(
    { line: 1, column: 1, endLine: 1, endColumn: 2 },
    `The text has ${text.length} characters.`,
    `Texts of more than ${LONGEST_TEXT} are not read.`,
    'Use repeat and random, or several files.',
  );
}

function cut(problems: readonly TextProblem[]): readonly TextProblem[] {
  const last = problems[MOST_PROBLEMS - 1];
  if (last === undefined) return problems;
  const more = problem(last.span, `There are ${MOST_PROBLEMS} problems up to here.`, 'What follows was not read.', 'Mend these first.');
  return [...problems.slice(0, MOST_PROBLEMS), more];
}

function scenarioOf(node: LineNode, values: Readonly<Record<string, string>>, problems: TextProblem[]): GmemScenario | null {
  const lines = new LinesReader(nothingInScope(), problems);
  const [first, second] = node.line.tokens;
  if (statementOf(first?.text ?? '', second?.text ?? '')?.word !== 'scenario') {
    problems.push(outside(node, first?.text ?? ''));
    return null;
  }
  const name = lines.read(node.line)?.values['name'];
  const declarations = new DeclarationReader(lines, values);
  const steps = new StepReader(lines);
  let begun = false;
  const inner: LineNode[] = [];
  for (const child of node.children) {
    const isDeclaration = lines.statementOf(child.line)?.place === 'declaration';
    if (isDeclaration && !begun) declarations.read(child);
    else inner.push(child);
    begun ||= !isDeclaration && lines.statementOf(child.line) !== undefined;
  }
  const head = declarations.finish(node.line);
  const found = steps.read(inner);
  if (typeof name !== 'string') return null;
  if (found.length === 0)
    problems.push(
      warning(spanOfLine(node.line), 'The scenario has no step.', 'There is nothing to run.', 'Add one: create gmem0 for td size 16GiB.'),
    );
  return { name, ...head, steps: found, span: spanOfLine(node.line), lastLine: lastLineOf(node) };
}

function outside(node: LineNode, word: string): TextProblem {
  const span = spanOfLine(node.line);
  const near = nearestWord(word, ['scenario']);
  const known = statementOf(word, '') !== undefined;
  return problem(
    span,
    `"${shown(word)}" stands outside of a scenario.`,
    'The line, and what is indented below it, is left out.',
    near !== null
      ? 'Did you mean "scenario"?'
      : known
        ? 'Indent it below a line such as scenario "Name".'
        : 'Open a scenario first: scenario "Name".',
  );
}

function lastLineOf(node: LineNode): number {
  let last = node;
  for (let next = last.children.at(-1); next !== undefined; next = last.children.at(-1)) last = next;
  return last.line.number;
}
