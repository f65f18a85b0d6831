/** Design C: a pool of 1G folios of its own, which change hands with hugetlb and guest_memfd (model-facts §2.C). Its rules are assumptions where no mail says them. */
import { failed, went, type Allocator, type Answer, type Design, type OperationOf } from './allocator';
import { mergeFolios, splitFolio } from './guest-folios';
import { markPoisonOf } from './poison';
import { FREEZE_LOOP, sharedSwitches } from './rfc-v2';
import { shareabilityFlow } from './shareability';
import type { SwitchDefinition } from './allocator';
import { giveFrame, takeFrame } from '../host/block-memory';
import type { Rule } from '../host/event-log';
import { choice, event, fact, injectedFailure, ownFile, type Host } from '../host/host';
import { addFree, removeFree } from '../host/hugetlb';
import type { ErrorName } from '../host/operation';
import { availableOf, type Frame, type FrameStack } from '../host/pools';
import type { FileState } from '../host/state';
import { optimiseVmemmap, restoreVmemmap } from '../host/vmemmap';

const GIGA = 2 ** 18;
const STEPS = { hugetlbSteps: 0 };

const TO_POOL: Rule = {
  kind: 'transfer',
  label: 'thread',
  source: 'David 2024-10-16',
  text: (count) => `${count} folios of hugetlb are the pool's from now on`,
};
const TO_HUGETLB: Rule = {
  kind: 'transfer',
  label: 'thread',
  source: 'David 2024-10-16',
  text: (count) => `${count} folios of the pool are hugetlb's from now on`,
};
const TO_GMEM: Rule = {
  kind: 'change-owner',
  label: 'thread',
  source: 'David 2024-10-16: no hugetlb folio from the transition on',
  text: () => 'a folio of the pool is the file’s from now on',
};

const freeUnreserved = (host: Host): number => host.pool.free - host.pool.reserved;

function reserve(host: Host, file: FileState, blocks: number): ErrorName | null {
  // Folios of the pool are of 1G.
  if (file.order !== 18) return 'EINVAL';
  const deficit = blocks - freeUnreserved(host);
  if (deficit > 0) {
    if (availableOf(host.hstates['1G']) < deficit) return 'ENOMEM';
    const answer = toPool(host, deficit, 1);
    if (answer.error !== null) return 'ENOMEM';
  }
  host.pool.reserved += blocks;
  ownFile(host, file).reserved = blocks;
  return null;
}

function allocate(host: Host, file: FileState, index: number): ErrorName | null {
  const owned = ownFile(host, file);
  if (owned.reserved <= 0 || injectedFailure(host, 'huge-page')) {
    host.tally.allocationsFailed += 1;
    if (owned.reserved <= 0 && owned.allocated < owned.blocks.length) {
      fact(
        host,
        'reserved-allocation-failed',
        owned,
        index,
        () => `Block ${index} was reserved, and another thread held the last folio of the reservation.`,
      );
    }
    return 'ENOMEM';
  }
  const frame = pop(host, host.vms[file.vm]!.policy);
  if (frame === null) return 'ENOMEM';
  host.pool.free -= 1;
  host.pool.reserved -= 1;
  owned.reserved -= 1;
  giveFrame(host, owned, index, frame);
  event(host, TO_GMEM, owned, index * file.blockPages);
  return null;
}

/** A free frame, of the preferred node where it has one. */
function pop(host: Host, node: number): Frame | null {
  const before: Frame[] = [];
  let cell = host.pool.stack;
  if (node >= 0) {
    while (cell !== null && cell.frame.node !== node) {
      before.push(cell.frame);
      cell = cell.next;
    }
    if (cell === null) {
      before.length = 0;
      cell = host.pool.stack;
    }
  }
  if (cell === null) return null;
  let rest: FrameStack = cell.next;
  for (const frame of before.reverse()) rest = { frame, next: rest };
  host.pool.stack = rest;
  return cell.frame;
}

function free(host: Host, file: FileState, index: number): void {
  const { frame, poisoned } = takeFrame(host, file, index);
  if (poisoned) {
    host.pool.poisoned += 1;
    host.dead = { frame, next: host.dead };
    return;
  }
  host.pool.stack = { frame, next: host.pool.stack };
  host.pool.free += 1;
  const owned = ownFile(host, file);
  if (owned.alive) {
    // The file may want it again: what was promised stays so until it goes.
    owned.reserved += 1;
    host.pool.reserved += 1;
  }
  overWatermark(host);
}

function overWatermark(host: Host): void {
  const mark = choice(host, 'watermark');
  if (mark === 'off') return;
  const over = freeUnreserved(host) - Number(mark);
  if (over > 0) toHugetlb(host, over, 1);
}

