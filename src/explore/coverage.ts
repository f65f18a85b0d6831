/** What ran on any of several paths: the fidelity card of an exploration. */
import type { Machine } from '../machine/api';
import type { FidelityRow } from '../protocol/simulation';

/** Functions met, with the distinct lines of all paths together. */
export class Coverage {
  private readonly rows = new Map<string, { row: FidelityRow; readonly lines: Set<number> }>();

  /** Takes down what the machine's run has executed. */
  add(machine: Machine): void {
    const covered = machine.coverage();
    for (const row of machine.fidelity()) this.join(row, covered.get(row.function) ?? []);
  }

  merge(other: Coverage): void {
    for (const { row, lines } of other.rows.values()) this.join(row, lines);
  }

  private join(row: FidelityRow, lines: Iterable<number>): void {
    const known = this.rows.get(row.function) ?? { row, lines: new Set<number>() };
    for (const line of lines) known.lines.add(line);
    // On some path it may have ended in something unsupported.
    const mode = known.row.mode === 'unsupported' ? known.row.mode : row.mode;
    known.row = { ...row, mode, calls: Math.max(known.row.calls, row.calls) };
    this.rows.set(row.function, known);
  }

  /** Shape: in order of first meeting; `calls` is the most on one path. */
  rowsOf(): FidelityRow[] {
    return [...this.rows.values()].map(({ row, lines }) => ({ ...row, lines: lines.size }));
  }
}
