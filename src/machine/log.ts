/** What a run leaves behind: events, findings, unknowns, each with its place. */
import type { FindingKind, Word } from '../model/primitive';
import type { RunEvent, RunFinding, RunPlace } from '../protocol/simulation';
import { type Cpu, stepsOf, unitAtPc } from './cpu';

export function placeOfPc(cpu: Cpu, pc: number, task: number): RunPlace {
  const unit = unitAtPc(cpu, pc);
  if (unit === null) return { task, function: '', file: '', line: 0 };
  return { task, function: unit.code.name, file: unit.code.file, line: unit.code.lines[pc - unit.entry] ?? unit.code.line };
}

export const placeNow = (cpu: Cpu): RunPlace => placeOfPc(cpu, cpu.pc, cpu.task);

export function addFinding(cpu: Cpu, kind: FindingKind, message: string): RunFinding {
  const finding: RunFinding = { ...placeNow(cpu), step: stepsOf(cpu), kind, message };
  if (cpu.findings.length < cpu.bounds.findings) cpu.findings.push(finding);
  else cpu.findingsCut++;
  return finding;
}

/** Adds to the last event when it is the same kind at the same place. */
export function addEvent(cpu: Cpu, kind: string, text: string, data?: Readonly<Record<string, Word | string>>): void {
  const place = placeNow(cpu);
  const last = cpu.events.at(-1);
  if (
    last !== undefined &&
    last.kind === kind &&
    last.line === place.line &&
    last.function === place.function &&
    last.task === place.task
  ) {
    last.times++;
    return;
  }
  if (cpu.events.length >= cpu.bounds.events) {
    cpu.eventsCut++;
    return;
  }
  cpu.events.push({ ...place, step: stepsOf(cpu), kind, text, times: 1, ...(data === undefined ? {} : { data }) });
}

export function noteUnknown(cpu: Cpu, name: string): void {
  if (!cpu.unknowns.includes(name)) cpu.unknowns.push(name);
}

/** The events, and a last one that says how many more there were. */
export function eventsOf(cpu: Cpu): readonly RunEvent[] {
  const last = cpu.events.at(-1);
  if (cpu.eventsCut === 0 || last === undefined) return cpu.events;
  return [...cpu.events, { ...last, kind: 'cut', text: `${cpu.eventsCut} more events are not kept`, times: 1 }];
}
