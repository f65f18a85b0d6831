/** The memory map as rows of a table: the runs of cells, cut where any of the designs changes. */
import type { MapColour, MapWindow, ScenarioView } from '../../src/protocol/scenario-page';
import { lookNamed } from './palette';

export interface RunRow {
  readonly section: string;
  readonly from: number;
  readonly pages: number;
  readonly looks: readonly string[];
}

/** The runs of a window, cut where any of the designs changes. */
export function runRows(view: ScenarioView, window: MapWindow, at: number, colour: MapColour): readonly RunRow[] {
  const title = view.sections.find(({ id }) => id === window.section)?.title ?? window.section;
  const perDesign = view.designs.map(({ cells }) => cells[at] ?? []);
  const borders = new Set<number>([window.from, window.to]);
  for (const runs of perDesign) {
    let cell = window.from;
    for (let index = 0; index < runs.length; index += 4) borders.add((cell += runs[index]!));
  }
  const sorted = [...borders].sort((left, right) => left - right);
  return sorted.slice(0, -1).map((from, index) => ({
    section: title,
    from: from * 2 ** window.order,
    pages: ((sorted[index + 1] ?? from) - from) * 2 ** window.order,
    looks: perDesign.map((runs) => lookText(runs, from - window.from, colour)),
  }));
}

function lookText(runs: readonly number[], cell: number, colour: MapColour): string {
  let at = 0;
  for (let index = 0; index < runs.length; index += 4) {
    at += runs[index]!;
    if (cell >= at) continue;
    const [look = -1, other = -1, share = 0] = [runs[index + 1], runs[index + 2], runs[index + 3]];
    const name = lookNamed(colour, look)?.name ?? 'none';
    return other < 0 ? name : `${name}, ${Math.max(1, Math.round((share / 255) * 100))} % ${lookNamed(colour, other)?.name ?? ''}`;
  }
  return 'none';
}
