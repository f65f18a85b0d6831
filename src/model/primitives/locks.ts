/** Locks: folio lock, mutexes, rw semaphores, spinlocks and RCU, with owners, blocking and the checks of lockdep. */
import { finds, primitive, returns } from '../define';
import { U32 } from '../fields';
import { MissingLayout, type BoundPrimitive, type FieldRef, type Kernel, type Layout, type Primitive, type Result } from '../primitive';
import { enterAtomic, forgetAnyLock, forgetLock, type HeldLock, holderOf, holdsLock, type LockKind, maySleep, noteLock } from '../record';
import { clearFlag, type FlagWord, flagOf, setFlag, testFlag } from './folio-flags';
import { refcountOf } from './references';
import { pfnOf, inMemmap } from '../memmap';

/** How a kind of lock tells in its own bytes that it is held: the first word, 0 when free. */
interface LockWord {
  readonly type: string;
  readonly kind: LockKind;
  readonly sleeps: boolean;
}

const FREE = 0;
/** Held by a writer; a number above it counts readers, in steps of it. */
const WRITER = 1;
const READER = 256;

function wordOf(layout: Layout, type: string): FieldRef {
  const size = layout.sizeof(type);
  if (size < 4) throw new MissingLayout(`${type} has no room for a lock word`);
  return U32;
}

const nameOf = (kernel: Kernel, lock: number, word: LockWord): string => {
  const symbol = kernel.symbolAt(lock);
  return symbol === '' ? `${word.type.replace('struct ', '')} at 0x${BigInt.asUintN(64, BigInt(lock)).toString(16)}` : symbol;
};

function acquire(kernel: Kernel, lock: number, field: FieldRef, word: LockWord, shared: boolean): Result {
  if (word.sleeps) maySleep(kernel, `taking ${nameOf(kernel, lock, word)}`);
  const state = kernel.load(lock, field);
  const free = shared ? state % READER === 0 : state === FREE;
  if (!free) return kernel.block({ what: nameOf(kernel, lock, word), lock, holder: holderOf(kernel, lock) });
  if (shared && holdsLock(kernel, lock) && word.sleeps) {
    kernel.event('lock', `the task already holds ${nameOf(kernel, lock, word)} for reading: a writer in between would deadlock`);
  }
  kernel.store(lock, field, shared ? state + READER : WRITER);
  noteLock(kernel, lock, word.kind, shared);
  if (!word.sleeps) enterAtomic(kernel, 1);
  return undefined;
}

function tryAcquire(kernel: Kernel, lock: number, field: FieldRef, word: LockWord, shared: boolean): Result {
  const state = kernel.load(lock, field);
  if (shared ? state % READER !== 0 : state !== FREE) return 0;
  kernel.store(lock, field, shared ? state + READER : WRITER);
  noteLock(kernel, lock, word.kind, shared);
  if (!word.sleeps) enterAtomic(kernel, 1);
  return 1;
}

function release(kernel: Kernel, lock: number, field: FieldRef, word: LockWord, shared: boolean): Result {
  const state = kernel.load(lock, field);
  const held = shared ? state >= READER : state % READER === WRITER;
  if (!held) {
    notHeld(kernel, lock, `${nameOf(kernel, lock, word)} is to be unlocked`);
    kernel.report('bad-unlock', `${nameOf(kernel, lock, word)} is unlocked, and it is not held${shared ? ' for reading' : ''}.`);
    return undefined;
  }
  if (!forgetLock(kernel, lock)) {
    const holder = holderOf(kernel, lock);
    if (holder >= 0)
      kernel.report('bad-unlock', `${nameOf(kernel, lock, word)} is unlocked by a task that does not hold it: P${holder} does.`);
    forgetAnyLock(kernel, lock);
  }
  kernel.store(lock, field, shared ? state - READER : FREE);
  if (!word.sleeps) enterAtomic(kernel, -1);
  return undefined;
}

/** Event of a lock that the code takes to be held and that is not: `data.lock` says which, for those who ask whether the caller holds it. */
export const NOT_HELD = 'not-held';

const notHeld = (kernel: Kernel, lock: number, text: string): void => kernel.event(NOT_HELD, text, { lock });

const MUTEX: LockWord = { type: 'struct mutex', kind: 'mutex', sleeps: true };
const RWSEM: LockWord = { type: 'struct rw_semaphore', kind: 'rwsem', sleeps: true };
const SPIN: LockWord = { type: 'spinlock_t', kind: 'spin', sleeps: false };
const RWLOCK: LockWord = { type: 'rwlock_t', kind: 'rwlock', sleeps: false };

