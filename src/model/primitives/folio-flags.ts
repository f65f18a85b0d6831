/** Page flags: `folio_test_x`, `folio_set_x`, `folio_clear_x` and their kin for each flag, the hugetlb flags in `private`, page types. */
import { primitive, returns } from '../define';
import { fieldOf, U32 } from '../fields';
import type { FieldRef, Kernel, Layout, Primitive, PrimitiveExample, Result } from '../primitive';

/** Flag name → the kernel's camel-case name. */
const FLAGS: Readonly<Record<string, string>> = {
  locked: 'Locked',
  writeback: 'Writeback',
  referenced: 'Referenced',
  uptodate: 'Uptodate',
  dirty: 'Dirty',
  lru: 'LRU',
  head: 'Head',
  active: 'Active',
  workingset: 'Workingset',
  reserved: 'Reserved',
  private: 'Private',
  private_2: 'Private2',
  reclaim: 'Reclaim',
  swapbacked: 'SwapBacked',
  unevictable: 'Unevictable',
  mlocked: 'Mlocked',
  hwpoison: 'HWPoison',
  young: 'Young',
  idle: 'Idle',
  swapcache: 'SwapCache',
  anon_exclusive: 'AnonExclusive',
};

export interface FlagWord {
  readonly field: FieldRef;
  readonly mask: number;
}

/** The low half of the flags word, with the mask of a flag: all page flags are bits below 32. */
export function flagOf(layout: Layout, name: string): FlagWord {
  const flags = fieldOf(layout, layout.has('struct page', 'flags') ? 'struct page' : 'struct folio', 'flags');
  return { field: { ...U32, offset: flags.offset }, mask: 2 ** layout.constant(`PG_${name}`) };
}

export const testFlag = (kernel: Kernel, folio: number, flag: FlagWord): boolean => (kernel.load(folio, flag.field) & flag.mask) !== 0;
export function setFlag(kernel: Kernel, folio: number, flag: FlagWord): void {
  kernel.store(folio, flag.field, (kernel.load(folio, flag.field) | flag.mask) >>> 0);
}
export function clearFlag(kernel: Kernel, folio: number, flag: FlagWord): void {
  kernel.store(folio, flag.field, (kernel.load(folio, flag.field) & ~flag.mask) >>> 0);
}

type Act = (kernel: Kernel, folio: number, flag: FlagWord) => Result;

interface FlagAct {
  readonly act: Act;
  readonly meaning: string;
  readonly valued: boolean;
  /** Is the flag set afterwards, where it was set and where it was not? */
  readonly leaves: (was: boolean) => boolean;
}

const TEST: FlagAct = {
  act: (k, f, flag) => (testFlag(k, f, flag) ? 1 : 0),
  meaning: 'says whether the flag is set',
  valued: true,
  leaves: (was) => was,
};

const ACTS: Readonly<Record<string, FlagAct>> = {
  test: TEST,
  set: { act: (k, f, flag) => setFlag(k, f, flag), meaning: 'sets the flag', valued: false, leaves: () => true },
  clear: { act: (k, f, flag) => clearFlag(k, f, flag), meaning: 'clears the flag', valued: false, leaves: () => false },
  test_set: {
    act: (k, f, flag) => {
      const was = testFlag(k, f, flag);
      setFlag(k, f, flag);
      return was ? 1 : 0;
    },
    meaning: 'sets the flag and says whether it was set',
    valued: true,
    leaves: () => true,
  },
  test_clear: {
    act: (k, f, flag) => {
      const was = testFlag(k, f, flag);
      clearFlag(k, f, flag);
      return was ? 1 : 0;
    },
    meaning: 'clears the flag and says whether it was set',
    valued: true,
    leaves: () => false,
  },
};

/**
 * Examples of an act on one bit of a word, with it set and clear before, among others that are set: what the call gives in the tens, 1 if
 * the bit alone is as it should be.
 */
function bitExamples(name: string, { valued, leaves }: FlagAct, param: string, word: string, bit: string): Primitive['examples'] {
  const of = (was: boolean): PrimitiveExample => {
    const [from, to] = [was, leaves(was)].map((set) => (set ? '~0UL' : `~(1UL << ${bit})`));
    const call = valued ? `long r = ${name}(&f);` : `long r = 0; ${name}(&f);`;
    const set = `${param} f = { 0 }; *(unsigned long *)&${word} = ${from};`;
    return returns(
      `${set} ${call} return r * 10 + ((unsigned long)${word} == ${to});`,
      (valued && was ? 10 : 0) + 1,
      was ? 'set before' : 'clear before',
    );
  };
  return [of(true), of(false)];
}

const SOURCE = 'include/linux/page-flags.h';
/** The lock bit has an owner: its set and clear are in the lock family. */
const OWNED = new Set(['__folio_set_locked', '__folio_clear_locked', 'folio_set_locked', 'folio_clear_locked']);

function flagRow(name: string, act: string, flag: string, page: boolean): Primitive {
  const what = ACTS[act] ?? TEST;
  return primitive({
    name,
    meaning: `On the PG_${flag} bit of the ${page ? 'page' : 'folio'}: ${what.meaning}.`,
    source: `${SOURCE}: ${name}()`,
    leavesOut: 'Atomicity against other CPUs within one call, and the policy checks of DEBUG_VM_PGFLAGS.',
    needs: { types: ['struct page', 'struct folio'], constants: [`PG_${flag}`] },
    examples: bitExamples(name, what, page ? 'struct page' : 'struct folio', 'f.flags', `PG_${flag}`),
    bind: (layout) => {
      const word = flagOf(layout, flag);
      return (kernel) => what.act(kernel, kernel.arg(0), word);
    },
  });
}

