/** `folioscope program --tree DIR --function NAME`: the flat program that the reader makes of a function. */
import { done } from '../../base/outcome';
import type { Program } from '../../kernel-c/program';
import { programFor } from '../../review/read-for-simulation';
import { type CliCommand, requiredText } from '../command';
import { defineTree, indexedTree } from '../tree-reading';

export const program: CliCommand = {
  name: 'program',
  summary: 'show what the C of a function and its callees is lowered to',
  endsAtOnce: true,
  define: defineTree,
  run: async (_args, options, progress) => {
    const read = indexedTree(options, progress);
    if (read.kind !== 'done') return read;
    const found = programFor(read.value.tree, read.value.index, requiredText(options, 'function'), { config: read.value.config });
    return found.kind === 'done' ? done({ json: found.value, text: programText(found.value) }) : found;
  },
};

function programText(read: Program): string {
  const lines: string[] = [];
  for (const one of Object.values(read.functions)) {
    lines.push(`${one.name} (${one.file}:${one.line}), ${one.code.length} instructions`);
    one.code.forEach((instr, at) => {
      const { op, ...rest } = instr;
      lines.push(`  ${String(at).padStart(4)} ${String(one.lines[at]).padStart(5)}  ${op} ${JSON.stringify(rest)}`);
    });
  }
  for (const one of Object.values(read.prototypes)) lines.push(`${one.name}: ${one.mode}`);
  for (const one of read.problems) lines.push(`${one.place?.file ?? ''}:${one.place?.line ?? 0} ${one.message}`);
  return lines.join('\n');
}
