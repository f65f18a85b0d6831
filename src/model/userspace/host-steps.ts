/** Steps of a process that maps the file: faults, unmapping, pins, pipes. */
import { fieldIfAny, fieldOf, PAGE_SIZE } from '../fields';
import type { FieldRef, Kernel, Layout } from '../primitive';
import { bindFolioLock } from '../primitives/locks';
import { flagOf, setFlag, testFlag } from '../primitives/folio-flags';
import { bindFrames, frameOf } from './frames';
import { bindHolds, holdOn, type HoldKind } from './holds';
import { bindPageTables, entryAt } from './page-tables';
import { HOST, hostOf, numbered, placeOf, USERS, usersOf } from './record';
import { ACCESS, afterPut, EFAULT, EHWPOISON, ENOENT, ENOSPC, type Step, type StepPart, touch } from './step';

const VM_FAULT_NOPAGE = 0x100;
const VM_FAULT_LOCKED = 0x200;

const VMF = 'struct vm_fault';
const VMA = 'struct vm_area_struct';

interface FaultFields {
  readonly vma: FieldRef;
  readonly file: FieldRef;
  readonly pgoff: FieldRef;
  readonly address: FieldRef | null;
  readonly page: FieldRef;
  readonly operations: FieldRef;
  readonly fault: FieldRef;
  readonly start: FieldRef | null;
  readonly end: FieldRef | null;
  readonly offset: FieldRef | null;
}

const faultFields = (layout: Layout): FaultFields => ({
  vma: fieldOf(layout, VMF, 'vma'),
  file: fieldOf(layout, VMA, 'vm_file'),
  pgoff: fieldOf(layout, VMF, 'pgoff'),
  address: fieldIfAny(layout, VMF, 'address'),
  page: fieldOf(layout, VMF, 'page'),
  operations: fieldOf(layout, VMA, 'vm_ops'),
  fault: fieldOf(layout, 'struct vm_operations_struct', 'fault'),
  start: fieldIfAny(layout, VMA, 'vm_start'),
  end: fieldIfAny(layout, VMA, 'vm_end'),
  offset: fieldIfAny(layout, VMA, 'vm_pgoff'),
});

const hostFault: Step = {
  name: 'host-fault',
  params: ['index', 'mapping', 'access', 'token'],
  meaning: 'A process touches a page of its mapping of the file, and faults where it is not mapped yet.',
  enters: 'vma->vm_ops->fault',
  source: 'mm/memory.c: __do_fault(), finish_fault()',
  leavesOut: 'Faulting around, retries without mmap_lock, and signals: a fault that fails is an error.',
  bind: (layout) => {
    const fields = faultFields(layout);
    return (kernel) => {
      const users = usersOf(kernel);
      const [index, number, access, token] = [kernel.arg(0), kernel.arg(1), kernel.arg(2), kernel.arg(3)];
      const there = entryAt(kernel, number, index);
      if (there >= 0 && kernel.phase !== 1) {
        touch(kernel, 'host', there, index, access, token);
        return 0;
      }
      const fault = kernel.peek(users, numbered(USERS.faults, placeOf(kernel)));
      if (kernel.phase === 0) {
        const vma = kernel.peek(users, numbered(USERS.vmas, number));
        const mapped = vma !== 0 && kernel.load(vma, fields.file) !== 0 && kernel.peek(users, USERS.closed) === 0;
        if (!mapped || index < 0 || index >= kernel.peek(users, USERS.indices)) return -EFAULT;
        const { address, start, end, offset } = fields;
        if (start !== null) {
          const inside = index - (offset === null ? 0 : kernel.load(vma, offset));
          const at = kernel.load(vma, start) + inside * PAGE_SIZE;
          if (inside < 0 || (end !== null && at >= kernel.load(vma, end))) return -EFAULT;
          if (address !== null) kernel.store(fault, address, at);
        }
        kernel.store(fault, fields.vma, vma);
        kernel.store(fault, fields.pgoff, index);
        kernel.store(fault, fields.page, 0);
        return kernel.call(kernel.load(kernel.load(vma, fields.operations), fields.fault), [fault], 1);
      }
      // After the mapping, or where the page was gone again.
      if (kernel.phase === 2) return kernel.returned;
      if ((kernel.returned & VM_FAULT_LOCKED) === 0) {
        if ((kernel.returned & VM_FAULT_NOPAGE) !== 0) return 0;
        kernel.event('fault', `the fault of the process at page ${index} fails: 0x${(kernel.returned >>> 0).toString(16)}`);
        return -EFAULT;
      }
      return kernel.call('map-page', [number, index, kernel.load(fault, fields.page), access >= ACCESS.write ? 1 : 0], 2);
    };
  },
};

