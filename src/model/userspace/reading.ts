/** The access of the last step that read a page: who, which page, what was found, what was to be found. */
import type { RecordReader } from '../record';
import { USERS, usersOf } from './record';

/** What was found at a page, and what was to be found: words as `contents.ts` and `USERS.expected` have them. */
export interface Reading {
  readonly reader: 'nobody' | 'host' | 'guest';
  readonly index: number;
  readonly word: number;
  readonly expected: number;
}

/** Of nobody where no step read, or where there are no users. */
export function readingOf(reader: RecordReader): Reading {
  const users = usersOf(reader);
  if (users === 0) return { reader: 'nobody', index: 0, word: 0, expected: 0 };
  return {
    reader: (['nobody', 'host', 'guest'] as const)[reader.peek(users, USERS.reader)] ?? 'nobody',
    index: reader.peek(users, USERS.readIndex),
    word: reader.peek(users, USERS.readWord),
    expected: reader.peek(users, USERS.readExpected),
  };
}
