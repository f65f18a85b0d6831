/** A run of a scenario on the C as text of at most 75 columns. */
import type { GmemScenario } from '../scenario/gmem/scenario';
import type { CFinding, CScenarioRun } from './c-scenario-report';
import { runText, wrapped } from './gmem-report';

/** *Shape* lines without a newline at the end. */
export function scenarioOnCText(file: string, scenario: GmemScenario, { order, reasons, run, findings }: CScenarioRun): string {
  if (run === null) {
    return [
      ...wrapped(scenario.name, ''),
      '',
      'not runnable on the C:',
      ...reasons.flatMap(({ line, what, why }) => wrapped(`${file}:${line}: ${what}: ${why}`, '  ')),
    ].join('\n');
  }
  const unchecked = run.expectations
    .filter(({ status }) => status === 'not-run')
    .flatMap(({ span, expected, actual }) => wrapped(`${file}:${span.line}: ${expected}: not checked: ${actual}`, '  '));
  const shown = { ...run, violations: [] };
  return [
    runText({ file, scenario, runs: [shown] }),
    ...unchecked,
    '',
    `on the C, with huge pages of order ${order}:`,
    ...(findings.length === 0 ? ['  no check met anything'] : findings.flatMap((each) => findingLines(file, each))),
  ].join('\n');
}

function findingLines(file: string, { line, finding }: CFinding): string[] {
  const at = finding.file === '' ? '' : ` at ${finding.file}:${finding.line} in ${finding.function}()`;
  return wrapped(`${file}:${line}: ${finding.kind}${at}: ${finding.message}`, '  ');
}
