/** What an operation on a file is about: whether the file, the VM and the pages that it names are there. */
import { refused, type Outcome } from '../../base/outcome';
import type { OperationOf } from '../allocators/allocator';
import type { Host } from './host';
import type { Operation, PageRange } from './operation';
import { blockRanges } from './ranges';
import type { FileState } from './state';

/** The file of the name. Null: there is none that anybody still has to do with. */
export function fileNamed(host: Host, name: string): FileState | null {
  const id = host.names.get(name);
  if (id === undefined) return null;
  const file = host.files[id]!;
  // A file that is gone is known as long as someone refers to its pages.
  return file.alive || file.allocated > 0 || file.hung || file.blocks.some((block) => (block?.holds.length ?? 0) > 0) ? file : null;
}

/** Why the operation makes no sense to the file; null: it does. Fails `model/no-such-name`, `model/bad-range`, `model/bad-number`, `model/too-large`. */
export function wrongTarget(host: Host, file: FileState, operation: Operation): Outcome<never> | null {
  switch (operation.kind) {
    case 'guest-fault':
    case 'populate':
      return wrongVm(host, file, operation.vm) ?? wrongRange(operation.kind, file, operation.range, file.pages);
    case 'convert':
      // What lies beyond the end is the design's to refuse.
      return wrongVm(host, file, operation.vm) ?? wrongRange(operation.kind, file, operation.range, Infinity);
    case 'host-fault':
    case 'mmap':
    case 'dontneed':
    case 'munmap':
    case 'unpin':
    case 'release':
      return wrongRange(operation.kind, file, operation.range, file.pages);
    case 'pin':
    case 'reference':
      return (
        wrongRange(operation.kind, file, operation.range, file.pages) ??
        wrongTime(operation.kind, operation.lasting) ??
        tooManyHeld(host, file, operation)
      );
    case 'bind':
    case 'unbind':
      return wrongVm(host, file, operation.vm);
    case 'poison':
      return isCount(operation.page) && operation.page < file.pages ? null : badRange(operation.kind, file, `page ${operation.page}`);
    default:
      return null;
  }
}

const wrongVm = (host: Host, file: FileState, vm: string): Outcome<never> | null =>
  host.vms[file.vm]!.name === vm ? null : unknownName('VM', vm);

const wrongRange = (kind: string, file: FileState, { from, to }: PageRange, most: number): Outcome<never> | null =>
  isCount(from) && isCount(to) && from < to && to <= most ? null : badRange(kind, file, `pages ${from} to ${to}`);

const wrongTime = (kind: string, lasting: number | undefined): Outcome<never> | null =>
  lasting === undefined || isCount(lasting)
    ? null
    : refused('model/bad-number', `${kind} lasts ${lasting} us.`, 'There is no such time.', 'Give it whole microseconds.');

/** A step costs what is held in its block, and what is held for a time. */
const MOST_HELD = 4_096;
const MOST_TIMED = 1_000;

/** References of the same pages by the same holder are one that is held several times. */
function tooManyHeld(
  host: Host,
  file: FileState,
  { kind, holder, range, lasting }: OperationOf<'pin' | 'reference'>,
): Outcome<never> | null {
  const full = blockRanges(file, range.from, range.to).find(
    ({ index, start, end }) =>
      (file.blocks[index]?.holds.length ?? 0) >= MOST_HELD &&
      !file.blocks[index]!.holds.some((hold) => hold.holder === holder && hold.kind === kind && hold.from === start && hold.to === end),
  );
  if (full !== undefined)
    return refused(
      'model/too-large',
      `${MOST_HELD} ranges of block ${full.index} of ${file.name} are held already.`,
      'More are not kept apart.',
      'Hold ranges of many pages, or pages of other blocks.',
    );
  const timed = lasting === undefined ? 0 : host.pending.reduce((sum, { what }) => sum + (what === 'release' ? 1 : 0), 0);
  return timed < MOST_TIMED
    ? null
    : refused(
        'model/too-large',
        `${timed} ranges are held for a time already.`,
        'More are not kept.',
        'Let time pass, or hold them until a step.',
      );
}

/** A whole number from 0. */
export const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

export const unknownName = (what: string, name: string): Outcome<never> =>
  refused(
    'model/no-such-name',
    `There is no ${what} ${name} here.`,
    'The operation has nothing to work on.',
    `Name a ${what} that the scenario has made.`,
  );

const badRange = (kind: string, file: FileState, met: string): Outcome<never> =>
  refused(
    'model/bad-range',
    `${kind} names ${met} of ${file.name}, which has ${file.pages} pages.`,
    'There are no such pages.',
    'Name pages of the file, the first before the last.',
  );
