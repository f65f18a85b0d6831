/** Page tables of user space: which page of the file each mapping has at which page frame. */
import type { Address, Kernel, Layout, Result, Word } from '../primitive';
import type { RecordReader } from '../record';
import { bindFrames } from './frames';
import { allUsers, numbered, setWord, USERS, usersOf, wordAt } from './record';
import { zapSharedLeaf } from './stage2';

/** An entry: the frame times four, bit 1 dirty, bit 0 present. */
const PRESENT = 1;
const DIRTY = 2;
const FRAME = 4;

/** The frame that mapping `number` has at a page of the file; -1 where it has none. */
export function entryAt(reader: RecordReader, number: number, index: number, users = usersOf(reader)): number {
  if (users === 0 || index < 0 || index >= reader.peek(users, USERS.indices)) return -1;
  const entry = wordAt(reader, reader.peek(users, numbered(USERS.tables, number)), index);
  return entry === 0 ? -1 : Math.floor(entry / FRAME);
}

export interface PageTables {
  /** Makes the entry, with its map count; the caller's reference becomes that of the entry. */
  install(kernel: Kernel, number: number, index: number, pfn: number, written: boolean): void;
  /**
   * Takes the entries of pages [first, last] of the present file out of mapping `number`, with their map counts and references. A control
   * where a last reference has to be dropped by C: run again after it.
   */
  zap(kernel: Kernel, number: number, first: number, last: number): Result;
  /** The same in all mappings of the file with this address_space, for whoever unmaps it. */
  zapAll(kernel: Kernel, mapping: Word, first: number, last: number): Result;
}

/** @throws MissingLayout */
export function bindPageTables(layout: Layout): PageTables {
  const frames = bindFrames(layout);
  const zap = (kernel: Kernel, users: Address, number: number, first: number, last: number): Result => {
    if (users === 0) return undefined;
    const table = kernel.peek(users, numbered(USERS.tables, number));
    const end = Math.min(last, kernel.peek(users, USERS.indices) - 1);
    for (let index = Math.max(first, 0); index <= end; index++) {
      const entry = wordAt(kernel, table, index);
      if (entry === 0) continue;
      const pfn = Math.floor(entry / FRAME);
      // The MMU notifier tells KVM first: what it maps through this address of the process goes, too.
      if (number === 0) zapSharedLeaf(kernel, index, users);
      setWord(kernel, table, index, 0);
      frames.mapped(kernel, pfn, -1);
      const result = frames.put(kernel, frames.folioOf(kernel, pfn), 1);
      if (typeof result === 'object') return result;
    }
    return undefined;
  };
  return {
    install(kernel, number, index, pfn, written) {
      const users = usersOf(kernel);
      setWord(kernel, kernel.peek(users, numbered(USERS.tables, number)), index, pfn * FRAME + PRESENT + (written ? DIRTY : 0));
      frames.mapped(kernel, pfn, 1);
    },
    zap: (kernel, number, first, last) => zap(kernel, usersOf(kernel), number, first, last),
    zapAll(kernel, mapping, first, last) {
      for (const users of allUsers(kernel)) {
        if (kernel.peek(users, USERS.mapping) !== mapping) continue;
        for (let number = 0; number < kernel.peek(users, USERS.mappings); number++) {
          const result = zap(kernel, users, number, first, last);
          if (result !== undefined) return result;
        }
      }
      return undefined;
    },
  };
}
