/** Runs the steps of an operation on the C: alone, or two at a time where the second comes in the window of a fault. */
import type { Machine } from '../machine/api';
import { errnoName } from '../machine/errno';
import type { AllocationKind, ErrorName } from '../model/host/operation';
import { I64 } from '../model/fields';
import type { Choice } from '../model/primitive';
import { COUNTERS, recordOf } from '../model/record';
import { numbered, USERS, usersOf } from '../model/userspace/record';
import type { Failing, GroundOnC, StepEnd, StepRunner } from './c-scenario-state';
import type { StepCall } from './run-steps';

const BUDGET = 2_000_000_000;
const BYTES_OF_PAGE = 64;
const PAGE = 4096;

/** Which allocations of the machine a word of a scenario stands for. */
const KINDS: Readonly<Partial<Record<string, RegExp>>> = {
  vmemmap: /^vmemmap pages$/,
  stash: /^k[mzv]|^kcalloc/,
  'filemap-node': /^(page-cache|xarray) node$/,
  charge: /charge$/,
  any: /./,
};

/** The word that stands for an allocation; null where only `any` does. */
export function kindOfAllocation(what: string): AllocationKind | null {
  const found = Object.keys(KINDS).find((kind) => kind !== 'any' && KINDS[kind]?.test(what) === true);
  return (found as AllocationKind | undefined) ?? null;
}

export class CallsOnC implements StepRunner {
  constructor(private readonly host: GroundOnC) {}

  private get machine(): Machine {
    return this.host.session.machine;
  }

  run(step: string, args: Readonly<Record<string, number>>): StepEnd {
    const { progress } = this.host.setup;
    const outcome = this.host.session.run(
      { step, arguments: args },
      (choice) => this.fails(choice),
      () => progress.cancelled,
    );
    if (outcome.kind !== 'done') throw new Error(`${step} is no step`);
    return this.endOf(outcome.value.value ?? 0);
  }

  /** The second as soon as the first stands before it maps what its fault gave; after the first where it never stands there. */
  runTogether(first: StepCall, second: StepCall): readonly [StepEnd, StepEnd] {
    const entered = this.host.session.enter([first, second]);
    if (entered.kind !== 'done') throw new Error(`${first.step} or ${second.step} is no step`);
    let hasBegun = false;
    while (this.machine.run(BUDGET)) {
      const choice = this.machine.choice();
      if (choice === null) break;
      if (choice.kind !== 'task') {
        this.machine.decide(choice.kind === 'allocation' && this.fails(choice) ? choice.options.length - 1 : choice.usual);
        continue;
      }
      const [own, other] = [choice.options.indexOf('P0'), choice.options.indexOf('P1')];
      hasBegun ||= this.machine.place().task === 0 && this.machine.choices().length > 0 && this.machine.stack().length === 1;
      this.machine.decide(Math.max(hasBegun ? other : own, 0));
    }
    const results = [0, 1].map((task) =>
      this.machine.kernel.peek(usersOf(this.machine.kernel), { ...numbered(USERS.results, task), size: I64.size }),
    );
    return [this.endOf(results[0] ?? 0), this.endOf(results[1] ?? 0)];
  }

  private endOf(value: number): StepEnd {
    const status = this.machine.status();
    switch (status.kind) {
      case 'returned':
        return value >= 0 ? { kind: 'returned', error: null } : this.failed(value);
      case 'stopped': {
        const { kind, message, file, line } = status.finding;
        const why = `${message} (${file}:${line})`;
        return { kind: kind === 'deadlock' || kind === 'self-deadlock' ? 'waits' : 'stopped', why };
      }
      case 'undecided':
        return { kind: 'undecided', why: `nobody knows what comes of it: ${status.why}` };
      case 'running':
        return { kind: 'undecided', why: 'a step takes more instructions than it is given' };
    }
  }

  private failed(value: number): StepEnd {
    const name = errnoName(-value).slice(1);
    const known = ERRORS.find((each) => each === name);
    return known === undefined ? { kind: 'undecided', why: `a step gives -${name}` } : { kind: 'returned', error: known };
  }

  /** Whether the scenario lets this allocation fail, or there is no memory for it. */
  private fails(choice: Choice): boolean {
    const { host } = this;
    const at = host.now.failing.findIndex(({ allocation, left }) => left > 0 && KINDS[allocation]?.test(choice.what) === true);
    if (at >= 0) {
      const [failing] = host.now.failing.slice(at);
      const isWell = (failing?.after ?? 0) > 0;
      const next = (each: Failing): Failing => (isWell ? { ...each, after: each.after - 1 } : { ...each, left: each.left - 1 });
      host.now = { ...host.now, failing: host.now.failing.map((each, index) => (index === at ? next(each) : each)) };
      return !isWell;
    }
    if (KINDS['charge']?.test(choice.what) === true && this.chargeLeft() < 2 ** host.setup.order) return true;
    return KINDS['vmemmap']?.test(choice.what) === true && host.buddyLeft() < (2 ** host.setup.order * BYTES_OF_PAGE) / PAGE - 1;
  }

  /** Pages that the memory cgroup of the VM may still be charged: there is one group on the C, so it is told where there is one VM. */
  private chargeLeft(): number {
    const [vm, other] = this.host.spec.vms;
    if (vm?.memcgLimit === undefined || other !== undefined) return Infinity;
    return vm.memcgLimit - this.machine.kernel.peek(recordOf(this.machine.kernel), COUNTERS.memcgCharge);
  }
}

const ERRORS: readonly ErrorName[] = [
  'EINVAL',
  'ENOMEM',
  'EAGAIN',
  'EBUSY',
  'EEXIST',
  'ENODEV',
  'EFAULT',
  'EHWPOISON',
  'EOPNOTSUPP',
  'EACCES',
  'ENOENT',
  'EBADF',
];
