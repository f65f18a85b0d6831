/** All designs, in the order in which they are compared. A new one is one file and one line here. */
import type { Design } from './allocator';
import { baseline } from './baseline';
import { cma } from './cma';
import { globalPool } from './global-pool';
import { inPlaceConversion } from './in-place-conversion';
import { rfcV1 } from './rfc-v1';
import { rfcV2 } from './rfc-v2';

export const designs: readonly Design[] = [rfcV1, rfcV2, inPlaceConversion, globalPool, cma, baseline];
