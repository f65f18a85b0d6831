/** KVM's own side: memory slots of the scenario's VM, its attributes and hooks of the architecture. */
import { primitive, returns } from '../define';
import { fieldIfAny, fieldOf, I64 } from '../fields';
import type { BoundPrimitive, Kernel, Layout, Primitive } from '../primitive';
import { SCENARIO_SLOT } from '../record';

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
    needs: { types, constants: ['PG_head'] },
    examples: [example],
    bind,
  });

/** The one slot of the scenario, 0 where there is no scenario. */
const slotOf = (kernel: Kernel): number => {
  const holder = kernel.symbol(SCENARIO_SLOT);
  return holder === 0 ? 0 : kernel.peek(holder, I64);
};

const ONE_SLOT = 'More than the one slot of the scenario.';
const SLOT = 'struct kvm_memory_slot';

const constant = (name: string, source: string, meaning: string, args: string, gives: number, leavesOut: string): Primitive =>
  row(name, source, meaning, returns(`return (long)${name}(${args});`, gives), () => () => gives, leavesOut);

const iterator = (['kvm_memslot_iter_start', 'kvm_memslot_iter_next', 'kvm_memslot_iter_is_valid'] as const).map((name) =>
  row(
    name,
    HEADER,
    'Goes over the slots that a range of guest frames touches.',
    returns(
      `struct kvm_memslot_iter i = { 0 }; ${name}(&i${name.endsWith('start') ? ', 0, 0' : name.endsWith('valid') ? ', 9' : ''}); return i.slot == 0;`,
      1,
    ),
    (layout) => {
      const held = fieldOf(layout, 'struct kvm_memslot_iter', 'slot');
      const base = fieldOf(layout, SLOT, 'base_gfn');
      const pages = fieldOf(layout, SLOT, 'npages');
      if (name.endsWith('next')) return (kernel) => kernel.store(kernel.arg(0), held, 0);
      if (name.endsWith('valid')) {
        return (kernel) => {
          const slot = kernel.load(kernel.arg(0), held);
          return slot !== 0 && kernel.load(slot, base) < kernel.arg(1) ? 1 : 0;
        };
      }
      return (kernel) => {
        const slot = slotOf(kernel);
        const touches = slot !== 0 && kernel.load(slot, base) + kernel.load(slot, pages) > kernel.arg(2);
        return kernel.store(kernel.arg(0), held, touches ? slot : 0);
      };
    },
    ONE_SLOT,
    ['struct kvm_memslot_iter', SLOT],
  ),
);

export const kvm: readonly Primitive[] = [
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
        const slot = slotOf(kernel);
        if (slot === 0) return 0;
        const first = kernel.load(slot, base);
        return kernel.arg(1) >= first && kernel.arg(1) < first + kernel.load(slot, pages) ? slot : 0;
      };
    },
    ONE_SLOT,
    [SLOT],
  ),
  constant('__kvm_memslots', HEADER, 'The slots of an address space: NULL, the iteration knows the one slot.', '0, 0', 0, ONE_SLOT),
  constant('kvm_arch_nr_memslot_as_ids', HEADER, 'One address space.', '0', 1, 'SMM.'),
  constant('kvm_arch_gmem_prepare', 'arch/x86/kvm/x86.c', 'Succeeds.', '0, 0, 0, 0', 0, 'What SEV-SNP does.'),
  constant('kvm_range_has_memory_attributes', SOURCE, 'Yes: the whole range has them.', '0, 0, 1, 8, 8', 1, 'The array of attributes.'),
  row(
    'kvm_arch_gmem_invalidate',
    'arch/x86/kvm/x86.c',
    'An event: page frames go back to the host.',
    returns('kvm_arch_gmem_invalidate(1, 2); return 1;', 1),
    () => (kernel) => kernel.event('guest', 'page frames are given back to the host', { from: kernel.arg(0), to: kernel.arg(1) }),
    'What SEV-SNP does.',
  ),
  ...(['folio_mapcount', 'folio_mapped'] as const).map((name) =>
    row(
      name,
      'include/linux/mm.h',
      name === 'folio_mapped' ? 'Whether a page table of user space maps the folio.' : 'How often page tables of user space map the folio.',
      returns(`struct folio f = { 0 }; f._mapcount.counter = -1; return ${name}(&f);`, 0),
      (layout) => {
        const small = fieldOf(layout, 'struct page', '_mapcount.counter', '_mapcount');
        const large = fieldIfAny(layout, 'struct folio', '_large_mapcount.counter', '_large_mapcount');
        const flags = { ...fieldOf(layout, 'struct page', 'flags'), size: 4 as const, signed: false };
        const head = 2 ** layout.constant('PG_head');
        return (kernel) => {
          const folio = kernel.arg(0);
          const isLarge = large !== null && (kernel.load(folio, flags) & head) !== 0;
          const raw = kernel.load(folio, isLarge ? large : small) | 0;
          // A page with a type keeps that type, a large negative number, in the place of the count.
          const count = Math.max(0, raw + 1);
          return name === 'folio_mapped' ? (count > 0 ? 1 : 0) : count;
        };
      },
      '',
      ['struct page', 'struct folio'],
    ),
  ),
];
