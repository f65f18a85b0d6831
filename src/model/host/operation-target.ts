/** What an operation on a file is about: whether the file, the VM and the pages that it names are there. */
import { refused, type Outcome } from '../../base/outcome';
import type { Host } from './host';
import type { Operation, PageRange } from './operation';
import type { FileState } from './state';

/** The file of the name. Null: there is none that anybody still has to do with. */
export function fileNamed(host: Host, name: string): FileState | null {
  const id = host.names.get(name);
  if (id === undefined) return null;
  const file = host.files[id]!;
  // A file that is gone is known as long as someone refers to its pages.
  return file.alive || file.allocated > 0 || file.hung || file.blocks.some((block) => (block?.holds.length ?? 0) > 0) ? file : null;
}

/** Why the operation makes no sense to the file; null: it does. Fails `model/no-such-name`, `model/bad-range`, `model/bad-number`. */
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
      return wrongRange(operation.kind, file, operation.range, file.pages) ?? wrongTime(operation.kind, operation.lasting);
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
