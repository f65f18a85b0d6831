/** What has happened, with its source: the last events in full, older ones counted; text is made when someone reads it. */
import type { ClaimLabel, ModelEvent } from './host-model';

/** A rule of the model, told of each time it is used. */
export interface Rule {
  readonly kind: string;
  readonly label: ClaimLabel;
  readonly source: string;
  readonly text: (a: number, b: number) => string;
}

export interface LoggedEvent {
  readonly step: number;
  readonly time: number;
  readonly rule: Rule;
  readonly file: string;
  readonly page: number;
  readonly times: number;
  readonly a: number;
  readonly b: number;
}

/** A mark keeps a copy; the chunks are shared. */
export interface EventLog {
  chunk: EventChunk;
  /** Events of the chunk that belong to this log; later ones belong to another future. */
  length: number;
  total: number;
}

interface EventChunk {
  readonly events: LoggedEvent[];
  previous: EventChunk | null;
}

const CHUNK = 256;
/** Chunks that are kept behind the last. */
const KEPT = 8;

export const emptyLog = (): EventLog => ({ chunk: { events: [], previous: null }, length: 0, total: 0 });

export function appendEvent(log: EventLog, event: LoggedEvent): void {
  if (log.length === CHUNK) {
    log.chunk = { events: [], previous: log.chunk };
    log.length = 0;
    forgetOld(log.chunk);
  } else if (log.chunk.events.length !== log.length) {
    // A state that was restored goes on: what followed it before stays with the marks that saw it.
    log.chunk = { events: log.chunk.events.slice(0, log.length), previous: log.chunk.previous };
  }
  log.chunk.events.push(event);
  log.length += 1;
  log.total += 1;
}

/** Shape: oldest first. */
export function eventsOf(log: EventLog): readonly ModelEvent[] {
  const chunks: LoggedEvent[][] = [log.chunk.events.slice(0, log.length)];
  for (let chunk = log.chunk.previous; chunk !== null; chunk = chunk.previous) chunks.push(chunk.events);
  return chunks.reverse().flat().map(toEvent);
}

function toEvent({ step, time, rule, file, page, times, a, b }: LoggedEvent): ModelEvent {
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
}

function forgetOld(chunk: EventChunk): void {
  let last: EventChunk | null = chunk;
  for (let kept = 0; kept < KEPT && last !== null; kept++) last = last.previous;
  if (last !== null) last.previous = null;
}
