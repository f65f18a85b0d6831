import { describe, expect, it } from 'vitest';
import type { Assessed } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { type Scan, scanTree } from '../../../src/review/scan';
import { claimSteps, historyOf } from '../../../src/review/scan-history';

function scanned(files: Readonly<Record<string, string>>): Scan {
  const outcome = scanTree({ paths: Object.keys(files).sort(), read: (path) => files[path] ?? null }, {}, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

const GUEST = 'virt/kvm/guest_memfd.c';
/** What a guest_memfd needs for the ways: it puts a folio into the page cache, and may be mapped or take hugetlb folios. */
const guest = (
  more: { readonly mmap?: boolean; readonly hugetlb?: boolean; readonly refuses?: boolean; readonly asks?: boolean } = {},
): string =>
  [
    'static struct folio *own_get(struct inode *inode)\n{\n\tmapping_set_inaccessible(inode->i_mapping);',
    more.hugetlb === true ? '\tfolio = hugetlb_alloc_folio(h);' : '\tfolio = plain_alloc(inode);',
    more.asks === true ? '\tif (folio_test_hugetlb(folio))\n\t\tprepare(folio);' : '',
    '\tfilemap_keep(inode->i_mapping, folio);\n\treturn folio;\n}',
    'static vm_fault_t own_fault(struct vm_fault *vmf)\n{\n\tfolio = own_get(inode);',
    more.refuses === true ? '\tif (WARN_ON(folio_test_hugetlb(folio)))\n\t\treturn VM_FAULT_SIGBUS;' : '',
    '\treturn 0;\n}',
    'static const struct vm_operations_struct own_vm_ops = {\n\t.fault = own_fault,\n};',
    `static struct file_operations own_fops = {\n${more.mmap === true ? '\t.mmap = own_mmap,\n' : ''}\t.open = generic_open,\n};`,
  ].join('\n') + '\n';

const MM = {
  'mm/filemap.c':
    'int filemap_keep(struct address_space *mapping, struct folio *folio)\n{\n\tif (!folio_test_hugetlb(folio))\n\t\tcount(folio);\n\treturn 0;\n}\n',
  'mm/rmap.c':
    'static bool unmap_one(struct folio *folio, struct vm_area_struct *vma)\n{\n\tif (folio_test_hugetlb(folio))\n\t\tsize(hstate_vma(vma));\n\treturn true;\n}\n' +
    'void rmap_walk(struct folio *folio, struct control *rwc)\n{\n\tvma_interval_tree_foreach(vma, &mapping->i_mmap, 0, 1) {\n\t\trwc->rmap_one(folio, vma);\n\t}\n}\n' +
    'void unmap(struct folio *folio)\n{\n\tstruct control rwc = { .rmap_one = unmap_one };\n\n\trmap_walk(folio, &rwc);\n}\n',
  'mm/memory-failure.c':
    'int fail(unsigned long pfn)\n{\n\tstruct folio *folio = page_folio(pfn_to_page(pfn));\n\n\tunmap(folio);\n\treturn 0;\n}\n',
  'mm/gup.c':
    'int walk(struct mm_struct *mm)\n{\n\tstruct vm_area_struct *vma = find_vma(mm, 0);\n\n\tif (is_vm_hugetlb_page(vma))\n\t\thugetlb_vma_lock_read(vma);\n\treturn 0;\n}\n',
  'mm/lone.c':
    'int lone(struct folio *folio)\n{\n\treturn folio_test_hugetlb(folio);\n}\nint near(struct folio *folio)\n{\n\treturn never(folio_test_hugetlb(folio));\n}\nint far(struct vm_area_struct *vma)\n{\n\treturn near(other());\n}\n',
};

const site = (scan: Scan, file: string, symbol: string): Assessed | undefined =>
  scan.sites.find((one) => one.file === file && one.symbol === symbol);

describe('the reach of a site', () => {
  it('is by what guest_memfd hands on, with the calls that lead there', () => {
    const found = site(scanned({ ...MM, [GUEST]: guest() }), 'mm/filemap.c', 'folio_test_hugetlb');
    expect(found?.reach).toMatchObject({ is: 'reachable', because: 'guest_memfd hands its folios on' });
    expect(found?.reach.path.at(-2)).toMatchObject({ file: GUEST });
    expect(found?.reach.path.at(-1)).toEqual({ file: 'mm/filemap.c', line: 3 });
  });

  it('goes through mappings only where guest_memfd can be mapped', () => {
    const closed = scanned({ ...MM, [GUEST]: guest() });
    expect(site(closed, 'mm/rmap.c', 'folio_test_hugetlb')?.reach).toMatchObject({
      is: 'not-reachable',
      because: expect.stringContaining('no mmap') as string,
    });
    const open = scanned({ ...MM, [GUEST]: guest({ mmap: true }) });
    expect(site(open, 'mm/rmap.c', 'folio_test_hugetlb')).toMatchObject({ class: 'assumes-hugetlb-vma', reach: { is: 'reachable' } });
    expect(site(open, 'mm/gup.c', 'is_vm_hugetlb_page')?.reach.is).toBe('reachable');
  });

  it('ends where only hugetlb VMAs or hugetlb folios come', () => {
    const reach = (more: Parameters<typeof guest>[0], file: string, symbol: string) =>
      site(scanned({ ...MM, [GUEST]: guest(more) }), file, symbol)?.reach;
    expect(reach({ mmap: true, hugetlb: true }, 'mm/gup.c', 'hugetlb_vma_lock_read')).toMatchObject({
      is: 'not-reachable',
      path: [
        { file: 'mm/gup.c', line: 5 },
        { file: 'mm/gup.c', line: 6 },
      ],
    });
    expect(reach({ mmap: true }, 'mm/rmap.c', 'hstate_vma')?.is).toBe('not-reachable');
    expect(reach({ mmap: true, hugetlb: true }, 'mm/rmap.c', 'hstate_vma')?.is).toBe('reachable');
    expect(reach({ mmap: true, hugetlb: true, refuses: true }, 'mm/rmap.c', 'hstate_vma')?.is).toBe('not-reachable');
  });

  it('cannot be told without guest_memfd, or where nothing calls the function', () => {
    expect(site(scanned(MM), 'mm/filemap.c', 'folio_test_hugetlb')?.reach.is).toBe('cannot-tell');
    const scan = scanned({ ...MM, [GUEST]: guest() });
    expect(scan.sites.filter(({ file }) => file === 'mm/lone.c').map(({ reach }) => reach.is)).toEqual(['cannot-tell', 'not-reachable']);
  });
});

describe('the claims', () => {
  const verdicts = (more: Parameters<typeof guest>[0] | null): readonly string[] =>
    scanned(more === null ? MM : { ...MM, [GUEST]: guest(more) }).claims.map(({ verdict }) => verdict);

  it.each([
    [null, ['not-covered', 'not-covered', 'not-covered']],
    [{}, ['not-covered', 'not-covered', 'not-covered']],
    [{ mmap: true }, ['not-covered', 'holding', 'not-covered']],
    [{ hugetlb: true }, ['holding', 'not-covered', 'not-covered']],
    [{ mmap: true, hugetlb: true }, ['holding', 'holding', 'failing']],
    [{ mmap: true, hugetlb: true, refuses: true }, ['holding', 'holding', 'holding']],
    [{ mmap: true, hugetlb: true, asks: true }, ['failing', 'holding', 'failing']],
  ])('%j: %j', (more, expected) => {
    expect(verdicts(more)).toEqual(expected);
  });

  it('take folios that lose their status before they come into the page cache for mapped ones that are none', () => {
    const verdict = (body: string): string | undefined => {
      const own = `static void own_split(struct folio *folio)\n{\n\t__folio_clear_hugetlb(folio);\n}\nstatic struct folio *own_take(struct inode *inode)\n{\n${body}\n\treturn folio;\n}\n`;
      const file = own + guest({ mmap: true }).replace('plain_alloc(inode)', 'own_take(inode)');
      return scanned({ ...MM, [GUEST]: file }).claims.find(({ id }) => id === 'mapped-never-hugetlb')?.verdict;
    };
    const take = '\tstruct folio *folio = hugetlb_alloc_folio(h);\n';
    expect(verdict(`${take}\town_split(folio);\n\t__filemap_add_folio(m, folio, 0, 0, NULL);`)).toBe('holding');
    expect(verdict(`${take}\t__filemap_add_folio(m, folio, 0, 0, NULL);\n\town_split(folio);`)).toBe('failing');
    expect(verdict(`${take}\t__filemap_add_folio(m, folio, 0, 0, NULL);`)).toBe('failing');
  });
});

describe('the history of sites', () => {
  it('says which patch adds, removes and changes what, and since when each is what it is', () => {
    const one = scanned({ ...MM, [GUEST]: guest() });
    const two = scanned({ ...MM, [GUEST]: guest({ hugetlb: true, asks: true }) });
    const three = scanned({ ...MM, [GUEST]: guest({ hugetlb: true, mmap: true }) });
    const { patches, sites } = historyOf([one, two, three], ['a1', 'b2']);
    expect(patches.map(({ patch, commit }) => [patch, commit])).toEqual([
      [1, 'a1'],
      [2, 'b2'],
    ]);
    expect(patches[0]?.added.map(({ file, symbol }) => `${file} ${symbol}`)).toEqual([`${GUEST} folio_test_hugetlb`]);
    expect(patches[0]?.removed).toEqual([]);
    expect(patches[1]?.removed.map(({ file }) => file)).toEqual([GUEST]);
    expect(patches[1]?.changed).toContainEqual(
      expect.objectContaining({
        site: expect.objectContaining({ file: 'mm/rmap.c', symbol: 'hstate_vma' }) as object,
        before: { class: 'from-folio', reach: 'not-reachable' },
      }),
    );
    expect(patches[1]?.claims.map(({ verdict }) => verdict)).toEqual(['holding', 'holding', 'failing']);
    expect(sites.find(({ file, symbol }) => file === 'mm/rmap.c' && symbol === 'hstate_vma')?.since).toBe(2);
    expect(sites.find(({ file }) => file === 'mm/filemap.c')?.since).toBe(0);
  });

  it('tells what each claim was before the series, and which patch changed it', () => {
    const one = scanned({ ...MM, [GUEST]: guest() });
    const two = scanned({ ...MM, [GUEST]: guest({ hugetlb: true, asks: true }) });
    const three = scanned({ ...MM, [GUEST]: guest({ hugetlb: true, mmap: true }) });
    const steps = claimSteps([one, one, two, three]);
    const of = (wanted: string): readonly unknown[] =>
      steps.filter(({ id }) => id === wanted).map(({ patch, verdict }) => [patch, verdict]);
    expect(of('never-tests-folio')).toEqual([
      [0, 'not-covered'],
      [2, 'failing'],
      [3, 'holding'],
    ]);
    expect(of('never-hugetlb-vma')).toEqual([
      [0, 'not-covered'],
      [3, 'holding'],
    ]);
    expect(of('mapped-never-hugetlb').at(-1)).toEqual([3, 'failing']);
  });

  it('keeps a site that only moves', () => {
    const before = scanned({ 'mm/a.c': 'int f(struct folio *folio)\n{\n\treturn folio_test_hugetlb(folio);\n}\n' });
    const after = scanned({ 'mm/a.c': '\n\n\nint f(struct folio *folio)\n{\n\treturn folio_test_hugetlb(folio);\n}\n' });
    const { patches, sites } = historyOf([before, after], ['a1']);
    expect(patches).toMatchObject([{ added: [], removed: [], changed: [] }]);
    expect(sites).toMatchObject([{ line: 6, since: 0 }]);
  });
});
