/** Faults of the guest and of processes on the C, page by page, with what another thread does in the window of the first one. */
import { done, type Outcome } from '../base/outcome';
import type { Operation, OperationResult } from '../model/host/operation';
import { USERS } from '../model/userspace/record';
import { bindAttributes, leafAt } from '../model/userspace/stage2';
import { ACCESS } from '../model/userspace/step';
import { answer, failed, well } from './c-scenario-answers';
import { gfnOf, isBoundAt, numberOf, segmentsOf } from './c-scenario-files';
import type { FileOnC, GroundOnC, StepEnd } from './c-scenario-state';
import type { StepCall } from './run-steps';

type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;
const ACCESSES = { read: ACCESS.read, write: ACCESS.write } as const;

const isPrivate = ({ session: { machine } }: GroundOnC, file: FileOnC, gfn: number): boolean =>
  bindAttributes(machine.layout).isPrivate(machine.kernel, machine.kernel.peek(file.users, USERS.kvm), gfn);

export function guestFault(host: GroundOnC, file: FileOnC, operation: OperationOf<'guest-fault'>): Outcome<OperationResult> {
  const { kernel } = host.session.machine;
  const access = ACCESSES[operation.access];
  const size = 2 ** host.setup.order;
  const { from, to } = operation.range;
  let pages = 0;
  let meanwhile: Meanwhile = { left: operation.meanwhile, result: undefined };
  for (let page = from; page < to;) {
    if (!isBoundAt(file, page)) return withMeanwhile(answer('EFAULT', pages, page), meanwhile);
    const gfn = gfnOf(file, page);
    const wanted = isPrivate(host, file, gfn);
    const leaf = leafAt(kernel, gfn);
    if (leaf !== null && leaf.shared !== wanted && operation.each === 'page' && meanwhile.left === undefined) {
      // What is mapped by one leaf is of one kind, and of one slot.
      const end = Math.min(to - page, leaf.gfn + 2 ** leaf.order - gfn);
      const error = host.errorOf(host.calls.run('guest-touch', { gfn, count: end, access, token: host.token }));
      if (error !== null) return answer(error, pages, page);
      pages += end;
      page += end;
      continue;
    }
    const call: StepCall = { step: 'guest-fault', arguments: { gfn, private: wanted ? 1 : 0, access, token: host.token } };
    const [end, after] = oneFault(host, file, call, meanwhile);
    meanwhile = after;
    const error = host.errorOf(end);
    if (error !== null) return withMeanwhile(answer(error, pages, page), meanwhile);
    pages += 1;
    page = operation.each === 'block' ? Math.min(to, (Math.floor(page / size) + 1) * size) : page + 1;
  }
  return withMeanwhile(well(pages), meanwhile);
}

export function hostFault(host: GroundOnC, file: FileOnC, operation: OperationOf<'host-fault'>): Outcome<OperationResult> {
  const access = ACCESSES[operation.access];
  const { from, to } = operation.range;
  if (!file.mappings.some((each) => each?.process === operation.process)) return failed('EFAULT');
  let meanwhile: Meanwhile = { left: operation.meanwhile, result: undefined };
  for (let index = from; index < to; index++) {
    const mapping = numberOf(file, operation.process, index);
    // Nothing is mapped there: the process gets a signal of another kind.
    if (mapping < 0) return withMeanwhile(answer('EFAULT', index - from, index), meanwhile);
    const call: StepCall = { step: 'host-fault', arguments: { index, mapping, access, token: host.token } };
    const [end, after] = oneFault(host, file, call, meanwhile);
    meanwhile = after;
    const error = host.errorOf(end);
    // Whatever a handler of faults refuses, the process gets the signal.
    const met = error === 'EFAULT' || error === 'EHWPOISON' ? 'SIGBUS' : error;
    if (met !== null) return withMeanwhile(answer(met, index - from, index), meanwhile);
  }
  return withMeanwhile(well(to - from), meanwhile);
}

/** What another thread does during the first fault. */
interface Meanwhile {
  readonly left: Operation | undefined;
  readonly result: OperationResult | undefined;
}

function oneFault(host: GroundOnC, file: FileOnC, call: StepCall, meanwhile: Meanwhile): readonly [StepEnd, Meanwhile] {
  const { left } = meanwhile;
  if (left === undefined) return [host.calls.run(call.step, call.arguments), meanwhile];
  const other = callOf(host, file, left);
  const [end, otherEnd] = host.calls.runTogether(call, other);
  const error = otherEnd.kind === 'returned' ? otherEnd.error : otherEnd.kind === 'waits' ? 'HANG' : 'OOPS';
  return [end, { left: undefined, result: { error, errorOffset: -1, pages: 0 } }];
}

const withMeanwhile = (outcome: Outcome<OperationResult>, { result }: Meanwhile): Outcome<OperationResult> =>
  outcome.kind === 'done' && result !== undefined ? done({ ...outcome.value, meanwhile: result }) : outcome;

/** The step of an operation of another thread; of a fault, that of its first page, of a conversion, that of its first slot. */
function callOf(host: GroundOnC, file: FileOnC, operation: Operation): StepCall {
  switch (operation.kind) {
    case 'guest-fault': {
      const gfn = gfnOf(file, operation.range.from);
      const how = { private: isPrivate(host, file, gfn) ? 1 : 0, access: ACCESSES[operation.access], token: host.token };
      return { step: 'guest-fault', arguments: { gfn, ...how } };
    }
    case 'host-fault': {
      const index = operation.range.from;
      const mapping = Math.max(numberOf(file, operation.process, index), 0);
      return { step: 'host-fault', arguments: { index, mapping, access: ACCESSES[operation.access], token: host.token } };
    }
    case 'convert': {
      const [first] = segmentsOf(file, operation.range);
      return {
        step: 'convert',
        arguments: { first: first?.gfn ?? 0, count: first?.pages ?? 0, private: operation.to === 'private' ? 1 : 0 },
      };
    }
    case 'punch':
    case 'allocate':
      return { step: operation.kind, arguments: { offset: operation.offset, length: operation.size } };
    default:
      throw new Error(`${operation.kind} is not run beside a fault`);
  }
}
