/** Does an operation of a scenario on the C: enters the series' own entry points for each page or range of it. */
import { done, type Outcome, refused } from '../base/outcome';
import { constantIfAny, fieldOf } from '../model/fields';
import type { ErrorName, Operation, OperationResult } from '../model/host/operation';
import { holdOn } from '../model/userspace/holds';
import { numbered, USERS, usersOf } from '../model/userspace/record';
import { bindAttributes, leafAt } from '../model/userspace/stage2';
import { ACCESS } from '../model/userspace/step';
import { bindXarray } from '../model/xarray';
import { Writer } from '../model/writer';
import type { FileOnC, GroundOnC, StepEnd } from './c-scenario-state';
import type { StepCall } from './run-steps';

const PAGE = 4096;
type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

/** *Fails* `c-scenario/no-step` where the C cannot be asked for it, `c-scenario/no-name` where the file is not there. */
export function performOnC(host: GroundOnC, operation: Operation): Outcome<OperationResult> {
  switch (operation.kind) {
    case 'create':
      return create(host, operation);
    case 'fail':
      host.now = {
        ...host.now,
        failing: [...host.now.failing, { allocation: operation.allocation, left: operation.count, after: operation.after ?? 0 }],
      };
      return well(0);
    case 'wait':
      return well(0);
    case 'take-memory':
    case 'give-memory':
      host.now = { ...host.now, taken: host.now.taken + (operation.kind === 'take-memory' ? operation.pages : -operation.pages) };
      return well(operation.pages);
    case 'resize':
    case 'demote':
    case 'transfer':
    case 'hugetlbfs':
    case 'obstruct':
    case 'policy':
      return refused('c-scenario/no-step', `The C has no step for ${operation.kind}.`, 'It cannot be done.', 'Leave it out.');
    default:
      return onFile(host, operation);
  }
}

type OnFile = Exclude<
  Operation,
  {
    readonly kind:
      'create' | 'fail' | 'wait' | 'take-memory' | 'give-memory' | 'resize' | 'demote' | 'transfer' | 'hugetlbfs' | 'obstruct' | 'policy';
  }
>;

function onFile(host: GroundOnC, operation: OnFile): Outcome<OperationResult> {
  const { file } = host.now;
  if (file === null || file.name !== operation.file) {
    return refused('c-scenario/no-name', `There is no file ${operation.file} on the C.`, 'It cannot be done.', 'Create it first.');
  }
  if (file.isGone && operation.kind !== 'unpin' && operation.kind !== 'release') return failed('EBADF');
  switch (operation.kind) {
    case 'bind': {
      const [offset, gfn, pages] = [operation.offset, operation.gpa / PAGE, operation.size / PAGE];
      const answer = one(host, 'bind', { offset, gfn, pages });
      host.now = { ...host.now, file: { ...file, isBound: true } };
      return answer;
    }
    case 'unbind':
      host.now = { ...host.now, file: { ...file, isBound: false } };
      return one(host, 'unbind', {});
    case 'guest-fault':
      return guestFault(host, file, operation);
    case 'host-fault':
      return hostFault(host, file, operation);
    case 'mmap':
      return mmap(host, file, operation);
    case 'dontneed':
    case 'munmap':
      return unmap(host, file, operation);
    case 'pin':
      return eachPage(host, operation.range, 'pin');
    case 'unpin':
      return isHeld(host, operation) ? eachPage(host, operation.range, 'unpin') : noHolder(operation.holder);
    case 'reference':
      // A process that maps the file gets it through its mapping; who does not, in the page cache.
      return eachPage(host, operation.range, file.mappings[0] === operation.holder ? 'pipe-get' : 'lookup');
    case 'release': {
      if (!isHeld(host, operation)) return noHolder(operation.holder);
      const isPipe = holdOn(host.session.machine.kernel, 'pipe', operation.range.from) !== undefined;
      return eachPage(host, operation.range, isPipe ? 'pipe-put' : 'lookup-put');
    }
    case 'convert': {
      const { from, to } = operation.range;
      return one(host, 'convert', { first: from, count: to - from, private: operation.to === 'private' ? 1 : 0 }, to - from);
    }
    case 'punch':
    case 'allocate':
      return one(host, operation.kind, { offset: operation.offset, length: operation.size }, operation.size / PAGE);
    case 'populate': {
      const { from, to } = operation.range;
      return one(host, 'populate', { gfn: from, count: to - from, token: host.token }, to - from);
    }
    case 'close':
      host.now = { ...host.now, file: { ...file, hasDescriptor: false } };
      return ended(host, null);
    case 'poison':
      return one(host, 'poison', { index: operation.page }, 1);
  }
}

