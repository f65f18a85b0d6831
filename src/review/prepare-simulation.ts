/** Builds the memory of a scenario in a machine and enters a function in it. */
import { done, type Outcome, refused } from '../base/outcome';
import type { Machine } from '../machine/api';
import { type Argument, argumentsOf } from '../model/arguments-of';
import { entryGround, giveHeldBack, heldFor, takeHeld } from '../model/held-at-entry';
import { foliosOf, pooledPages } from '../model/initial-blocks';
import { buildInitialState } from '../model/initial-state';
import type { PathGround } from '../model/lock-path';
import { pageOf } from '../model/memmap';
import type { Choice } from '../model/primitive';
import { refcountOf } from '../model/primitives/references';
import { type HeldLock, heldLocks } from '../model/record';
import type { World } from '../model/world';
import { bindXarray } from '../model/xarray';
import type { Scenario, SimulationSetup } from '../protocol/simulation';

/** Functions by which a tree splits a huge page in its page cache: (hstate, folio), 0 when done. */
export const SPLITS: readonly string[] = ['kvm_gmem_split_folio_in_filemap'];
const MAX_ORDER = 18;
const MOST_BLOCKS = 64;
/** Page frames of a scenario: 64 GiB of memory. */
export const MOST_FRAMES = 2 ** 24;
/** Far more than a split at order 18 takes. */
const SPLIT_BUDGET = 200_000_000;

/**
 * The machine's memory as the scenario wants it; the run begins after it.
 *
 * *Fails* `simulate/bad-order`, `simulate/no-split`, `simulate/no-page`.
 */
export function prepare(machine: Machine, setup: SimulationSetup): Outcome<World> {
  const { scenario } = setup;
  const { order, blocks } = scenario;
  const isSize = Number.isInteger(order) && order >= 0 && order <= MAX_ORDER && blocks >= 1 && blocks <= MOST_BLOCKS;
  if (!isSize || pooledPages(scenario) * 2 ** order > MOST_FRAMES) {
    return refused(
      'simulate/bad-order',
      `A scenario of ${blocks} huge pages of order ${order} was asked for, ${pooledPages(scenario)} with those of the pool.`,
      `The model has huge pages of order 0 to ${MAX_ORDER}, up to ${MOST_BLOCKS} of them and ${MOST_FRAMES} page frames in all.`,
      `Take an order from 0 to ${MAX_ORDER}, and 1 to ${MOST_BLOCKS} blocks.`,
    );
  }
  const world = buildInitialState(
    { kernel: machine.kernel, layout: machine.layout, map: (at, size) => machine.map(at, size, 'memmap') },
    scenario,
  );
  if (world.pages > 0) {
    const met = splitBlocks(machine, scenario, world);
    if (met !== null) {
      return refused(
        'simulate/no-split',
        `The scenario wants split huge pages, and ${met}`,
        'The state that a split leaves cannot be made.',
        'Take folios absent or whole, or a tree that splits huge pages of guest_memfd.',
      );
    }
    const missing = addReferences(machine, scenario, world);
    if (missing !== null) {
      return refused(
        'simulate/no-page',
        `The scenario has a reference on page ${missing} of the inode, and its page cache has nothing there.`,
        'A reference needs a page to be on.',
        'Name a page of a block that is whole or split.',
      );
    }
  }
  machine.settle(setup.choices);
  return done(world);
}

/** Takes the scenario's references beside those of the page cache; gives the index of a page that is not there, or null. */
function addReferences({ kernel, layout }: Machine, { references }: Scenario, world: World): number | null {
  if (references === undefined || world.mapping === 0) return null;
  const tree = world.mapping + layout.offsetof('struct address_space', 'i_pages');
  const count = refcountOf(layout);
  for (const reference of references) {
    const found = bindXarray(layout).find(kernel, tree, reference.index, reference.index);
    if (found === null) return reference.index;
    kernel.store(found.entry, count, kernel.peek(found.entry, count) + reference.count);
  }
  return null;
}

/** Runs the tree's own split on each block that is to be split; gives what stands in the way, or null. */
function splitBlocks(machine: Machine, scenario: Scenario, world: World): string | null {
  const blocks = Array.from({ length: world.blocks }, (_, block) => block).filter((block) => foliosOf(scenario, block) === 'split');
  if (blocks.length === 0) return null;
  const name = SPLITS.find((each) => machine.program.functions[each] !== undefined);
  if (name === undefined) return 'the tree has no function that splits one in the page cache.';
  const size = machine.layout.sizeof('struct page');
  for (const block of blocks) {
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

/** What the caller of a function holds when it is entered. */
export interface Entered {
  readonly held: readonly HeldLock[];
  /** A path of the scenario's `held` that leads to no free lock. */
  readonly missing: string | null;
  /** From where locks are named. */
  readonly ground: PathGround;
  readonly args: readonly Argument[];
}

/**
 * Enters a function with arguments made for it, and the locks that its caller holds.
 * @param before what the caller of the function before it held, and gives back now
 * @param again the arguments of a call before: who tries again passes the same
 */
export function enter(
  machine: Machine,
  setup: SimulationSetup,
  name: string,
  world: World,
  before: readonly HeldLock[] = [],
  again: readonly Argument[] | null = null,
): Entered {
  const { program, scenario } = setup;
  const { kernel, layout } = machine;
  const code = program.functions[name];
  if (code === undefined) throw new Error(`the program has no function ${name}() with a body`);
  giveHeldBack(kernel, layout, before);
  const others = heldLocks(kernel).length;
  const args = again ?? argumentsOf(kernel, layout, program, code, scenario, world);
  const ground = entryGround({ program, layout, kernel, world, code, args });
  const missing = takeHeld(kernel, ground, heldFor(scenario, name, setup.function));
  const held = heldLocks(kernel).slice(others);
  machine.start(
    name,
    args.map((argument) => argument.value),
  );
  return { held, missing, ground, args };
}
