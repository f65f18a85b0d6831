/** All designs, in the order in which they are compared. A new one is one file and one line here. */
import type { Design } from './allocator';
import { baseline } from './baseline';
import { rfcV1 } from './rfc-v1';

export const designs: readonly Design[] = [rfcV1, baseline];
