/** What a step is: an operation of a process, of the guest or of the host, as the parts of the kernel that call guest_memfd carry it out. */
import type { BoundPrimitive, Kernel, Layout, Result } from '../primitive';
import { contentWord, readContent, writeContent, type Writer } from './contents';
import { setWord, USERS, usersOf, wordAt } from './record';

/**
 * A step is run as modelled code of a task: it enters the tree's own functions with `kernel.call` and goes on with what they return.
 * Its value is 0 or a negative error number.
 */
export interface Step {
  /** Kebab-case, as a scenario spells it. */
  readonly name: string;
  /** Names of its arguments, all whole numbers, in order. */
  readonly params: readonly string[];
  /** One sentence: who does what. */
  readonly meaning: string;
  /** The C that it enters, as a person finds it: `vma->vm_ops->fault`. */
  readonly enters: string;
  /** File and function in 6.12 of what is modelled around it. */
  readonly source: string;
  readonly leavesOut: string;
  readonly bind: (layout: Layout) => BoundPrimitive['run'];
}

/** A part of a step that other tasks can come before. */
export interface StepPart {
  readonly name: string;
  readonly bind: (layout: Layout) => BoundPrimitive['run'];
}

/** How a page is touched once it is mapped. */
export const ACCESS = { none: 0, read: 1, write: 2, exchange: 3 } as const;

export const ENOENT = 2;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EFAULT = 14;
export const EBUSY = 16;
export const ENOSPC = 28;
export const EHWPOISON = 133;

/** Who reads: as it stands in `USERS.reader`. */
export const READERS = { host: 1, guest: 2 } as const;

/** The word of `USERS.expected` for a content: one more, for 0 says that nothing is expected. */
export const expectedWord = (word: number): number => word + 1;

export function expect(kernel: Kernel, first: number, end: number, word: number): void {
  const users = usersOf(kernel);
  const expected = kernel.peek(users, USERS.expected);
  const last = Math.min(end, kernel.peek(users, USERS.indices));
  for (let index = Math.max(first, 0); index < last; index++) setWord(kernel, expected, index, word);
}

/** Reads or writes a page frame as page `index` of the file, and notes what was found or is now expected. */
export function touch(kernel: Kernel, writer: Writer, pfn: number, index: number, access: number, token: number): void {
  const users = usersOf(kernel);
  if (access === ACCESS.read || access === ACCESS.exchange) {
    kernel.store(users, USERS.reader, writer === 'host' ? READERS.host : READERS.guest);
    kernel.store(users, USERS.readIndex, index);
    kernel.store(users, USERS.readWord, readContent(kernel, pfn));
    const expected =
      index >= 0 && index < kernel.peek(users, USERS.indices) ? wordAt(kernel, kernel.peek(users, USERS.expected), index) : 0;
    kernel.store(users, USERS.readExpected, expected);
  }
  if (access === ACCESS.write || access === ACCESS.exchange) {
    const word = contentWord(writer, token);
    writeContent(kernel, pfn, word);
    expect(kernel, index, index + 1, expectedWord(word));
  }
}

/** Goes on in `phase` after C has freed what a last reference was dropped of. */
export const afterPut = (kernel: Kernel, result: Result, phase: number, saved: readonly number[] = []): Result | 'dropped' =>
  typeof result === 'object' && result.control === 'tail' ? kernel.call(result.callee, result.args, phase, saved) : 'dropped';

/** The value of a C function that returns int. */
export const intOf = (word: number): number => word | 0;

/** Before a step: what the last one read is no longer of interest. */
export function forgetReading(kernel: Kernel): void {
  const users = usersOf(kernel);
  if (users !== 0) for (const field of [USERS.reader, USERS.readIndex, USERS.readWord, USERS.readExpected]) kernel.store(users, field, 0);
}
