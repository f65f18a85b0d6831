/** `folioscope run FILE --tree DIR`: the scenarios of a file on the C of a tree. */
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { programForScenarios, runScenarioOnC } from '../review/c-scenario';
import type { CScenarioRun } from '../review/c-scenario-report';
import { scenarioOnCText } from '../review/c-scenario-text';
import type { GmemScenario, TextProblem } from '../scenario/gmem/scenario';
import { type Answer, numberOption, type Options, UsageError } from './command';
import { MAX_ORDER } from './scenario-options';
import { indexedTree } from './tree-reading';

interface Given {
  readonly path: string;
  readonly scenarios: readonly GmemScenario[];
  readonly problems: readonly TextProblem[];
  /** The problems as lines. */
  readonly warnings: string;
}

/** *Fails* as `indexedTree`, `programForScenarios` and `runScenarioOnC`. */
export function runOnC({ path, scenarios, problems, warnings }: Given, options: Options, progress: Progress): Outcome<Answer> {
  for (const name of ['design', 'csv']) if (options[name] !== undefined) throw new UsageError(`--tree runs the C: leave out --${name}`);
  const order = numberOption(options, 'order', 1, MAX_ORDER);
  const read = indexedTree(options, progress);
  if (read.kind !== 'done') return read;
  const { tree, index, config } = read.value;
  const program = programForScenarios(tree, index, config);
  if (program.kind !== 'done') return program;
  const runs: { readonly scenario: GmemScenario; readonly onC: CScenarioRun }[] = [];
  for (const scenario of scenarios) {
    const onC = runScenarioOnC(program.value, scenario, progress, order === undefined ? {} : { order });
    if (onC.kind !== 'done') return onC;
    runs.push({ scenario, onC: onC.value });
  }
  const texts = runs.map(({ scenario, onC }) => scenarioOnCText(path, scenario, onC));
  return done({
    json: {
      problems,
      scenarios: runs.map(({ scenario, onC: { run, ...onC } }) => ({
        name: scenario.name,
        labels: scenario.labels,
        runs: run === null ? [] : [run],
        onC,
      })),
    },
    text: [...(warnings === '' ? [] : [warnings]), ...texts].join('\n\n'),
    isNo: runs.some(({ onC }) => onC.status === 'failed'),
  });
}
