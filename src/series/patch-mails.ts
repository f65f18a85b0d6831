/** The mails of a series as `git am` takes them. */
import { mboxOf } from '../mail/mbox';
import type { Series } from './series';

/**
 * One mboxrd box a patch, in order from 1, without the cover: for `git am --patch-format=mboxrd`. The mail inside is untouched.
 */
export const patchMails = (series: Series): readonly Uint8Array[] => series.patches.map((patch) => mboxOf(patch.message.raw));
