/** Design D: guest_memfd over a CMA area (model-facts §2.D). Its rules are assumptions where the cover letter does not say them. */
import { failed, went, type Allocator, type Answer, type Design, type OperationOf, type SwitchDefinition } from './allocator';
import { mergeFolios, splitFolio } from './guest-folios';
import { markPoisonOf } from './poison';
import { FREEZE_LOOP, sharedSwitches } from './rfc-v2';
import { shareabilityFlow } from './shareability';
import { giveFrame, takeFrame } from '../host/block-memory';
import type { Rule } from '../host/event-log';
import { choice, event, injectedFailure, ownBlock, ownFile, type Host } from '../host/host';
import { addFree, removeFree } from '../host/hugetlb';
import type { ErrorName } from '../host/operation';
import { optimiseBlock } from '../host/restructure';
import type { Frame } from '../host/pools';
import { DRAINING, type FileState } from '../host/state';
import { optimiseVmemmap, restoreVmemmap } from '../host/vmemmap';

const GIGA = 2 ** 18;
const STEPS = { hugetlbSteps: 0 };
/** Microseconds until a window whose vmemmap could not be restored is tried again. */
const RETRY = 1_000_000;

const TAKEN: Rule = {
  kind: 'cma-alloc',
  label: 'code',
  source: 'mm/cma.c cma_alloc()',
  text: (busy) => `a window of 1G taken${busy > 0 ? `; ${busy} windows before it were busy` : ''}`,
};
const BUSY: Rule = {
  kind: 'cma-alloc-failed',
  label: 'code',
  source: 'mm/cma.c cma_alloc()',
  text: (busy) => `no window of 1G is to be had: ${busy} hold pages that cannot move`,
};
const KEPT: Rule = {
  kind: 'cma-release-put-off',
  label: 'assumption',
  source: 'model-facts §2.D, D.FREE',
  text: () => 'the vmemmap is not restored: the window is kept and tried again',
};
const FROM_HUGETLB: Rule = {
  kind: 'transfer',
  label: 'thread',
  source: 'cover letter',
  text: (count) => `${count} huge pages of hugetlb dissolved into the area`,
};
const TO_HUGETLB: Rule = {
  kind: 'transfer',
  label: 'assumption',
  source: 'model-facts §2.D',
  text: (count) => `${count} windows of the area are hugetlb's from now on`,
};

const usable = (host: Host): number => host.cma.free - host.cma.obstructed;

function reserve(host: Host, file: FileState, blocks: number): ErrorName | null {
  if (file.order !== 18) return 'EINVAL';
  if (choice(host, 'cma') === 'lazy') return null;
  if (injectedFailure(host, 'contiguous') || usable(host) - host.cma.reserved < blocks) {
    host.tally.cmaFailures += 1;
    return 'ENOMEM';
  }
  host.cma.reserved += blocks;
  ownFile(host, file).reserved = blocks;
  return null;
}

function allocate(host: Host, file: FileState, index: number): ErrorName | null {
  const owned = ownFile(host, file);
  const promised = owned.reserved > 0;
  host.tally.cmaAttempts += 1;
  if (injectedFailure(host, 'contiguous') || usable(host) - (promised ? 0 : host.cma.reserved) <= 0 || host.cma.stack === null) {
    host.tally.cmaFailures += 1;
    host.tally.allocationsFailed += 1;
    event(host, BUSY, file, index * file.blockPages, 1, host.cma.obstructed);
    return 'ENOMEM';
  }
  const { frame, next } = host.cma.stack;
  host.cma.stack = next;
  host.cma.free -= 1;
  if (promised) {
    owned.reserved -= 1;
    host.cma.reserved -= 1;
  }
  event(host, TAKEN, file, index * file.blockPages, 1, 0);
  const block = giveFrame(host, owned, index, frame);
  optimiseBlock(host, file, block);
  return null;
}

