/** A run for a person to read in a terminal. */
import type { RunFinding, RunStatus, SimulationReport } from '../protocol/simulation';

/** More events than fit a screen are counted, not printed; `--json` has them all. */
const SHOWN_EVENTS = 60;

export function simulationText(report: SimulationReport): string {
  const { scenario } = report;
  const lines = [
    `${report.function} (${report.file}:${report.line})`,
    `  order ${scenario.order}, ${scenario.blocks} huge page${scenario.blocks === 1 ? '' : 's'}, folios ${scenario.folios}${scenario.secondFolios === undefined ? '' : ` and ${scenario.secondFolios}`}, faultable ${scenario.faultable}, HVO ${scenario.hvo ? 'on' : 'off'}`,
    `  ${statusText(report.status)} after ${report.steps} steps, ${report.allocations} allocations`,
  ];
  section(lines, 'Findings', report.findings.map(findingText));
  section(
    lines,
    'Choices',
    report.choices.map((one) => `${one.file}:${one.line} ${one.choice.what}: ${one.choice.options[one.option] ?? String(one.option)}`),
  );
  const events = report.events.map((one) => `${one.file}:${one.line} ${one.text}${one.times > 1 ? ` (${one.times} times)` : ''}`);
  const more = events.length - SHOWN_EVENTS;
  section(lines, 'Events', more > 0 ? [...events.slice(0, SHOWN_EVENTS), `and ${more} more`] : events);
  section(
    lines,
    'State after the run that differs from before',
    report.differences.map((one) => `${one.what}: ${one.before} → ${one.after}`),
  );
  section(
    lines,
    'Functions on the way',
    report.fidelity.map(
      (one) => `${one.mode.padEnd(11)} ${one.function} (${one.calls} calls${one.lines > 0 ? `, ${one.lines} lines` : ''})`,
    ),
  );
  section(lines, 'Unknown', report.unknowns);
  lines.push('', report.bounds);
  return lines.join('\n');
}

function statusText(status: RunStatus): string {
  switch (status.kind) {
    case 'running':
      return 'still running';
    case 'returned':
      return status.value === '' ? 'returned' : `returned ${status.value}`;
    case 'stopped':
      return `stopped: ${findingText(status.finding)}`;
    case 'undecided':
      return `undecided, because ${status.why} (${status.place.file}:${status.place.line})`;
  }
}

const findingText = (finding: RunFinding): string =>
  `${finding.kind} at ${finding.file}:${finding.line} in ${finding.function}: ${finding.message}`;

function section(lines: string[], title: string, entries: readonly string[]): void {
  if (entries.length > 0) lines.push('', `${title}:`, ...entries.map((entry) => `  ${entry}`));
}
