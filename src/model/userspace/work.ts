/** The step in which threads of the kernel run the works that were put off. */
import { fieldIfAny, I64 } from '../fields';
import type { Step } from './step';
import { pendingWorks, takeWork } from './work-list';

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
      const [work] = pendingWorks(kernel);
      if (work === undefined || !takeWork(kernel, work)) return 0;
      return kernel.call(kernel.load(work, callback), [work], 1);
    };
  },
};

export const workSteps: readonly Step[] = [runWorks];
