/** How a function wants the folio that it is given: found by trying each way at a small order. */
import { folioParameter } from '../model/arguments-of';
import { statesOf } from '../model/folio-states';
import { foliosOf } from '../model/initial-blocks';
import type { BlockFolios, RunFinding, Scenario, SimulationSetup } from '../protocol/simulation';
import { type Trial, wrongs } from './trial';

/** What came of looking for the way in which a function wants its folio. */
export type FolioChoice =
  | { readonly kind: 'chosen'; readonly scenario: Scenario }
  /** Each way ends in a finding, and in a block that stands otherwise one does not. */
  | { readonly kind: 'unfit'; readonly parameter: string; readonly fits: BlockFolios; readonly met: RunFinding };

type Try = (setup: SimulationSetup) => Trial | null;

/** The scenario with the state of the function's folio settled; as it is when it says one, or when the function takes no folio. */
export function chooseFolioState(setup: SimulationSetup, attempt: Try): FolioChoice {
  const { scenario } = setup;
  const code = setup.program.functions[setup.function];
  const parameter = code === undefined ? null : folioParameter(setup.program, code);
  if (parameter === null || scenario.arguments[parameter] !== undefined) return { kind: 'chosen', scenario };
  const best = bestState(setup, parameter, attempt);
  if (best === null) return { kind: 'chosen', scenario };
  const chosen = (state: string): FolioChoice => ({ kind: 'chosen', scenario: withState(scenario, parameter, state) });
  if (isClean(best.trial)) return chosen(best.state);
  // A pin or a faultable page may be what brings the findings: how the function wants the folio shows without them.
  const folios = foliosOf(scenario, 0);
  const usual = bestState({ ...setup, scenario: plain(scenario, folios) }, parameter, attempt);
  if (usual !== null && isClean(usual.trial)) return chosen(usual.state);
  for (const other of BLOCKS.filter((each) => each !== folios)) {
    const there = bestState({ ...setup, scenario: plain(scenario, other) }, parameter, attempt);
    const met = best.trial.findings[0];
    if (there !== null && isClean(there.trial) && met !== undefined) return { kind: 'unfit', parameter, fits: other, met };
  }
  return chosen(best.state);
}

const BLOCKS: readonly BlockFolios[] = ['whole', 'split', 'absent'];

const isClean = (trial: Trial): boolean => wrongs(trial) < 1;

const withState = (scenario: Scenario, parameter: string, state: string): Scenario => ({
  ...scenario,
  arguments: { ...scenario.arguments, [parameter]: state },
});

/** One block that stands like this, with nothing particular about it. */
const plain = ({ order, hvo, arguments: args, held }: Scenario, folios: BlockFolios): Scenario => ({
  order,
  blocks: 1,
  folios,
  faultable: 'none',
  hvo,
  arguments: args,
  ...(held === undefined ? {} : { held }),
});

interface Tried {
  readonly state: string;
  readonly trial: Trial;
}

/** The first state without a finding, or the one with the least; null when no run ends. */
function bestState(setup: SimulationSetup, parameter: string, attempt: Try): Tried | null {
  let best: Tried | null = null;
  for (const state of statesOf(foliosOf(setup.scenario, 0))) {
    const trial = attempt({ ...setup, scenario: withState(setup.scenario, parameter, state) });
    if (trial !== null && (best === null || wrongs(trial) < wrongs(best.trial))) best = { state, trial };
    if (best !== null && wrongs(best.trial) === 0) break;
  }
  return best;
}
