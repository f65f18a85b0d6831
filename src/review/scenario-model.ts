/** The model of a design, with the host, the guests and the switches of a scenario. */
import type { Outcome } from '../base/outcome';
import { designs } from '../model/allocators/all';
import type { CreateHostModel, HostModel } from '../model/host/host-model';
import type { DesignId, OperationResult } from '../model/host/operation';
import { metrics } from '../model/metrics/all';
import type { StepAnswer, ValueNote } from '../protocol/scenario-page';
import type { GmemScenario } from '../scenario/gmem/scenario';
import { SWITCHES } from '../scenario/gmem/vocabulary';
import { METRIC } from './scenario-values';

/** What each design is, in words. */
export const DESIGN_TITLES = Object.fromEntries(designs.map(({ id, title }) => [id, title])) as Readonly<Record<DesignId, string>>;

/** What each metric is, by the name under which its values are shown. */
export const METRIC_NOTES: Readonly<Record<string, ValueNote>> = Object.fromEntries(
  metrics.map(({ name, formula, unit, label, source, exact }) => [
    METRIC + name,
    {
      exact,
      text: `${formula}\nIn ${unit}${exact ? '' : ', an illustration: nobody measured these costs'}. Label: ${label}. Source: ${source}`,
    },
  ]),
);

/** *Fails* as `createHostModel`. */
export function modelFor({ host, vms, switches }: GmemScenario, design: DesignId, create: CreateHostModel): Outcome<HostModel> {
  // A switch that is said of no design in particular is one of those that have it.
  const own = switches.filter(({ name, designs }) =>
    designs.length === 0 ? (SWITCHES[name]?.designs.includes(design) ?? false) : designs.includes(design),
  );
  return create({ host, design, vms, switches: own, seed: 1 });
}

export const NOT_YET: StepAnswer = { kind: 'none', text: '', pages: 0 };

/** What a step has given, as short as it can be said. */
export function answerOf(outcome: Outcome<OperationResult>): StepAnswer {
  if (outcome.kind === 'refused') return { kind: 'refused', text: outcome.refusal.met, pages: 0 };
  if (outcome.kind === 'cancelled') return NOT_YET;
  const { error, errorOffset, pages, meanwhile } = outcome.value;
  const own = error === null ? 'ok' : errorOffset < 0 ? error : `${error} at ${errorOffset}`;
  const also = meanwhile === undefined ? '' : `, meanwhile ${meanwhile.error ?? 'ok'}`;
  return { kind: error === null ? 'ok' : 'error', text: own + also, pages };
}

/** What expectations of a step are held against. */
export const checkedAnswer = (
  outcome: Outcome<OperationResult>,
): { readonly result: OperationResult | null; readonly refusal: string | null } => ({
  result: outcome.kind === 'done' ? outcome.value : null,
  refusal: outcome.kind === 'refused' ? outcome.refusal.met : null,
});
