/** The running task, and what hugetlb asks of the machine it runs on. */
import { primitive, returns } from '../define';
import { I32 } from '../fields';
import type { Choice, Primitive } from '../primitive';
import { CURRENT } from '../record';

const SIGNAL: Choice = { kind: 'unknown', what: 'result of signal_pending()', options: ['no signal', 'a signal'], usual: 0 };

/** The modulus where the tree has no table of mutexes. */
const ONE = 1;

export const tasks: readonly Primitive[] = [
  primitive({
    name: 'get_current',
    meaning: 'The task structure of the running task: all tasks share one.',
    source: 'arch/x86/include/asm/current.h: get_current()',
    leavesOut: 'A structure for each task.',
    examples: [returns('return get_current() == get_current() && get_current() != 0;', 1)],
    bind: () => (kernel) => kernel.symbol(CURRENT),
  }),
  primitive({
    name: 'signal_pending',
    meaning: 'Whether a signal waits for the task: no, or yes as a choice.',
    source: 'include/linux/sched/signal.h: signal_pending()',
    leavesOut: 'Which signal.',
    examples: [returns('return signal_pending(0);', 0)],
    bind: () => ({ choice: () => SIGNAL, run: (kernel) => kernel.decision }),
  }),
  primitive({
    name: 'folio_is_longterm_pinnable',
    meaning: 'Yes.',
    source: 'include/linux/mm.h: folio_is_longterm_pinnable()',
    leavesOut: 'Movable zones and CMA.',
    examples: [returns('return folio_is_longterm_pinnable(0);', 1)],
    bind: () => () => 1,
  }),
  primitive({
    name: 'hugetlb_fault_mutex_hash',
    meaning: 'The number of the fault mutex of an index: the index modulo the size of the table.',
    source: 'mm/hugetlb.c: hugetlb_fault_mutex_hash()',
    leavesOut: 'jhash: which indices collide.',
    needs: { globals: ['num_fault_mutexes'] },
    examples: [
      returns('return hugetlb_fault_mutex_hash(0, 11);', 3),
      returns('return hugetlb_fault_mutex_hash(0, 11) == hugetlb_fault_mutex_hash(0, 19);', 1, 'a collision'),
    ],
    bind: () => (kernel) => {
      const many = kernel.symbol('num_fault_mutexes');
      const size = many === 0 ? ONE : Math.max(ONE, kernel.peek(many, I32));
      return ((kernel.arg(1) % size) + size) % size;
    },
  }),
];