const answer = (error: ErrorName | null, pages: number, page = -1): Outcome<OperationResult> =>
  done({ error, errorOffset: error === null || page < 0 ? -1 : page * PAGE, pages });
const well = (pages: number): Outcome<OperationResult> => answer(null, pages);
const failed = (error: ErrorName): Outcome<OperationResult> => answer(error, 0);

function one(host: GroundOnC, step: string, args: Readonly<Record<string, number>>, pages = 0): Outcome<OperationResult> {
  const error = host.errorOf(host.calls.run(step, args));
  return answer(error, error === null ? pages : 0);
}

function eachPage(host: GroundOnC, { from, to }: { readonly from: number; readonly to: number }, step: string): Outcome<OperationResult> {
  for (let index = from; index < to; index++) {
    const error = host.errorOf(host.calls.run(step, { index }));
    if (error !== null) return answer(error, index - from, index);
  }
  return well(to - from);
}

const isHeld = (host: GroundOnC, { kind, range }: OperationOf<'unpin' | 'release'>): boolean =>
  (kind === 'unpin' ? (['pin'] as const) : (['pipe', 'lookup'] as const)).some(
    (each) => holdOn(host.session.machine.kernel, each, range.from) !== undefined,
  );

const noHolder = (holder: string): Outcome<never> =>
  refused('c-scenario/no-name', `${holder} holds nothing there on the C.`, 'It cannot be let go.', 'Take it first.');

function create(host: GroundOnC, operation: OperationOf<'create'>): Outcome<OperationResult> {
  const pages = operation.size / PAGE;
  const open = host.now.file !== null && !host.now.file.isGone;
  setVmType(host, host.spec.vms.find(({ name }) => name === operation.vm)?.type === 'sw-protected');
  if (!open) setAttributes(host, pages, operation.initially !== 'shared');
  const error = host.errorOf(host.calls.run('create', { pages }));
  if (error !== null) return failed(error);
  if (open) {
    return refused(
      'c-scenario/two-files',
      `The C has made ${operation.file} beside another file.`,
      'The steps of its users know one file.',
      'Close the other one first.',
    );
  }
  const file: FileOnC = {
    name: operation.file,
    vm: operation.vm,
    pages,
    hasDescriptor: true,
    isGone: false,
    mappings: [],
    isBound: false,
  };
  host.now = { ...host.now, file, memory: [] };
  return well(pages);
}

/** KVM_X86_SW_PROTECTED_VM, whose memory is all faultable at first; any other type. */
function setVmType({ session: { machine, world } }: GroundOnC, isSwProtected: boolean): void {
  const value = isSwProtected ? (constantIfAny(machine.layout, 'KVM_X86_SW_PROTECTED_VM') ?? 1) : 0;
  new Writer(machine.kernel, machine.layout).set(world.kvm, 'struct kvm', 'arch.vm_type', value);
}

/** What the VMM asks of KVM before it binds the file: every page private, or every page shared. */
function setAttributes({ session: { machine, world } }: GroundOnC, pages: number, isPrivate: boolean): void {
  const array = bindXarray(machine.layout);
  const tree = world.kvm + machine.layout.offsetof('struct kvm', 'mem_attr_array');
  array.destroy(machine.kernel, tree);
  if (!isPrivate) return;
  // `xa_mk_value`: shifted left with bit 0 set.
  const entry = bindAttributes(machine.layout).privateBit * 2 + 1;
  for (let index = 0; index < pages; index++) array.store(machine.kernel, tree, index, 0, entry);
}

const ACCESSES = { read: ACCESS.read, write: ACCESS.write } as const;

