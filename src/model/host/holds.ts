/** Pins and other references, each by its holder (P10). */
import { currentFile, ownBlock, ownFile, seenBlock, type Host } from './host';
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
  const { aside } = currentFile(host, file);
  return blockRanges(file, from, to).some(
    ({ index, start, end }) =>
      seenBlock(host, file, index).holds.some((hold) => isOf(hold, holder, kind, start, end)) ||
      aside.some((each) => each.index === index && each.block.holds.some((hold) => isOf(hold, holder, kind, start, end))),
  );
}

const isOf = (hold: Hold, holder: string, kind: Hold['kind'], from: number, to: number): boolean =>
  hold.holder === holder && hold.kind === kind && hold.from < to && hold.to > from;

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
    let left: readonly Part[] = [{ from: start, to: end }];
    // What is waited for the longest comes back first.
    for (const each of currentFile(host, file).aside) {
      if (each.index !== index || !each.block.holds.some((hold) => isOf(hold, holder, kind, start, end))) continue;
      const block = { ...each.block, hash: 0 };
      left = dropFrom(host, file, block, left, holder, kind, counted);
      const owned = ownFile(host, file);
      owned.aside = owned.aside.map((other) => (other === each ? { index, block } : other));
    }
    if (seenBlock(host, file, index).holds.some((hold) => isOf(hold, holder, kind, start, end)))
      left = dropFrom(host, file, ownBlock(host, file, index, start, end), left, holder, kind, counted);
    dropped += end - start - left.reduce((sum, part) => sum + part.to - part.from, 0);
  }
  return dropped;
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** One reference of each page of the parts goes. Shape: the parts of which the holder had none. */
function dropFrom(
  host: Host,
  file: FileState,
  block: Block,
  parts: readonly Part[],
  holder: string,
  kind: Hold['kind'],
  counted: boolean,
): readonly Part[] {
  let left = parts;
  block.holds = block.holds.flatMap((hold) => {
    if (hold.holder !== holder || hold.kind !== kind) return [hold];
    let rest: readonly Hold[] = [hold];
    for (const part of left) {
      const [first, last] = [Math.max(hold.from, part.from), Math.min(hold.to, part.to)];
      if (first >= last) continue;
      if (counted) count(host, file, block, first, last, kind, -1);
      rest = rest.flatMap((each) => (each.from <= first && last <= each.to ? remaining(each, first, last) : [each]));
      left = left.flatMap((each) => (each === part ? without(part, first, last) : [each]));
    }
    return rest;
  });
  return left;
}

const without = ({ from, to }: Part, first: number, last: number): readonly Part[] =>
  [
    { from, to: first },
    { from: last, to },
  ].filter((part) => part.from < part.to);

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