/** Takes or gives back the rw semaphore at an address that is no argument of the primitive. */
export function bindSemaphore(layout: Layout, act: 'lock' | 'unlock', shared: boolean): (kernel: Kernel, lock: number) => Result {
  const field = wordOf(layout, RWSEM.type);
  return act === 'lock'
    ? (kernel, lock) => acquire(kernel, lock, field, RWSEM, shared)
    : (kernel, lock) => release(kernel, lock, field, RWSEM, shared);
}

/** The types whose bytes are a lock of the model. */
export const LOCK_TYPES: readonly string[] = [MUTEX, RWSEM, SPIN, RWLOCK].map((word) => word.type);

/** Takes a lock as somebody did before the run; false when it is not free. */
export function takeBeforehand(kernel: Kernel, layout: Layout, lock: number, type: string, shared: boolean): boolean {
  const word = [MUTEX, RWSEM, SPIN, RWLOCK].find((each) => each.type === type);
  return word !== undefined && tryAcquire(kernel, lock, wordOf(layout, type), word, shared) === 1;
}

/** Gives back what the running task holds of a lock, as its caller does after a call. */
export function giveBack(kernel: Kernel, layout: Layout, { lock, kind, shared }: HeldLock): void {
  const word = [MUTEX, RWSEM, SPIN, RWLOCK].find((each) => each.kind === kind);
  if (word !== undefined) release(kernel, lock, wordOf(layout, word.type), word, shared);
}

type Act = 'lock' | 'unlock' | 'trylock' | 'init' | 'held' | 'downgrade';

const LEAVES = 'Lock classes, nesting annotations and fairness between waiters.';

function lockRow(
  name: string,
  word: LockWord,
  act: Act,
  shared: boolean,
  how: { readonly macro?: boolean; readonly flags?: boolean; readonly source: string },
): Primitive {
  const declare = `${word.type} l = { 0 };${how.flags === true ? ' unsigned long flags = 0;' : ''}`;
  const more = how.flags === true ? ', flags' : '';
  const partner = partnerOf(name);
  const examples: Record<Act, Primitive['examples']> = {
    lock: [
      returns(`${declare} ${name}(&l${more}); return *(unsigned int *)&l;`, shared ? READER : WRITER),
      ...(shared ? [] : [finds(`${declare} ${name}(&l${more}); ${name}(&l${more}); return 0;`, 'self-deadlock')]),
    ],
    unlock: [
      finds(`${declare} ${name}(&l${more}); return 0;`, 'bad-unlock'),
      returns(`${declare} ${partner}(&l); ${name}(&l${more}); return *(unsigned int *)&l;`, 0),
    ],
    trylock: [returns(`${declare} return ${name}(&l${more}) * 10 + ${name}(&l${more});`, shared ? 11 : 10)],
    init: [returns(`${word.type} l; ${name}(&l); return *(unsigned int *)&l;`, 0)],
    held: [
      returns(`${declare} return ${name}(&l);`, 0),
      returns(`${declare} *(unsigned int *)&l = ${WRITER}; return ${name}(&l);`, 1, 'held'),
    ],
    downgrade: [returns(`${declare} ${partner}(&l); ${name}(&l); return *(unsigned int *)&l;`, READER)],
  };
  const meanings: Record<Act, string> = {
    lock: `Takes the lock ${shared ? 'for reading' : 'exclusively'}, waiting until it is free${word.sleeps ? '; may sleep' : ''}.`,
    unlock: 'Gives the lock back; reports an unlock of what is not held.',
    trylock: 'Takes the lock if that needs no waiting, and says whether it did.',
    init: 'Makes the lock a free one.',
    held: 'Says whether the lock is held by anyone.',
    downgrade: 'Turns the hold for writing into one for reading.',
  };
  return primitive({
    name,
    form: how.macro === true ? 'macro' : 'function',
    meaning: meanings[act],
    source: `${how.source}: ${name}()`,
    leavesOut: LEAVES,
    needs: { types: [word.type] },
    visible: act === 'lock' || act === 'unlock' || act === 'trylock',
    examples: examples[act],
    bind: (layout) => ({ run: runOf(wordOf(layout, word.type), word, act, shared) }),
  });
}

