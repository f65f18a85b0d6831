/** The operations of users, the guest and the host that a search over sequences tries, for one or two blocks. */
import type { UserState } from '../model/userspace/user-state';
import { ACCESS } from '../model/userspace/step';
import type { StepCall } from './run-steps';

export interface SequenceOperation {
  /** As a person says it: `convert pages 0..1 to private`. */
  readonly name: string;
  readonly call: StepCall;
  /** False where it cannot be done, or where another operation or another page would do the same. */
  readonly enabled: (state: UserState) => boolean;
}

const PAGE = 4096;
/** Whoever writes leaves this; who it was stands beside it. */
const TOKEN = 1;

/**
 * Operations on single pages take the head of each block and one tail of the first: other tails are alike. Pins and references are taken of
 * pages of the first block, one of each at a time. Ranges are a page, a block and the whole file. Who touches a page reads it, then
 * writes it.
 *
 * Shape: in a fixed order.
 */
export function sequenceOperations(order: number, blocks: number): SequenceOperation[] {
  const block = 2 ** order;
  const inFirst = block > 1 ? [0, 1] : [0];
  const ranges = rangesOf(block, blocks);
  return [
    ...[...inFirst, ...(blocks > 1 ? [block] : [])].flatMap(touches),
    ...inFirst.flatMap(holds),
    ...releases,
    unmapAll(block * blocks),
    ...ranges.flatMap((range) => [convert(range, true), convert(range, false)]),
    ...ranges.filter((range) => range.first !== 0 || range.count !== 1 || block === 1).map(punch),
    allocate(0, block * blocks),
    operation('the file is closed', 'close', {}, () => true),
  ];
}

interface Pages {
  readonly first: number;
  readonly count: number;
}

function rangesOf(block: number, blocks: number): Pages[] {
  const all: Pages[] = [
    { first: 0, count: 1 },
    ...(block > 1 ? [{ first: 1, count: 1 }] : []),
    { first: 0, count: block },
    ...(blocks > 1
      ? [
          { first: block, count: block },
          { first: 0, count: block * blocks },
        ]
      : []),
  ];
  return all.filter((range, at) => all.findIndex((other) => other.first === range.first && other.count === range.count) === at);
}

const operation = (
  name: string,
  step: string,
  args: Readonly<Record<string, number>>,
  enabled: (state: UserState) => boolean,
): SequenceOperation => ({ name, call: { step, arguments: args }, enabled: (state) => !state.closed && enabled(state) });

const text = ({ first, count }: Pages): string => (count === 1 ? `page ${first}` : `pages ${first}..${first + count}`);

/** A process and the guest touch a page. */
function touches(index: number): SequenceOperation[] {
  const isPrivate = (state: UserState): boolean => state.privates[index] === true;
  const how = { access: ACCESS.exchange, token: TOKEN };
  return [
    operation(`the process touches page ${index}`, 'host-fault', { index, ...how }, () => true),
    operation(`the guest touches private page ${index}`, 'guest-fault', { gfn: index, private: 1, ...how }, isPrivate),
  ];
}

const has = (state: UserState, kind: 'pin' | 'pipe'): boolean => state.holds.some((each) => each.kind === kind);

/** A process lets others have a page that it maps. */
function holds(index: number): SequenceOperation[] {
  const mapped = (state: UserState): boolean => state.entries.some((entry) => entry.index === index && entry.mapping === 0);
  return [
    operation(`a device pins page ${index}`, 'pin', { index }, (state) => mapped(state) && !has(state, 'pin')),
    operation(`page ${index} goes into a pipe`, 'pipe-get', { index }, (state) => mapped(state) && !has(state, 'pipe')),
  ];
}

const releases: readonly SequenceOperation[] = [0, 1].flatMap((index) => {
  const holding = (kind: 'pin' | 'pipe') => (state: UserState) => state.holds.some((each) => each.kind === kind && each.index === index);
  return [
    operation(`the pin of page ${index} is let go`, 'unpin', { index }, holding('pin')),
    operation(`page ${index} leaves the pipe`, 'pipe-put', { index }, holding('pipe')),
  ];
});

const unmapAll = (count: number): SequenceOperation =>
  operation('the process unmaps the file (MADV_DONTNEED)', 'host-unmap', { first: 0, count }, (state) =>
    state.entries.some((entry) => entry.mapping === 0),
  );

const convert = (range: Pages, toPrivate: boolean): SequenceOperation =>
  operation(
    `${text(range)} ${range.count === 1 ? 'becomes' : 'become'} ${toPrivate ? 'private' : 'shared'}`,
    'convert',
    { first: range.first, count: range.count, private: toPrivate ? 1 : 0 },
    // The kernel returns at once where nothing changes.
    (state) => Array.from({ length: range.count }, (_, page) => state.privates[range.first + page]).some((each) => each !== toPrivate),
  );

const punch = (range: Pages): SequenceOperation =>
  operation(
    `a hole is punched at ${text(range)}`,
    'punch',
    { offset: range.first * PAGE, length: range.count * PAGE },
    (state) => state.memory.pageCache.length > 0,
  );

const allocate = (first: number, count: number): SequenceOperation =>
  operation(
    `${text({ first, count })} are allocated`,
    'allocate',
    { offset: first * PAGE, length: count * PAGE },
    (state) => !state.memory.pageCache.some((extent) => extent.index <= first && first < extent.index + extent.count * 2 ** extent.order),
  );
