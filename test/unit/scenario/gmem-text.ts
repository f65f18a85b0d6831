/** Scenario texts for tests: what every example of the language can stand behind. */
import type { Statement } from '../../../src/scenario/gmem/statement';

const HEAD = ['scenario "examples"', '  let buddy 65520', '  vm td type tdx', '  process vmm', '  device nic'];

/** A text in which the statement's example is right, and the number of its line. */
export function textWith({ place, word, example }: Statement): { readonly text: string; readonly line: number } {
  if (place === 'file') return { text: `${example}\n  vm td type tdx\n`, line: 1 };
  if (place === 'declaration') {
    // What the head declares already would be declared twice.
    const lines = HEAD.filter((each) => !each.trim().startsWith(`${word} `) || word === 'sweep');
    return { text: [...lines, `  ${example}`].join('\n'), line: lines.length + 1 };
  }
  const lines = [...HEAD, '  create gmem0 for td size 16GiB', '  guest-fault td gmem0 page 0'];
  const before: Partial<Record<Statement['place'], string[]>> = { branch: ['  parallel'] };
  const all = [...lines, ...(before[place] ?? [])];
  const indent = place === 'step' || place === 'block' ? '  ' : '    ';
  return { text: [...all, `${indent}${example}`].join('\n'), line: all.length + 1 };
}
