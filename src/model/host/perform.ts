/** Does one operation: looks names and ranges up, lets what is due run first, asks the design, counts what came of it. */
import { done, refused, type Outcome } from '../../base/outcome';
import type { Answer, Design, Flow, OperationOf } from '../allocators/allocator';
import { baselineFlow } from '../allocators/baseline';
import { currentFile, event, fact, ownBlock, ownFile, seenBlock, type Host } from './host';
import type { Rule } from './event-log';
import { isGuestMapped, isHostMapped } from './faults';
import { heldFor, released, runReleases } from './releases';
import { hostOperation, isHostOperation, type HostOperation } from './host-operations';
import { fileNamed, isCount, unknownName, wrongTarget } from './operation-target';
import { ORDERS, type Operation, type OperationResult } from './operation';
import { blockRanges } from './ranges';
import { isAll, sumPages } from './pages';
import { zapStage2 } from './stage2';
import { ORPHAN, type FileState } from './state';
import { firstHeld, mappedIn } from './user-mappings';
import { COSTS } from './costs';

const PAGE = 4096;
/** Truncation takes the folio's lock under the file's invalidation lock. */
const FOLIO_UNDER_FILE = 1;
/** Blocks of a file: 4096 files of 1 TiB would be fewer. */
const MOST_BLOCKS = 2 ** 20;

const HUNG: Rule = {
  kind: 'waits',
  label: 'derived',
  source: 'the locks of the file are held for ever',
  text: () => 'the operation waits for a lock that nobody will give',
};
const CLOSED: Rule = {
  kind: 'close',
  label: 'code',
  source: 'kvm_gmem_release()',
  text: (vmas) => `the descriptor is gone; ${vmas} mappings still hold the file`,
};

export function perform(host: Host, design: Design, operation: Operation): Outcome<OperationResult> {
  if (host.pending.length > 0) runDue(host, design, host.time);
  if (isHostOperation(operation)) return onHost(host, design, operation);
  if (operation.kind === 'create') return created(host, design, operation);
  const named = fileNamed(host, operation.file);
  if (named === null) return unknownName('file', operation.file);
  // Owned from the start: who holds a file of the epoch before would go on with what it was.
  const file = ownFile(host, named);
  const wrong = wrongTarget(host, file, operation);
  if (wrong !== null) return wrong;
  const flow = flowOf(design, file);
  if (operation.kind === 'unpin' || operation.kind === 'release') return released(host, flow, file, operation);
  if (operation.kind === 'close') return done(closed(host, flow, file));
  if (file.hung) {
    event(host, HUNG, file, -1);
    return done({ error: 'HANG', errorOffset: -1, pages: 0 });
  }
  if (!file.open && needsDescriptor(operation.kind)) return done({ error: 'EBADF', errorOffset: -1, pages: 0 });
  return done(answered(host, design, flow, file, operation as FileOperation));
}

const onHost = (host: Host, design: Design, operation: HostOperation): Outcome<OperationResult> =>
  hostOperation(host, design, operation, (time) => {
    runDue(host, design, time);
  });

export const flowOf = (design: Design, file: FileState): Flow => (file.order === 0 ? baselineFlow : design.flow);

type FileOperation = Exclude<
  Operation,
  {
    readonly kind:
      | 'create'
      | 'unpin'
      | 'release'
      | 'close'
      | 'resize'
      | 'demote'
      | 'transfer'
      | 'hugetlbfs'
      | 'take-memory'
      | 'give-memory'
      | 'obstruct'
      | 'policy'
      | 'fail'
      | 'wait';
  }
>;

function answered(host: Host, design: Design, flow: Flow, file: FileState, operation: FileOperation): OperationResult {
  const isFault = operation.kind === 'guest-fault' || operation.kind === 'host-fault';
  if (isFault && operation.meanwhile !== undefined) return raced(host, design, flow, file, operation, operation.meanwhile);
  return resultOf(host, onFile(host, flow, file, operation));
}