function runOf(field: FieldRef, word: LockWord, act: Act, shared: boolean): BoundPrimitive['run'] {
  switch (act) {
    case 'lock':
      return (kernel) => acquire(kernel, kernel.arg(0), field, word, shared) ?? 0;
    case 'unlock':
      return (kernel) => release(kernel, kernel.arg(0), field, word, shared);
    case 'trylock':
      return (kernel) => tryAcquire(kernel, kernel.arg(0), field, word, shared);
    case 'init':
      return (kernel) => kernel.store(kernel.arg(0), field, FREE);
    case 'held':
      return (kernel) => (kernel.load(kernel.arg(0), field) === FREE ? 0 : 1);
    case 'downgrade':
      return (kernel) => {
        const lock = kernel.arg(0);
        if (kernel.load(lock, field) !== WRITER)
          kernel.report('bad-unlock', 'downgrade_write() of a semaphore that is not held for writing.');
        forgetAnyLock(kernel, lock);
        noteLock(kernel, lock, word.kind, true);
        return kernel.store(lock, field, READER);
      };
  }
}

/** The call that takes what `name` releases. */
const partnerOf = (name: string): string =>
  name
    .replace('downgrade_write', 'down_write')
    .replace(/^up_/, 'down_')
    .replace('unlock', 'lock')
    .replace('spin_lock_irqrestore', '_raw_spin_lock_irqsave');

const MUTEX_H = { source: 'include/linux/mutex.h' };
const RWSEM_H = { source: 'include/linux/rwsem.h' };
const SPIN_H = { source: 'include/linux/spinlock.h' };
const SPIN_M = { source: 'include/linux/spinlock.h', macro: true };
const SPIN_R = { source: 'include/linux/spinlock.h', flags: true };

const mutexes = [
  lockRow('mutex_lock', MUTEX, 'lock', false, { ...MUTEX_H, macro: true }),
  lockRow('mutex_unlock', MUTEX, 'unlock', false, MUTEX_H),
  lockRow('mutex_trylock', MUTEX, 'trylock', false, MUTEX_H),
  lockRow('mutex_is_locked', MUTEX, 'held', false, MUTEX_H),
  lockRow('mutex_init', MUTEX, 'init', false, { ...MUTEX_H, macro: true }),
];

const semaphores = [
  lockRow('down_write', RWSEM, 'lock', false, RWSEM_H),
  lockRow('up_write', RWSEM, 'unlock', false, RWSEM_H),
  lockRow('down_write_trylock', RWSEM, 'trylock', false, RWSEM_H),
  lockRow('down_read', RWSEM, 'lock', true, RWSEM_H),
  lockRow('up_read', RWSEM, 'unlock', true, RWSEM_H),
  lockRow('down_read_trylock', RWSEM, 'trylock', true, RWSEM_H),
  lockRow('downgrade_write', RWSEM, 'downgrade', false, RWSEM_H),
  lockRow('rwsem_is_locked', RWSEM, 'held', false, RWSEM_H),
  lockRow('init_rwsem', RWSEM, 'init', false, { ...RWSEM_H, macro: true }),
];

const spinlocks = [
  ...['', '_irq', '_bh'].flatMap((suffix) => [
    lockRow(`spin_lock${suffix}`, SPIN, 'lock', false, SPIN_H),
    lockRow(`spin_unlock${suffix}`, SPIN, 'unlock', false, SPIN_H),
  ]),
  lockRow('_raw_spin_lock_irqsave', SPIN, 'lock', false, SPIN_H),
  lockRow('spin_unlock_irqrestore', SPIN, 'unlock', false, SPIN_R),
  lockRow('spin_trylock', SPIN, 'trylock', false, SPIN_H),
  lockRow('spin_is_locked', SPIN, 'held', false, SPIN_H),
  lockRow('spin_lock_init', SPIN, 'init', false, SPIN_M),
  lockRow('write_lock', RWLOCK, 'lock', false, SPIN_M),
  lockRow('write_unlock', RWLOCK, 'unlock', false, SPIN_M),
  lockRow('read_lock', RWLOCK, 'lock', true, SPIN_M),
  lockRow('read_unlock', RWLOCK, 'unlock', true, SPIN_M),
  lockRow('rwlock_init', RWLOCK, 'init', false, SPIN_M),
];

const asserts = (['lockdep_assert_held', 'lockdep_assert_held_write', 'lockdep_assert_held_read'] as const).map((name) =>
  primitive({
    name,
    form: 'macro',
    meaning: 'Warns when the running task does not hold the lock.',
    source: `include/linux/lockdep.h: ${name}()`,
    leavesOut: 'Whether it is held for reading or for writing.',
    examples: [
      returns(`struct mutex l = { 0 }; mutex_lock(&l); ${name}(&l); return 1;`, 1),
      finds(`struct mutex l = { 0 }; ${name}(&l); return 0;`, 'warn-on'),
    ],
    bind: () => (kernel) => {
      if (holdsLock(kernel, kernel.arg(0))) return undefined;
      notHeld(kernel, kernel.arg(0), `${name}() asks for a lock that the task does not hold`);
      kernel.report('warn-on', `${name}(): the task does not hold the lock.`);
      return undefined;
    },
  }),
);

