/** How faithful a run is: which function was interpreted, modelled, unknown or not lowered, and how much of each was run. */
import type { FidelityRow } from '../protocol/simulation';
import { type Cpu, unitAtPc } from './cpu';

/** Shape: functions of the program in its order, then modelled and unknown ones as they were first met; only what was called. */
export function fidelityOf(cpu: Cpu): FidelityRow[] {
  const lines = linesOf(cpu);
  const interpreted = cpu.units.flatMap(({ code, index }): FidelityRow[] => {
    const calls = cpu.unitCalls[index]!;
    if (calls === 0) return [];
    const mode = cpu.unsupported.includes(code.name) ? 'unsupported' : 'interpreted';
    return [{ function: code.name, mode, file: code.file, lines: lines.get(index)?.size ?? 0, calls }];
  });
  const rows = new Map<string, FidelityRow>();
  for (const { name, mode, index } of cpu.callees.all) {
    const calls = (cpu.calleeCalls[index] ?? 0) + (rows.get(name)?.calls ?? 0);
    if (calls > 0) rows.set(name, { function: name, mode, file: cpu.program.prototypes[name]?.file ?? '', lines: 0, calls });
  }
  return [...interpreted, ...rows.values()];
}

/** Distinct lines executed, by number of the function. */
function linesOf(cpu: Cpu): Map<number, Set<number>> {
  const lines = new Map<number, Set<number>>();
  for (const pc of cpu.seenOrder) {
    const unit = unitAtPc(cpu, pc);
    if (unit === null) continue;
    const seen = lines.get(unit.index) ?? new Set();
    seen.add(unit.code.lines[pc - unit.entry] ?? 0);
    lines.set(unit.index, seen);
  }
  return lines;
}

/** Distinct lines executed, by name of the function; of a function that a header gives to several files, those of all together. */
export const coverageOf = (cpu: Cpu): ReadonlyMap<string, ReadonlySet<number>> =>
  new Map([...linesOf(cpu)].map(([index, lines]) => [cpu.units[index]!.code.name, lines]));
