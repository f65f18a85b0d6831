/** Operations on the host itself: pools, ordinary memory, policies, failures, time. */
import { done, refused, type Outcome } from '../../base/outcome';
import type { Design, OperationOf } from '../allocators/allocator';
import { NO_FAILURES, goingWell, type Host } from './host';
import { demote, dequeue, enqueue, resize } from './hugetlb';
import { givePages, takePages } from './node-pages';
import type { ErrorName, Operation, OperationResult } from './operation';
import type { Frame } from './pools';
import { reserveForUser } from './surplus';

export type HostOperation = OperationOf<
  'resize' | 'demote' | 'transfer' | 'hugetlbfs' | 'take-memory' | 'give-memory' | 'obstruct' | 'policy' | 'fail' | 'wait'
>;

/** Asked of every operation: by name, for a switch is no look-up. */
export function isHostOperation(operation: Operation): operation is HostOperation {
  switch (operation.kind) {
    case 'resize':
    case 'demote':
    case 'transfer':
    case 'hugetlbfs':
    case 'take-memory':
    case 'give-memory':
    case 'obstruct':
    case 'policy':
    case 'fail':
    case 'wait':
      return true;
    default:
      return false;
  }
}

export function hostOperation(
  host: Host,
  design: Design,
  operation: HostOperation,
  runUntil: (time: number) => void,
): Outcome<OperationResult> {
  const wrong = wrongNumber(host, operation);
  if (wrong !== null) return refused('model/bad-number', wrong, 'The operation makes no sense so.', 'Correct the number.');
  switch (operation.kind) {
    case 'resize':
      resize(host, host.hstates[operation.pageSize], operation.count, operation.node ?? -1);
      return ended(null, 0);
    case 'demote': {
      const { done: count, error } = demote(host, operation.count, operation.node ?? -1);
      return ended(error, count * 2 ** 18);
    }
    case 'transfer': {
      const answer = design.flow.transfer(host, operation);
      return ended(answer.error, answer.pages ?? 0);
    }
    case 'hugetlbfs':
      return hugetlbfs(host, operation);
    case 'take-memory':
      return ended(takePages(host, operation.pages, operation.node ?? 0, 'taken', 'page') < 0 ? 'ENOMEM' : null, operation.pages);
    case 'give-memory':
      givePages(host, operation.pages, operation.node ?? 0, 'taken');
      return ended(null, operation.pages);
    case 'obstruct':
      host.cma.obstructed = Math.min(operation.windows, host.cma.free);
      return ended(null, 0);
    case 'policy':
      return policy(host, operation);
    case 'fail':
      host.failures =
        operation.count === 0
          ? NO_FAILURES
          : { ...host.failures, [operation.allocation]: operation.count, [goingWell(operation.allocation)]: operation.after ?? 0 };
      return ended(null, 0);
    case 'wait':
      runUntil(Math.max(host.time + operation.time, lastDrain(host)));
      host.time += operation.time;
      return ended(null, 0);
  }
}

/** A work queue has run when any time at all has passed on purpose. */
const lastDrain = (host: Host): number => host.pending.reduce((last, { what, due }) => (what === 'drain' ? Math.max(last, due) : last), 0);

function hugetlbfs(host: Host, { owner, pageSize, pages, action }: OperationOf<'hugetlbfs'>): Outcome<OperationResult> {
  const h = host.hstates[pageSize];
  const key = `${owner} ${pageSize}`;
  const held = host.hugetlbfs[key] ?? 0;
  if (action === 'map') {
    if (!reserveForUser(host, h, pages)) return ended('ENOMEM', 0);
    for (let taken = 0; taken < pages; taken++) {
      const frame = dequeue(host, h, -1, false);
      if (frame === null) return ended('ENOMEM', taken * h.pages);
      h.nodes[frame.node]!.inUse += 1;
      host.users = { frame: { ...frame, content: 2 }, owner: key, next: host.users };
      host.hugetlbfs = { ...host.hugetlbfs, [key]: (host.hugetlbfs[key] ?? 0) + 1 };
    }
    return ended(null, pages * h.pages);
  }
  if (held < pages)
    return refused(
      'model/no-such-name',
      `${owner} holds ${held} huge pages of ${pageSize}.`,
      `It cannot give ${pages} back.`,
      'Let it give back what it holds.',
    );
  for (let given = 0; given < pages; given++) {
    const frame = takeUsers(host, key);
    if (frame === null) break;
    h.nodes[frame.node]!.inUse -= 1;
    enqueue(host, h, frame, false);
  }
  host.hugetlbfs = { ...host.hugetlbfs, [key]: held - pages };
  return ended(null, pages * h.pages);
}

/** The last frame that the owner has taken. */
function takeUsers(host: Host, owner: string): Frame | null {
  const before: Host['users'][] = [];
  let cell = host.users;
  while (cell !== null && cell.owner !== owner) {
    before.push(cell);
    cell = cell.next;
  }
  if (cell === null) return null;
  let rest = cell.next;
  for (const other of before.reverse()) rest = { ...other!, next: rest };
  host.users = rest;
  return cell.frame;
}

function policy(host: Host, { vm, node }: OperationOf<'policy'>): Outcome<OperationResult> {
  const state = host.vms.find(({ name }) => name === vm);
  if (state === undefined)
    return refused(
      'model/no-such-name',
      `There is no VM ${vm} here.`,
      'The operation has nothing to work on.',
      'Name a VM that the scenario has.',
    );
  state.policy = node;
  return ended(null, 0);
}

/** What is wrong with the numbers of an operation; null: nothing. */
function wrongNumber(host: Host, operation: HostOperation): string | null {
  const counts = Object.entries(operation).filter(([key, value]) => typeof value === 'number' && key !== 'node');
  const wrong = counts.find(([, value]) => !Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > 2 ** 40);
  if (wrong !== undefined) return `${operation.kind} has ${wrong[0]} ${String(wrong[1])}.`;
  const node = 'node' in operation ? operation.node : undefined;
  const least = operation.kind === 'policy' ? -1 : 0;
  if (node !== undefined && (!Number.isInteger(node) || node < least || node >= host.nodes.length))
    return `${operation.kind} names node ${node} of ${host.nodes.length}.`;
  return null;
}

const ended = (error: ErrorName | null, pages: number): Outcome<OperationResult> => done({ error, errorOffset: -1, pages });