const sections = (
  [
    ['rcu_read_lock', 'rcu_read_unlock'],
    ['preempt_disable', 'preempt_enable'],
    ['local_irq_disable', 'local_irq_enable'],
  ] as const
).flatMap(([enter, leave]) =>
  [enter, leave].map((name) =>
    primitive({
      name,
      form: name.startsWith('rcu') ? 'function' : 'macro',
      meaning: name === enter ? 'Enters a section that must not sleep.' : 'Leaves it.',
      source: name.startsWith('rcu') ? `include/linux/rcupdate.h: ${name}()` : `include/linux/preempt.h: ${name}()`,
      leavesOut: 'Grace periods.',
      examples: [
        returns(`${enter}(); ${leave}(); return 1;`, 1),
        name === enter
          ? finds(`struct mutex l = { 0 }; ${enter}(); mutex_lock(&l); return 0;`, 'sleep-in-atomic')
          : returns(`struct mutex l = { 0 }; ${enter}(); ${leave}(); mutex_lock(&l); return 1;`, 1, 'may sleep again'),
      ],
      bind: () => (kernel) => enterAtomic(kernel, name === enter ? 1 : -1),
    }),
  ),
);

const sleeps = (['might_sleep', 'synchronize_rcu', 'cond_resched', 'schedule'] as const).map((name) =>
  primitive({
    name,
    form: name === 'might_sleep' || name === 'cond_resched' ? 'macro' : 'function',
    meaning: name === 'synchronize_rcu' ? 'Waits until all RCU readers are through.' : 'A point where the task may sleep or give way.',
    source: `include/linux/sched.h: ${name}()`,
    leavesOut: 'Time.',
    visible: true,
    examples: [returns(`${name}(); return 1;`, 1), finds(`spinlock_t l = { 0 }; spin_lock(&l); ${name}(); return 0;`, 'sleep-in-atomic')],
    bind: () => (kernel) => {
      maySleep(kernel, `${name}()`);
      return name === 'cond_resched' ? 0 : undefined;
    },
  }),
);

export interface FolioLock {
  /** Takes the lock or blocks. */
  lock(kernel: Kernel, folio: number): Result;
  tryLock(kernel: Kernel, folio: number): boolean;
  isLocked(kernel: Kernel, folio: number): boolean;
  unlock(kernel: Kernel, folio: number): void;
}

const folioName = (folio: number, size: number): string =>
  inMemmap(folio) ? `folio lock of pfn 0x${pfnOf(folio, size).toString(16)}` : 'folio lock';

/** Binds the folio lock: PG_locked, with the owner in the model's record. */
export function bindFolioLock(layout: Layout): FolioLock {
  const locked = flagOf(layout, 'locked');
  const ref = refcountOf(layout);
  const size = layout.sizeof('struct page');
  const live = (kernel: Kernel, folio: number, what: string): void => {
    if (kernel.load(folio, ref) === 0 && inMemmap(folio))
      kernel.report('use-after-free', `${what} a folio that has no reference left (pfn 0x${pfnOf(folio, size).toString(16)}).`);
  };
  const take = (kernel: Kernel, folio: number): void => {
    setFlag(kernel, folio, locked);
    noteLock(kernel, folio, 'folio', false);
  };
  return {
    lock(kernel, folio) {
      maySleep(kernel, 'folio_lock()');
      if (testFlag(kernel, folio, locked))
        return kernel.block({ what: folioName(folio, size), lock: folio, holder: holderOf(kernel, folio) });
      live(kernel, folio, 'folio_lock() on');
      take(kernel, folio);
      return undefined;
    },
    tryLock(kernel, folio) {
      if (testFlag(kernel, folio, locked)) return false;
      take(kernel, folio);
      return true;
    },
    isLocked: (kernel, folio) => testFlag(kernel, folio, locked),
    unlock(kernel, folio) {
      if (!testFlag(kernel, folio, locked)) {
        kernel.report(
          'bad-unlock',
          `folio_unlock() of a folio that is not locked${inMemmap(folio) ? ` (pfn 0x${pfnOf(folio, size).toString(16)})` : ''}.`,
        );
        return;
      }
      live(kernel, folio, 'folio_unlock() on');
      clearFlag(kernel, folio, locked);
      if (!forgetLock(kernel, folio)) forgetAnyLock(kernel, folio);
    },
  };
}

