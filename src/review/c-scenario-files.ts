/** Files on the C: made over the users of one that is gone or over new ones, bound by slots, mapped, closed. */
import { done, type Outcome, refused } from '../base/outcome';
import { constantIfAny, fieldOf } from '../model/fields';
import type { Operation, OperationResult, PageRange } from '../model/host/operation';
import { buildKvm } from '../model/initial-vm';
import type { Address } from '../model/primitive';
import { addMemslot, addUsers, makePresent } from '../model/userspace/build';
import { allUsers, numbered, USERS } from '../model/userspace/record';
import { bindAttributes } from '../model/userspace/stage2';
import { bindXarray } from '../model/xarray';
import { Writer } from '../model/writer';
import { answer, change, failed, one, select, well } from './c-scenario-answers';
import type { FileOnC, GroundOnC, SlotOnC, VmOnC } from './c-scenario-state';

const PAGE = 4096;
/** Mappings that one file can have on the C; each has a page table of its own. */
export const MAPPINGS_OF_FILE = 4;
/** Guest frames between the homes of two files of one VM. */
const BETWEEN_HOMES = 2 ** 26;
type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

export function create(host: GroundOnC, operation: OperationOf<'create'>): Outcome<OperationResult> {
  const { machine } = host.session;
  const pages = operation.size / PAGE;
  if (host.now.files.some(({ name, isGone }) => name === operation.file && !isGone))
    return refused('c-scenario/name-taken', `There is a file ${operation.file} on the C already.`, 'It cannot be made.', 'Close it first.');
  const vm = vmNamed(host, operation.vm);
  const home = vm.files * BETWEEN_HOMES;
  const users = usersFor(host, vm, pages);
  machine.kernel.store(users, USERS.home, home);
  // Until it is bound there is no slot of it.
  setAttributes(
    host,
    vm.kvm,
    home,
    Array.from({ length: pages }, () => operation.initially !== 'shared'),
  );
  const file: FileOnC = {
    name: operation.file,
    vm: operation.vm,
    pages,
    users,
    home,
    hasDescriptor: true,
    isGone: false,
    mappings: [],
    slots: [],
    slotsMade: 0,
    memory: [],
  };
  select(host, file);
  const error = host.errorOf(host.calls.run('create', { pages }));
  if (error !== null) return failed(error);
  const vms = host.now.vms.map((each) => (each.name === vm.name ? { ...each, files: each.files + 1 } : each));
  host.now = { ...host.now, vms, files: [...host.now.files.filter(({ name }) => name !== file.name), file] };
  return well(pages);
}

/** The first VM is the one that the machine begins with. */
export function vmNamed(host: GroundOnC, name: string): VmOnC {
  const known = host.now.vms.find((each) => each.name === name);
  if (known !== undefined) return known;
  const { machine, world } = host.session;
  const writer = new Writer(machine.kernel, machine.layout);
  const kvm = host.now.vms.length === 0 ? world.kvm : buildKvm(writer);
  const isSwProtected = host.spec.vms.find((each) => each.name === name)?.type === 'sw-protected';
  // KVM_X86_SW_PROTECTED_VM, whose memory is all faultable at first; any other type.
  const type = isSwProtected ? (constantIfAny(machine.layout, 'KVM_X86_SW_PROTECTED_VM') ?? 1) : 0;
  writer.set(kvm, 'struct kvm', 'arch.vm_type', type);
  if (host.now.vms.length === 0) bindXarray(machine.layout).destroy(machine.kernel, attributesOf(host, kvm));
  const vm: VmOnC = { name, kvm, node: -1, files: 0 };
  host.now = { ...host.now, vms: [...host.now.vms, vm] };
  return vm;
}

/** Those of the file that the machine begins with, or of one that is gone without a trace and was no smaller, else new ones. */
function usersFor(host: GroundOnC, vm: VmOnC, pages: number): Address {
  const { kernel, layout } = host.session.machine;
  const isFree = (users: Address): boolean =>
    kernel.peek(users, USERS.closed) !== 0 &&
    kernel.peek(users, USERS.holdCount) === 0 &&
    kernel.peek(users, USERS.kvm) === vm.kvm &&
    kernel.peek(users, USERS.indices) === pages &&
    host.now.files.every((file) => file.users !== users);
  const found = allUsers(kernel).find(isFree);
  if (found !== undefined) {
    makePresent(kernel, found);
    return found;
  }
  return addUsers(kernel, layout, { indices: pages, mappings: MAPPINGS_OF_FILE, kvm: vm.kvm });
}