function unreserve(host: Host, file: FileState): void {
  const owned = ownFile(host, file);
  host.pool.reserved -= owned.reserved;
  owned.reserved = 0;
  overWatermark(host);
}

/** C.TO_POOL. `inFlight`: folios whose vmemmap is whole at a time, in restore mode. */
function toPool(host: Host, count: number, inFlight: number): Answer {
  const h = host.hstates['1G'];
  if (availableOf(h) < count) return refuse(host, 'EBUSY');
  const restores = choice(host, 'transfer') === 'restore';
  for (let moved = 0; moved < count;) {
    const batch: Frame[] = [];
    for (; batch.length < inFlight && moved + batch.length < count;) {
      const frame = removeFree(host, h, restores);
      if (typeof frame === 'string') {
        for (const each of batch) land(host, each);
        return refuse(host, frame);
      }
      batch.push(frame);
    }
    for (const frame of batch) land(host, frame);
    moved += batch.length;
  }
  host.tally.transfers += count;
  event(host, TO_POOL, null, -1, 1, count);
  return went(count * GIGA);
}

function land(host: Host, frame: Frame): void {
  const page = { ...frame };
  optimiseVmemmap(host, page, GIGA);
  host.pool.stack = { frame: page, next: host.pool.stack };
  host.pool.total += 1;
  host.pool.free += 1;
}

/** C.TO_HUGETLB. */
function toHugetlb(host: Host, count: number, inFlight: number): Answer {
  if (freeUnreserved(host) < count) return refuse(host, 'EBUSY');
  const restores = choice(host, 'transfer') === 'restore';
  for (let moved = 0; moved < count;) {
    const batch: Frame[] = [];
    for (; batch.length < inFlight && moved + batch.length < count;) {
      const page = { ...host.pool.stack!.frame };
      if (restores && !restoreVmemmap(host, page, GIGA)) {
        for (const each of batch) arrive(host, each);
        return refuse(host, 'ENOMEM');
      }
      host.pool.stack = host.pool.stack!.next;
      host.pool.free -= 1;
      host.pool.total -= 1;
      batch.push(page);
    }
    for (const frame of batch) arrive(host, frame);
    moved += batch.length;
  }
  host.tally.transfers += count;
  event(host, TO_HUGETLB, null, -1, 1, count);
  return went(count * GIGA);
}

function arrive(host: Host, frame: Frame): void {
  const page = { ...frame };
  optimiseVmemmap(host, page, GIGA);
  addFree(host.hstates['1G'], page);
}

function refuse(host: Host, error: ErrorName): Answer {
  host.tally.transfersRefused += 1;
  return failed(error);
}

function claim(host: Host, file: FileState): (() => void) | null {
  const owned = ownFile(host, file);
  if (owned.reserved <= 0) return null;
  owned.reserved -= 1;
  return () => {
    ownFile(host, file).reserved += 1;
  };
}

const TRANSFER: SwitchDefinition = {
  name: 'transfer',
  values: ['retain', 'restore'],
  meaning: 'Whether a folio keeps its optimised vmemmap when it changes hands with hugetlb.',
  label: 'thread',
  source: 'Vishal 2024-10-16 asks; both are assumptions',
};

const WATERMARK: SwitchDefinition = {
  name: 'watermark',
  values: ['off', '0', '1', '2', '4', '8', '16'],
  meaning: 'Free folios that the pool keeps; more go back to hugetlb when one is freed.',
  label: 'assumption',
  source: 'model-facts §2.C, C.FREE',
};

const allocator: Allocator = {
  reserve,
  allocate,
  split: splitFolio(STEPS),
  reconstruct: mergeFolios(STEPS),
  free,
  error: (host, file, index, page) => {
    markPoisonOf(host, file, index, page, false);
  },
  unreserve,
};

export const globalPool: Design = {
  id: 'C',
  title: 'Global pool: folios change hands between it, hugetlb and guest_memfd',
  label: 'thread',
  source: 'David 2024-10-16; what he leaves open is assumed',
  memory: 'pool',
  hugetlbTyped: false,
  switches: [TRANSFER, WATERMARK, FREEZE_LOOP, ...sharedSwitches],
  allocator,
  flow: shareabilityFlow({
    allocator,
    keepsProgress: false,
    wholePunches: false,
    pinsHang: () => false,
    poisonsWhole: false,
    create: (host, file) => reserve(host, file, file.blocks.length),
    claim,
    transfer: (host: Host, { to, count, inFlight }: OperationOf<'transfer'>) =>
      to === 'pool' ? toPool(host, count, Math.max(inFlight ?? 1, 1)) : toHugetlb(host, count, Math.max(inFlight ?? 1, 1)),
  }),
};
