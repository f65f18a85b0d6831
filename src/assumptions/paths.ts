/** Where a value comes from, as a path from a variable: `walk.vma` for `walk->vma`, and what belongs to the same hugetlb file or VMA. */
import type { Expr } from './c-tree';

/** Calls whose value is, for our purpose, a path from one of their arguments: which argument, and what is added. */
const THROUGH: ReadonlyMap<string, { readonly arg: number; readonly add: string }> = new Map([
  ['page_folio', { arg: 0, add: '' }],
  ['compound_head', { arg: 0, add: '' }],
  ['folio_page', { arg: 0, add: '' }],
  ['READ_ONCE', { arg: 0, add: '' }],
  ['rcu_dereference', { arg: 0, add: '' }],
  ['likely', { arg: 0, add: '' }],
  ['unlikely', { arg: 0, add: '' }],
  ['file_inode', { arg: 0, add: '.f_inode' }],
  ['d_inode', { arg: 0, add: '.d_inode' }],
  ['d_backing_inode', { arg: 0, add: '.d_inode' }],
  // An entry found in the tables of a hugetlb VMA is as good as the VMA.
  ['hugetlb_walk', { arg: 0, add: '.hugepte' }],
  ['huge_pte_alloc', { arg: 1, add: '.hugepte' }],
  ['huge_pte_offset', { arg: 0, add: '.hugepte' }],
  ['huge_pmd_share', { arg: 1, add: '.hugepte' }],
  // What hangs in the tree of a hugetlb file's mappings are hugetlb VMAs.
  ['vma_interval_tree_iter_first', { arg: 0, add: '' }],
]);

/** Members that lead from a hugetlb object to another of the same file: `vma->vm_file->f_mapping->i_mmap`. */
const SAME_OBJECT = new Set([
  'vm_file',
  'f_mapping',
  'f_inode',
  'i_mapping',
  'i_mmap',
  'host',
  'd_inode',
  'i_sb',
  'hugepte',
  'vm_mm',
  'i_data',
  'page',
  'rb_root',
  'vm_flags',
  'vm_private_data',
  'refs',
]);

/** Structures that carry a VMA in a member `vma` along with entries and an mm of it. */
const BESIDE_VMA = new Set(['pte', 'ptep', 'mm', 'pmd', 'pud', 'ptl']);

/** The path of an expression; '' where it has none. */
export function pathOf(one: Expr, depth = 0): string {
  if (depth > 24) return '';
  switch (one.kind) {
    case 'name':
      return one.name;
    case 'field': {
      const base = pathOf(one.of, depth + 1);
      return base === '' ? '' : `${base}.${one.name}`;
    }
    case 'index': {
      const base = pathOf(one.of, depth + 1);
      return base === '' ? '' : `${base}[]`;
    }
    case 'unary':
      return one.op === '&' || one.op === '*' ? pathOf(one.of, depth + 1) : '';
    case 'assign':
      return one.op === '=' ? pathOf(one.right, depth + 1) : '';
    case 'call': {
      const through = one.callee.kind === 'name' ? THROUGH.get(one.callee.name) : undefined;
      const arg = through === undefined ? undefined : one.args[through.arg];
      if (through === undefined || arg === undefined) return '';
      const base = pathOf(arg, depth + 1);
      return base === '' ? '' : base + through.add;
    }
    case 'choice': {
      const yes = one.yes === null ? pathOf(one.test, depth + 1) : pathOf(one.yes, depth + 1);
      return yes !== '' && yes === pathOf(one.no, depth + 1) ? yes : '';
    }
    case 'block': {
      const last = one.body[one.body.length - 1];
      return last?.kind === 'expression' ? pathOf(last.value, depth + 1) : '';
    }
    default:
      return '';
  }
}

/** The variable that a path begins at. */
export function rootOf(path: string): string {
  const end = path.search(/[.[]/);
  return end < 0 ? path : path.slice(0, end);
}

/** One step from a path to the object that it belongs to; null at the end. */
export function widened(path: string): string | null {
  if (path.endsWith('[]')) return path.slice(0, -2);
  const dot = path.lastIndexOf('.');
  if (dot < 0) return null;
  const last = path.slice(dot + 1);
  const base = path.slice(0, dot);
  if (SAME_OBJECT.has(last)) return base;
  if (BESIDE_VMA.has(last)) return `${base}.vma`;
  return null;
}

/** The path of the object as a whole: `vma` for `vma.vm_file.f_mapping`. */
export function objectOf(path: string): string {
  let at = path;
  for (let step = 0; step < 16; step += 1) {
    const next = widened(at);
    if (next === null) break;
    at = next;
  }
  return at;
}

/** Whether a path is another one or begins with it. */
export const beginsWith = (path: string, start: string): boolean =>
  path === start || (path.startsWith(start) && (path[start.length] === '.' || path[start.length] === '['));

/** Whether a folio, a page, a VMA or what carries one is among the arguments, by their names. */
export function handsOn(args: readonly Expr[]): boolean {
  return args.some((arg) => {
    const path = pathOf(arg);
    return path !== '' && HANDED.test(path.slice(path.lastIndexOf('.') + 1));
  });
}

const HANDED = /folio|page(?!s?_size|_?mask|_shift)|vma|vmf|pvmw|^walk$|fbatch|^pofs$|^pfn$|^head$|^mpnt$|^area$|^(?:src|dst|old|new|p)$/i;
