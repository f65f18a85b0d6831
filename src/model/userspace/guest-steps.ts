/** Steps of the guest and of the process that runs it: guest faults, conversions, filling memory before the start. */
import { fieldOf, I64, I32 } from '../fields';
import type { FieldRef, Kernel, Layout } from '../primitive';
import { installedFile } from '../primitives/descriptors';
import { FIRST_DESCRIPTOR, MOST_DESCRIPTORS } from '../record';
import { bindFrames } from './frames';
import { leaked } from './invariants/content';
import { entryAt } from './page-tables';
import { memslotAt, memslotsOf, numbered, placeOf, setWord, USERS, usersOf, wordAt } from './record';
import { bindAttributes, installLeaf, leafAt, zapLeaves } from './stage2';
import { ACCESS, afterPut, EAGAIN, EFAULT, expect, expectedWord, intOf, type Step, type StepPart, touch } from './step';
import { contentWord, writeContent } from './contents';
import { readingOf } from './reading';

const SLOT = 'struct kvm_memory_slot';
const SEQUENCE = 'mmu_invalidate_seq';

interface SlotFields {
  readonly base: FieldRef;
  readonly pages: FieldRef;
  readonly offset: FieldRef;
  readonly file: FieldRef;
}

const slotFields = (layout: Layout): SlotFields => ({
  base: fieldOf(layout, SLOT, 'base_gfn'),
  pages: fieldOf(layout, SLOT, 'npages'),
  offset: fieldOf(layout, SLOT, 'gmem.pgoff'),
  file: fieldOf(layout, SLOT, 'gmem.file'),
});

/** The page of the file behind a guest frame. */
function indexOf(kernel: Kernel, gfn: number): number {
  const memslot = memslotAt(kernel, usersOf(kernel), gfn);
  return gfn - kernel.peek(memslot, USERS.base) + kernel.peek(memslot, USERS.offset);
}

/** The struct kvm_memory_slot that has a guest frame. */
const slotOf = (kernel: Kernel, gfn: number): number => kernel.peek(memslotAt(kernel, usersOf(kernel), gfn), USERS.slot);

const guestFault: Step = {
  name: 'guest-fault',
  params: ['gfn', 'private', 'access', 'token'],
  meaning: 'The guest touches one of its frames as private or shared memory, and faults where its stage-2 page tables have nothing.',
  enters: 'kvm_gmem_get_pfn(), or vma->vm_ops->fault for shared memory',
  source: 'arch/x86/kvm/mmu/mmu.c: kvm_mmu_faultin_pfn()',
  leavesOut: 'Trying again by itself: a fault that an invalidation overtakes is an error.',
  bind: (layout) => {
    const attributes = bindAttributes(layout);
    const sequence = fieldOf(layout, 'struct kvm', SEQUENCE);
    return (kernel) => {
      const users = usersOf(kernel);
      const [gfn, wanted, access, token] = [kernel.arg(0), kernel.arg(1) !== 0, kernel.arg(2), kernel.arg(3)];
      const [kvm, slot] = [kernel.peek(users, USERS.kvm), slotOf(kernel, gfn)];
      const index = indexOf(kernel, gfn);
      const leaf = leafAt(kernel, gfn);
      if (leaf !== null && leaf.shared !== wanted && (kernel.phase === 0 || kernel.phase === 2)) {
        touch(kernel, wanted ? 'guest-private' : 'guest-shared', leaf.pfn + gfn - leaf.gfn, index, access, token);
        return 0;
      }
      const room = kernel.peek(users, numbered(USERS.rooms, placeOf(kernel)));
      const seen = kernel.saved[0] ?? kernel.load(kvm, sequence);
      switch (kernel.phase) {
        case 0: {
          // KVM leaves to user space what the attributes do not allow.
          if (attributes.isPrivate(kernel, kvm, gfn) !== wanted) return -EFAULT;
          if (wanted) return kernel.call('kvm_gmem_get_pfn', [kvm, slot, gfn, room, room + 8], 1, [seen]);
          // KVM gets the page through the user address, and touches nothing.
          return kernel.call('host-fault', [index, 0, ACCESS.none, 0], 3, [seen]);
        }
        case 1:
          if (intOf(kernel.returned) < 0) return intOf(kernel.returned);
          return kernel.call('map-guest-page', [gfn, kernel.load(room, I64), kernel.load(room + 8, I32), 0, seen], 2);
        case 3: {
          if (kernel.returned !== 0) return kernel.returned;
          const pfn = entryAt(kernel, 0, index);
          return pfn < 0 ? -EAGAIN : kernel.call('map-guest-page', [gfn, pfn, 0, 1, seen], 2);
        }
        default:
          return kernel.returned === 0 ? -EAGAIN : kernel.returned;
      }
    };
  },
};

