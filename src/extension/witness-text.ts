/** A finding with its witness as the draft of a remark: plain text that a mail can carry. */
import type { ExplorationReport, ExploredFinding, TraceEntry } from '../protocol/exploration';

/** Columns of a line; longer ones are wrapped, words are never cut. */
const WIDTH = 75;
/** Steps in a draft: the choices all stand there, of the events the last ones before the finding. */
const MOST_EVENTS = 8;

/**
 * *Shape* what was met; how memory stood, what was taken as given and what was called; the steps of the witness, numbered; the bounds. No line is longer than 75 columns
 * but for a single word that is.
 */
export function witnessText(report: ExplorationReport, finding: ExploredFinding): string {
  const calls = [report.function, ...finding.then].map((name) => `${name}()`).join(', then ');
  const { order } = finding.scenario;
  const steps = shownSteps(finding.trace);
  return [
    ...wrapped(`${calls} meets a ${finding.kind} here: ${finding.message}`),
    '',
    ...wrapped(`Memory before: state "${finding.state}", huge pages of order ${order}.`),
    ...report.assumptions.flatMap((text) => wrapped(`Taken as given: ${text}`)),
    ...(steps.length === 0 ? [] : ['', 'How it comes to it:', '']),
    ...steps.flatMap((step, at) => wrapped(stepText(step), ` ${String(at + 1).padStart(2)}. `)),
    '',
    ...wrapped(`Seen with a model of memory management, exploring ${report.bounds}`),
  ].join('\n');
}

function shownSteps(trace: readonly TraceEntry[]): readonly TraceEntry[] {
  const events = trace.filter((entry) => !isChoice(entry));
  const kept = new Set(events.slice(-MOST_EVENTS));
  return trace.filter((entry) => isChoice(entry) || kept.has(entry));
}

const isChoice = (entry: TraceEntry): boolean => /^(choice|argument):/.test(entry.text);

const stepText = ({ text, function: name, file, line }: TraceEntry): string =>
  `${text} [${name}(), ${file.slice(file.lastIndexOf('/') + 1)}:${line}]`;

/** @param head stands before the first line; the others are indented as far */
function wrapped(text: string, head = ''): readonly string[] {
  const lines: string[] = [];
  let line = head;
  let empty = true;
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = ' '.repeat(head.length);
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
