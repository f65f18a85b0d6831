/** The C of a tree as a host on which the operations of a scenario are done: what the model of a design is to `runScenario`. */
import { done, type Outcome, refused } from '../base/outcome';
import type { Mark } from '../machine/api';
import type { FileExtent, HostModel, ModelMark, Violation } from '../model/host/host-model';
import type { ModelSpec } from '../model/host/host-spec';
import type { ErrorName, Operation, OperationResult } from '../model/host/operation';
import { violationsIn } from '../model/userspace/invariants/all';
import { cachedFrame, type UserState } from '../model/userspace/user-state';
import type { RunFinding } from '../protocol/simulation';
import { CallsOnC } from './c-scenario-calls';
import { modelNames } from './c-scenario-invariants';
import { performOnC } from './c-scenario-operations';
import type { GroundOnC, HostOnCSetup, OnC, StepEnd } from './c-scenario-state';
import { countersOnC, extentsOnC } from './c-scenario-view';
import { createStepSession, type StepSession } from './run-steps';

const MEMORY = 2 ** 31;
const NOTHING: OnC = { file: null, stopped: '', operations: 0, failing: [], taken: 0, memory: [], violations: [], findings: [] };

export class HostOnC implements HostModel, GroundOnC {
  now: OnC = NOTHING;
  readonly calls: CallsOnC;
  private seen: UserState | null = null;
  private readonly told = new Set<string>();
  private readonly marks = new WeakMap<ModelMark, { readonly machine: Mark; readonly now: OnC; readonly told: readonly string[] }>();

  private constructor(
    readonly spec: ModelSpec,
    readonly setup: HostOnCSetup,
    readonly session: StepSession,
  ) {
    this.calls = new CallsOnC(this);
  }

  /**
   * A host with a VM and no file.
   *
   * *Fails* as `createStepSession`; `c-scenario/no-start` where the file that every scenario of the C begins with cannot be closed.
   */
  static create(spec: ModelSpec, setup: HostOnCSetup): Outcome<HostOnC> {
    const { program, order, pool, indices } = setup;
    const session = createStepSession(
      {
        program,
        scenario: {
          order,
          blocks: 1,
          spare: pool - 1,
          folios: 'absent',
          faultable: 'none',
          hvo: spec.host.hvo,
          bound: false,
          arguments: {},
        },
      },
      { indices, bounds: { memory: MEMORY, events: 0 }, held: () => true },
    );
    if (session.kind !== 'done') return session;
    const closed = session.value.run({ step: 'close', arguments: {} });
    if (closed.kind !== 'done') return closed;
    if (closed.value.value !== 0 || closed.value.findings.some(({ kind }) => kind !== 'warn-on')) {
      return refused(
        'c-scenario/no-start',
        `The file that the machine begins with cannot be closed: ${closed.value.findings.map(({ message }) => message).join(' ')}`,
        'A scenario cannot begin without files.',
        'Look at the release and the eviction of the file in the tree.',
      );
    }
    session.value.machine.settle([]);
    return done(new HostOnC(spec, setup, session.value));
  }

  apply(operation: Operation): Outcome<OperationResult> {
    if (this.now.stopped !== '') {
      return refused('c-scenario/stopped', this.now.stopped, 'Nothing can be done in it any more.', 'Look at what stopped it.');
    }
    const before = this.session.machine.findings().length;
    this.seen = null;
    const result = performOnC(this, operation);
    this.seen = null;
    if (result.kind !== 'done') return result;
    this.note(this.session.machine.findings().slice(before));
    this.look();
    this.now = { ...this.now, operations: this.now.operations + 1 };
    return result;
  }

  /** Of the present operation. */
  get token(): number {
    return this.now.operations + 1;
  }

  get state(): UserState {
    this.seen ??= this.session.state();
    return this.seen;
  }

  /** The memory was changed by other than an operation. */
  forget(): void {
    this.seen = null;
  }

  stop(why: string): void {
    this.now = { ...this.now, stopped: why };
  }

  /** What a step gave, as the error that a user meets; null where it went well. */
  errorOf(end: StepEnd): ErrorName | null {
    if (end.kind === 'returned') return end.error;
    this.stop(`The kernel has stopped: ${end.why}`);
    return end.kind === 'waits' ? 'HANG' : 'OOPS';
  }

  steps = (): number => this.now.operations;
  time = (): number => 0;
  counters = (): Record<string, number> => countersOnC(this);
  metrics = (): Record<string, number> => ({});
  files = (): readonly string[] => (this.now.file === null ? [] : [this.now.file.name]);
  extents = (file: string): readonly FileExtent[] => (this.now.file?.name === file ? extentsOnC(this, this.now.file) : []);
  references = (): null => null;
  events = (): readonly never[] => [];
  violations = (): readonly Violation[] => this.now.violations;

  mark(): ModelMark {
    const mark: ModelMark = { step: this.now.operations };
    this.marks.set(mark, { machine: this.session.machine.mark(), now: this.now, told: [...this.told] });
    return mark;
  }

  restore(mark: ModelMark): void {
    const kept = this.marks.get(mark);
    if (kept === undefined) throw new Error('there is no such mark');
    this.session.machine.restore(kept.machine);
    this.now = kept.now;
    this.told.clear();
    for (const each of kept.told) this.told.add(each);
    this.seen = null;
  }

  hash = (): string => this.session.machine.hash();

  private note(findings: readonly RunFinding[]): void {
    const { operations } = this.now;
    this.now = { ...this.now, findings: [...this.now.findings, ...findings.map((finding) => ({ operation: operations, finding }))] };
    // What the last access has read is told by the machine itself.
    for (const { kind, message } of findings) if (kind === 'invariant') this.violated(message);
  }

  /** What came of the operation: which memory each block has, and which invariants hold. A kernel that stopped in the middle is not looked at. */
  private look(): void {
    if (this.now.stopped !== '') return;
    this.remember();
    const place = this.session.machine.place();
    for (const { invariant, message } of violationsIn(this.state)) {
      const text = `${invariant}: ${message}`;
      if (this.told.has(text)) continue;
      this.told.add(text);
      const finding: RunFinding = { ...place, step: this.session.machine.steps(), kind: 'invariant', message: text };
      this.now = { ...this.now, findings: [...this.now.findings, { operation: this.now.operations, finding }] };
      this.violated(text);
    }
  }

  private violated(text: string): void {
    const found = modelNames(text).map((invariant): Violation => ({ invariant, step: this.now.operations, met: text, label: 'code' }));
    this.now = { ...this.now, violations: [...this.now.violations, ...found] };
  }

  private remember(): void {
    const { file, memory } = this.now;
    if (file === null || file.isGone) return;
    const pages = 2 ** this.setup.order;
    const next = Array.from({ length: file.pages / pages }, (_, block) => {
      const pfn = cachedFrame(this.state, block * pages);
      return pfn < 0 ? (memory[block] ?? -1) : pfn;
    });
    this.now = { ...this.now, memory: next };
  }
}
