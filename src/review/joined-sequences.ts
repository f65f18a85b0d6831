/** Joins what searches over sequences from several states have found into one report. */
import { type SequenceBounds, type SequenceFinding, sequenceKey, type SequenceResult } from '../explore/explore-sequences';
import type { SequenceFindingView, SequenceReport, SequenceSearch } from '../protocol/exploration';
import { type SequenceOperation, sequenceOperations } from './sequence-operations';
import type { Scenario } from '../protocol/simulation';

/** Where sequences begin. */
export interface SequenceStart {
  readonly name: string;
  readonly scenario: Scenario;
}

export class JoinedSequences {
  private readonly searches: SequenceSearch[] = [];
  private readonly found = new Map<string, SequenceFindingView>();
  private readonly because = new Set<string>();

  /** @param steps operations of a sequence that were asked for */
  constructor(private readonly steps: number) {}

  add({ name, scenario }: SequenceStart, { failures }: SequenceBounds, result: SequenceResult): void {
    const { complete, states, applied, known, symmetric } = result;
    this.searches.push({ state: name, scenario, complete, failures, states, operations: applied, known, symmetric });
    for (const why of result.because) this.because.add(why);
    const operations = sequenceOperations(scenario.order, scenario.blocks);
    for (const each of result.findings) this.take(viewOf(name, each, operations));
  }

  /** What another search has found. */
  addReport({ searches, because, findings }: SequenceReport): void {
    this.searches.push(...searches);
    for (const why of because) this.because.add(why);
    for (const finding of findings) this.take(finding);
  }

  private take(finding: SequenceFindingView): void {
    const key = sequenceKey(finding);
    const known = this.found.get(key);
    if (known === undefined || known.sequence.length > finding.sequence.length) this.found.set(key, finding);
  }

  report(): SequenceReport {
    const findings = [...this.found.values()].sort((a, b) => a.sequence.length - b.sequence.length);
    const because = [...this.because];
    return {
      steps: this.steps,
      verdict: findings.length > 0 ? 'violated' : because.length > 0 ? 'undecided' : 'held',
      because,
      bounds: this.bounds(),
      findings,
      searches: this.searches,
    };
  }

  private bounds(): string {
    const parts = this.searches.map(
      ({ state, scenario: { order, blocks }, complete, failures, states, operations, known, symmetric }) =>
        `from ${state} (${blocks} ${blocks === 1 ? 'block' : 'blocks'} of order ${order}) all sequences of up to ${complete} operations ` +
        `${failures === 0 ? 'without failures' : 'with at most one failed allocation'}: ${states} states, ${operations} operations done, ` +
        `${known} sequences cut because their state was known, ${symmetric} operations left out as impossible or alike`,
    );
    return `One task, whole operations one after another; at most one pin and one other reference at a time; a sequence ends where an invariant is broken or the kernel stops; ${parts.join('; ')}.`;
  }
}

/** One report of searches that were made apart. */
export function joinedReports(reports: readonly SequenceReport[]): SequenceReport {
  const joined = new JoinedSequences(Math.max(...reports.map(({ steps }) => steps)));
  for (const report of reports) joined.addReport(report);
  return joined.report();
}

function viewOf(state: string, { finding, sequence }: SequenceFinding, operations: readonly SequenceOperation[]): SequenceFindingView {
  return {
    ...finding,
    state,
    sequence: sequence.map(({ operation, number, failing }) => ({
      text: operation,
      step: operations[number]?.call.step ?? '',
      arguments: operations[number]?.call.arguments ?? {},
      failing,
    })),
  };
}
