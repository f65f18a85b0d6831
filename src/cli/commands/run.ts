/** `folioscope run FILE`: the scenarios of a file on the model of each design, and whether what they expect is so. */
import { done } from '../../base/outcome';
import { type ScenarioRuns, runsCsv, runText } from '../../review/gmem-report';
import { runScenario } from '../../review/run-gmem';
import type { DesignRun } from '../../review/run-gmem-report';
import { type CliCommand, flag } from '../command';
import { runOnC } from '../run-on-c';
import { designsOf, gmemFile, hasErrors, problemLines } from '../gmem-reading';

export const run: CliCommand = {
  name: 'run',
  summary: 'run the scenarios of a .gmem file on the model of each design; exit 1 where an expectation is not met',
  endsAtOnce: true,
  define: (command) => {
    command
      .argument('<file>', 'a .gmem file')
      .option('--scenario <name>', 'only this one')
      .option('--design <list>', 'only these designs, as in A,B2,E')
      .option('--csv', 'print CSV: steps, expectations and metrics')
      .option('--tree <dir>', 'run them on the C of this kernel tree instead')
      .option('--order <n>', 'with --tree: order of a huge page, smaller than that of the scenario');
  },
  run: async ([path = ''], options, progress) => {
    const chosen = designsOf(options);
    const read = gmemFile(path, options);
    if (read.kind !== 'done') return read;
    const { scenarios, problems } = read.value;
    if (hasErrors(read.value)) return done({ json: { problems, scenarios: [] }, text: problemLines(path, problems), isNo: true });
    const warnings = problemLines(path, problems);
    if (options['tree'] !== undefined) return runOnC({ path, scenarios, problems, warnings }, options, progress);
    const all: ScenarioRuns[] = [];
    for (const scenario of scenarios) {
      const runs: DesignRun[] = [];
      for (const design of chosen ?? scenario.designs) {
        const outcome = runScenario(scenario, design, progress);
        if (outcome.kind !== 'done') return outcome;
        runs.push(outcome.value);
      }
      all.push({ file: path, scenario, runs });
    }
    const text = flag(options, 'csv') ? runsCsv(all) : [...(warnings === '' ? [] : [warnings]), ...all.map(runText)].join('\n\n');
    const json = { problems, scenarios: all.map(({ scenario, runs }) => ({ name: scenario.name, labels: scenario.labels, runs })) };
    return done({ json, text, isNo: all.some(({ runs }) => runs.some(({ status }) => status === 'failed')) });
  },
};
