/** A split of a huge page at order 18 (262,144 page frames): time of building the memory, of the run, of the view; and memory. */
import { buildTreeIndex } from '../src/kernel-c/tree-index';
import { programFor } from '../src/review/read-for-simulation';
import { createSimulation } from '../src/review/simulation';
import { defaultScenario } from '../src/scenario/defaults';
import { diskTree } from '../src/worktree/disk-tree';

const directory = process.env['FOLIOSCOPE_TREE'];
const SPLIT = 'kvm_gmem_split_folio_in_filemap';
const ROUNDS = 3;
const SLICE = 2_000_000;

/** Time on one core, so that other work on the machine does not count. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

if (directory === undefined) console.log('skipped: FOLIOSCOPE_TREE names no tree with the series applied');
else measure(directory);

function measure(tree: string): void {
  const source = diskTree(tree);
  const program = programFor(source, buildTreeIndex(source), SPLIT);
  if (program.kind !== 'done') throw new Error(JSON.stringify(program));
  for (let round = 0; round < ROUNDS; round++) {
    const began = cpuMs();
    const outcome = createSimulation({ program: program.value, function: SPLIT, scenario: defaultScenario });
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    const built = cpuMs();
    while (!outcome.value.run(SLICE));
    const ran = cpuMs();
    const view = outcome.value.view();
    const viewed = cpuMs();
    const ms = (from: number, to: number): string => `${Math.round(to - from)} ms`;
    console.log(
      `build ${ms(began, built)}, run ${ms(built, ran)} (${view.step} steps), view ${ms(ran, viewed)} (${view.memory.folios.length} extents), ` +
        `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB resident`,
    );
  }
}
