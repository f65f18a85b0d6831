/** A series for a person to read in a terminal. */
import type { SeriesView } from '../protocol/series-view';

/** Title, where it is applied, and a line a patch. */
export function seriesText(view: SeriesView): string {
  const width = String(view.patches.length).length;
  const lines = [
    `[${view.prefix}${view.revision > 1 ? ` v${view.revision}` : ''}] ${view.title}`,
    `  message-id ${view.id}`,
    `  worktree   ${view.worktree}`,
    `  base       ${view.base}`,
    '',
  ];
  for (const patch of view.patches) {
    const replies = patch.replies.length === 0 ? '' : `, ${patch.replies.length} ${patch.replies.length === 1 ? 'reply' : 'replies'}`;
    const files = `${patch.files.length} ${patch.files.length === 1 ? 'file' : 'files'}`;
    const commit = patch.commit === '' ? '(in base)   ' : patch.commit.slice(0, 12);
    lines.push(
      `${String(patch.number).padStart(width)} ${commit} ${patch.title}`,
      `${' '.repeat(width)} ${patch.author}; ${files}, +${patch.additions} −${patch.deletions}${replies}`,
    );
  }
  return lines.join('\n');
}
