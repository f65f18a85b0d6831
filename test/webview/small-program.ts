/** A small function with its memory, read by the real reader, for the page to run. */
import { readFileSync } from 'node:fs';
import { buildTreeIndex } from '../../src/kernel-c/tree-index';
import type { SimulationSetup } from '../../src/protocol/simulation';
import { programFor } from '../../src/review/read-for-simulation';

const C = `
void *kmalloc(unsigned long size, unsigned int flags);
void kfree(const void *object);

static long small_add(long a, long b)
{
	return a + b;
}

int small_walk(struct inode *inode, long rounds)
{
	long sum = 0;
	long i;
	void *buffer = kmalloc(64, 0);

	if (!buffer)
		return -12;
	for (i = 0; i < rounds; i++)
		sum = small_add(sum, i);
	kfree(buffer);
	return sum > 1000 ? 1 : 0;
}
`;

export function smallSetup(): SimulationSetup {
  const texts = new Map([
    ['include/linux/primitives.h', readFileSync(new URL('../fixtures/primitives.h', import.meta.url), 'utf8')],
    ['mm/small.c', C],
  ]);
  const tree = { paths: [...texts.keys()], read: (path: string) => texts.get(path) ?? null };
  const program = programFor(tree, buildTreeIndex(tree), 'small_walk');
  if (program.kind !== 'done') throw new Error(JSON.stringify(program));
  return {
    program: program.value,
    function: 'small_walk',
    scenario: { order: 3, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: { rounds: '500000' } },
  };
}