function resultOf(host: Host, { error, errorOffset, pages }: Answer): OperationResult {
  if (error !== null) host.time += COSTS.exit;
  return { error, errorOffset: errorOffset ?? -1, pages: pages ?? 0 };
}

/** A fault in whose window another thread does something. */
function raced(host: Host, design: Design, flow: Flow, file: FileState, operation: FileOperation, other: Operation): OperationResult {
  let meanwhile: OperationResult | undefined;
  host.meanwhileKind = other.kind;
  host.meanwhile = () => {
    host.meanwhile = null;
    const outcome = perform(host, design, other);
    meanwhile = outcome.kind === 'done' ? outcome.value : undefined;
  };
  const answer = onFile(host, flow, file, operation);
  // A window that the design does not leave open: the other thread waited.
  host.meanwhile?.();
  host.meanwhile = null;
  const result = resultOf(host, answer);
  return meanwhile === undefined ? result : { ...result, meanwhile };
}

function onFile(host: Host, flow: Flow, file: FileState, operation: FileOperation): Answer {
  switch (operation.kind) {
    case 'bind':
      return { error: flow.bind(host, file, operation) };
    case 'unbind':
      return unbound(host, file, operation.gpa);
    case 'guest-fault':
      return isGuestMapped(host, file, operation.range, operation.access)
        ? { error: null, pages: 1 }
        : flow.guestFault(host, file, operation);
    case 'host-fault':
      if (isHostMapped(host, file, operation.range, operation.access, operation.process)) return { error: null, pages: 1 };
      return file.vmas.some(({ process }) => process === operation.process) || file.order === 0
        ? flow.hostFault(host, file, operation)
        : { error: 'EFAULT' };
    case 'mmap':
      return mapped(host, flow, file, operation);
    case 'dontneed':
    case 'munmap':
      return unmapped(host, flow, file, operation);
    case 'pin':
    case 'reference':
      return heldFor(host, file, operation, flow.pin(host, file, operation));
    case 'convert':
      return converted(host, flow, file, operation);
    case 'punch':
      host.lockEdges |= FOLIO_UNDER_FILE;
      return isBytes(operation, file) ? flow.punch(host, file, operation) : { error: 'EINVAL' };
    case 'allocate':
      return isBytes(operation, file) ? flow.fallocate(host, file, operation) : { error: 'EINVAL' };
    case 'populate':
      return flow.populate(host, file, operation);
    case 'poison':
      return flow.poison(host, file, operation.page);
  }
}

const isBytes = ({ offset, size }: { readonly offset: number; readonly size: number }, file: FileState): boolean =>
  isCount(offset) && isCount(size) && size > 0 && offset + size <= file.pages * PAGE;