/** Orders that a leaf can have: a page, 2M, and the scenario's huge page. */
const TWO_MIB = 9;

/** Source: arch/x86/kvm/mmu/mmu.c: is_page_fault_stale(), kvm_mmu_hugepage_adjust(), kvm_release_pfn_clean(). */
const mapGuestPage: StepPart = {
  name: 'map-guest-page',
  bind: (layout) => {
    const frames = bindFrames(layout);
    const attributes = bindAttributes(layout);
    const fields = slotFields(layout);
    const sequence = fieldOf(layout, 'struct kvm', SEQUENCE);
    const progress = fieldOf(layout, 'struct kvm', 'mmu_invalidate_in_progress');
    const orderFor = (kernel: Kernel, gfn: number, pfn: number, most: number): number => {
      const users = usersOf(kernel);
      const [kvm, slot] = [kernel.peek(users, USERS.kvm), slotOf(kernel, gfn)];
      const first = kernel.load(slot, fields.base);
      const end = first + kernel.load(slot, fields.pages);
      const cap = Math.min(most, kernel.peek(users, USERS.leafCap));
      const orders = [kernel.peek(users, USERS.order), TWO_MIB].filter((order) => order > 0 && order <= cap);
      const found = orders
        .sort((a, b) => b - a)
        .find((order) => {
          const pages = 2 ** order;
          const from = gfn - (gfn % pages);
          // The frame and the guest frame must be at the same place in their huge pages.
          if (pfn % pages !== gfn % pages || from < first || from + pages > end) return false;
          return attributes.have(kernel, kvm, from, from + pages, attributes.privateBit, attributes.privateBit);
        });
      return found ?? 0;
    };
    return (kernel) => {
      const users = usersOf(kernel);
      const [gfn, pfn, most, shared, seen] = [kernel.arg(0), kernel.arg(1), kernel.arg(2), kernel.arg(3) !== 0, kernel.arg(4)];
      if (kernel.phase === 1) return kernel.saved[0];
      const kvm = kernel.peek(users, USERS.kvm);
      const stale = kernel.load(kvm, progress) > 0 || kernel.load(kvm, sequence) !== seen;
      if (!stale) {
        const order = shared ? 0 : orderFor(kernel, gfn, pfn, most);
        const inside = gfn % 2 ** order;
        installLeaf(kernel, { gfn: gfn - inside, pfn: pfn - inside, order, shared });
        kernel.event('guest', `guest frame ${gfn} is mapped by a leaf of order ${order}`, { pfn });
      }
      const value = stale ? -EAGAIN : 0;
      if (shared) return value;
      const dropped = afterPut(kernel, frames.put(kernel, frames.folioOf(kernel, pfn), 1), 1, [value]);
      return dropped === 'dropped' ? value : dropped;
    };
  },
};

const guestTouch: Step = {
  name: 'guest-touch',
  params: ['gfn', 'count', 'access', 'token'],
  meaning: 'The guest touches frames that its stage-2 page tables have, one after another.',
  enters: '',
  source: 'the hardware',
  leavesOut: '',
  bind: () => {
    return (kernel) => {
      const [first, end, token] = [kernel.arg(0), kernel.arg(0) + kernel.arg(1), kernel.arg(3)];
      let access = kernel.arg(2);
      for (let gfn = first; gfn < end;) {
        const leaf = leafAt(kernel, gfn);
        if (leaf === null) return -EFAULT;
        const writer = leaf.shared ? 'guest-shared' : 'guest-private';
        for (const last = Math.min(end, leaf.gfn + 2 ** leaf.order); gfn < last; gfn++) {
          touch(kernel, writer, leaf.pfn + gfn - leaf.gfn, indexOf(kernel, gfn), access, token);
          // What was wrong with one access is not to be hidden by the next.
          if (access !== ACCESS.write && leaked(readingOf(kernel)).length > 0)
            access = access === ACCESS.exchange ? ACCESS.write : ACCESS.none;
        }
      }
      return 0;
    };
  },
};

