/** Visits all sequences of operations up to a length, by one task, and gives a verdict: a search over states with marks. */
import type { Progress } from '../base/progress';
import type { Machine } from '../machine/api';
import type { Verdict } from '../protocol/exploration';
import type { RunFinding } from '../protocol/simulation';

/** How an operation went. */
export interface Applied {
  /** `stopped`: the run met what no kernel goes on after. `undecided`: nobody knows what comes of it. */
  readonly end: 'done' | 'stopped' | 'undecided';
  /** Allocations that could have failed. */
  readonly allocations: number;
  /** Why it is undecided; else ''. */
  readonly why: string;
}

/** What is searched: a machine with memory, and the operations that can be done to it. */
export interface SequenceWorld {
  readonly machine: Machine;
  /** Names of the operations, in a fixed order. */
  readonly operations: readonly string[];
  /** In the present state, for each operation: false where it cannot be done, or does what another one does in a state that is the same but for names. */
  enabled(): readonly boolean[];
  /**
   * Does it from beginning to end, and checks the invariants: what is wrong is reported as a finding of the machine.
   * @param failing the allocation that fails, from 1; 0: none
   */
  apply(operation: number, failing: number): Applied;
  /** Equal for states that go on alike. */
  key(): string;
}

export interface SequenceBounds {
  /** Operations of a sequence. */
  readonly steps: number;
  /** Allocations that fail in a sequence: 0 or 1. */
  readonly failures: 0 | 1;
  /** Operations done in all. */
  readonly operations: number;
}

export interface SequenceStep {
  readonly operation: string;
  /** Its place among the world's operations. */
  readonly number: number;
  /** The allocation of it that failed, from 1; 0: none. */
  readonly failing: number;
}

export interface SequenceFinding {
  readonly finding: RunFinding;
  /** Shape: the operations in order; the finding is met in the last one. */
  readonly sequence: readonly SequenceStep[];
}

export interface SequenceResult {
  readonly verdict: Verdict;
  readonly because: readonly string[];
  /** Length up to which every sequence was visited. */
  readonly complete: number;
  /** Shape: each kind at each place once, with a shortest sequence; shortest first. */
  readonly findings: readonly SequenceFinding[];
  /** Different states met. */
  readonly states: number;
  /** Operations done. */
  readonly applied: number;
  /** Sequences not gone on with: their state was met before with as many operations left. */
  readonly known: number;
  /** Operations left out because they cannot be done or are the same as another. */
  readonly symmetric: number;
}

/** Operations that sequences have more in the next round. */
const DEEPER = 2;
/** Operations done between two words to whoever waits. */
const TOLD_EVERY = 10_000;

interface Search {
  readonly world: SequenceWorld;
  readonly bounds: SequenceBounds;
  readonly progress: Progress;
  readonly found: Map<string, SequenceFinding>;
  /** By failures left, by state: operations that were left when it was last gone on from. */
  left: readonly Map<string, number>[];
  readonly states: Set<string>;
  readonly path: SequenceStep[];
  readonly because: Set<string>;
  applied: number;
  known: number;
  symmetric: number;
  over: boolean;
  /** Operations of the sequences that are visited now. */
  depth: number;
}

/**
 * @param world in its first state, with a machine that keeps no history; it is there again afterwards
 *
 * Deepens by two operations at a time: what was done is done again then, and is little beside what is new. A state that was met before is gone
 * on from only with more operations left than then; so each is gone on from with as many as a shortest way leaves, and each finding's sequence
 * is a shortest one. A path ends where an invariant is broken: what comes after it is its consequence. It goes on after what a kernel survives.
 */