const attributesOf = ({ session: { machine } }: GroundOnC, kvm: Address): Address =>
  kvm + machine.layout.offsetof('struct kvm', 'mem_attr_array');

/** What the VMM asks of KVM before it binds the file. */
function setAttributes(host: GroundOnC, kvm: Address, gfn: number, isPrivate: ArrayLike<boolean>): void {
  const { kernel, layout } = host.session.machine;
  const array = bindXarray(layout);
  const tree = attributesOf(host, kvm);
  // `xa_mk_value`: shifted left with bit 0 set.
  const entry = bindAttributes(layout).privateBit * 2 + 1;
  for (let page = 0; page < isPrivate.length; page++) {
    if (isPrivate[page] === true) array.store(kernel, tree, gfn + page, 0, entry);
    else if (array.load(kernel, tree, gfn + page) !== 0) array.store(kernel, tree, gfn + page, 0, 0);
  }
}

/** A range of pages of a file, and the guest frames that they are. */
interface Segment {
  readonly from: number;
  readonly pages: number;
  readonly gfn: number;
}

/** Shape: in the order of the file's pages, gapless. */
export function segmentsOf(file: FileOnC, { from, to }: PageRange): Segment[] {
  const segments: Segment[] = [];
  for (let page = from; page < to;) {
    const slot = slotOf(file, page);
    const next = Math.min(...file.slots.map((each) => each.from).filter((begin) => begin > page), to);
    const end = slot === undefined ? next : Math.min(slot.from + slot.pages, to);
    segments.push({ from: page, pages: end - page, gfn: gfnOf(file, page) });
    page = end;
  }
  return segments;
}

const slotOf = ({ slots }: FileOnC, page: number): SlotOnC | undefined =>
  slots.find(({ from, pages }) => page >= from && page < from + pages);

/** The guest frame that a page of the file is, in its slot or at the file's home. */
export function gfnOf(file: FileOnC, page: number): number {
  const slot = slotOf(file, page);
  return slot === undefined ? file.home + page : slot.gfn + page - slot.from;
}

export const isBoundAt = (file: FileOnC, page: number): boolean => slotOf(file, page) !== undefined;

export function bind(host: GroundOnC, file: FileOnC, operation: OperationOf<'bind'>): Outcome<OperationResult> {
  const { kernel, layout } = host.session.machine;
  const [from, gfn, pages] = [operation.offset / PAGE, operation.gpa / PAGE, operation.size / PAGE];
  const vm = vmNamed(host, file.vm);
  if (
    host.now.files.some((each) => each.vm === file.vm && each.slots.some((slot) => slot.gfn < gfn + pages && gfn < slot.gfn + slot.pages))
  )
    return failed('EEXIST');
  if (gfn !== file.home + from && slotOf(file, from) === undefined) {
    const { privates } = host.stateOf(file);
    setAttributes(
      host,
      vm.kvm,
      gfn,
      Array.from({ length: pages }, (_, page) => privates[from + page] === true),
    );
  }
  const number = addMemslot(kernel, layout, file.users, pages);
  const given = one(host, 'bind', { offset: operation.offset, gfn, pages, slot: number });
  const struct = kernel.peek(memslotAddress(host, file, number), USERS.slot);
  // Whatever it says: the slot has the file.
  const isBound = kernel.peek(struct, fieldOf(layout, 'struct kvm_memory_slot', 'gmem.file')) !== 0;
  if (isBound) change(host, file.name, { slots: [...file.slots, { number, gfn, from, pages }] });
  return given;
}

function memslotAddress({ session: { machine } }: GroundOnC, file: FileOnC, number: number): Address {
  let at = file.users;
  for (let left = number; left > 0 && at !== 0; left--) at = machine.kernel.peek(at, USERS.nextSlot);
  return at;
}

export function unbind(host: GroundOnC, file: FileOnC, gpa: number): Outcome<OperationResult> {
  const slot = file.slots.find(({ gfn }) => gfn === gpa / PAGE);
  if (slot === undefined) return failed('ENOENT');
  const { privates } = host.stateOf(file);
  setAttributes(
    host,
    vmNamed(host, file.vm).kvm,
    file.home + slot.from,
    Array.from({ length: slot.pages }, (_, page) => privates[slot.from + page] === true),
  );
  change(host, file.name, { slots: file.slots.filter((each) => each !== slot) });
  return one(host, 'unbind', { slot: slot.number });
}