/** What is expected of a page that is being converted is kept as a negative number, for the conversion may fail. */
function mark(kernel: Kernel, index: number): void {
  const users = usersOf(kernel);
  if (index < 0 || index >= kernel.peek(users, USERS.indices)) return;
  const expected = kernel.peek(users, USERS.expected);
  const word = wordAt(kernel, expected, index);
  if (word > 0) setWord(kernel, expected, index, -word);
}

/** What was converted may be zeroed: nothing is expected of it any more. Pages of the range that did not change keep what they hold. */
function settle(kernel: Kernel, index: number, isDone: boolean): void {
  const users = usersOf(kernel);
  if (index < 0 || index >= kernel.peek(users, USERS.indices)) return;
  const expected = kernel.peek(users, USERS.expected);
  const word = wordAt(kernel, expected, index);
  if (word < 0) setWord(kernel, expected, index, isDone ? 0 : -word);
}

const convert: Step = {
  name: 'convert',
  params: ['first', 'count', 'private'],
  meaning: 'The process makes guest frames private or shared (KVM_SET_MEMORY_ATTRIBUTES).',
  enters: 'kvm_vm_set_mem_attributes()',
  source: 'virt/kvm/kvm_main.c: kvm_vm_ioctl_set_mem_attributes()',
  leavesOut: '',
  bind: (layout) => {
    const attributes = bindAttributes(layout);
    return (kernel) => {
      const kvm = kernel.peek(usersOf(kernel), USERS.kvm);
      const first = kernel.arg(0);
      const end = first + kernel.arg(1);
      const wanted = kernel.arg(2) !== 0 ? attributes.privateBit : 0;
      if (kernel.phase === 0) {
        for (let gfn = first; gfn < end; gfn++) {
          if (attributes.isPrivate(kernel, kvm, gfn) !== (wanted !== 0)) mark(kernel, indexOf(kernel, gfn));
        }
        return kernel.call('kvm_vm_set_mem_attributes', [kvm, first, end, wanted], 1);
      }
      const result = intOf(kernel.returned);
      for (let gfn = first; gfn < end; gfn++) settle(kernel, indexOf(kernel, gfn), result === 0);
      return result;
    };
  },
};

const populate: Step = {
  name: 'populate',
  params: ['gfn', 'count', 'token'],
  meaning: 'Before the guest runs, the process has its private memory filled.',
  enters: 'kvm_gmem_populate()',
  source: 'arch/x86/kvm/svm/sev.c: snp_launch_update()',
  leavesOut: 'Encryption: the filling writes the token to each page that it is given, as far as there is something to fill with.',
  bind: (layout) => {
    const lock = layout.offsetof('struct kvm', 'slots_lock');
    return (kernel) => {
      const kvm = kernel.peek(usersOf(kernel), USERS.kvm);
      switch (kernel.phase) {
        case 0:
          return kernel.call('mutex_lock', [kvm + lock], 1);
        case 1: {
          const fill = kernel.symbol('step.post-populate');
          kernel.store(sourceEnd(kernel), I64, kernel.arg(0) + kernel.arg(1));
          return kernel.call('kvm_gmem_populate', [kvm, kernel.arg(0), 0, kernel.arg(1), fill, kernel.arg(2)], 2);
        }
        case 2:
          return kernel.call('mutex_unlock', [kvm + lock], 3, [kernel.returned]);
        default:
          return Math.min(kernel.saved[0] ?? 0, 0);
      }
    };
  },
};

