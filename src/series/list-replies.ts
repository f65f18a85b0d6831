/** What the list says about lines of a series' code. */
import { shownMailbox } from '../mail/message';
import type { ListReply } from '../protocol/requests';
import { placedReplies } from './place-quotes';
import type { Series } from './series';

/**
 * *Shape* in order of patch, then of date; text under quoted prose is not there.
 * *Cost* as `placedReplies`, once a reply.
 */
export const listRepliesOf = (series: Series): readonly ListReply[] =>
  series.patches.flatMap((patch) =>
    patch.replies.flatMap((reply) =>
      placedReplies(reply, patch).map((placed) => ({
        ...placed,
        patch: patch.number,
        from: shownMailbox(reply.from),
        subject: reply.subject,
        date: reply.date,
      })),
    ),
  );
