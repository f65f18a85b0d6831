/** Does an operation of a scenario on the C: enters the tree's own entry points for each page or range of it. */
import { type Outcome, refused } from '../base/outcome';
import type { Operation, OperationResult } from '../model/host/operation';
import { holdOn } from '../model/userspace/holds';
import { answer, failed, noFile, one, select, well } from './c-scenario-answers';
import { guestFault, hostFault } from './c-scenario-faults';
import { bind, close, create, mmap, numberOf, segmentsOf, unbind, unmap } from './c-scenario-files';
import { hugetlbfs, resize, setNode } from './c-scenario-pool';
import type { Failing, FileOnC, GroundOnC } from './c-scenario-state';

type OperationOf<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

/** *Fails* `c-scenario/no-step` where the C cannot be asked for it, `c-scenario/no-name` where the file is not there. */
export function performOnC(host: GroundOnC, operation: Operation): Outcome<OperationResult> {
  switch (operation.kind) {
    case 'create':
      return create(host, operation);
    case 'fail':
      host.now = { ...host.now, failing: failingAfter(host, operation) };
      return well(0);
    case 'wait':
      return well(0);
    case 'take-memory':
      return host.buddyLeft() < operation.pages ? failed('ENOMEM') : taken(host, operation.pages, operation.pages);
    case 'give-memory':
      return taken(host, -operation.pages, operation.pages);
    case 'resize':
      return resize(host, operation);
    case 'hugetlbfs':
      return hugetlbfs(host, operation);
    case 'policy':
      return setNode(host, operation);
    case 'demote':
    case 'transfer':
    case 'obstruct':
      return refused('c-scenario/no-step', `The C has no step for ${operation.kind}.`, 'It cannot be done.', 'Leave it out.');
    default:
      return onFile(host, operation);
  }
}

/** What is said of a kind of allocation last holds; to let none fail ends all of it. */
const failingAfter = ({ now }: GroundOnC, { allocation, count, after }: OperationOf<'fail'>): readonly Failing[] =>
  count === 0 ? [] : [...now.failing.filter((each) => each.allocation !== allocation), { allocation, left: count, after: after ?? 0 }];

function taken(host: GroundOnC, by: number, pages: number): Outcome<OperationResult> {
  host.now = { ...host.now, taken: host.now.taken + by };
  return well(pages);
}

type NotOnFile =
  'create' | 'fail' | 'wait' | 'take-memory' | 'give-memory' | 'resize' | 'demote' | 'transfer' | 'hugetlbfs' | 'obstruct' | 'policy';
type OnFile = Exclude<Operation, { readonly kind: NotOnFile }>;

function onFile(host: GroundOnC, operation: OnFile): Outcome<OperationResult> {
  const file = host.now.files.find(({ name }) => name === operation.file);
  if (file === undefined) return noFile(operation.file);
  if (file.isGone && operation.kind !== 'unpin' && operation.kind !== 'release') return failed('EBADF');
  select(host, file);
  switch (operation.kind) {
    case 'bind':
      return bind(host, file, operation);
    case 'unbind':
      return unbind(host, file, operation.gpa);
    case 'guest-fault':
      return guestFault(host, file, operation);
    case 'host-fault':
      return hostFault(host, file, operation);
    case 'mmap':
      return mmap(host, file, operation);
    case 'dontneed':
    case 'munmap':
      return unmap(host, file, operation);
    case 'pin':
      return eachPage(host, operation.range, 'pin', (page) => ({ mapping: throughWhich(file, operation.holder, page) }));
    case 'unpin':
      return isHeld(host, operation) ? eachPage(host, operation.range, 'unpin') : noHolder(operation.holder);
    case 'reference': {
      // A process that maps the file gets it through its mapping; who does not, in the page cache.
      const { holder, range } = operation;
      return numberOf(file, holder, range.from) >= 0
        ? eachPage(host, range, 'pipe-get', (page) => ({ mapping: throughWhich(file, holder, page) }))
        : eachPage(host, range, 'lookup');
    }
    case 'release': {
      if (!isHeld(host, operation)) return noHolder(operation.holder);
      const isPipe = holdOn(host.session.machine.kernel, 'pipe', operation.range.from) !== undefined;
      return eachPage(host, operation.range, isPipe ? 'pipe-put' : 'lookup-put');
    }
    case 'convert':
      return convert(host, file, operation);
    case 'punch':
    case 'allocate':
      return one(host, operation.kind, { offset: operation.offset, length: operation.size }, operation.size / PAGE);
    case 'populate': {
      let pages = 0;
      for (const { gfn, pages: count, from } of segmentsOf(file, operation.range)) {
        const error = host.errorOf(host.calls.run('populate', { gfn, count, token: host.token }));
        if (error !== null) return answer(error, pages, from);
        pages += count;
      }
      return well(pages);
    }
    case 'close':
      return close(host, file);
    case 'poison':
      return one(host, 'poison', { index: operation.page }, 1);
  }
}

const PAGE = 4096;

/** One system call for each range of guest frames. */
function convert(host: GroundOnC, file: FileOnC, { range, to }: OperationOf<'convert'>): Outcome<OperationResult> {
  let pages = 0;
  for (const { gfn, pages: count } of segmentsOf(file, range)) {
    const error = host.errorOf(host.calls.run('convert', { first: gfn, count, private: to === 'private' ? 1 : 0 }));
    if (error !== null) return answer(error, pages);
    pages += count;
  }
  return well(pages);
}

function eachPage(
  host: GroundOnC,
  { from, to }: { readonly from: number; readonly to: number },
  step: string,
  more: (page: number) => Readonly<Record<string, number>> = () => ({}),
): Outcome<OperationResult> {
  for (let index = from; index < to; index++) {
    const error = host.errorOf(host.calls.run(step, { index, ...more(index) }));
    if (error !== null) return answer(error, index - from, index);
  }
  return well(to - from);
}

/** The mapping by which someone gets at a page: his own, else the first that has it. */
function throughWhich(file: FileOnC, holder: string, page: number): number {
  const own = numberOf(file, holder, page);
  const any = file.mappings.findIndex((each) => each !== null && page >= each.from && page < each.to);
  return Math.max(own >= 0 ? own : any, 0);
}

const isHeld = (host: GroundOnC, { kind, range }: OperationOf<'unpin' | 'release'>): boolean =>
  (kind === 'unpin' ? (['pin'] as const) : (['pipe', 'lookup'] as const)).some(
    (each) => holdOn(host.session.machine.kernel, each, range.from) !== undefined,
  );

const noHolder = (holder: string): Outcome<never> =>
  refused('c-scenario/no-name', `${holder} holds nothing there on the C.`, 'It cannot be let go.', 'Take it first.');
