/** A mail that is a part of a series: its cover (number 0) or a patch. */
import type { Message } from '../mail/message';
import type { SubjectParts } from './subject';

export interface Part {
  readonly message: Message;
  readonly subject: SubjectParts;
}