/** Source: mm/memory.c: __do_fault() after the handler, finish_fault(), do_shared_fault(). */
const mapPage: StepPart = {
  name: 'map-page',
  bind: (layout) => {
    const frames = bindFrames(layout);
    const tables = bindPageTables(layout);
    const lock = bindFolioLock(layout);
    const poisoned = flagOf(layout, 'hwpoison');
    const dirty = flagOf(layout, 'dirty');
    return (kernel) => {
      const [number, index, page, written] = [kernel.arg(0), kernel.arg(1), kernel.arg(2), kernel.arg(3) !== 0];
      const pfn = frameOf(frames, page);
      const folio = frames.folioOf(kernel, pfn);
      if (kernel.phase === 1) return kernel.saved[0];
      const bad = testFlag(kernel, page, poisoned);
      if (bad || entryAt(kernel, number, index) >= 0) {
        lock.unlock(kernel, folio);
        const value = bad ? -EHWPOISON : 0;
        const dropped = afterPut(kernel, frames.put(kernel, folio, 1), 1, [value]);
        return dropped === 'dropped' ? value : dropped;
      }
      tables.install(kernel, number, index, pfn, written);
      kernel.event('map', `page ${index} of the file is mapped into user space`, { pfn });
      if (written) setFlag(kernel, folio, dirty);
      lock.unlock(kernel, folio);
      return 0;
    };
  },
};

const hostUnmap: Step = {
  name: 'host-unmap',
  params: ['first', 'count', 'mapping'],
  meaning: 'A process gives pages of its mapping back (MADV_DONTNEED, munmap).',
  enters: '',
  source: 'mm/memory.c: zap_pte_range()',
  leavesOut: 'Deferred freeing by mmu_gather.',
  bind: (layout) => {
    const tables = bindPageTables(layout);
    return (kernel) => {
      const zapped = tables.zap(kernel, kernel.arg(2), kernel.arg(0), kernel.arg(0) + kernel.arg(1) - 1);
      const dropped = afterPut(kernel, zapped, 1);
      return dropped === 'dropped' ? 0 : dropped;
    };
  },
};

const isInArea = (kernel: Kernel): boolean => hostOf(kernel) !== 0 && kernel.peek(hostOf(kernel), HOST.cma) !== 0;
/** Source: mm/gup.c: check_and_migrate_movable_folios(), which is tried again as long as it gives -EAGAIN. */
const IN_AREA =
  'a page that is in no area of contiguous memory: the page of the file cannot be moved out of it, and it is tried again for ever';

const taking = (name: string, kind: HoldKind, meaning: string, source: string): Step => ({
  name,
  params: ['index', 'mapping'],
  meaning,
  enters: 'vma->vm_ops->fault',
  source,
  leavesOut: 'Migration out of memory that cannot be pinned for long: a page of the file cannot be moved, and the task tries for ever.',
  bind: (layout) => {
    const holds = bindHolds(layout);
    return (kernel) => {
      const [index, mapping] = [kernel.arg(0), kernel.arg(1)];
      if (kernel.phase === 1 && kernel.returned !== 0) return kernel.returned;
      const pfn = entryAt(kernel, mapping, index);
      if (pfn >= 0 && kind === 'pin' && isInArea(kernel)) return kernel.block({ what: IN_AREA, lock: 0, holder: -1 });
      if (pfn < 0) return kernel.phase === 0 ? kernel.call('host-fault', [index, mapping, ACCESS.none, 0], 1) : -EFAULT;
      return holds.take(kernel, { kind, pfn, index }) ? 0 : -ENOSPC;
    };
  },
});

export const dropping = (name: string, kind: HoldKind, meaning: string, source: string): Step => ({
  name,
  params: ['index'],
  meaning,
  enters: '',
  source,
  leavesOut: '',
  bind: (layout) => {
    const holds = bindHolds(layout);
    return (kernel) => {
      if (kernel.phase === 1) return 0;
      const hold = holdOn(kernel, kind, kernel.arg(0));
      if (hold === undefined) return -ENOENT;
      const dropped = afterPut(kernel, holds.drop(kernel, hold), 1);
      return dropped === 'dropped' ? 0 : dropped;
    };
  },
});

const throughHold = (name: string, kind: HoldKind, access: number, params: readonly string[], meaning: string): Step => ({
  name,
  params,
  meaning,
  enters: '',
  source: 'mm/gup.c',
  leavesOut: '',
  bind: () => (kernel) => {
    const hold = holdOn(kernel, kind, kernel.arg(0));
    if (hold === undefined) return -ENOENT;
    touch(kernel, 'host', hold.pfn, hold.index, access, kernel.arg(1));
    return 0;
  },
});

const GUP = 'mm/gup.c: try_grab_folio()';
const UNGUP = 'mm/gup.c: gup_put_folio()';

export const hostSteps: readonly Step[] = [
  hostFault,
  hostUnmap,
  taking('pin', 'pin', 'A process pins a page of its mapping for long (FOLL_LONGTERM: fixed buffers, VFIO, RDMA).', GUP),
  dropping('unpin', 'pin', 'It lets the pin go.', UNGUP),
  throughHold('pin-write', 'pin', ACCESS.write, ['index', 'token'], 'A device writes to the pinned page.'),
  taking('pipe-get', 'pipe', 'A process takes a reference of a page of its mapping without a pin (FOLL_GET: vmsplice, O_DIRECT).', GUP),
  dropping('pipe-put', 'pipe', 'It lets the reference go.', UNGUP),
  throughHold('pipe-read', 'pipe', ACCESS.read, ['index'], 'A process reads the page from the pipe.'),
];

export const hostParts: readonly StepPart[] = [mapPage];
