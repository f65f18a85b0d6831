/** Where things stand in simulated memory: the memmap, the pages that it describes, and the first block of a scenario. */
import type { Address } from './primitive';
import { PAGE_SIZE } from './fields';

/** x86-64's vmemmap with four-level page tables. Source: Documentation/arch/x86/x86_64/mm.rst. */
export const VMEMMAP: Address = -0x160000000000;
/** x86-64's direct map of all memory. */
export const DIRECT_MAP: Address = -0x780000000000;
/** The first page frame of block 0: aligned to 1G (order 18). */
export const FIRST_PFN = 0x40000;

export const pageOf = (pfn: number, pageSize: number): Address => VMEMMAP + pfn * pageSize;
export const pfnOf = (page: Address, pageSize: number): number => Math.floor((page - VMEMMAP) / pageSize);
export const contentOf = (pfn: number): Address => DIRECT_MAP + pfn * PAGE_SIZE;

/** Is it the address of a struct page in the memmap? */
export const inMemmap = (page: Address): boolean => page >= VMEMMAP && page < VMEMMAP + 0x10000000000;
