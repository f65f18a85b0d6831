/** Who the user is, as git knows it: the sender of replies. */
import { done, type Outcome, refused } from '../base/outcome';
import { type Progress, unwatched } from '../base/progress';
import type { Mailbox } from '../mail/message';
import { readCloneConfig } from './clone-config';

/**
 * Name and address of `user.name` and `user.email` as they are in effect in a directory.
 *
 * *Fails* `reply/no-identity`, and as git does.
 */
export async function identityIn(directory: string, progress: Progress = unwatched): Promise<Outcome<Mailbox>> {
  const config = await readCloneConfig(directory, progress);
  if (config.kind !== 'done') return config;
  const { name, email } = config.value;
  if (email !== null) return done({ name: name ?? '', address: email });
  return refused(
    'reply/no-identity',
    `git knows no user.email in ${directory}.`,
    'A reply needs a sender.',
    'Tell git: git config --global user.name "Your Name" and git config --global user.email you@example.org',
  );
}