/** Where a task keeps the end of the guest frames that it has something to fill with. */
const sourceEnd = (kernel: Kernel): number => kernel.peek(usersOf(kernel), numbered(USERS.rooms, placeOf(kernel))) + 16;

/** What an architecture does with each folio of a populate: copies page by page from user memory, which ends where the caller said. */
export const postPopulate: StepPart = {
  name: 'post-populate',
  bind: () => {
    return (kernel) => {
      const [gfn, pfn, order, token] = [kernel.arg(1), kernel.arg(2), kernel.arg(4), kernel.arg(5)];
      const word = contentWord('guest-private', token);
      const pages = Math.min(2 ** order, Math.max(kernel.load(sourceEnd(kernel), I64) - gfn, 0));
      for (let page = 0; page < pages; page++) writeContent(kernel, pfn + page, word);
      expect(kernel, indexOf(kernel, gfn), indexOf(kernel, gfn) + pages, expectedWord(word));
      return pages < 2 ** order ? -EFAULT : 0;
    };
  },
};

const memslotOf = (kernel: Kernel, number: number): number => memslotsOf(kernel, usersOf(kernel))[number] ?? usersOf(kernel);

const unbind: Step = {
  name: 'unbind',
  params: ['slot'],
  meaning: 'The process deletes a memory slot, the first one where no number is given.',
  enters: 'kvm_gmem_unbind()',
  source: 'virt/kvm/kvm_main.c: kvm_free_memslot()',
  leavesOut: 'The slot itself: it can be bound again.',
  bind: () => (kernel) => {
    if (kernel.phase === 1) return 0;
    const memslot = memslotOf(kernel, kernel.arg(0));
    const base = kernel.peek(memslot, USERS.base);
    // KVM drops what the slot maps before it frees it.
    zapLeaves(kernel, base, base + kernel.peek(memslot, USERS.room), memslot);
    kernel.store(memslot, USERS.slotPages, 0);
    return kernel.call('kvm_gmem_unbind', [kernel.peek(memslot, USERS.slot)], 1);
  },
};

/** The descriptor under which the file was installed; one behind the table for the file that the scenario began with. */
function descriptorOf(kernel: Kernel, file: number): number {
  const last = FIRST_DESCRIPTOR + MOST_DESCRIPTORS;
  for (let descriptor = FIRST_DESCRIPTOR; descriptor < last; descriptor++)
    if (installedFile(kernel, descriptor) === file) return descriptor;
  return last;
}

const bind: Step = {
  name: 'bind',
  params: ['offset', 'gfn', 'pages', 'slot'],
  meaning:
    'The process makes a memory slot of so many pages from a guest frame on over the file, from a byte offset on; the slot as it is where there are no pages.',
  enters: 'kvm_gmem_bind()',
  source: 'virt/kvm/kvm_main.c: __kvm_set_memory_region()',
  leavesOut: 'The table of slots, and that KVM drops the slot where binding it gives an error.',
  bind: (layout) => {
    const fields = slotFields(layout);
    return (kernel) => {
      const users = usersOf(kernel);
      const memslot = memslotOf(kernel, kernel.arg(3));
      const slot = kernel.peek(memslot, USERS.slot);
      if (kernel.phase === 1) {
        const isBound = kernel.load(slot, fields.file) !== 0;
        if (isBound) kernel.store(memslot, USERS.offset, kernel.load(slot, fields.offset));
        kernel.store(memslot, USERS.slotPages, isBound ? kernel.load(slot, fields.pages) : 0);
        return intOf(kernel.returned);
      }
      if (kernel.arg(2) > 0) {
        kernel.store(slot, fields.base, kernel.arg(1));
        kernel.store(slot, fields.pages, kernel.arg(2));
        kernel.store(memslot, USERS.base, kernel.arg(1));
      }
      const descriptor = descriptorOf(kernel, kernel.peek(users, USERS.file));
      return kernel.call('kvm_gmem_bind', [kernel.peek(users, USERS.kvm), slot, descriptor, kernel.arg(0)], 1);
    };
  },
};

export const guestSteps: readonly Step[] = [guestFault, guestTouch, convert, populate, unbind, bind];
export const guestParts: readonly StepPart[] = [mapGuestPage];
