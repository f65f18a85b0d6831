/** What user space and the guest see of the kernel's work: the content of pages, and the page tables that map them. */
import { primitive, returns } from '../define';
import { fieldOf, PAGE_SIZE } from '../fields';
import { pfnOf } from '../memmap';
import type { Kernel, Layout, Primitive } from '../primitive';
import { readContent, writeContent, zeroBytesOf, zeroFrames } from '../userspace/contents';
import { bindFrames } from '../userspace/frames';
import { bindPageTables } from '../userspace/page-tables';

const CONTENT_NEEDS = { types: ['struct page', 'struct folio'], constants: ['PG_head', 'PG_locked', 'PGTY_hugetlb'] };
const UNMAP_NEEDS = { ...CONTENT_NEEDS, types: [...CONTENT_NEEDS.types, 'struct address_space'], functions: ['free_huge_folio'] };
const SETUP = 'struct address_space m = { 0 }; struct folio f = { 0 }; f.mapping = &m; f._refcount.counter = 1; f.page.page_type = -1;';

/** What a call does to the content of page frames, from the frame of its first argument on. */
type Zeroing = (kernel: Kernel, pfn: number, pages: number) => void;

const contents = (
  [
    ['clear_highpage', 'include/linux/highmem.h', '&p', 'Zeroes a page.', (kernel, pfn) => zeroFrames(kernel, pfn, 1)],
    ['clear_user_highpage', 'include/linux/highmem.h', '&p, 0', 'Zeroes a page.', (kernel, pfn) => zeroFrames(kernel, pfn, 1)],
    [
      'folio_zero_user',
      'mm/memory.c',
      '(struct folio *)&p, 0',
      'Zeroes all pages of a folio.',
      (kernel, pfn, pages) => zeroFrames(kernel, pfn, pages),
    ],
    [
      'folio_zero_segment',
      'include/linux/highmem.h',
      '(struct folio *)&p, 0, 64',
      'Zeroes a range of bytes of a folio.',
      (kernel, pfn) => zeroBytesOf(kernel, pfn, kernel.arg(1), kernel.arg(2)),
    ],
    [
      'folio_zero_segments',
      'include/linux/highmem.h',
      '(struct folio *)&p, 0, 64, 128, 192',
      'Zeroes two ranges of bytes of a folio.',
      (kernel, pfn) => {
        zeroBytesOf(kernel, pfn, kernel.arg(1), kernel.arg(2));
        zeroBytesOf(kernel, pfn, kernel.arg(3), kernel.arg(4));
      },
    ],
    [
      'copy_highpage',
      'include/linux/highmem.h',
      '&p, &p',
      'Copies a page.',
      (kernel, pfn) => writeContent(kernel, pfn, readContent(kernel, pfnOf(kernel.arg(1), kernel.layout.sizeof('struct page')))),
    ],
  ] satisfies readonly (readonly [string, string, string, string, Zeroing])[]
).map(([name, source, args, meaning, act]) =>
  primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: 'Bytes: a page has one word that says what is in it, and only where the scenario has users.',
    needs: CONTENT_NEEDS,
    examples: [returns(`struct page p = { 0 }; ${name}(${args}); return p.flags;`, 0)],
    bind: (layout) => {
      const frames = bindFrames(layout);
      const flags = fieldOf(layout, 'struct page', 'flags');
      return (kernel) => {
        const page = kernel.arg(0);
        kernel.load(page, flags);
        const pfn = pfnOf(page, frames.size);
        act(kernel, pfn, name.startsWith('folio') ? frames.sizeOf(kernel, page) : 1);
        return kernel.event('content', meaning, { pfn });
      };
    },
  }),
);

/** Pages of the file, both included; the last is as large as can be where the end wraps. */
type Window = (kernel: Kernel) => { readonly mapping: number; readonly first: number; readonly last: number };

const windowOf = (mapping: number, first: number, pages: number): ReturnType<Window> => ({
  mapping,
  first,
  last: pages === 0 || first + pages > 2 ** 52 ? Number.MAX_SAFE_INTEGER : first + pages - 1,
});

const unmapRow = (name: string, meaning: string, source: string, call: string, bind: (layout: Layout) => Window): Primitive =>
  primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: 'Flushing of TLBs, and private copies of pages.',
    needs: UNMAP_NEEDS,
    visible: true,
    examples: [returns(`${SETUP} ${call}; return 1;`, 1)],
    bind: (layout) => {
      const window = bind(layout);
      const tables = bindPageTables(layout);
      return (kernel) => {
        const { mapping, first, last } = window(kernel);
        if (kernel.phase === 0) {
          kernel.event(
            'unmap',
            `pages ${last > 2 ** 50 ? `from ${first} on` : `${first} to ${last}`} of the file are taken out of the page tables of user space`,
          );
        }
        const result = tables.zapAll(kernel, mapping, first, last);
        return typeof result === 'object' && result.control === 'tail' ? kernel.call(result.callee, result.args, 1) : result;
      };
    },
  });

const unmaps = [
  unmapRow(
    'unmap_mapping_range',
    'Takes the pages of a range of bytes of the file out of the page tables of all processes, with their map counts and references.',
    'mm/memory.c',
    'unmap_mapping_range(&m, 0, 4096, 0)',
    () => (kernel) =>
      windowOf(kernel.arg(0), Math.floor(kernel.arg(1) / PAGE_SIZE), Math.floor((kernel.arg(2) + PAGE_SIZE - 1) / PAGE_SIZE)),
  ),
  unmapRow(
    'unmap_mapping_pages',
    'The same for a range of pages.',
    'mm/memory.c',
    'unmap_mapping_pages(&m, 0, 1, 0)',
    () => (kernel) => windowOf(kernel.arg(0), kernel.arg(1), kernel.arg(2)),
  ),
  unmapRow('unmap_mapping_folio', 'The same for the pages of a locked folio.', 'mm/memory.c', 'unmap_mapping_folio(&f)', (layout) => {
    const frames = bindFrames(layout);
    return (kernel) => {
      const folio = kernel.arg(0);
      return windowOf(kernel.load(folio, frames.mapping), kernel.load(folio, frames.index), frames.sizeOf(kernel, folio));
    };
  }),
];

export const users: readonly Primitive[] = [...contents, ...unmaps];