function flagRows(): Primitive[] {
  const rows: Primitive[] = [];
  for (const [flag, camel] of Object.entries(FLAGS)) {
    for (const act of ['test', 'set', 'clear', 'test_set', 'test_clear']) rows.push(flagRow(`folio_${act}_${flag}`, act, flag, false));
    for (const act of ['set', 'clear']) rows.push(flagRow(`__folio_${act}_${flag}`, act, flag, false));
    rows.push(flagRow(`Page${camel}`, 'test', flag, true));
    for (const act of ['set', 'clear']) {
      const camelAct = act === 'set' ? 'Set' : 'Clear';
      rows.push(flagRow(`${camelAct}Page${camel}`, act, flag, true), flagRow(`__${camelAct}Page${camel}`, act, flag, true));
    }
  }
  return rows.filter((row) => !OWNED.has(row.name));
}

const HUGETLB_FLAGS = ['restore_reserve', 'migratable', 'temporary', 'freed', 'vmemmap_optimized', 'raw_hwp_unreliable'];

/** The word of hugetlb flags in `folio->private`, with the mask of one of them. */
export const hugetlbFlagOf = (layout: Layout, name: string): FlagWord => ({
  field: { ...U32, offset: fieldOf(layout, 'struct folio', 'private').offset },
  mask: 2 ** layout.constant(`HPG_${name}`),
});

const hugetlbFlagRows = HUGETLB_FLAGS.flatMap((flag) =>
  ['test', 'set', 'clear'].map((act) => {
    const name = `folio_${act}_hugetlb_${flag}`;
    const what = ACTS[act] ?? TEST;
    return primitive({
      name,
      meaning: `On the HPG_${flag} bit in the folio's private word: ${what.meaning}.`,
      source: `include/linux/hugetlb.h: ${name}()`,
      needs: { types: ['struct folio'], constants: [`HPG_${flag}`] },
      examples: bitExamples(name, what, 'struct folio', 'f.private', `HPG_${flag}`),
      bind: (layout) => {
        const word = hugetlbFlagOf(layout, flag);
        return (kernel) => what.act(kernel, kernel.arg(0), word);
      },
    });
  }),
);

export interface PageType {
  readonly field: FieldRef;
  is(value: number): boolean;
  readonly set: number;
}

/** How the tree marks a hugetlb folio: by the type in the top byte, as from 6.12 on. */
export function hugetlbType(layout: Layout): PageType {
  const field = { ...fieldOf(layout, 'struct page', 'page_type', '_mapcount.counter', '_mapcount'), signed: false };
  const byte = layout.constant('PGTY_hugetlb');
  return { field, is: (value) => value >>> 24 === byte, set: byte * 2 ** 24 };
}

const uptodate = primitive({
  name: 'folio_mark_uptodate',
  meaning: 'Sets PG_uptodate after a write barrier.',
  source: `${SOURCE}: folio_mark_uptodate()`,
  needs: { types: ['struct page'], constants: ['PG_uptodate'] },
  examples: [returns('struct folio f = { 0 }; folio_mark_uptodate(&f); return (f.flags >> PG_uptodate) & 1;', 1)],
  bind: (layout) => {
    const word = flagOf(layout, 'uptodate');
    return (kernel) => setFlag(kernel, kernel.arg(0), word);
  },
});

const dirtyRows = ['folio_mark_dirty', 'noop_dirty_folio'].map((name) =>
  primitive({
    name,
    meaning:
      name === 'folio_mark_dirty'
        ? "Calls the mapping's dirty_folio operation, or sets PG_dirty where there is none."
        : 'Sets PG_dirty and says whether it was clear.',
    source: `mm/page-writeback.c: ${name}()`,
    leavesOut: 'Write-back accounting.',
    needs: { types: ['struct folio', 'struct address_space', 'struct address_space_operations'], constants: ['PG_dirty'] },
    examples: [
      returns(
        name === 'folio_mark_dirty'
          ? 'struct folio f = { 0 }; folio_mark_dirty(&f); return (f.flags >> PG_dirty) & 1;'
          : 'struct folio f = { 0 }; return noop_dirty_folio(0, &f);',
        1,
      ),
    ],
    bind: (layout) => {
      const word = flagOf(layout, 'dirty');
      const setDirty = (kernel: Kernel, folio: number): number => {
        const was = testFlag(kernel, folio, word);
        if (!was) setFlag(kernel, folio, word);
        return was ? 0 : 1;
      };
      if (name === 'noop_dirty_folio') return (kernel) => setDirty(kernel, kernel.arg(1));
      const mapping = fieldOf(layout, 'struct folio', 'mapping');
      const operations = fieldOf(layout, 'struct address_space', 'a_ops');
      const operation = fieldOf(layout, 'struct address_space_operations', 'dirty_folio');
      return (kernel) => {
        const folio = kernel.arg(0);
        const owner = kernel.load(folio, mapping);
        if (owner === 0) return setDirty(kernel, folio);
        const callee = kernel.load(kernel.load(owner, operations), operation);
        if (callee === 0 || callee === kernel.symbol('noop_dirty_folio')) return setDirty(kernel, folio);
        return kernel.tail(callee, [owner, folio]);
      };
    },
  }),
);

export const folioFlags: readonly Primitive[] = [...flagRows(), ...hugetlbFlagRows, uptodate, ...dirtyRows];
