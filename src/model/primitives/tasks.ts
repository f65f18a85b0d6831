/** The running task, and what hugetlb asks of the machine it runs on. */
import { primitive, returns } from '../define';
import type { BoundPrimitive, Choice, Primitive } from '../primitive';
import { CURRENT } from '../record';

const row = (
  name: string,
  source: string,
  meaning: string,
  call: string,
  gives: number | null,
  run: BoundPrimitive['run'],
  leavesOut: string,
  form: Primitive['form'] = 'function',
): Primitive =>
  primitive({
    name,
    form,
    meaning,
    source: `${source}: ${name}()`,
    leavesOut,
    examples: [gives === null ? returns(`${call}; return 1;`, 1) : returns(`return ${call};`, gives)],
    bind: () => run,
  });

const SIGNAL: Choice = { kind: 'unknown', what: 'result of signal_pending()', options: ['no signal', 'a signal'], usual: 0 };

export const tasks: readonly Primitive[] = [
  row(
    'get_current',
    'arch/x86/include/asm/current.h',
    'The task structure of the running task: all tasks share one.',
    'get_current() == get_current()',
    1,
    (kernel) => kernel.symbol(CURRENT),
    'A structure for each task.',
  ),
  primitive({
    name: 'signal_pending',
    meaning: 'Whether a signal waits for the task: no, or yes as a choice.',
    source: 'include/linux/sched/signal.h: signal_pending()',
    leavesOut: 'Which signal.',
    examples: [returns('return signal_pending(0);', 0)],
    bind: () => ({ choice: () => SIGNAL, run: (kernel) => kernel.decision }),
  }),
  row('folio_is_longterm_pinnable', 'include/linux/mm.h', 'Yes.', 'folio_is_longterm_pinnable(0)', 1, () => 1, 'Movable zones and CMA.'),
  row(
    'hugetlb_fault_mutex_hash',
    'mm/hugetlb.c',
    'The number of the fault mutex of an index: the index modulo the size of the table.',
    'hugetlb_fault_mutex_hash(0, 0)',
    0,
    (kernel) => {
      const many = kernel.symbol('num_fault_mutexes');
      const size = many === 0 ? 1 : Math.max(1, kernel.peek(many, { offset: 0, size: 4, signed: true }));
      return ((kernel.arg(1) % size) + size) % size;
    },
    'jhash: which indices collide.',
  ),
];