function created(host: Host, design: Design, operation: OperationOf<'create'>): Outcome<OperationResult> {
  const vm = host.vms.findIndex(({ name }) => name === operation.vm);
  if (vm < 0) return unknownName('VM', operation.vm);
  if (fileNamed(host, operation.file) !== null) {
    return refused(
      'model/name-taken',
      `There is a file ${operation.file} already.`,
      'Two files cannot have one name.',
      'Close it first, or take another name.',
    );
  }
  if (!isCount(operation.size))
    return refused(
      'model/bad-number',
      `The size of ${operation.file} is ${operation.size}.`,
      'A size is a whole number of bytes.',
      'Correct it.',
    );
  const order = design.memory === 'buddy' ? 0 : ORDERS[operation.pageSize];
  const blockPages = order === 0 ? ORDER_OF_4K_BLOCKS : 2 ** order;
  const unit = order === 0 ? PAGE : blockPages * PAGE;
  if (operation.size === 0 || operation.size % unit !== 0) return done({ error: 'EINVAL', errorOffset: -1, pages: 0 });
  const pages = operation.size / PAGE;
  if (pages / blockPages > MOST_BLOCKS) {
    return refused(
      'model/too-large',
      `File ${operation.file} would have ${pages / blockPages} huge pages.`,
      `The model holds ${MOST_BLOCKS} of a file.`,
      'Make the file smaller, or its pages larger.',
    );
  }
  const shared = operation.initially === 'shared';
  const file: FileState = {
    epoch: host.epoch,
    hash: 0,
    id: host.files.length,
    name: operation.file,
    vm,
    order,
    blockPages,
    pages,
    blocks: new Array<null>(Math.ceil(pages / blockPages)).fill(null),
    share0: shared && host.attributes === 'file' ? 1 : 0,
    attr0: shared ? 0 : 1,
    slots: [],
    vmas: [],
    open: true,
    alive: true,
    hung: false,
    hungBlock: -1,
    subpool: null,
    reserved: 0,
    rsvdCharge: 0,
    usageCharge: 0,
    allocated: 0,
    aside: [],
  };
  host.files.push(file);
  const error = flowOf(design, file).create(host, file, operation);
  if (error !== null) {
    host.files.pop();
    return done({ error, errorOffset: -1, pages: 0 });
  }
  host.names = new Map(host.names).set(operation.file, file.id);
  return done({ error: null, errorOffset: -1, pages });
}

const ORDER_OF_4K_BLOCKS = 2 ** 18;

function unbound(host: Host, file: FileState, gpa: number): Answer {
  const slot = file.slots.find(({ gfn }) => gfn === gpa / PAGE);
  if (slot === undefined) return { error: 'ENOENT' };
  zapRange(host, file, slot.from, slot.to);
  const owned = ownFile(host, file);
  owned.slots = owned.slots.filter((each) => each !== slot);
  return { error: null };
}

function mapped(host: Host, flow: Flow, file: FileState, operation: OperationOf<'mmap'>): Answer {
  const error = flow.mmap(host, file, operation);
  if (error !== null) return { error };
  const owned = ownFile(host, file);
  owned.vmas = [...owned.vmas, { process: operation.process, from: operation.range.from, to: operation.range.to }];
  return { error: null, pages: operation.range.to - operation.range.from };
}

function unmapped(host: Host, flow: Flow, file: FileState, operation: OperationOf<'dontneed' | 'munmap'>): Answer {
  const answer = flow.discard(host, file, operation);
  if (operation.kind === 'dontneed' || answer.error !== null) return answer;
  const { from, to } = operation.range;
  const owned = ownFile(host, file);
  owned.vmas = owned.vmas.flatMap((vma) => {
    if (vma.process !== operation.process || vma.to <= from || vma.from >= to) return [vma];
    return [
      { ...vma, to: from },
      { ...vma, from: to },
    ].filter((part) => part.from < part.to && part.from >= vma.from && part.to <= vma.to);
  });
  return { ...answer, error: endOfFile(host, flow, owned) };
}

function closed(host: Host, flow: Flow, file: FileState): OperationResult {
  const owned = ownFile(host, file);
  if (!owned.open) return { error: 'EBADF', errorOffset: -1, pages: 0 };
  owned.open = false;
  if (owned.hung) return { error: 'HANG', errorOffset: -1, pages: 0 };
  event(host, CLOSED, owned, -1, 1, owned.vmas.length);
  return { error: endOfFile(host, flow, owned), errorOffset: -1, pages: 0 };
}

/** The open file goes with its last descriptor and mapping: the slots lose it, then the inode. */
function endOfFile(host: Host, flow: Flow, file: FileState): OperationResult['error'] {
  if (file.open || file.vmas.length > 0 || !file.alive) return null;
  zapRange(host, file, 0, file.pages);
  file.slots = [];
  file.alive = false;
  host.lockEdges |= FOLIO_UNDER_FILE;
  return flow.evict(host, file);
}

