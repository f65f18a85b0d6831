import { describe, expect, it } from 'vitest';
import type { Classified } from '../../../src/assumptions/site';
import { unwatched } from '../../../src/base/progress';
import { type Scan, scanTree } from '../../../src/review/scan';

function scanned(files: Readonly<Record<string, string>>): Scan {
  const outcome = scanTree({ paths: Object.keys(files), read: (path) => files[path] ?? null }, {}, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

const sitesIn = (text: string, others: Readonly<Record<string, string>> = {}): readonly Classified[] =>
  scanned({ 'mm/a.c': text, ...others }).sites.filter(({ file }) => file === 'mm/a.c');

/** The class of the first site of a name. */
const classOf = (text: string, symbol: string, others?: Readonly<Record<string, string>>): string =>
  sitesIn(text, others).find((site) => site.symbol === symbol)?.class ?? 'no site';

const inFunction = (body: string, params = 'struct folio *folio, struct vm_area_struct *vma'): string =>
  `static int f(${params})\n{\n${body}\n}\n`;
const folioTest = (body: string): string => classOf(inFunction(body), 'folio_test_hugetlb');
const operation = (body: string, others?: Readonly<Record<string, string>>): string =>
  classOf(
    `${inFunction(body)}int g(struct folio *folio, struct mm_struct *mm)\n{\n\treturn f(folio, find_vma(mm, 0));\n}\n`,
    'hstate_vma',
    others,
  );

describe('a folio test', () => {
  it.each([
    // Only in assertions.
    ['VM_BUG_ON_FOLIO(folio_test_hugetlb(folio), folio);', 'asserts'],
    ['WARN_ON_ONCE(a && !folio_test_hugetlb(folio) && b);', 'asserts'],
    ['if (WARN_ON(folio_test_hugetlb(folio)))\n\t\treturn 0;\n\twork(folio);', 'asserts'],
    // Letting go of a file before leaving is no work.
    ['if (folio_test_hugetlb(folio)) {\n\t\tfdput(f);\n\t\treturn -EOPNOTSUPP;\n\t}\n\twork(folio);', 'excludes'],
    // What is done for it needs a hugetlb VMA.
    ['if (folio_test_hugetlb(folio))\n\t\tsize(hstate_vma(vma));', 'assumes-hugetlb-vma'],
    ['if (!folio_test_hugetlb(folio))\n\t\treturn 0;\n\tsize(hstate_vma(vma));', 'assumes-hugetlb-vma'],
    ['size = folio_test_hugetlb(folio) ? huge_page_size(hstate_vma(vma)) : 1;', 'assumes-hugetlb-vma'],
    ['if (!folio_test_hugetlb(folio))\n\t\tgoto out;\n\tsize(hstate_vma(vma));\nout:\n\treturn 0;', 'assumes-hugetlb-vma'],
    ['bool huge = folio_test_hugetlb(folio);\n\n\tlock();\n\tif (huge)\n\t\tsize(hstate_vma(vma));', 'assumes-hugetlb-vma'],
    ['if (ready && likely(folio_test_hugetlb(folio)))\n\t\tset_huge_pte_at(vma->vm_mm, 0, p, e, 1);', 'assumes-hugetlb-vma'],
    // The same with a test of the VMA before it.
    ['if (folio_test_hugetlb(folio) && is_vm_hugetlb_page(vma))\n\t\tsize(hstate_vma(vma));', 'folio-only'],
    // Not where the folio may be another.
    ['if (a || folio_test_hugetlb(folio))\n\t\tsize(hstate_vma(vma));', 'folio-only'],
    // Turned away or skipped.
    ['if (folio_test_hugetlb(folio))\n\t\treturn -EINVAL;\n\twork(folio);', 'excludes'],
    ['if (!folio_test_hugetlb(folio))\n\t\twork(folio);', 'excludes'],
    ['if (large && !folio_test_hugetlb(folio))\n\t\tindex = offset(vma, folio);', 'excludes'],
    [
      'for (;;) {\n\t\tif (!a || folio_test_hugetlb(folio) || b)\n\t\t\tgoto next;\n\t\twork(folio);\nnext:\n\t\tput(folio);\n\t}',
      'excludes',
    ],
    ['do {\n\t\tif (folio_test_hugetlb(folio))\n\t\t\tcontinue;\n\t\twork(folio);\n\t} while (more());', 'excludes'],
    ['bool huge = folio_test_hugetlb(folio);\n\n\tlock(folio);\n\tif (!huge)\n\t\twork(folio);', 'excludes'],
    ['switch (a) {\n\tcase 1:\n\t\tif (folio_test_hugetlb(folio))\n\t\t\tbreak;\n\t\twork(folio);\n\t}', 'excludes'],
    // Given back.
    ['return folio_test_hugetlb(folio);', 'predicate'],
    ['return a && !folio_test_hugetlb(folio);', 'predicate'],
    ['bool ret = folio_test_hugetlb(folio);\n\n\treturn ret;', 'predicate'],
    ['if (folio_test_hugetlb(folio))\n\t\treturn true;\n\treturn false;', 'predicate'],
    // Handled apart, or the only ones let through.
    ['if (folio_test_hugetlb(folio)) {\n\t\tfree_huge(folio);\n\t\treturn 0;\n\t}\n\twork(folio);', 'folio-only'],
    ['if (!folio_test_hugetlb(folio))\n\t\treturn -EINVAL;\n\twork(folio);', 'folio-only'],
    ['if (!a && !folio_test_hugetlb(folio) && !is_free(folio))\n\t\treturn 0;\n\twork(folio);', 'folio-only'],
    ['if (!(a || folio_test_hugetlb(folio)))\n\t\treturn 1;\n\twork(folio);', 'folio-only'],
    ['if (a && !folio_test_hugetlb(folio))\n\t\tgoto out;\n\twork(folio);\nout:\n\treturn 0;', 'folio-only'],
    ['return folio_test_hugetlb(folio) ? sum(folio) : count(folio);', 'folio-only'],
  ])('%j: %s', (body, expected) => {
    expect(folioTest(`\t${body}`)).toBe(expected);
  });

  it('assumes a hugetlb VMA where a function does that it calls there, and not where that one tests', () => {
    const text = inFunction('\tif (folio_test_hugetlb(folio))\n\t\tclear(folio, vma);');
    const callee = (body: string) => ({ 'mm/b.c': `void clear(struct folio *folio, struct vm_area_struct *area)\n{\n${body}\n}\n` });
    expect(classOf(text, 'folio_test_hugetlb', callee('\thugetlb_vma_lock_read(area);'))).toBe('assumes-hugetlb-vma');
    expect(
      classOf(
        text,
        'folio_test_hugetlb',
        callee('\tdeeper(area);\n}\nvoid deeper(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_read(vma);'),
      ),
    ).toBe('assumes-hugetlb-vma');
    expect(classOf(text, 'folio_test_hugetlb', callee('\tif (is_vm_hugetlb_page(area))\n\t\thugetlb_vma_lock_read(area);'))).toBe(
      'folio-only',
    );
  });

  it('is found behind a helper of one line, turned round or not', () => {
    const others = {
      'include/linux/own.h':
        'static inline bool folio_is_pooled(const struct folio *one)\n{\n\treturn folio_test_hugetlb(one);\n}\n' +
        '#define folio_is_plain(one) (!folio_test_hugetlb(one))\n',
    };
    const body = (name: string) => inFunction(`\tif (${name}(folio))\n\t\tsize(hstate_vma(vma));`);
    expect(classOf(body('folio_is_pooled'), 'folio_is_pooled', others)).toBe('assumes-hugetlb-vma');
    expect(classOf(body('folio_is_plain'), 'folio_is_plain', others)).toBe('excludes');
    expect(classOf(body('folio_is_plain'), 'hstate_vma', others)).toBe('unproven');
  });
});

describe('an operation on a VMA', () => {
  it.each([
    ['if (is_vm_hugetlb_page(vma))\n\t\tsize(hstate_vma(vma));', 'guarded'],
    ['if (!is_vm_hugetlb_page(vma))\n\t\treturn 0;\n\tsize(hstate_vma(vma));', 'guarded'],
    ['if (!a || !is_vm_hugetlb_page(vma))\n\t\tgoto out;\n\tsize(hstate_vma(vma));\nout:\n\treturn 0;', 'guarded'],
    ['if (vma->vm_flags & VM_HUGETLB)\n\t\tsize(hstate_vma(vma));', 'guarded'],
    ['n = is_vm_hugetlb_page(vma) ? size(hstate_vma(vma)) : 1;', 'guarded'],
    ['if (is_vm_hugetlb_page(vma) && huge_page_size(hstate_vma(vma)) > n)\n\t\treturn 1;', 'guarded'],
    ['bool huge = is_vm_hugetlb_page(vma);\n\n\tlock();\n\tif (huge)\n\t\tsize(hstate_vma(vma));', 'guarded'],
    ['struct vm_area_struct *other = vma;\n\n\tif (is_vm_hugetlb_page(other))\n\t\tsize(hstate_vma(vma));', 'guarded'],
    ['for_each_vma(iter, vma) {\n\t\tif (!is_vm_hugetlb_page(vma))\n\t\t\tcontinue;\n\t\tsize(hstate_vma(vma));\n\t}', 'guarded'],
    ['if (is_file_hugepages(vma->vm_file))\n\t\tsize(hstate_vma(vma));', 'guarded'],
    ['vm_flags_set(vma, VM_HUGETLB | VM_DONTEXPAND);\n\tsize(hstate_vma(vma));', 'guarded'],
    // No test, or one that says nothing here.
    ['size(hstate_vma(vma));', 'unproven'],
    ['if (vma->vm_flags & (VM_HUGETLB | VM_IO))\n\t\tsize(hstate_vma(vma));', 'unproven'],
    ['if (is_vm_hugetlb_page(vma) || a)\n\t\tsize(hstate_vma(vma));', 'unproven'],
    ['if (is_vm_hugetlb_page(vma))\n\t\tnote();\n\tsize(hstate_vma(vma));', 'unproven'],
    ['if (is_vm_hugetlb_page(vma)) {\n\t\tvma = next(vma);\n\t\tsize(hstate_vma(vma));\n\t}', 'unproven'],
    ['WARN_ON(!is_vm_hugetlb_page(vma));\n\tsize(hstate_vma(vma));', 'unproven'],
    ['if (!is_vm_hugetlb_page(vma))\n\t\tsize(hstate_vma(vma));', 'unproven'],
    ['again:\n\tif (is_vm_hugetlb_page(vma)) {\n\t\tvma = next(vma);\n\t\tgoto again;\n\t}\n\tsize(hstate_vma(vma));', 'unproven'],
    // Only the folio says so.
    ['if (folio_test_hugetlb(folio))\n\t\tsize(hstate_vma(vma));', 'from-folio'],
    ['while (more()) {\n\t\tif (!folio_test_hugetlb(folio))\n\t\t\tcontinue;\n\t\tsize(hstate_vma(vma));\n\t}', 'from-folio'],
  ])('%j: %s', (body, expected) => {
    expect(operation(`\t${body}`)).toBe(expected);
  });

  it('has both branches of conditional code read, whole statements or not', () => {
    const text = inFunction(
      '#ifdef A\n\tif (!is_vm_hugetlb_page(vma))\n\t\treturn 0;\n#else\n\tif (!a)\n\t\treturn 0;\n#endif\n\tsize(hstate_vma(vma));',
    );
    expect(classOf(text, 'hstate_vma')).toBe('unproven');
    const split = inFunction(
      '#ifdef A\n\tif (is_vm_hugetlb_page(vma)) {\n#else\n\tif (a && is_vm_hugetlb_page(vma)) {\n#endif\n\t\tsize(hstate_vma(vma));\n\t}',
    );
    expect(sitesIn(split).map((site) => site.class)).toEqual(['guards', 'guards', 'guarded']);
  });

  it('is certain of an inode that hugetlbfs made, and of no other', () => {
    const made = (by: string): string => classOf(inFunction(`inode = ${by}(sb, mode);\n\tuse(hstate_inode(inode));`), 'hstate_inode');
    expect(made('hugetlbfs_get_inode')).toBe('guarded');
    expect(made('ramfs_get_inode')).toBe('unproven');
  });

  it('is under contract where every caller passes a hugetlb VMA, however deep', () => {
    const inner = 'static void inner(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_read(vma);\n}\n';
    const outer = 'void outer(struct vm_fault *vmf)\n{\n\tstruct vm_area_struct *vma = vmf->vma;\n\n\tinner(vma);\n}\n';
    const caller = 'int top(struct vm_fault *vmf)\n{\n\tif (is_vm_hugetlb_page(vmf->vma))\n\t\touter(vmf);\n\treturn 0;\n}\n';
    const made =
      'int other(struct vm_area_struct *area)\n{\n\tstruct vm_fault fault = { .vma = area };\n\n\tif (is_vm_hugetlb_page(area))\n\t\touter(&fault);\n\treturn 0;\n}\n';
    expect(classOf(inner + outer, 'hugetlb_vma_lock_read', { 'kernel/b.c': caller })).toBe('contract');
    expect(classOf(inner + outer, 'hugetlb_vma_lock_read', { 'kernel/b.c': caller + made })).toBe('contract');
    const bad = 'void bad(struct vm_fault *vmf)\n{\n\touter(vmf);\n}\n';
    expect(classOf(inner + outer, 'hugetlb_vma_lock_read', { 'kernel/b.c': caller + bad })).toBe('unproven');
    const evidence = sitesIn(inner + outer, { 'kernel/b.c': caller }).find(({ symbol }) => symbol === 'hugetlb_vma_lock_read')?.evidence;
    expect(evidence).toEqual([
      { file: 'mm/a.c', line: 9 },
      { file: 'kernel/b.c', line: 4 },
      { file: 'kernel/b.c', line: 3 },
      { file: 'mm/a.c', line: 3 },
    ]);
  });

  it('is under contract behind a member of a table, where it is only called for hugetlb VMAs', () => {
    const entry =
      'static int entry(pte_t *pte, struct mm_walk *walk)\n{\n\treturn size(hstate_vma(walk->vma));\n}\nstatic const struct mm_walk_ops ops = {\n\t.hugetlb_entry = entry,\n};\n';
    const walker = (test: string) =>
      `int run(struct mm_walk *walk)\n{\n\tstruct vm_area_struct *vma = walk->vma;\n\n\tif (${test})\n\t\treturn walk->ops->hugetlb_entry(0, walk);\n\treturn 0;\n}\n`;
    expect(classOf(entry, 'hstate_vma', { 'mm/w.c': walker('is_vm_hugetlb_page(vma)') })).toBe('contract');
    expect(classOf(entry, 'hstate_vma', { 'mm/w.c': walker('a') })).toBe('unproven');
  });

  it('is under contract in a table of functions that only hugetlb VMAs get', () => {
    const table =
      'static int pages(struct vm_area_struct *vma)\n{\n\treturn size(hstate_vma(vma));\n}\nconst struct vm_operations_struct pool_ops = {\n\t.pagesize = pages,\n};\n';
    const call = 'int any(struct vm_area_struct *vma)\n{\n\treturn vma->vm_ops->pagesize(vma);\n}\n';
    const map = (flag: string) =>
      `int map(struct vm_area_struct *vma)\n{\n\tvm_flags_set(vma, ${flag});\n\tvma->vm_ops = &pool_ops;\n\treturn 0;\n}\n`;
    expect(classOf(table, 'hstate_vma', { 'fs/b.c': call + map('VM_HUGETLB') })).toBe('contract');
    expect(classOf(table, 'hstate_vma', { 'fs/b.c': call + map('VM_IO') })).toBe('unproven');
  });

  it('comes from the folio where callers have only the folio to go by', () => {
    const inner = 'void inner(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_read(vma);\n}\n';
    const caller =
      'int top(struct folio *folio, struct vm_area_struct *vma)\n{\n\tif (folio_test_hugetlb(folio))\n\t\tinner(vma);\n\treturn 0;\n}\n';
    expect(classOf(inner, 'hugetlb_vma_lock_read', { 'mm/b.c': caller })).toBe('from-folio');
  });

  it('is judged in macros too', () => {
    const text = '#define reach(vma) \\\n\t((vma)->vm_flags & VM_HUGETLB ? \\\n\t size(hstate_vma(vma)) : 0)\n';
    expect(sitesIn(text).map((site) => `${site.function} ${site.class}`)).toEqual(['reach guards', 'reach guarded']);
  });
});

describe('what cannot be read', () => {
  it('is listed, and its sites are of no class that looks clean', () => {
    const scan = scanned({
      'mm/a.c': 'int f(struct vm_area_struct *vma)\n{\n\twork();\n\tif (a b c) hstate_vma(vma) = 1 2;\n\treturn 1;\n}\n',
    });
    expect(scan.sites.map((site) => site.class)).toEqual(['unread']);
    expect(scan.unread).toContainEqual({ file: 'mm/a.c', line: 4, function: 'f', reason: expect.any(String) as string });
  });

  it('counts as a caller of whom it calls', () => {
    const inner = 'void inner(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_read(vma);\n}\n';
    const good = 'int top(struct vm_area_struct *vma)\n{\n\tif (is_vm_hugetlb_page(vma))\n\t\tinner(vma);\n\treturn 0;\n}\n';
    const odd = 'int odd(struct vm_area_struct *vma)\n{\n\ta b c d inner(vma) 1 2;\n\treturn 0;\n}\n';
    expect(classOf(inner, 'hugetlb_vma_lock_read', { 'mm/b.c': good })).toBe('contract');
    expect(classOf(inner, 'hugetlb_vma_lock_read', { 'mm/b.c': good + odd })).toBe('unproven');
  });

  it('does not keep what follows from being read', () => {
    const text =
      'int broken(int a,\nint good(struct folio *folio);\nint f(struct folio *folio)\n{\n\tBUG_ON(folio_test_hugetlb(folio));\n\treturn 0;\n}\n';
    expect(sitesIn(text).map((site) => `${site.function} ${site.class}`)).toEqual(['f asserts']);
    expect(scanned({ 'mm/a.c': text }).unread).toEqual([{ file: 'mm/a.c', line: 1, function: '', reason: 'a parenthesis is not closed' }]);
  });
});
