/** What has happened, with its source: the last events in full, older ones counted; text is made when someone reads it. */
import type { ClaimLabel, ModelEvent } from './host-model';

/** A rule of the model, told of each time it is used. */
export interface Rule {
  readonly kind: string;
  readonly label: ClaimLabel;
  readonly source: string;
  readonly text: (a: number, b: number) => string;
}

/** A mark keeps a copy; the chunks are shared. */
export interface EventLog {
  /** Oldest first; never changed in place, since marks have the same list. */
  chunks: readonly EventChunk[];
  /** Events of the last chunk that belong to this log; later ones belong to another future. */
  length: number;
  total: number;
}

/** Events side by side: an object for each would be what an operation costs most. */
interface EventChunk {
  readonly rules: Rule[];
  readonly files: string[];
  /** Step, time, page, times, a and b of each event. */
  readonly numbers: Float64Array;
  /** Events in the chunk. */
  length: number;
}

const CHUNK = 256;
/** Chunks that are kept behind the last. */
const KEPT = 8;
const WIDTH = 6;

const newChunk = (): EventChunk => ({ rules: [], files: [], numbers: new Float64Array(CHUNK * WIDTH), length: 0 });

export const emptyLog = (): EventLog => ({ chunks: [newChunk()], length: 0, total: 0 });

/** `file` is empty and `page` below 0 where the event is about none. */
export function appendEvent(
  log: EventLog,
  at: { readonly step: number; readonly time: number },
  rule: Rule,
  file: string,
  page: number,
  times: number,
  a: number,
  b: number,
): void {
  let chunk = log.chunks[log.chunks.length - 1]!;
  if (log.length === CHUNK) {
    chunk = newChunk();
    log.chunks = [...log.chunks.slice(-KEPT), chunk];
    log.length = 0;
  } else if (chunk.length !== log.length) {
    // A state that was restored goes on: what followed it before stays with the marks that saw it.
    chunk = firstOf(chunk, log.length);
    log.chunks = [...log.chunks.slice(0, -1), chunk];
  }
  chunk.rules.push(rule);
  chunk.files.push(file);
  const { numbers } = chunk;
  const first = log.length * WIDTH;
  numbers[first] = at.step;
  numbers[first + 1] = at.time;
  numbers[first + 2] = page;
  numbers[first + 3] = times;
  numbers[first + 4] = a;
  numbers[first + 5] = b;
  chunk.length += 1;
  log.length += 1;
  log.total += 1;
}

const firstOf = ({ rules, files, numbers }: EventChunk, length: number): EventChunk => ({
  rules: rules.slice(0, length),
  files: files.slice(0, length),
  numbers: numbers.slice(),
  length,
});

/** Shape: oldest first. */
export const eventsOf = (log: EventLog): readonly ModelEvent[] =>
  log.chunks.flatMap((chunk, at) => eventsIn(chunk, at === log.chunks.length - 1 ? log.length : chunk.length));

const eventsIn = ({ rules, files, numbers }: EventChunk, length: number): ModelEvent[] =>
  rules.slice(0, length).map((rule, at) => {
    const [step = 0, time = 0, page = -1, times = 1, a = 0, b = 0] = numbers.slice(at * WIDTH, (at + 1) * WIDTH);
    const file = files[at] ?? '';
    return {
      step,
      time,
      kind: rule.kind,
      text: rule.text(a, b),
      times,
      label: rule.label,
      source: rule.source,
      ...(file === '' ? {} : { file }),
      ...(page < 0 ? {} : { page }),
    };
  });
