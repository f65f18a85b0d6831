/** What of a scenario text the editor shows as tests: scenarios, their designs, their steps. */
import { MOST_TESTS, type LineSpan, type ScenarioTest, type ScenarioTests, type StepTest } from '../protocol/scenario-runs';
import { outlineOf } from '../scenario/gmem/language';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { Step, TextProblem } from '../scenario/gmem/scenario';
import { DESIGN_TITLES } from '../scenario/gmem/vocabulary';

/** Those that cannot be read are there all the same, with what is wrong. */
export function testsOf(text: string): ScenarioTests {
  const { scenarios: read, problems } = readGmem(text);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const byLine = new Map(read.map((each) => [each.span.line, each]));
  const lines = text.split('\n');
  const scenarios: ScenarioTest[] = [];
  let left = MOST_TESTS;
  let leftOut = 0;
  for (const { name, kind, span, lastLine } of outlineOf(text)) {
    if (kind !== 'scenario') continue;
    const known = byLine.get(span.line);
    const steps = known === undefined ? [] : stepsOf(known.steps, lines, true);
    leftOut += left > 0 ? Math.max(0, steps.length - left + 1) : steps.length + 1;
    if (left > 0) {
      scenarios.push({
        name,
        span,
        lastLine,
        about: known?.about ?? [],
        labels: known?.labels ?? [],
        designs: known?.designs ?? [],
        steps: steps.slice(0, left - 1),
        problem: problemIn(errors, span.line, lastLine),
      });
    }
    left = Math.max(0, left - steps.length - 1);
  }
  return { scenarios, leftOut, titles: DESIGN_TITLES };
}

function stepsOf(steps: readonly Step[], lines: readonly string[], isInOrder: boolean): StepTest[] {
  return steps.flatMap((step): StepTest[] => {
    const own: StepTest = {
      text: textAt(lines, step.span),
      span: spanOf(step.span),
      designs: step.kind === 'operation' ? step.designs : [],
      expects: step.expects.map(({ span, designs }) => ({ line: span.line, designs })),
      isStop: isInOrder && step.kind === 'operation',
    };
    switch (step.kind) {
      case 'operation':
        return [own];
      case 'repeat':
        return [own, ...stepsOf(step.steps, lines, isInOrder)];
      case 'random':
        return [own, ...stepsOf(step.steps, lines, false)];
      case 'parallel':
        return [own, ...step.branches.flatMap((branch) => stepsOf(branch, lines, false))];
    }
  });
}

const problemIn = (errors: readonly TextProblem[], from: number, to: number): ScenarioTest['problem'] => {
  const found = errors.find(({ span }) => span.line >= from && span.line <= to);
  return found === undefined ? null : { span: spanOf(found.span), message: found.message };
};

const textAt = (lines: readonly string[], { line, column, endColumn }: LineSpan): string =>
  lines[line - 1]?.slice(column - 1, endColumn - 1) ?? '';

const spanOf = ({ line, column, endColumn }: LineSpan): LineSpan => ({ line, column, endColumn });
