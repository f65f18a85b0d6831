/** Objects that a caller makes for a call: those of a known type are filled in as a caller would, others are zero. */
import type { Scenario } from '../protocol/simulation';
import { constantIfAny, PAGE_SIZE } from './fields';
import type { Address } from './primitive';
import type { World } from './world';
import type { Writer } from './writer';

interface Making {
  readonly writer: Writer;
  readonly scenario: Scenario;
  readonly world: World;
}

interface FreshObject {
  /** For a person: `a path to the inode`. */
  readonly what: string;
  readonly fill: (making: Making, at: Address) => void;
}

/** By tag with its keyword. */
const FRESH: Readonly<Record<string, FreshObject>> = {
  'struct path': {
    what: 'a path to the inode',
    fill: ({ writer, world }, at) => {
      writer.set(at, 'struct path', 'mnt', world.mount);
      writer.set(at, 'struct path', 'dentry', world.dentry);
    },
  },
  'struct kvm_create_guest_memfd': {
    what: "a request for a file of the scenario's size and huge pages",
    fill: ({ writer, scenario }, at) => {
      writer.set(at, 'struct kvm_create_guest_memfd', 'size', fileSize(scenario));
      writer.set(at, 'struct kvm_create_guest_memfd', 'flags', hugetlbFlags(writer, scenario));
    },
  },
};

export const fileSize = (scenario: Scenario): number => scenario.blocks * 2 ** scenario.order * PAGE_SIZE;

/** Flags with which a guest_memfd over huge pages of the scenario's order is asked for; 0 in a tree without such. */
export function hugetlbFlags({ layout }: Writer, scenario: Scenario): number {
  const hugetlb = constantIfAny(layout, 'KVM_GUEST_MEMFD_HUGETLB');
  const shift = constantIfAny(layout, 'KVM_GUEST_MEMFD_HUGE_SHIFT');
  if (hugetlb === null) return 0;
  return hugetlb + (shift === null ? 0 : (scenario.order + Math.log2(PAGE_SIZE)) * 2 ** shift);
}

/** Fills a zeroed object; gives what it then is, or null when nothing is known of its type. */
export function fillFresh(making: Making, tag: string, at: Address): string | null {
  const fresh = FRESH[tag];
  fresh?.fill(making, at);
  return fresh?.what ?? null;
}
