/** The C of a tree as a host on which the operations of a scenario are done: what the model of a design is to `runScenario`. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import type { Mark } from '../machine/api';
import type { FileExtent, HostModel, ModelMark, Violation } from '../model/host/host-model';
import type { ModelSpec } from '../model/host/host-spec';
import type { ErrorName, Operation, OperationResult } from '../model/host/operation';
import { COUNTERS, recordOf } from '../model/record';
import { violationsIn } from '../model/userspace/invariants/all';
import { buddyHeads } from '../model/userspace/buddy';
import { spreadPool } from '../model/userspace/pool-steps';
import { HOST, hostOf } from '../model/userspace/record';
import { noteWorks, pendingWorks } from '../model/userspace/work-list';
import { cachedFrame, type StateOfFile, type UserState } from '../model/userspace/user-state';
import type { RunFinding } from '../protocol/simulation';
import { CallsOnC } from './c-scenario-calls';
import { modelNames } from './c-scenario-invariants';
import { performOnC } from './c-scenario-operations';
import type { FileOnC, GroundOnC, HostOnCSetup, OnC, StepEnd } from './c-scenario-state';
import { countersOnC, extentsOnC } from './c-scenario-view';
import { createStepSession, type StepSession } from './run-steps';

const MEMORY = 2 ** 31;
const NOTHING: OnC = {
  files: [],
  vms: [],
  hugetlbfs: [],
  stopped: '',
  operations: 0,
  failing: [],
  taken: 0,
  violations: [],
  findings: [],
};
/** Invariants that are said of the host as a whole: each file's users see the same. */
const OF_HOST = new Set(['counts', 'pages-conserved', 'pool', 'locks-free']);

/** Nobody knows what comes of a step: a bound of the machine, or C that is not read. */
class Undecided extends Error {}

export class HostOnC implements HostModel, GroundOnC {
  now: OnC = NOTHING;
  readonly calls: CallsOnC;
  private seen: readonly StateOfFile[] | null = null;
  /** Pages of vmemmap, and huge pages of the buddy allocator, when there was no file yet. */
  private readonly begun: { readonly vmemmap: number; readonly huge: number };
  private readonly told = new Set<string>();
  private readonly marks = new WeakMap<ModelMark, { readonly machine: Mark; readonly now: OnC; readonly told: readonly string[] }>();

  private constructor(
    readonly spec: ModelSpec,
    readonly setup: HostOnCSetup,
    readonly session: StepSession,
  ) {
    this.calls = new CallsOnC(this);
    this.begun = this.memoryNow();
  }

