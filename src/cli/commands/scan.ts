/** `folioscope scan DIR`: the places that test hugetlb status or take it for granted, each with its class and why. */
import { join } from 'node:path';
import { done } from '../../base/outcome';
import type { Scan } from '../../review/scan';
import { scanDirectory } from '../../worktree/scan-directory';
import { type CliCommand, flag, listOption } from '../command';

export const scan: CliCommand = {
  name: 'scan',
  summary: 'list where the C of a tree tests folios or VMAs for hugetlb, or takes a VMA to be one, and what each place is',
  define: (command) => {
    command
      .argument('<dir>', 'a kernel tree')
      .option('--paths <path...>', 'tell only of these files and directories, relative to the tree; callers are looked for in all of it')
      .option('--no-cache', 'read every file again, and keep nothing');
  },
  run: async ([directory = ''], options, progress) => {
    const found = await scanDirectory(
      directory,
      {
        paths: listOption(options, 'paths'),
        // The thread lies beside the bundle.
        thread: join(__dirname, 'scan-worker.js'),
        ...(flag(options, 'cache') ? {} : { data: null }),
      },
      progress,
    );
    return found.kind === 'done' ? done({ json: found.value, text: scanText(found.value) }) : found;
  },
};

function scanText(found: Scan): string {
  const lines = found.sites.map(
    (site) => `${site.file}:${site.line}:${site.column} ${site.symbol} ${site.class} in ${site.function || 'no function'}`,
  );
  lines.push('', `${found.sites.length} sites in ${found.files} files.`);
  lines.push(
    ...found.unread.map((one) => `Not read: ${one.file}:${one.line}${one.function === '' ? '' : ` ${one.function}`} (${one.reason}).`),
  );
  return lines.join('\n');
}
