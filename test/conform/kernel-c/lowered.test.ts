/** How much of the files under review lowers to a program without a construct that is not run. */
import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/kernel-c/config';
import { readProgram } from '../../../src/kernel-c/read-program';
import { buildTreeIndex, functionsIn } from '../../../src/kernel-c/tree-index';
import { modelledNames } from '../../../src/model/primitives/all';
import { diskTree } from '../../../src/worktree/disk-tree';

const root = process.env['FOLIOSCOPE_TREE'] ?? '';
/** Each with the part of its functions that must lower whole. */
const files = [
  ['virt/kvm/guest_memfd.c', 1],
  ['mm/hugetlb.c', 0.95],
  ['mm/hugetlb_vmemmap.c', 0.95],
  ['fs/hugetlbfs/inode.c', 0.95],
  ['mm/truncate.c', 0.95],
] as const;
const needs = { types: [], constants: [], functions: [], globals: [] };

describe.skipIf(root === '')('functions of the tree lower whole', () => {
  const tree = diskTree(root);
  const index = buildTreeIndex(tree);

  it.each(files)(
    '%s',
    (file, least) => {
      const names = [...new Set(functionsIn(index, file).map((one) => one.name))];
      const left: string[] = [];
      // Definitions under conditions that do not hold are none of this configuration's code.
      const absent: string[] = [];
      let there = 0;
      for (const name of names) {
        const modelled = new Set([...modelledNames].filter((one) => one !== name));
        const program = readProgram(tree, index, { roots: [name], scope: [file], modelled, needs, config: defaultConfig });
        const code = program.functions[name];
        const unread = program.problems.find((one) => one.code === 'kernel-c/unread' && one.message.startsWith(`${name} `));
        if (code === undefined && unread === undefined) {
          absent.push(name);
          continue;
        }
        if (code !== undefined && code.file !== file) continue;
        there += 1;
        const at = code?.code.findIndex((one) => one.op === 'unsupported') ?? -1;
        const instr = code?.code[at];
        if (code === undefined) left.push(`${file}: ${name}(): ${unread?.message ?? ''}`);
        else if (instr?.op === 'unsupported') left.push(`${file}:${code.lines[at]}: ${name}(): ${instr.what}`);
      }
      console.log(
        `${file}: ${there - left.length} of ${there} functions lower whole; under other conditions: ${absent.join(', ') || 'none'}\n${left.join('\n')}`,
      );
      expect(there).toBeGreaterThan(names.length / 2);
      expect((there - left.length) / there).toBeGreaterThanOrEqual(least);
    },
    300_000,
  );
});
