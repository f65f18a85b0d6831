/** `folioscope open SOURCE --repo DIR`: a mailed series into a worktree. */
import { done } from '../../base/outcome';
import { openSeries } from '../../review/open-series';
import { seriesViewOf } from '../../series/series-view';
import { openPorts } from '../../worktree/open-ports';
import { type CliCommand, flag, requiredText, textOption } from '../command';
import { seriesText } from '../series-text';

export const open: CliCommand = {
  name: 'open',
  summary: 'open a mailed series: apply its patches as commits in a new worktree of a clone',
  define: (command) => {
    command
      .argument('<source>', 'mbox file (plain or .gz), message-id, or URL of a message in a lore archive')
      .requiredOption('--repo <dir>', 'the clone of the kernel; its checkout, index, branches and config stay as they are')
      .option('--base <ref>', 'commit, tag or branch that the series is made for (default: its base-commit trailer)')
      .option('--worktree <dir>', 'where to put the worktree (default: in the data directory)')
      .option('--full', 'check out everything, not only the directories that the series and the memory model need')
      .option('--archive <url>', 'where threads are fetched from', 'https://lore.kernel.org/all/');
  },
  run: async ([source = ''], options, progress) => {
    const base = textOption(options, 'base');
    const worktree = textOption(options, 'worktree');
    const params = {
      source,
      repo: requiredText(options, 'repo'),
      full: flag(options, 'full'),
      archive: requiredText(options, 'archive'),
      ...(base === undefined ? {} : { base }),
      ...(worktree === undefined ? {} : { worktree }),
    };
    const opened = await openSeries(openPorts(), params, progress);
    if (opened.kind !== 'done') return opened;
    const view = seriesViewOf(opened.value.series, opened.value.opened);
    const was = opened.value.reused ? 'Opened before; the same worktree is used.' : `Applied ${view.patches.length} patches.`;
    return done({ json: { series: view, reused: opened.value.reused }, text: `${seriesText(view)}\n\n${was}` });
  },
};