function zapRange(host: Host, file: FileState, from: number, to: number): void {
  for (const { index, start, end } of blockRanges(file, from, to)) {
    const seen = currentFile(host, file).blocks[index];
    if (seen && !isAll(seen.s2, 0)) zapStage2(host, file, ownBlock(host, file, index, start, end), index, start, end);
  }
}

/** What a conversion adds to the rates, and what its failure says. */
function converted(host: Host, flow: Flow, file: FileState, operation: OperationOf<'convert'>): Answer {
  const { from } = operation.range;
  const to = Math.min(operation.range.to, file.pages);
  const before = sharingOf(host, file, from, to);
  const answer = flow.convert(host, file, operation);
  const { tally } = host;
  tally.conversions += 1;
  host.time += COSTS.exit;
  if (answer.error === null) {
    tally.converted += answer.pages ?? 0;
    if (tally.streak > 0) {
      tally.retries += tally.streak;
      tally.retried += 1;
      tally.streak = 0;
    }
    return answer;
  }
  noteFailure(host, file, from, to, answer, before);
  tally.conversionsFailed += 1;
  tally.streak += 1;
  if (answer.error === 'EAGAIN') tally.failedAgain += 1;
  else if (answer.error === 'EINVAL') tally.failedInvalid += 1;
  else if (answer.error === 'ENOMEM') tally.failedMemory += 1;
  else tally.failedOther += 1;
  return answer;
}

/** Sums that a failed conversion must leave alone: pages shared, and states of blocks. */
function sharingOf(host: Host, file: FileState, from: number, to: number): number {
  let sum = 0;
  for (const { index } of blockRanges(file, from, to)) {
    const block = seenBlock(host, file, index);
    sum = sum * 7 + sumPages(block.share, file.blockPages, 0, file.blockPages) * 8 + block.state;
  }
  return sum;
}

function noteFailure(host: Host, file: FileState, from: number, to: number, answer: Answer, before: number): void {
  const block = Math.floor(from / file.blockPages);
  if (from >= to || answer.error === null) return;
  const where = (): string => `The conversion of pages ${from} to ${to - 1} ended with ${answer.error}`;
  if (sharingOf(host, file, from, to) !== before)
    fact(host, 'conversion-failed-changed', file, block, () => `${where()}, and sharing or folios are not what they were.`);
  const stuck = answer.error === 'HANG' || answer.error === 'OOPS';
  if (stuck) fact(host, 'conversion-stuck', file, block, () => `${where()}.`);
  else if (answer.error !== 'ENOMEM' && firstHeld(host, file, from, to) < 0 && !isMapped(host, file, from, to)) {
    fact(host, 'conversion-stuck', file, block, () => `${where()}, although nobody refers to the pages.`);
  }
  const lost = blockRanges(file, from, to).some(({ index }) => seenBlock(host, file, index).state === ORPHAN);
  if (lost || (stuck && currentFile(host, file).hungBlock < 0))
    fact(host, 'conversion-fatal', file, block, () => `${where()}; no retry can succeed.`);
}

const isMapped = (host: Host, file: FileState, from: number, to: number): boolean =>
  blockRanges(file, from, to).some(({ index, start, end }) => mappedIn(file, seenBlock(host, file, index), start, end) > 0);

/** Work of timers and work queues whose time has come. */
function runDue(host: Host, design: Design, until: number): void {
  runReleases(host, (file) => flowOf(design, file), until);
  const due = host.pending.filter((each) => each.due <= until);
  if (due.length === 0) return;
  host.pending = host.pending.filter((each) => each.due > until);
  for (const { file, block, what } of due) {
    const state = host.files[file]!;
    if (what !== 'release') flowOf(design, state).later(host, state, block, what);
  }
}

const needsDescriptor = (kind: Operation['kind']): boolean =>
  kind === 'bind' || kind === 'convert' || kind === 'punch' || kind === 'allocate' || kind === 'populate' || kind === 'mmap';