const FOLIO_NEEDS = { types: ['struct page', 'struct folio'], constants: ['PG_locked'] };
const PAGEMAP = 'include/linux/pagemap.h';
const F = 'struct folio f = { 0 }; f._refcount.counter = 1;';

const folioRow = (
  name: string,
  meaning: string,
  examples: Primitive['examples'],
  bind: (lock: FolioLock, flag: FlagWord) => BoundPrimitive['run'],
  source = PAGEMAP,
): Primitive =>
  primitive({
    name,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut: 'PG_waiters and fairness between waiters.',
    needs: FOLIO_NEEDS,
    visible: true,
    examples,
    bind: (layout) => bind(bindFolioLock(layout), flagOf(layout, 'locked')),
  });

const folioLocks = [
  folioRow(
    'folio_lock',
    'Waits until PG_locked is clear, sets it and becomes its owner.',
    [
      returns(`${F} folio_lock(&f); return f.flags >> PG_locked & 1;`, 1),
      finds(`${F} folio_lock(&f); folio_lock(&f); return 0;`, 'self-deadlock'),
    ],
    (lock) => (kernel) => lock.lock(kernel, kernel.arg(0)),
  ),
  folioRow(
    'folio_lock_killable',
    'As folio_lock(), never interrupted.',
    [returns(`${F} return folio_lock_killable(&f) * 10 + (f.flags >> PG_locked & 1);`, 1)],
    (lock) => (kernel) => lock.lock(kernel, kernel.arg(0)) ?? 0,
  ),
  folioRow(
    'lock_page',
    'Locks the page.',
    [returns('struct page f = { 0 }; f._refcount.counter = 1; lock_page(&f); return f.flags >> PG_locked & 1;', 1)],
    (lock) => (kernel) => lock.lock(kernel, kernel.arg(0)),
  ),
  folioRow(
    'folio_trylock',
    'Sets PG_locked if it is clear and says whether it did.',
    [returns(`${F} return folio_trylock(&f) * 10 + folio_trylock(&f);`, 10)],
    (lock) => (kernel) => (lock.tryLock(kernel, kernel.arg(0)) ? 1 : 0),
  ),
  folioRow(
    'folio_unlock',
    'Clears PG_locked and wakes a waiter; reports an unlock of what is not locked.',
    [returns(`${F} folio_lock(&f); folio_unlock(&f); return f.flags;`, 0), finds(`${F} folio_unlock(&f); return 0;`, 'bad-unlock')],
    (lock) => (kernel) => lock.unlock(kernel, kernel.arg(0)),
    'mm/filemap.c',
  ),
  folioRow(
    'unlock_page',
    'Unlocks the page.',
    [finds('struct page f = { 0 }; f._refcount.counter = 1; unlock_page(&f); return 0;', 'bad-unlock')],
    (lock) => (kernel) => lock.unlock(kernel, kernel.arg(0)),
    'mm/folio-compat.c',
  ),
  folioRow(
    '__folio_set_locked',
    'Sets PG_locked without waiting: the running task becomes its owner.',
    [
      returns(`${F} __folio_set_locked(&f); return f.flags >> PG_locked & 1;`, 1),
      finds(`${F} __folio_set_locked(&f); __folio_set_locked(&f); return 0;`, 'bug-on'),
    ],
    (_lock, flag) => (kernel) => {
      const folio = kernel.arg(0);
      if (testFlag(kernel, folio, flag)) kernel.report('bug-on', '__folio_set_locked() on a folio that is locked already: two owners.');
      else noteLock(kernel, folio, 'folio', false);
      return setFlag(kernel, folio, flag);
    },
    'include/linux/page-flags.h',
  ),
  folioRow(
    '__folio_clear_locked',
    'Clears PG_locked without waking anyone.',
    [returns(`${F} __folio_set_locked(&f); __folio_clear_locked(&f); return f.flags;`, 0)],
    (_lock, flag) => (kernel) => {
      const folio = kernel.arg(0);
      clearFlag(kernel, folio, flag);
      if (!forgetLock(kernel, folio)) forgetAnyLock(kernel, folio);
      return undefined;
    },
    'include/linux/page-flags.h',
  ),
];

export const locks: readonly Primitive[] = [...mutexes, ...semaphores, ...spinlocks, ...asserts, ...sections, ...sleeps, ...folioLocks];