function guestFault(host: GroundOnC, file: FileOnC, operation: OperationOf<'guest-fault'>): Outcome<OperationResult> {
  const { machine, world } = host.session;
  const { kernel } = machine;
  const attributes = bindAttributes(machine.layout);
  const access = ACCESSES[operation.access];
  const size = 2 ** host.setup.order;
  const { from, to } = operation.range;
  let pages = 0;
  let meanwhile: Meanwhile = { left: operation.meanwhile, result: undefined };
  for (let gfn = from; gfn < to;) {
    const isPrivate = attributes.isPrivate(kernel, world.kvm, gfn);
    const leaf = leafAt(kernel, gfn);
    const next = operation.each === 'block' ? Math.min(to, (Math.floor(gfn / size) + 1) * size) : gfn + 1;
    if (leaf !== null && leaf.shared !== isPrivate && operation.each === 'page' && meanwhile.left === undefined) {
      // What is mapped by one leaf is of one kind.
      const end = Math.min(to, leaf.gfn + 2 ** leaf.order);
      const error = host.errorOf(host.calls.run('guest-touch', { gfn, count: end - gfn, access, token: host.token }));
      if (error !== null) return answer(error, pages, gfn);
      pages += end - gfn;
      gfn = end;
      continue;
    }
    const call: StepCall = {
      step: 'guest-fault',
      arguments: { gfn, private: isPrivate ? 1 : 0, access, token: host.token },
    };
    const [end, after] = oneFault(host, file, call, meanwhile);
    meanwhile = after;
    const error = host.errorOf(end);
    if (error !== null) return withMeanwhile(answer(error, pages, gfn), meanwhile);
    pages += operation.each === 'block' ? 1 : next - gfn;
    gfn = next;
  }
  return withMeanwhile(well(pages), meanwhile);
}

function hostFault(host: GroundOnC, file: FileOnC, operation: OperationOf<'host-fault'>): Outcome<OperationResult> {
  const mapping = file.mappings.indexOf(operation.process);
  if (mapping < 0) return failed('EFAULT');
  const access = ACCESSES[operation.access];
  const { from, to } = operation.range;
  let meanwhile: Meanwhile = { left: operation.meanwhile, result: undefined };
  for (let index = from; index < to; index++) {
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

/** The step of an operation of another thread; of a fault, that of its first page. */
function callOf(host: GroundOnC, file: FileOnC, operation: Operation): StepCall {
  switch (operation.kind) {
    case 'guest-fault': {
      const { machine, world } = host.session;
      const gfn = operation.range.from;
      const isPrivate = bindAttributes(machine.layout).isPrivate(machine.kernel, world.kvm, gfn);
      return {
        step: 'guest-fault',
        arguments: { gfn, private: isPrivate ? 1 : 0, access: ACCESSES[operation.access], token: host.token },
      };
    }
    case 'host-fault': {
      const mapping = Math.max(file.mappings.indexOf(operation.process), 0);
      return {
        step: 'host-fault',
        arguments: { index: operation.range.from, mapping, access: ACCESSES[operation.access], token: host.token },
      };
    }
    case 'convert': {
      const { from, to } = operation.range;
      return { step: 'convert', arguments: { first: from, count: to - from, private: operation.to === 'private' ? 1 : 0 } };
    }
    case 'punch':
    case 'allocate':
      return { step: operation.kind, arguments: { offset: operation.offset, length: operation.size } };
    default:
      throw new Error(`${operation.kind} is not run beside a fault`);
  }
}

function mmap(host: GroundOnC, file: FileOnC, operation: OperationOf<'mmap'>): Outcome<OperationResult> {
  const free = file.mappings.indexOf('');
  const mapping = free < 0 ? file.mappings.length : free;
  const error = host.errorOf(host.calls.run('mmap', { mapping }));
  if (error !== null) return failed(error);
  const mappings = [...file.mappings];
  mappings[mapping] = operation.process;
  host.now = { ...host.now, file: { ...file, mappings } };
  return well(operation.range.to - operation.range.from);
}

function unmap(host: GroundOnC, file: FileOnC, operation: OperationOf<'dontneed' | 'munmap'>): Outcome<OperationResult> {
  const mapping = file.mappings.indexOf(operation.process);
  if (mapping < 0) return well(0);
  const { from, to } = operation.range;
  const error = host.errorOf(host.calls.run('host-unmap', { first: from, count: to - from, mapping }));
  if (error !== null || operation.kind === 'dontneed') return answer(error, to - from);
  const { kernel, layout } = host.session.machine;
  const vma = kernel.peek(usersOf(kernel), numbered(USERS.vmas, mapping));
  kernel.store(vma, fieldOf(layout, 'struct vm_area_struct', 'vm_file'), 0);
  const mappings = file.mappings.map((process, number) => (number === mapping ? '' : process));
  host.now = { ...host.now, file: { ...file, mappings } };
  return ended(host, to - from);
}

/** The inode goes with its last descriptor and mapping. */
function ended(host: GroundOnC, pages: number | null): Outcome<OperationResult> {
  const { file } = host.now;
  if (file === null || file.hasDescriptor || file.mappings.some((process) => process !== '')) return well(pages ?? 0);
  const error = host.errorOf(host.calls.run('close', {}));
  if (error !== 'OOPS' && error !== 'HANG') host.now = { ...host.now, file: { ...file, isGone: true, isBound: false } };
  return answer(error, pages ?? 0);
}
