/** Which part of simulated memory holds what: the map of addresses, as an x86-64 kernel's looks. */
import type { Address } from '../model/primitive';

export const PAGE_SIZE = 4096;

/** Below it a fault is the dereference of NULL plus an offset. */
export const NULL_END: Address = 65_536;
/** From it to -1 a value is an error pointer. Source: include/linux/err.h, MAX_ERRNO. */
export const FIRST_ERROR: Address = -4095;

/** Functions, 16 bytes apart; nothing can be read there. */
export const TEXT: Address = -0x7f000000;
export const TEXT_STEP = 16;
/** Global objects, each in whole pages of its own with a page that is not there behind. */
export const GLOBALS: Address = -0x7e000000;
export const GLOBALS_END: Address = -0x01000000;
/** Global objects beyond what fits above. */
export const MORE_GLOBALS: Address = -0x600000000000;
/** Objects of `allocate`, each in a window of its own, never used again. */
export const HEAP: Address = -0x700000000000;
export const HEAP_END: Address = -0x600000000000;
/** At least this much of a window of the heap is not there, so that an address beyond an object still names it. */
export const HEAP_GUARD = 4096;
export const HEAP_WINDOW = 65_536;
/** Locals that live in memory, new addresses for each activation. */
export const LOCALS: Address = -0x370000000000;
export const LOCALS_END: Address = -0x200000000000;
/** The direct map of all memory: what the pages hold is not modelled byte by byte. Source: Documentation/arch/x86/x86_64/mm.rst. */
export const DIRECT_MAP: Address = -0x780000000000;

/** A global whose size nobody knows has this much room. */
export const UNKNOWN_SIZE = 65_536;

export const pagesOf = (size: number): number => Math.ceil(size / PAGE_SIZE);
