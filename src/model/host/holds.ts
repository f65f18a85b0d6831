/** Pins and other references, each by its holder (P10). */
import { ownBlock, seenBlock, type Host } from './host';
import { mapPages } from './pages';
import { blockRanges } from './ranges';
import type { Block, FileState, Hold } from './state';

/** The holder takes one more reference of each page of [from, to). `counted`: it is one of the file's own folios. */
export function addHold(host: Host, file: FileState, from: number, to: number, holder: string, kind: Hold['kind'], counted: boolean): void {
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const block = ownBlock(host, file, index, start, end);
    const same = block.holds.find((hold) => hold.holder === holder && hold.kind === kind && hold.from === start && hold.to === end);
    block.holds =
      same === undefined
        ? [...block.holds, { holder, kind, from: start, to: end, times: 1 }]
        : block.holds.map((hold) => (hold === same ? { ...hold, times: hold.times + 1 } : hold));
    if (counted) count(host, file, block, start, end, kind, 1);
  }
}

/** Whether the holder has references of that kind in the range. */
export function holdsAny(host: Host, file: FileState, from: number, to: number, holder: string, kind: Hold['kind']): boolean {
  return blockRanges(file, from, to).some(({ index, start, end }) =>
    seenBlock(host, file, index).holds.some((hold) => hold.holder === holder && hold.kind === kind && hold.from < end && hold.to > start),
  );
}

/** The holder gives one reference back of each page of [from, to) that it holds. Shape: pages given back. */
export function dropHold(
  host: Host,
  file: FileState,
  from: number,
  to: number,
  holder: string,
  kind: Hold['kind'],
  counted: boolean,
): number {
  let dropped = 0;
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const touches = (hold: Hold): boolean => hold.holder === holder && hold.kind === kind && hold.from < end && hold.to > start;
    if (!seenBlock(host, file, index).holds.some(touches)) continue;
    const block = ownBlock(host, file, index, start, end);
    block.holds = block.holds.flatMap((hold) => {
      if (!touches(hold)) return [hold];
      const first = Math.max(hold.from, start);
      const last = Math.min(hold.to, end);
      dropped += last - first;
      if (counted) count(host, file, block, first, last, kind, -1);
      return remaining(hold, first, last);
    });
  }
  return dropped;
}

function remaining(hold: Hold, first: number, last: number): readonly Hold[] {
  const rest: Hold[] = [];
  if (hold.from < first) rest.push({ ...hold, to: first });
  if (hold.times > 1) rest.push({ ...hold, from: first, to: last, times: hold.times - 1 });
  if (hold.to > last) rest.push({ ...hold, from: last });
  return rest;
}

function count(host: Host, file: FileState, block: Block, from: number, to: number, kind: Hold['kind'], by: number): void {
  const change = (value: number): number => Math.max(value + by, 0);
  if (kind === 'pin') block.pins = mapPages(block.pins, file.blockPages, from, to, change, host.epoch);
  else block.refs = mapPages(block.refs, file.blockPages, from, to, change, host.epoch);
}
