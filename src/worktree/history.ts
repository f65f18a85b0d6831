/** What a worktree's history holds: the text of a file at a commit. */
import { cancelled, done, type Outcome, refused } from '../base/outcome';
import { unwatched } from '../base/progress';
import { runGit } from './git';
import { gitRefused } from './git-refusals';
import { isDirectory } from './worktree-directory';

/** The text of a file at a commit; '' where the commit does not have it. */
export async function fileAtCommit(worktree: string, commit: string, path: string): Promise<Outcome<string>> {
  if (
    !isDirectory(worktree) ||
    !/^[0-9a-f]{7,64}$/.test(commit) ||
    path.startsWith('/') ||
    path.split('/').includes('..') ||
    path.includes('\0')
  ) {
    return refused(
      'worktree/no-such-file',
      `${path} at ${commit} in ${worktree} names no file.`,
      'There is nothing to show.',
      'Open the series again.',
    );
  }
  const run = await runGit(worktree, ['cat-file', 'blob', `${commit}:${path}`], { progress: unwatched });
  if (run.kind === 'cancelled') return cancelled;
  if (run.kind === 'not-run') return gitRefused(run, worktree, 'read a file');
  return done(run.code === 0 ? run.stdout : '');
}
