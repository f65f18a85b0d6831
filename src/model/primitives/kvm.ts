/** KVM's own side: the memory slot of the scenario's VM, references of the VM and hooks of the architecture. */
import { finds, primitive, returns } from '../define';
import { fieldOf, I64 } from '../fields';
import type { BoundPrimitive, FieldRef, Kernel, Layout, Primitive } from '../primitive';
import { SCENARIO_SLOT } from '../record';
import { allUsers, memslotsOf, USERS } from '../userspace/record';
import { zapLeaves } from '../userspace/stage2';

const SOURCE = 'virt/kvm/kvm_main.c';
const HEADER = 'include/linux/kvm_host.h';

const row = (
  name: string,
  source: string,
  meaning: string,
  example: Primitive['examples'][0],
  bind: (layout: Layout) => BoundPrimitive['run'],
  leavesOut: string,
  types: readonly string[] = [],
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut,
    needs: { types },
    examples: [example],
    bind,
  });

/** The one slot of the scenario, 0 where there is no scenario. */
const onlySlot = (kernel: Kernel): number => {
  const holder = kernel.symbol(SCENARIO_SLOT);
  return holder === 0 ? 0 : kernel.peek(holder, I64);
};

/** The slots of a VM that are bound; the scenario's one where nobody has users. */
function slotsOf(kernel: Kernel, kvm: number): number[] {
  const files = allUsers(kernel);
  if (files.length === 0) return [onlySlot(kernel)].filter((slot) => slot !== 0);
  const own = kvm === 0 ? files : files.filter((users) => kernel.peek(users, USERS.kvm) === kvm);
  return own
    .flatMap((users) => memslotsOf(kernel, users))
    .filter((memslot) => kernel.peek(memslot, USERS.slotPages) > 0)
    .map((memslot) => kernel.peek(memslot, USERS.slot));
}

const LEFT_OUT = 'The trees in which KVM keeps slots: there are those that the users of the scenario have bound, or its one slot.';
const SLOT = 'struct kvm_memory_slot';

const constant = (name: string, source: string, meaning: string, args: string, gives: number, leavesOut: string): Primitive =>
  row(name, source, meaning, returns(`return (long)${name}(${args});`, gives), () => () => gives, leavesOut);

const iterator = (['kvm_memslot_iter_start', 'kvm_memslot_iter_next', 'kvm_memslot_iter_is_valid'] as const).map((name) =>
  row(
    name,
    HEADER,
    'Goes over the slots that a range of guest frames touches.',
    name.endsWith('valid')
      ? returns(
          `struct kvm_memory_slot s = { 0 }; struct kvm_memslot_iter i = { 0 }; s.base_gfn = 5; i.slot = &s; return ${name}(&i, 9) * 10 + ${name}(&i, 5);`,
          10,
        )
      : returns(
          `struct kvm_memory_slot s = { 0 }; struct kvm_memslot_iter i = { 0 }; i.slot = &s; ${name}(&i, 0, 0); return i.slot == 0;`,
          1,
        ),
    (layout) => {
      const held = fieldOf(layout, 'struct kvm_memslot_iter', 'slot');
      const vm = fieldOf(layout, 'struct kvm_memslot_iter', 'slots');
      const base = fieldOf(layout, SLOT, 'base_gfn');
      const pages = fieldOf(layout, SLOT, 'npages');
      /** The first of the VM's slots that begin behind `after` and end behind `first`. */
      const firstOf = (kernel: Kernel, kvm: number, after: number, first: number): number => {
        let found = 0;
        for (const slot of slotsOf(kernel, kvm)) {
          const begin = kernel.load(slot, base);
          const isLater = begin > after && begin + kernel.load(slot, pages) > first;
          if (isLater && (found === 0 || begin < kernel.load(found, base))) found = slot;
        }
        return found;
      };
      if (name.endsWith('next')) {
        return (kernel) => {
          const slot = kernel.load(kernel.arg(0), held);
          const next = slot === 0 ? 0 : firstOf(kernel, kernel.load(kernel.arg(0), vm), kernel.load(slot, base), 0);
          return kernel.store(kernel.arg(0), held, next);
        };
      }
      if (name.endsWith('valid')) {
        return (kernel) => {
          const slot = kernel.load(kernel.arg(0), held);
          return slot !== 0 && kernel.load(slot, base) < kernel.arg(1) ? 1 : 0;
        };
      }
      return (kernel) => {
        kernel.store(kernel.arg(0), vm, kernel.arg(1));
        return kernel.store(kernel.arg(0), held, firstOf(kernel, kernel.arg(1), -1, kernel.arg(2)));
      };
    },
    LEFT_OUT,
    ['struct kvm_memslot_iter', SLOT],
  ),
);

const VM = { types: ['struct kvm'] };
const vmCount = (layout: Layout): FieldRef => fieldOf(layout, 'struct kvm', 'users_count.refs.counter', 'users_count.counter');
const ONE_VM = 'struct kvm k = { 0 }; k.users_count.refs.counter = 1;';

