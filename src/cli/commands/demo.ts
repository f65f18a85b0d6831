/** `folioscope demo`: the bundled demo review. */
import { join, resolve } from 'node:path';
import { done } from '../../base/outcome';
import { seriesViewOf } from '../../series/series-view';
import { openDemo } from '../../worktree/demo';
import { dataDirectory } from '../../worktree/opened';
import { type CliCommand, textOption } from '../command';
import { seriesText } from '../series-text';

export const demo: CliCommand = {
  name: 'demo',
  summary: 'build the bundled demo review and open it',
  define: (command) => {
    command.option('--data <dir>', 'where to build it (default: the data directory)');
  },
  run: async (_args, options, progress) => {
    const data = textOption(options, 'data');
    // The bundle is dist/cli.js; the demo lies beside dist.
    const opened = await openDemo(join(__dirname, '..', 'demo'), progress, data === undefined ? dataDirectory() : resolve(data));
    if (opened.kind !== 'done') return opened;
    const view = seriesViewOf(opened.value.series, opened.value.opened);
    return done({ json: { series: view, reused: opened.value.reused }, text: seriesText(view) });
  },
};
