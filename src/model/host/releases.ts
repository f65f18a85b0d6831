/** Pins and references that are given back: by a step, or by themselves when their time has come. */
import { done, refused, type Outcome } from '../../base/outcome';
import type { Answer, Flow, OperationOf } from '../allocators/allocator';
import { dropHold, holdsAny } from './holds';
import { currentFile, ownFile, type Host } from './host';
import type { OperationResult } from './operation';
import type { FileState } from './state';

type Release = OperationOf<'unpin' | 'release'>;

/** What the holder took for a time is given back when it is over. @param answer of taking it */
export function heldFor(host: Host, file: FileState, operation: OperationOf<'pin' | 'reference'>, answer: Answer): Answer {
  const { kind, holder, range, lasting } = operation;
  if (lasting === undefined || answer.error !== null) return answer;
  const hold = { kind, holder, ...range };
  host.pending = [...host.pending, { due: host.time + lasting, file: file.id, block: -1, what: 'release', hold }];
  return answer;
}

/** Fails `model/no-such-name` where the holder holds nothing of that kind there. */
export function released(host: Host, flow: Flow, file: FileState, operation: Release): Outcome<OperationResult> {
  const answer = givenBack(host, flow, file, operation);
  if (answer.kind === 'done') forgetRelease(host, file, operation);
  return answer;
}

function givenBack(host: Host, flow: Flow, file: FileState, operation: Release): Outcome<OperationResult> {
  const { holder, range } = operation;
  const kind = operation.kind === 'unpin' ? 'pin' : 'reference';
  if (!holdsAny(host, file, range.from, range.to, holder, kind))
    return refused(
      'model/no-such-name',
      `There is no holder ${holder} here.`,
      'The operation has nothing to work on.',
      'Name a holder that the scenario has made.',
    );
  const counted = !(file.order === 0 && kind === 'pin');
  const pages = dropHold(host, file, range.from, range.to, holder, kind, counted);
  flow.released(host, currentFile(host, file), range.from, range.to);
  return done({ error: null, errorOffset: -1, pages });
}

/** What is given back early is not given back again when its time comes. */
function forgetRelease(host: Host, file: FileState, { kind, holder, range }: Release): void {
  const held = kind === 'unpin' ? 'pin' : 'reference';
  const at = host.pending.findIndex((each) => {
    if (each.what !== 'release' || each.file !== file.id) return false;
    const { hold } = each;
    return hold.kind === held && hold.holder === holder && hold.from === range.from && hold.to === range.to;
  });
  if (at >= 0) host.pending = host.pending.filter((_, index) => index !== at);
}

/** Gives back what is due. Before other work of the same time: the work queue comes behind the last reference. */
export function runReleases(host: Host, flowOf: (file: FileState) => Flow, until: number): void {
  for (const each of host.pending) {
    if (each.what !== 'release' || each.due > until) continue;
    const { kind, holder, from, to } = each.hold;
    const file = ownFile(host, host.files[each.file]!);
    givenBack(host, flowOf(file), file, { kind: kind === 'pin' ? 'unpin' : 'release', holder, file: file.name, range: { from, to } });
  }
}
