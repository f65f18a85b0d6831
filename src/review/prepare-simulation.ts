/** Builds the memory of a scenario in a machine and enters a function in it. */
import { done, type Outcome, refused } from '../base/outcome';
import type { Machine } from '../machine/api';
import { argumentsOf } from '../model/arguments-of';
import { buildInitialState } from '../model/initial-state';
import { pageOf } from '../model/memmap';
import type { Choice } from '../model/primitive';
import type { World } from '../model/world';
import type { SimulationSetup } from '../protocol/simulation';

/** Functions by which a tree splits a huge page in its page cache: (hstate, folio), 0 when done. */
export const SPLITS: readonly string[] = ['kvm_gmem_split_folio_in_filemap'];
const MAX_ORDER = 18;
/** Far more than a split at order 18 takes. */
const SPLIT_BUDGET = 200_000_000;

/**
 * The machine's memory as the scenario wants it; the run begins after it.
 *
 * *Fails* `simulate/bad-order`, `simulate/no-split`.
 */
export function prepare(machine: Machine, setup: SimulationSetup): Outcome<World> {
  const { scenario } = setup;
  if (!Number.isInteger(scenario.order) || scenario.order < 0 || scenario.order > MAX_ORDER || scenario.blocks < 1 || scenario.blocks > 2) {
    return refused(
      'simulate/bad-order',
      `A scenario of ${scenario.blocks} huge pages of order ${scenario.order} was asked for.`,
      'The model has huge pages of order 0 to 18, one or two of them.',
      'Take an order from 0 to 18, and 1 or 2 blocks.',
    );
  }
  const world = buildInitialState(
    { kernel: machine.kernel, layout: machine.layout, map: (at, size) => machine.map(at, size, 'memmap') },
    scenario,
  );
  if (scenario.folios === 'split' && world.pages > 0) {
    const met = splitBlocks(machine, world);
    if (met !== null) {
      return refused(
        'simulate/no-split',
        `The scenario wants split huge pages, and ${met}`,
        'The state that a split leaves cannot be made.',
        'Take folios absent or whole, or a tree that splits huge pages of guest_memfd.',
      );
    }
  }
  machine.settle(setup.choices);
  return done(world);
}

/** Runs the tree's own split on each block; gives what stands in the way, or null. */
function splitBlocks(machine: Machine, world: World): string | null {
  const name = SPLITS.find((each) => machine.program.functions[each] !== undefined);
  if (name === undefined) return 'the tree has no function that splits one in the page cache.';
  const size = machine.layout.sizeof('struct page');
  for (let block = 0; block < world.blocks; block++) {
    // Nothing fails while the memory is made ready.
    machine.settle([], 0);
    machine.start(name, [world.hstate, pageOf(world.firstPfn + block * 2 ** world.order, size)]);
    // A machine that pauses at choices is told to take the usual ones.
    for (let choice = runOn(machine); choice !== null; choice = runOn(machine)) machine.decide(choice.usual);
    const status = machine.status();
    if (status.kind !== 'returned' || status.value !== '0') return `${name}() does not end with 0 in it: ${JSON.stringify(status)}.`;
  }
  return null;
}

const runOn = (machine: Machine): Choice | null => {
  machine.run(SPLIT_BUDGET);
  return machine.choice();
};

/** Enters a function with arguments made for it. */
export function enter(machine: Machine, { program, scenario }: SimulationSetup, name: string, world: World): void {
  const code = program.functions[name];
  if (code === undefined) return;
  const args = argumentsOf(machine.kernel, machine.layout, program, code, scenario, world);
  machine.start(
    name,
    args.map((argument) => argument.value),
  );
}