/** The mapping of a process that has a page; -1 where it has none. */
export const numberOf = ({ mappings }: FileOnC, process: string, page: number): number =>
  mappings.findIndex((each) => each !== null && each.process === process && page >= each.from && page < each.to);

export function mmap(host: GroundOnC, file: FileOnC, operation: OperationOf<'mmap'>): Outcome<OperationResult> {
  const free = file.mappings.indexOf(null);
  const mapping = free < 0 ? file.mappings.length : free;
  const { from, to } = operation.range;
  if (mapping >= MAPPINGS_OF_FILE) {
    return refused(
      'c-scenario/too-many',
      `${operation.file} has ${MAPPINGS_OF_FILE} mappings on the C already.`,
      'There are no page tables for another one.',
      'Unmap one first.',
    );
  }
  const isPrivate = operation.flags === 'private' ? 1 : 0;
  const error = host.errorOf(host.calls.run('mmap', { mapping, first: from, count: to - from, private: isPrivate }));
  if (error !== null) return failed(error);
  const mappings = [...file.mappings];
  mappings[mapping] = { process: operation.process, from, to };
  change(host, file.name, { mappings });
  return well(to - from);
}

export function unmap(host: GroundOnC, file: FileOnC, operation: OperationOf<'dontneed' | 'munmap'>): Outcome<OperationResult> {
  const { from, to } = operation.range;
  const mappings = [...file.mappings];
  for (const [number, each] of file.mappings.entries()) {
    if (each === null || each.process !== operation.process || each.to <= from || each.from >= to) continue;
    const [first, end] = [Math.max(from, each.from), Math.min(to, each.to)];
    if (operation.kind === 'munmap' && first > each.from && end < each.to) {
      return refused(
        'c-scenario/cut',
        `${operation.process} unmaps pages from the middle of its mapping of ${file.name}.`,
        'One page table on the C is that of one mapping.',
        'Unmap from an end.',
      );
    }
    const error = host.errorOf(host.calls.run('host-unmap', { first, count: end - first, mapping: number }));
    if (error !== null) return answer(error, 0);
    if (operation.kind === 'dontneed') continue;
    const left = first > each.from ? { ...each, to: first } : { ...each, from: end };
    mappings[number] = left.from < left.to ? left : null;
    shrink(host, file, number, mappings[number]);
  }
  if (operation.kind === 'dontneed') return well(to - from);
  change(host, file.name, { mappings });
  return ended(host, file.name, to - from);
}

/** What is left of a mapping; nothing where it is null. */
function shrink(host: GroundOnC, file: FileOnC, number: number, left: { readonly from: number; readonly to: number } | null): void {
  const { kernel, layout } = host.session.machine;
  const vma = kernel.peek(file.users, numbered(USERS.vmas, number));
  const writer = new Writer(kernel, layout);
  const type = 'struct vm_area_struct';
  if (left === null) {
    kernel.store(vma, fieldOf(layout, type, 'vm_file'), 0);
    return;
  }
  const start = fieldOf(layout, type, 'vm_start');
  const offset = fieldOf(layout, type, 'vm_pgoff');
  const first = kernel.load(vma, start) + (left.from - kernel.load(vma, offset)) * PAGE;
  writer.set(vma, type, 'vm_start', first);
  writer.set(vma, type, 'vm_pgoff', left.from);
  writer.set(vma, type, 'vm_end', first + (left.to - left.from) * PAGE);
}

export function close(host: GroundOnC, file: FileOnC): Outcome<OperationResult> {
  if (!file.hasDescriptor) return failed('EBADF');
  change(host, file.name, { hasDescriptor: false });
  return ended(host, file.name, null);
}

/** The inode goes with its last descriptor and mapping. */
function ended(host: GroundOnC, name: string, pages: number | null): Outcome<OperationResult> {
  const file = host.now.files.find((each) => each.name === name);
  if (file === undefined || file.hasDescriptor || file.mappings.some((mapping) => mapping !== null)) return well(pages ?? 0);
  const error = host.errorOf(host.calls.run('close', {}));
  if (error !== 'OOPS' && error !== 'HANG') {
    change(host, name, { isGone: true, slots: [] });
    for (let slot = file.users; slot !== 0; slot = host.session.machine.kernel.peek(slot, USERS.nextSlot))
      host.session.machine.kernel.store(slot, USERS.slotPages, 0);
  }
  return done({ error, errorOffset: -1, pages: pages ?? 0 });
}
