/** Work that the kernel has put off to its threads, and the step in which they run it. */
import { fieldIfAny, I64 } from '../fields';
import type { Address, Kernel } from '../primitive';
import type { RecordReader } from '../record';
import { HOST, hostOf, setWord, wordAt } from './record';
import type { Step } from './step';

/** Works that can be put off at one time; later ones are forgotten. */
export const MOST_WORKS = 16;

/** Works in the order in which they were put off. */
export function pendingWorks(reader: RecordReader): Address[] {
  const host = hostOf(reader);
  const works = host === 0 ? 0 : reader.peek(host, HOST.works);
  if (works === 0) return [];
  return Array.from({ length: MOST_WORKS }, (_, place) => wordAt(reader, works, place)).filter((work) => work !== 0);
}

/** Notes a work, where there is somebody to run it; false where it was put off already. */
export function putOff(kernel: Kernel, work: Address): boolean {
  const host = hostOf(kernel);
  if (host === 0 || work === 0 || kernel.peek(host, HOST.works) === 0) return true;
  const pending = pendingWorks(kernel);
  if (pending.includes(work)) return false;
  if (pending.length < MOST_WORKS) setWord(kernel, kernel.peek(host, HOST.works), pending.length, work);
  return true;
}

/** From now on works that are put off are noted. */
export const noteWorks = (kernel: Kernel): void =>
  kernel.store(hostOf(kernel), HOST.works, kernel.allocate(MOST_WORKS * 8, { name: 'works put off', zeroed: true, kind: 'model' }));

function takeFirst(kernel: Kernel): Address {
  const [first = 0, ...rest] = pendingWorks(kernel);
  const works = kernel.peek(hostOf(kernel), HOST.works);
  for (let place = 0; place <= rest.length; place++) setWord(kernel, works, place, rest[place] ?? 0);
  return first;
}

const runWorks: Step = {
  name: 'works',
  params: [],
  meaning: 'Threads of the kernel run the works that were put off.',
  enters: 'work->func',
  source: 'kernel/workqueue.c: process_one_work()',
  leavesOut: 'Works beside one another, and beside other steps.',
  bind: (layout) => {
    const callback = fieldIfAny(layout, 'struct work_struct', 'func') ?? { ...I64, offset: 24 };
    return (kernel) => {
      if (pendingWorks(kernel).length === 0) return 0;
      const work = takeFirst(kernel);
      return kernel.call(kernel.load(work, callback), [work], 1);
    };
  },
};

export const workSteps: readonly Step[] = [runWorks];
