/** What the page makes of the answers of its worker, of the text, and of what it remembers. */
import type { ScenarioView, ValueSeries } from '../../src/protocol/scenario-page';
import type { Folding } from '../parts/part';
import type { ScenarioHost } from './host';
import type { Loaded } from './page-now';

export function byName(all: readonly ValueSeries[]): ReadonlyMap<string, readonly ValueSeries[]> {
  const found = new Map<string, ValueSeries[]>();
  for (const one of all) {
    const own = found.get(one.name);
    if (own === undefined) found.set(one.name, [one]);
    else own.push(one);
  }
  return found;
}

/** With what the view before has said, where it was not asked for again. */
export function withValues(view: ScenarioView, before: ScenarioView | null): ScenarioView {
  if (before === null || view.designs.every(({ values }) => values.length > 0)) return view;
  const designs = view.designs.map((one, at) => ({ ...one, values: before.designs[at]?.values ?? [] }));
  return { ...view, designs, troubles: before.troubles, expectations: before.expectations };
}

/** The name of the last scenario that begins at or above a line. The worker reads the text; this only looks for its headings. */
export function scenarioAt(text: string, line: number): string | null {
  const lines = text.split('\n', line);
  for (let at = lines.length - 1; at >= 0; at--) {
    const name = /^scenario\s+"([^"]*)"/.exec(lines[at] ?? '')?.[1];
    if (name !== undefined) return name;
  }
  return null;
}

export function isInside({ scenarios }: Loaded, name: string, line: number): boolean {
  const shown = scenarios.find((one) => one.name === name);
  return shown !== undefined && line > shown.line && line <= shown.lastLine;
}

export function foldingOf(host: ScenarioHost): Folding {
  return {
    isFolded: (id) => (host.remembered().folded ?? []).includes(id),
    fold(id, folded) {
      const others = (host.remembered().folded ?? []).filter((one) => one !== id);
      host.remember({ folded: folded ? [...others, id] : others });
    },
  };
}
