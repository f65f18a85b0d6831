/** `folioscope series DIR`: what was opened in a worktree. */
import { done } from '../../base/outcome';
import { seriesViewOf } from '../../series/series-view';
import type { CliCommand } from '../command';
import { seriesAt } from '../opened-series';
import { seriesText } from '../series-text';

export const series: CliCommand = {
  name: 'series',
  summary: 'show the series of a worktree: cover, patches, files, replies, commits',
  define: (command) => {
    command.argument('<dir>', 'a worktree that was opened');
  },
  run: async ([directory = '']) => {
    const found = await seriesAt(directory);
    if (found.kind !== 'done') return found;
    const view = seriesViewOf(found.value.series, found.value.opened);
    return done({ json: view, text: seriesText(view) });
  },
};
