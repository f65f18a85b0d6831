/** Doubly linked lists, with the checks of CONFIG_DEBUG_LIST. */
import { finds, primitive, returns } from '../define';
import { I64, moved } from '../fields';
import type { Kernel, Primitive, Result } from '../primitive';

const NEXT = I64;
const PREV = moved(I64, 8);
/** LIST_POISON1 and LIST_POISON2 of x86-64: POISON_POINTER_DELTA 0xdead000000000000 plus 0x100 and 0x122, as signed words. */
const POISON_NEXT = -2401263026318606336n + 0x100n;
const POISON_PREV = -2401263026318606336n + 0x122n;

function insert(kernel: Kernel, entry: number, before: number, after: number): Result {
  if (kernel.load(after, PREV) !== before || kernel.load(before, NEXT) !== after) {
    kernel.report('invariant', 'list_add(): the list is corrupt, its neighbours do not point at one another.');
    return kernel.stop();
  }
  kernel.store(after, PREV, entry);
  kernel.store(entry, NEXT, after);
  kernel.store(entry, PREV, before);
  kernel.store(before, NEXT, entry);
  return undefined;
}

function unlink(kernel: Kernel, entry: number): Result {
  const next = kernel.load(entry, NEXT);
  const prev = kernel.load(entry, PREV);
  if (kernel.loadBig(entry, NEXT) === POISON_NEXT || kernel.loadBig(entry, PREV) === POISON_PREV) {
    kernel.report('invariant', 'list_del() of an entry that was deleted already.');
    return kernel.stop();
  }
  if (kernel.load(prev, NEXT) !== entry || kernel.load(next, PREV) !== entry) {
    kernel.report('invariant', 'list_del(): the list is corrupt, the neighbours do not point at the entry.');
    return kernel.stop();
  }
  kernel.store(next, PREV, prev);
  kernel.store(prev, NEXT, next);
  return undefined;
}

const isStop = (result: Result): boolean => typeof result === 'object';

const init = (kernel: Kernel, entry: number): void => {
  kernel.store(entry, NEXT, entry);
  kernel.store(entry, PREV, entry);
};

function poison(kernel: Kernel, entry: number): Result {
  const result = unlink(kernel, entry);
  if (isStop(result)) return result;
  kernel.storeBig(entry, NEXT, POISON_NEXT);
  kernel.storeBig(entry, PREV, POISON_PREV);
  return undefined;
}

function moveTo(kernel: Kernel, tail: boolean): Result {
  const [entry, head] = [kernel.arg(0), kernel.arg(1)];
  const result = unlink(kernel, entry);
  if (isStop(result)) return result;
  return tail ? insert(kernel, entry, kernel.load(head, PREV), head) : insert(kernel, entry, head, kernel.load(head, NEXT));
}

const LIST =
  'struct list_head h, a, b; h.next = h.prev = &h; a.next = a.prev = &a; b.next = b.prev = &b; list_add_tail(&a, &h); list_add_tail(&b, &h);';

const row = (name: string, meaning: string, examples: Primitive['examples'], run: (kernel: Kernel) => Result): Primitive =>
  primitive({
    name,
    meaning,
    source: `include/linux/list.h: ${name}()`,
    needs: { types: ['struct list_head'] },
    examples,
    bind: () => run,
  });

export const lists: readonly Primitive[] = [
  row(
    'INIT_LIST_HEAD',
    'Makes the head an empty list.',
    [returns('struct list_head h; INIT_LIST_HEAD(&h); return h.next == &h;', 1)],
    (k) => init(k, k.arg(0)),
  ),
  row(
    'list_add',
    'Puts the entry after the head.',
    [
      returns(`${LIST} list_del(&b); list_add(&b, &h); return h.next == &b;`, 1),
      finds(
        'struct list_head h = { 0 }, a, c; a.next = a.prev = &a; c.next = c.prev = &c; h.next = h.prev = &a; list_add(&c, &h); return 0;',
        'invariant',
      ),
    ],
    (k) => insert(k, k.arg(0), k.arg(1), k.load(k.arg(1), NEXT)),
  ),
  row('list_add_tail', 'Puts the entry before the head.', [returns(`${LIST} return h.prev == &b && h.next == &a;`, 1)], (k) =>
    insert(k, k.arg(0), k.load(k.arg(1), PREV), k.arg(1)),
  ),
  row(
    'list_del',
    'Takes the entry out and poisons its links.',
    [returns(`${LIST} list_del(&a); return h.next == &b;`, 1), finds(`${LIST} list_del(&a); list_del(&a); return 0;`, 'invariant')],
    (k) => poison(k, k.arg(0)),
  ),
  row(
    'list_del_init',
    'Takes the entry out and makes it an empty list.',
    [returns(`${LIST} list_del_init(&a); return a.next == &a;`, 1)],
    (k) => {
      const result = unlink(k, k.arg(0));
      if (isStop(result)) return result;
      return init(k, k.arg(0));
    },
  ),
  row(
    'list_move',
    'Takes the entry out and puts it after another head.',
    [returns(`${LIST} list_move(&b, &h); return h.next == &b && h.prev == &a;`, 1)],
    (k) => moveTo(k, false),
  ),
  row(
    'list_move_tail',
    'Takes the entry out and puts it before another head.',
    [returns(`${LIST} list_move_tail(&a, &h); return h.prev == &a;`, 1)],
    (k) => moveTo(k, true),
  ),
  row(
    'list_empty',
    'Says whether the list has no entry.',
    [returns(`${LIST} list_del(&a); list_del(&b); return list_empty(&h);`, 1)],
    (k) => (k.load(k.arg(0), NEXT) === k.arg(0) ? 1 : 0),
  ),
  primitive({
    name: 'llist_add_batch',
    meaning: 'Puts a chain in front of a list without a lock, and says whether it was empty.',
    source: 'lib/llist.c: llist_add_batch()',
    examples: [
      returns('void *h[1] = { 0 }, *a[1]; return llist_add_batch(a, a, h) * 10 + (h[0] == a);', 11, 'an empty list'),
      returns('void *b[1] = { 0 }, *h[1], *a[1]; h[0] = b; return llist_add_batch(a, a, h) * 10 + (a[0] == b);', 1, 'not empty'),
    ],
    bind: () => (kernel) => {
      const first = kernel.load(kernel.arg(2), NEXT);
      kernel.store(kernel.arg(1), NEXT, first);
      kernel.store(kernel.arg(2), NEXT, kernel.arg(0));
      return first === 0 ? 1 : 0;
    },
  }),
];