export function exploreSequences(world: SequenceWorld, bounds: SequenceBounds, progress: Progress): SequenceResult {
  const search: Search = {
    world,
    bounds,
    progress,
    found: new Map(),
    left: [],
    states: new Set(),
    path: [],
    because: new Set(),
    applied: 0,
    known: 0,
    symmetric: 0,
    over: false,
    depth: 0,
  };
  let complete = 0;
  const start = world.machine.mark();
  search.states.add(world.key());
  for (let depth = bounds.steps % DEEPER || DEEPER; depth <= bounds.steps && !search.over; depth += DEEPER) {
    search.depth = depth;
    search.left = Array.from({ length: bounds.failures + 1 }, () => new Map<string, number>());
    tell(search);
    search.known = 0;
    search.symmetric = 0;
    goOn(search, depth, bounds.failures);
    world.machine.restore(start);
    if (!search.over) complete = depth;
  }
  world.machine.release(start);
  const { applied, known, symmetric } = search;
  const findings = [...search.found.values()].sort((a, b) => a.sequence.length - b.sequence.length);
  const because = [...search.because];
  const verdict = findings.length > 0 ? 'violated' : because.length > 0 ? 'undecided' : 'held';
  return { verdict, because, complete, findings, states: search.states.size, applied, known, symmetric };
}

/** Does each operation in the present state, and goes on from where it leads. */
function goOn(search: Search, left: number, failures: number): void {
  const { world } = search;
  const mark = world.machine.mark();
  const enabled = world.enabled();
  for (let operation = 0; operation < world.operations.length && !search.over; operation++) {
    if (enabled[operation] !== true) {
      search.symmetric++;
      continue;
    }
    const allocations = attempt(search, operation, 0, left, failures);
    world.machine.restore(mark);
    for (let failing = 1; failing <= allocations && failures > 0 && !search.over; failing++) {
      attempt(search, operation, failing, left, failures - 1);
      world.machine.restore(mark);
    }
  }
  world.machine.release(mark);
}

/** Does one operation and what comes after it; gives the allocations that it makes. */
function attempt(search: Search, operation: number, failing: number, left: number, failures: number): number {
  const { world, bounds, progress } = search;
  const before = world.machine.findings().length;
  const { end, allocations, why } = world.apply(operation, failing);
  if (++search.applied % TOLD_EVERY === 0) tell(search);
  if (search.applied >= bounds.operations) giveUp(search, `All sequences together take more than ${bounds.operations} operations.`);
  if (progress.cancelled) giveUp(search, 'The exploration was cancelled.');
  search.path.push({ operation: world.operations[operation] ?? '', number: operation, failing });
  const findings = world.machine.findings().slice(before);
  for (const finding of findings) take(search, finding);
  if (end === 'undecided') search.because.add(why);
  if (findings.every((finding) => finding.kind !== 'invariant') && end === 'done' && !search.over) follow(search, left - 1, failures);
  search.path.pop();
  return allocations;
}

function tell({ progress, depth, bounds, states, applied }: Search): void {
  progress.report(
    `Sequences of ${depth} operations: ${states.size} states, ${applied} operations so far`,
    Math.max(depth - DEEPER, 0) / bounds.steps,
  );
}

function giveUp(search: Search, why: string): void {
  search.because.add(why);
  search.over = true;
}

function follow(search: Search, left: number, failures: number): void {
  const key = search.world.key();
  search.states.add(key);
  if (left === 0) return;
  // Whoever may let more fail does all of what can be done with fewer failures, too.
  for (let more = failures; more < search.left.length; more++) {
    if ((search.left[more]?.get(key) ?? 0) < left) continue;
    search.known++;
    return;
  }
  search.left[failures]?.set(key, left);
  goOn(search, left, failures);
}

/** Findings that agree in it are one; the numbers in the words of an invariant do not count. */
export const sequenceKey = (finding: RunFinding): string =>
  `${finding.kind} ${finding.function} ${finding.file}:${finding.line} ${finding.kind === 'invariant' ? finding.message.replace(/\d+/g, '#') : ''}`;

function take(search: Search, finding: RunFinding): void {
  const key = sequenceKey(finding);
  const known = search.found.get(key);
  if (known !== undefined && known.sequence.length <= search.path.length) return;
  search.found.set(key, { finding, sequence: [...search.path] });
}