  /**
   * A host with VMs and no file.
   *
   * *Fails* as `createStepSession`; `c-scenario/no-start` where the file that every scenario of the C begins with cannot be closed.
   */
  static create(spec: ModelSpec, setup: HostOnCSetup): Outcome<HostOnC> {
    const { program, order, pools } = setup;
    const session = createStepSession(
      {
        program,
        scenario: {
          order,
          blocks: 1,
          spare: pools.reduce((sum, { pages, growth }) => sum + pages + growth, -1),
          folios: 'absent',
          faultable: 'none',
          hvo: spec.host.hvo,
          bound: false,
          arguments: {},
        },
      },
      { indices: 1, bounds: { memory: MEMORY, events: 0 }, held: () => true },
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
    const { machine, world } = session.value;
    const { kernel, layout } = machine;
    spreadPool(
      kernel,
      layout,
      world,
      pools.map(({ pages, growth }) => pages + growth),
    );
    noteWorks(kernel);
    if (spec.host.hugetlbCma) kernel.store(hostOf(kernel), HOST.cma, 1);
    machine.settle([]);
    for (const [node, { pages, growth }] of pools.entries()) {
      if (growth === 0) continue;
      const given = session.value.run({ step: 'resize', arguments: { hstate: world.hstate, count: pages, node } });
      if (given.kind !== 'done') return given;
    }
    return done(new HostOnC(spec, setup, session.value));
  }

  apply(operation: Operation): Outcome<OperationResult> {
    if (this.setup.progress.cancelled) return cancelled;
    if (this.now.stopped !== '') {
      return refused('c-scenario/stopped', this.now.stopped, 'Nothing can be done in it any more.', 'Look at what stopped it.');
    }
    const before = this.session.machine.findings().length;
    this.seen = null;
    const result = this.performed(operation);
    this.seen = null;
    if (result.kind !== 'done') return result;
    this.note(this.session.machine.findings().slice(before));
    this.look();
    this.now = { ...this.now, operations: this.now.operations + 1 };
    return result;
  }

  /** What nobody can say the end of is no answer: the run ends there. */
  private performed(operation: Operation): Outcome<OperationResult> {
    try {
      const result = performOnC(this, operation);
      // Threads of the kernel have time between two operations.
      if (this.now.stopped === '' && pendingWorks(this.session.machine.kernel).length > 0) this.errorOf(this.calls.run('works', {}));
      return result;
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      this.stop(`The run on the C has ended: ${error.message}`);
      return refused(
        'c-scenario/undecided',
        `What the C does here is not known: ${error.message}`,
        'The scenario cannot go on.',
        'Take a smaller --order, or a shorter scenario.',
      );
    }
  }

  /** Of the present operation. */
  get token(): number {
    return this.now.operations + 1;
  }

  stateOf(file: FileOnC): UserState {
    const found = this.states().find(({ users }) => users === file.users);
    if (found === undefined) throw new Error(`${file.name} has no users`);
    return found.state;
  }

  buddyLeft(): number {
    if (this.setup.buddy === undefined) return Infinity;
    const { vmemmap, huge } = this.memoryNow();
    const taken = vmemmap - this.begun.vmemmap - (huge - this.begun.huge) * 2 ** this.setup.order;
    return this.setup.buddy - taken - this.now.taken;
  }

  private memoryNow(): HostOnC['begun'] {
    const { kernel } = this.session.machine;
    return { vmemmap: kernel.peek(recordOf(kernel), COUNTERS.vmemmapPages), huge: buddyHeads(kernel).length };
  }

  private states(): readonly StateOfFile[] {
    this.seen ??= this.session.states();
    return this.seen;
  }

  stop(why: string): void {
    this.now = { ...this.now, stopped: why };
  }

  /** What a step gave, as the error that a user meets; null where it went well. */
  errorOf(end: StepEnd): ErrorName | null {
    if (end.kind === 'returned') return end.error;
    if (end.kind === 'undecided') throw new Undecided(end.why);
    this.stop(`The kernel has stopped: ${end.why}`);
    return end.kind === 'waits' ? 'HANG' : 'OOPS';
  }

  steps = (): number => this.now.operations;
  time = (): number => 0;
  counters = (): Record<string, number> => countersOnC(this);
  metrics = (): Record<string, number> => ({});
  files = (): readonly string[] => this.now.files.map(({ name }) => name);
  extents = (name: string): readonly FileExtent[] => {
    const file = this.now.files.find((each) => each.name === name);
    return file === undefined ? [] : extentsOnC(this, file);
  };
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
    for (const { users, state } of this.states()) {
      const file = this.now.files.length < 2 ? undefined : this.now.files.find((each) => each.users === users);
      for (const { invariant, message } of violationsIn(state)) {
        const text = `${invariant}: ${message}${file === undefined || OF_HOST.has(invariant) ? '' : ` (${file.name})`}`;
        if (this.told.has(text)) continue;
        this.told.add(text);
        const finding: RunFinding = { ...place, step: this.session.machine.steps(), kind: 'invariant', message: text };
        this.now = { ...this.now, findings: [...this.now.findings, { operation: this.now.operations, finding }] };
        this.violated(text);
      }
    }
  }

  private violated(text: string): void {
    const found = modelNames(text).map((invariant): Violation => ({ invariant, step: this.now.operations, met: text, label: 'code' }));
    this.now = { ...this.now, violations: [...this.now.violations, ...found] };
  }

  private remember(): void {
    const pages = 2 ** this.setup.order;
    const files = this.now.files.map((file): FileOnC => {
      if (file.isGone) return file;
      const state = this.stateOf(file);
      const memory = Array.from({ length: file.pages / pages }, (_, block) => {
        const pfn = cachedFrame(state, block * pages);
        return pfn < 0 ? (file.memory[block] ?? -1) : pfn;
      });
      return { ...file, memory };
    });
    this.now = { ...this.now, files };
  }
}
