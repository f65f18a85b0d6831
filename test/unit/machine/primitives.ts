/** A handful of primitives for testing the machine without the model. */
import type { FieldRef, Primitive } from '../../../src/model/primitive';

const WORD: FieldRef = { offset: 0, size: 8, signed: true };

const row = (name: string, bind: Primitive['bind'], visible = false): Primitive => ({
  name,
  form: 'function',
  meaning: '',
  source: '',
  leavesOut: '',
  visible,
  examples: [{ name: '', c: '', gives: { value: 0 } }],
  bind,
});

export const testPrimitives: readonly Primitive[] = [
  row('alloc', () => ({
    choice: () => ({ kind: 'allocation', what: 'alloc', options: ['succeeds', 'fails'], usual: 0 }),
    run: (kernel) => (kernel.decision === 1 ? 0 : kernel.allocate(kernel.arg(0), { name: 'alloc', zeroed: false, kind: 'heap' })),
  })),
  row('release', () => ({ run: (kernel) => kernel.free(kernel.arg(0)) })),
  row(
    'lock',
    () => ({
      run: (kernel) => {
        const holder = kernel.load(kernel.arg(0), WORD);
        if (holder !== 0) return kernel.block({ what: 'the lock', lock: kernel.arg(0), holder: holder - 1 });
        return kernel.store(kernel.arg(0), WORD, kernel.task + 1);
      },
    }),
    true,
  ),
  row('unlock', () => ({ run: (kernel) => kernel.store(kernel.arg(0), WORD, 0) }), true),
  row('warn', () => ({ run: (kernel) => kernel.report('warn-on', 'warned') })),
  row('bug', () => ({
    run: (kernel) => {
      kernel.report('bug-on', 'a bug');
      return kernel.stop();
    },
  })),
  row('say', () => ({ run: (kernel) => kernel.event('say', `said ${kernel.arg(0)}`) })),
  // Calls fn(1), then fn(2), and gives the sum of what they returned.
  row('call_twice', () => ({
    run: (kernel) => {
      if (kernel.phase < 2) return kernel.call(kernel.arg(0), [kernel.phase + 1], kernel.phase + 1, [...kernel.saved, kernel.returned]);
      return (kernel.saved[1] ?? 0) + kernel.returned;
    },
  })),
  row('call_last', () => ({ run: (kernel) => kernel.tail(kernel.arg(0), [kernel.arg(1)]) })),
  row('share', () => ({ run: (kernel) => kernel.mapReadOnly(kernel.arg(0), kernel.arg(1), kernel.arg(2)) })),
  row('unshare', () => ({ run: (kernel) => kernel.mapOwn(kernel.arg(0), kernel.arg(1)) })),
];

/** Their declarations, to put before C. */
export const declarations =
  'void *alloc(long); void release(void *); void lock(long *); void unlock(long *); void warn(void); void bug(void); void say(long);' +
  ' long call_twice(long (*)(long)); long call_last(long (*)(long), long); void share(void *, long, void *); void unshare(void *, long);\n';