const references = [
  primitive({
    name: 'kvm_get_kvm',
    meaning: 'Takes a reference of the VM; a warning when it has none left.',
    source: `${SOURCE}: kvm_get_kvm()`,
    needs: VM,
    examples: [
      returns(`${ONE_VM} kvm_get_kvm(&k); return k.users_count.refs.counter;`, 2),
      finds('struct kvm k = { 0 }; kvm_get_kvm(&k); return 0;', 'warn-on'),
    ],
    bind: (layout) => {
      const users = vmCount(layout);
      return (kernel) => {
        const had = kernel.load(kernel.arg(0), users);
        if (had <= 0) kernel.report('warn-on', 'kvm_get_kvm() of a VM that has no reference left.');
        kernel.store(kernel.arg(0), users, had + 1);
      };
    },
  }),
  primitive({
    name: 'kvm_put_kvm',
    meaning: 'Drops a reference of the VM; the last one is an event.',
    source: `${SOURCE}: kvm_put_kvm()`,
    leavesOut: 'Taking the VM down.',
    needs: VM,
    examples: [
      returns(`${ONE_VM} kvm_put_kvm(&k); return k.users_count.refs.counter;`, 0),
      finds('struct kvm k = { 0 }; kvm_put_kvm(&k); return 0;', 'ref-underflow'),
    ],
    bind: (layout) => {
      const users = vmCount(layout);
      return (kernel) => {
        const left = kernel.load(kernel.arg(0), users) - 1;
        kernel.store(kernel.arg(0), users, left);
        if (left < 0) kernel.report('ref-underflow', `The reference count of the VM falls to ${left}.`);
        if (left === 0) kernel.event('guest', 'the last reference of the VM is dropped: it is taken down');
      };
    },
  }),
];

const hook = (name: string, source: string, meaning: string, args: string, event: string, leavesOut: string): Primitive =>
  row(
    name,
    source,
    meaning,
    returns(`return ${name}(${args});`, 0),
    () => (kernel) => {
      kernel.event('guest', event);
      return 0;
    },
    leavesOut,
  );

const zap = (name: string, when: string): Primitive =>
  row(
    name,
    'arch/x86/kvm/mmu/mmu.c',
    `${when}takes every leaf that touches the range of guest frames out of the stage-2 page tables, huge ones as a whole; says whether there was one.`,
    returns(`struct kvm_gfn_range r = { 0 }; r.end = 4; return ${name}(0, &r);`, 0),
    (layout) => {
      const first = fieldOf(layout, 'struct kvm_gfn_range', 'start');
      const end = fieldOf(layout, 'struct kvm_gfn_range', 'end');
      const inSlot = fieldOf(layout, 'struct kvm_gfn_range', 'slot');
      return (kernel) => {
        const slot = kernel.load(kernel.arg(1), inSlot);
        const [from, to] = [kernel.load(kernel.arg(1), first), kernel.load(kernel.arg(1), end)];
        kernel.event('guest', 'guest mappings of the range are removed', { from, to });
        const memslots = allUsers(kernel).flatMap((users) => memslotsOf(kernel, users));
        const memslot = memslots.find((each) => kernel.peek(each, USERS.slot) === slot) ?? 0;
        return zapLeaves(kernel, from, to, memslot) ? 1 : 0;
      };
    },
    'Filters by private and shared: one table has both. Without users in the scenario nothing is mapped.',
    ['struct kvm_gfn_range'],
  );

const hooks = [
  zap('kvm_unmap_gfn_range', 'For an invalidation: '),
  zap('kvm_arch_pre_set_memory_attributes', 'Before attributes change: '),
  hook(
    'kvm_arch_post_set_memory_attributes',
    'arch/x86/kvm/mmu/mmu.c',
    'After attributes have changed: an event.',
    '0, 0',
    'the attributes of the range have changed',
    'Which sizes the guest may be mapped with.',
  ),
  row(
    'kvm_flush_remote_tlbs',
    SOURCE,
    'All processors of the guest forget their translations: an event.',
    returns('kvm_flush_remote_tlbs(0); return 1;', 1),
    () => (kernel) => kernel.event('guest', 'translations of the guest are flushed'),
    'Translations.',
  ),
];

export const kvm: readonly Primitive[] = [
  ...references,
  ...hooks,
  ...iterator,
  row(
    'gfn_to_memslot',
    SOURCE,
    'The slot that holds a guest frame, or NULL.',
    returns('return (long)gfn_to_memslot(0, 5);', 0),
    (layout) => {
      const base = fieldOf(layout, SLOT, 'base_gfn');
      const pages = fieldOf(layout, SLOT, 'npages');
      return (kernel) => {
        const has = (slot: number): boolean => {
          const inside = kernel.arg(1) - kernel.load(slot, base);
          return inside >= 0 && inside < kernel.load(slot, pages);
        };
        return slotsOf(kernel, kernel.arg(0)).find(has) ?? 0;
      };
    },
    LEFT_OUT,
    [SLOT],
  ),
  row(
    '__kvm_memslots',
    HEADER,
    'The slots of an address space: the address of the VM stands for them.',
    returns('struct kvm k = { 0 }; return (void *)__kvm_memslots(&k, 0) == (void *)&k;', 1),
    () => (kernel) => kernel.arg(0),
    LEFT_OUT,
    ['struct kvm'],
  ),
  constant('kvm_arch_nr_memslot_as_ids', HEADER, 'One address space.', '0', 1, 'SMM.'),
  constant('kvm_arch_gmem_prepare', 'arch/x86/kvm/x86.c', 'Succeeds.', '0, 0, 0, 0', 0, 'What SEV-SNP does.'),
  row(
    'kvm_arch_gmem_invalidate',
    'arch/x86/kvm/x86.c',
    'An event: page frames go back to the host.',
    returns('kvm_arch_gmem_invalidate(1, 2); return 1;', 1),
    () => (kernel) => kernel.event('guest', 'page frames are given back to the host', { from: kernel.arg(0), to: kernel.arg(1) }),
    'What SEV-SNP does.',
  ),
];