function free(host: Host, file: FileState, index: number): void {
  const block = ownBlock(host, file, index, 0, file.blockPages);
  if (!restoreVmemmap(host, block, file.blockPages)) {
    block.state = DRAINING;
    event(host, KEPT, file, index * file.blockPages);
    host.pending = [...host.pending, { due: host.time + RETRY, file: file.id, block: index, what: 'drain' }];
    return;
  }
  const { frame, poisoned } = takeFrame(host, file, index);
  if (poisoned) {
    host.cma.poisoned += 1;
    host.dead = { frame, next: host.dead };
  } else {
    host.cma.stack = { frame, next: host.cma.stack };
    host.cma.free += 1;
  }
  const owned = ownFile(host, file);
  if (owned.alive && choice(host, 'cma') === 'eager' && !poisoned) {
    owned.reserved += 1;
    host.cma.reserved += 1;
  }
}

function unreserve(host: Host, file: FileState): void {
  const owned = ownFile(host, file);
  host.cma.reserved -= owned.reserved;
  owned.reserved = 0;
}

/** D.TAKE_FROM_HUGETLB, and the way back. `inFlight`: huge pages whose vmemmap is whole at a time. */
function transfer(host: Host, { to, count, inFlight }: OperationOf<'transfer'>): Answer {
  const optimises = choice(host, 'cma-hvo') === 'on';
  const together = Math.max(inFlight ?? 1, 1);
  for (let moved = 0; moved < count;) {
    const batch: Frame[] = [];
    while (batch.length < together && moved + batch.length < count) {
      const frame = to === 'pool' ? removeFree(host, host.hstates['1G'], true) : takeWindow(host);
      if (typeof frame === 'string') {
        for (const each of batch) land(host, each, to, optimises);
        host.tally.transfersRefused += 1;
        return failed(frame);
      }
      batch.push(frame);
    }
    for (const frame of batch) land(host, frame, to, optimises);
    moved += batch.length;
  }
  host.tally.transfers += count;
  event(host, to === 'pool' ? FROM_HUGETLB : TO_HUGETLB, null, -1, 1, count);
  return went(count * GIGA);
}

function takeWindow(host: Host): Frame | ErrorName {
  host.tally.cmaAttempts += 1;
  if (usable(host) - host.cma.reserved <= 0 || host.cma.stack === null || injectedFailure(host, 'contiguous')) {
    host.tally.cmaFailures += 1;
    return 'EBUSY';
  }
  const { frame, next } = host.cma.stack;
  host.cma.stack = next;
  host.cma.free -= 1;
  host.cma.total -= 1;
  return frame;
}

function land(host: Host, frame: Frame, to: 'pool' | 'hugetlb', optimises: boolean): void {
  const page = { ...frame };
  if (to === 'hugetlb') {
    optimiseVmemmap(host, page, GIGA);
    addFree(host.hstates['1G'], page);
    return;
  }
  if (optimises) optimiseVmemmap(host, page, GIGA);
  host.cma.stack = { frame: page, next: host.cma.stack };
  host.cma.total += 1;
  host.cma.free += 1;
}

const CMA: SwitchDefinition = {
  name: 'cma',
  values: ['lazy', 'eager'],
  meaning: 'Whether the windows are taken at the first fault or when the file is made.',
  label: 'assumption',
  source: 'model-facts §2.D, D.CREATE',
};

const CMA_HVO: SwitchDefinition = {
  name: 'cma-hvo',
  values: ['off', 'on'],
  meaning: 'Whether the vmemmap of a file’s folios is optimised away.',
  label: 'thread',
  source: 'cover letter: HVO would have to be made again',
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

export const cma: Design = {
  id: 'D',
  title: 'CMA: contiguous windows, taken when they are needed',
  label: 'thread',
  source: 'cover letter; mm/cma.c of 6.12; the rest is assumed',
  memory: 'cma',
  hugetlbTyped: false,
  switches: [CMA, CMA_HVO, FREEZE_LOOP, ...sharedSwitches],
  allocator,
  flow: shareabilityFlow({
    allocator,
    keepsProgress: false,
    wholePunches: false,
    pinsHang: () => true,
    poisonsWhole: false,
    create: (host, file) => reserve(host, file, file.blocks.length),
    claim: () => null,
    transfer,
  }),
};
