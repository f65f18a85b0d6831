/** I-content: what was written stays until someone is asked to change it, and nobody reads what is not theirs. */
import { contentOfWord, contentText } from '../contents';
import type { Reading } from '../reading';
import { cachedFrame, type UserState } from '../user-state';
import { type Invariant, overPlaces } from './invariant';

/** `USERS.expected` of a page that must read as zero: it need not be there. */
const EXPECTED_ZERO = 1;

export const content: Invariant = {
  id: 'content',
  statement:
    'A page keeps what was written to it until an operation on it changes that, and neither user space nor the guest reads what it must not see.',
  check: (state) => [...lost(state), ...leaked(state.reading)],
};

function lost(state: UserState): string[] {
  const gone: number[] = [];
  const zeroed: number[] = [];
  const changed: number[] = [];
  for (let index = 0; index < state.indices; index++) {
    const expected = state.expected[index] ?? 0;
    if (expected <= EXPECTED_ZERO) continue;
    const pfn = cachedFrame(state, index);
    const word = state.contents[pfn - state.firstPfn];
    if (pfn < 0) gone.push(index);
    else if (word === 0) zeroed.push(index);
    else if (word !== expected - 1) changed.push(index);
  }
  const asked = 'and no operation was asked to change';
  return [
    ...overPlaces(
      'page',
      gone,
      (pages, many) =>
        `Data loss: ${pages} ${many ? 'were' : 'was'} written and ${many ? 'are' : 'is'} no longer in the file, ${asked} ${many ? 'them' : 'it'}.`,
    ),
    ...overPlaces(
      'page',
      zeroed,
      (pages, many) =>
        `Data loss: ${pages} ${many ? 'were' : 'was'} written and ${many ? 'are' : 'is'} zero now, ${asked} ${many ? 'them' : 'it'}.`,
    ),
    ...overPlaces(
      'page',
      changed,
      (pages, many) => `Data loss: ${pages} ${many ? 'hold' : 'holds'} other than what was written, ${asked} ${many ? 'them' : 'it'}.`,
    ),
  ];
}

/** What was wrong with the last access. */
export function leaked({ reader, index, word, expected }: Reading): string[] {
  if (reader === 'nobody') return [];
  const { writer } = contentOfWord(word);
  const who = reader === 'host' ? 'User space' : 'The guest';
  if (writer === 'stale') return [`Leak: ${who} reads at page ${index} what the page frame held before it was given to the file.`];
  if (reader === 'host' && writer === 'guest-private') {
    return [`Leak: User space reads at page ${index} what the guest wrote while the page was private.`];
  }
  const wanted = expected - 1;
  if (wanted < 0 || wanted === word) return [];
  return [`Data loss: ${who} reads ${contentText(word)} at page ${index}, where ${contentText(wanted)} was left.`];
}
