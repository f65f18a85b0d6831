/** Explores sequences of operations on the C of a tree: what `folioscope explore --steps` prints. */
import { cancelled, done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import { exploreSequences, type SequenceBounds, sequenceKey, type SequenceResult, type SequenceWorld } from '../explore/explore-sequences';
import type { Program } from '../kernel-c/program';
import type { Machine, IgnoredBytes } from '../machine/api';
import { I64 } from '../model/fields';
import type { Address } from '../model/primitive';
import type { World } from '../model/world';
import type { SequenceReport } from '../protocol/exploration';
import type { RunFinding, Scenario } from '../protocol/simulation';
import { listsOf, makeAlike } from './alike-states';
import { JoinedSequences, type SequenceStart } from './joined-sequences';
import { scratchOf } from '../model/userspace/record';
import { createStepSession, type StepSession } from './run-steps';
import { type SequenceOperation, sequenceOperations } from './sequence-operations';

export interface ExploreStepsOptions {
  readonly starts: readonly SequenceStart[];
  /** Operations of a sequence. */
  readonly steps: number;
  /** How many operations sequences have in which one allocation fails; 0: none does. */
  readonly stepsWithFailure: number;
}

/** Operations of one search; beyond it the report says so. */
const MOST_OPERATIONS = 20_000_000;

/**
 * A verdict on all sequences of operations from each of the starts.
 *
 * @param program as `programForSteps` gives it
 *
 * *Fails* as `createStepSession`.
 */
export function exploreStepsOf(program: Program, options: ExploreStepsOptions, progress: Progress): Outcome<SequenceReport> {
  const joined = new JoinedSequences(options.steps);
  for (const start of options.starts) {
    const searches: SequenceBounds[] = [{ steps: options.steps, failures: 0, operations: MOST_OPERATIONS }];
    if (options.stepsWithFailure > 0) searches.push({ steps: options.stepsWithFailure, failures: 1, operations: MOST_OPERATIONS });
    for (const bounds of searches) {
      const result = exploreFrom(program, start.scenario, bounds, progress);
      if (result.kind !== 'done') return result;
      joined.add(start, bounds, result.value);
    }
  }
  return done(joined.report());
}

/** All sequences from one state. */
function exploreFrom(program: Program, scenario: Scenario, bounds: SequenceBounds, progress: Progress): Outcome<SequenceResult> {
  // States in which all invariants hold: most states are met more than once.
  const good = new Set<string>();
  let key = '';
  let ignored: readonly IgnoredBytes[] = [];
  let lists: readonly Address[] = [];
  let counters: readonly Address[] = [];
  const session = createStepSession(
    { program, scenario },
    {
      bounds: { events: 0 },
      recalls: true,
      held(machine) {
        makeAlike(machine.kernel, lists);
        for (const at of counters) if (machine.kernel.peek(at, I64) !== 0) machine.kernel.store(at, I64, 0);
        key = machine.key(ignored);
        return good.has(key);
      },
    },
  );
  if (session.kind !== 'done') return session;
  counters = countersOf(session.value.machine, session.value.world);
  ignored = scratchOf(session.value.machine.kernel, session.value.machine.layout);
  lists = listsOf(session.value.machine, session.value.world);
  const operations = sequenceOperations(scenario.order, scenario.blocks);
  const world = worldOf(session.value, operations, {
    key: () => key,
    holds: () => good.add(key),
  });
  key = session.value.machine.key(ignored);
  const result = exploreSequences(world, bounds, progress);
  return progress.cancelled ? cancelled : done(metAgain(session.value, operations, result));
}

/** Runs what was found from the beginning, without recalling anything: only what shows then counts, as it shows then. */
function metAgain({ machine, run }: StepSession, operations: readonly SequenceOperation[], result: SequenceResult): SequenceResult {
  const start = machine.mark();
  const because = [...result.because];
  const findings = result.findings.flatMap(({ finding, sequence }) => {
    machine.restore(start);
    let last: readonly RunFinding[] = [];
    for (const { number, failing } of sequence) {
      const outcome = run({ ...operations[number]!.call, failing }, () => false);
      last = outcome.kind === 'done' ? outcome.value.findings : [];
    }
    const met = last.find((each) => sequenceKey(each) === sequenceKey(finding));
    if (met !== undefined) return [{ finding: met, sequence }];
    because.push(
      `${finding.kind} in ${finding.function}() was found, and is not met when its ${sequence.length} operations are run again.`,
    );
    return [];
  });
  machine.restore(start);
  machine.release(start);
  const verdict = findings.length > 0 ? 'violated' : because.length > 0 ? 'undecided' : 'held';
  return { ...result, verdict, findings, because };
}

interface States {
  /** Of the state that the last operation led to. */
  readonly key: () => string;
  /** All invariants hold in it. */
  readonly holds: () => void;
}

function worldOf({ machine, run, state }: StepSession, operations: readonly SequenceOperation[], states: States): SequenceWorld {
  return {
    machine,
    operations: operations.map((operation) => operation.name),
    enabled() {
      const now = state();
      return operations.map((operation) => operation.enabled(now));
    },
    apply(number, failing) {
      const operation = operations[number];
      if (operation === undefined) throw new Error(`there is no operation ${number}`);
      const outcome = run(failing === 0 ? operation.call : { ...operation.call, failing });
      if (outcome.kind !== 'done') throw new Error(`${operation.name} is no step`);
      const { status, allocations, findings } = outcome.value;
      if (status.kind === 'returned' && findings.every((finding) => finding.kind !== 'invariant')) states.holds();
      const why = status.kind === 'undecided' ? status.why : '';
      return { end: status.kind === 'returned' ? 'done' : status.kind === 'undecided' ? 'undecided' : 'stopped', allocations, why };
    },
    key: states.key,
  };
}

/** What only counts how often something was done: whoever compares has read it in the same operation, so each may find it at 0. */
function countersOf({ layout }: Machine, { kvm }: World): Address[] {
  const fields = ['mmu_invalidate_seq', 'mmu_invalidate_range_start', 'mmu_invalidate_range_end'];
  const counters = kvm === 0 ? [] : fields.filter((name) => layout.has('struct kvm', name));
  return counters.map((name) => kvm + layout.offsetof('struct kvm', name));
}
