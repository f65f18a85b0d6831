/** How a function wants the folio that it is given: found by trying each way at a small order. */
import type { CType } from '../kernel-c/types';
import { FOLIO_STATES } from '../model/arguments-of';
import type { Scenario, SimulationSetup } from '../protocol/simulation';
import { smallOrder } from '../scenario/defaults';

/** Large enough for every loop over pages to go round more than once. */
const TRIAL_ORDER = 3;
const TRIAL_BUDGET = 300_000;

/** The scenario with the state of the function's folio settled; as it is when it says one, or when the function takes no folio. */
export function chooseFolioState(setup: SimulationSetup, findings: (setup: SimulationSetup, budget: number) => number | null): Scenario {
  const { scenario } = setup;
  const name = folioParameter(setup);
  if (name === null || scenario.folios === 'absent' || scenario.arguments[name] !== undefined) return scenario;
  const small = smallOrder(scenario, TRIAL_ORDER);
  let best: { state: string; count: number } | null = null;
  for (const state of FOLIO_STATES) {
    const count = findings(
      { program: setup.program, function: setup.function, scenario: { ...small, arguments: { ...scenario.arguments, [name]: state } } },
      TRIAL_BUDGET,
    );
    if (count !== null && (best === null || count < best.count)) best = { state, count };
    if (best?.count === 0) break;
  }
  return best === null ? scenario : { ...scenario, arguments: { ...scenario.arguments, [name]: best.state } };
}

function folioParameter({ program, function: name }: SimulationSetup): string | null {
  const code = program.functions[name];
  const type: CType | undefined = code === undefined ? undefined : program.types[code.type];
  if (code === undefined || type?.kind !== 'function') return null;
  const index = type.params.findIndex((id) => {
    const param = program.types[id];
    const to = param?.kind === 'pointer' ? program.types[param.to] : undefined;
    return to?.kind === 'struct' && (to.tag === 'folio' || to.tag === 'page');
  });
  return code.params[index] ?? null;
}
