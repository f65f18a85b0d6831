/** `folioscope scan DIR`: the places that test hugetlb status or take it for granted. */
import { setImmediate } from 'node:timers/promises';
import { done, type Outcome } from '../../base/outcome';
import { type Scan, scanSteps } from '../../review/scan';
import { diskTree } from '../../worktree/disk-tree';
import { loadParser } from '../../worktree/tree-sitter';
import { type CliCommand, listOption } from '../command';

export const scan: CliCommand = {
  name: 'scan',
  summary: 'list where the C of a tree tests folios or VMAs for hugetlb, or takes a VMA to be one',
  define: (command) => {
    command
      .argument('<dir>', 'a kernel tree')
      .option('--paths <path...>', 'only these files and directories, relative to the tree (default: all that x86-64 sees)');
  },
  run: async ([directory = ''], options, progress) => {
    // The wasm files lie beside the bundle.
    const parser = await loadParser(__dirname);
    const steps = scanSteps(diskTree(directory), parser, { paths: listOption(options, 'paths') }, progress);
    let found: Outcome<Scan> | null = null;
    while (found === null) {
      const step = steps.next();
      if (step.done === true) found = step.value;
      // Lets Ctrl-C be heard.
      else await setImmediate();
    }
    return found.kind === 'done' ? done({ json: found.value, text: scanText(found.value) }) : found;
  },
};

function scanText(found: Scan): string {
  const lines = found.sites.map(
    (site) => `${site.file}:${site.line}:${site.column} ${site.symbol} (${site.rule}) in ${site.function || 'no function'}`,
  );
  lines.push('', `${found.sites.length} sites in ${found.files} files.`);
  if (found.unread.length > 0) lines.push(...found.unread.map((one) => `Not read: ${one.path} (${one.reason}).`));
  return lines.join('\n');
}
