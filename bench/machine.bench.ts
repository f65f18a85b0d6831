/** How many instructions of C a second the machine interprets, and what going back costs. */
import { buildTreeIndex } from '../src/kernel-c/tree-index';
import { readProgram } from '../src/kernel-c/read-program';
import { createMachine } from '../src/machine/machine';
import type { Machine } from '../src/machine/api';

const text = `
struct page { unsigned long flags; struct page *next; void *mapping; unsigned long index, private; int mapcount, refcount; unsigned long data; };
static struct page *at(struct page *map, unsigned long pfn) { return map + pfn; }
static void set_count(struct page *page, int count) { page->refcount = count; }
long init_pages(struct page *map, unsigned long pages)
{
	for (unsigned long i = 0; i < pages; i++) {
		struct page *page = at(map, i);
		page->flags = 1ul << (i & 7);
		page->mapping = map;
		page->index = i;
		page->private = 0;
		page->mapcount = -1;
		page->data = 0;
		page->next = at(map, (i + 4099) % pages);
		set_count(page, 1);
	}
	return 0;
}
long chase(struct page *page, unsigned long times)
{
	long sum = 0;
	while (times--) {
		sum += page->index ^ page->refcount;
		page = page->next;
	}
	return sum;
}
static long add(long a, long b) { return a + b; }
long calls(long times) { long sum = 0; for (long i = 0; i < times; i++) sum = add(sum, i); return sum; }
long locals(long times) { long sum = 0; for (long i = 0; i < times; i++) { long v = i, *p = &v; *p += sum; sum = *p & 0xffff; } return sum; }
unsigned long sums(unsigned long times) { unsigned long h = 7; for (unsigned long i = 0; i < times; i++) { h = h * 31 + (i >> 3); h ^= h >> 17; } return h; }
`;
const roots = ['init_pages', 'chase', 'calls', 'locals', 'sums'];
const PAGES = 262_144;
const VMEMMAP = -0x160000000000;
const SIZE = 64;
/** Instructions a second that the machine must reach, in millions. */
const WANTED = 20;

const tree = { paths: ['bench.c'], read: () => text };
const program = readProgram(tree, buildTreeIndex(tree), {
  roots,
  scope: ['bench.c'],
  modelled: new Set<string>(),
  needs: { types: [], constants: [], functions: [], globals: [] },
  config: {},
});

function machine(): Machine {
  const made = createMachine({ program, primitives: [] });
  made.map(VMEMMAP, PAGES * SIZE, 'memmap');
  return made;
}

function measure(on: Machine, name: string, args: readonly number[]): { steps: number; ms: number } {
  on.start(name, args);
  const before = on.steps();
  const from = performance.now();
  on.run(1_000_000_000);
  const ms = performance.now() - from;
  if (on.status().kind !== 'returned') throw new Error(`${name}: ${JSON.stringify(on.status())}`);
  return { steps: on.steps() - before, ms };
}

function line(name: string, { steps, ms }: { steps: number; ms: number }): void {
  const speed = steps / ms / 1000;
  console.log(
    `${name.padEnd(34)} ${(steps / 1e6).toFixed(1).padStart(6)} M steps ${ms.toFixed(0).padStart(6)} ms ${speed.toFixed(0).padStart(5)} M/s${speed < WANTED ? `  (wanted: ${WANTED})` : ''}`,
  );
}

const on = machine();
measure(on, 'init_pages', [VMEMMAP, 4096]);
line(`struct page of ${PAGES} frames`, measure(on, 'init_pages', [VMEMMAP, PAGES]));
line('pointer chasing', measure(on, 'chase', [VMEMMAP, 2_000_000]));
line('calls', measure(on, 'calls', [1_000_000]));
line('locals in memory', measure(on, 'locals', [1_000_000]));
line('64-bit arithmetic', measure(on, 'sums', [1_000_000]));

const back = machine();
measure(back, 'init_pages', [VMEMMAP, PAGES]);
const end = back.steps();
const from = performance.now();
for (let count = 0; count < 20; count++) back.stepBack();
const near = (performance.now() - from) / 20;
const far = performance.now();
back.goTo(Math.floor(end / 7));
back.stepBack();
console.log(
  `step back near the end of ${(end / 1e6).toFixed(1)} M steps: ${near.toFixed(1)} ms; to a seventh of it: ${(performance.now() - far).toFixed(1)} ms`,
);
console.log(
  `memory: ${(back.memoryUsed() / 1048576).toFixed(0)} MiB with its marks, ${(process.memoryUsage().rss / 1048576).toFixed(0)} MiB of the process`,
);
