import { describe, expect, it } from 'vitest';
import { DESCRIPTORS_TAKEN, MEMORY_GROUPS, MODULES, REFERENCES, unbalanced } from '../../../src/model/balance';
import type { MemoryView } from '../../../src/protocol/simulation';

const view = (counters: Readonly<Record<string, number>>): MemoryView => ({
  order: 2,
  blocks: 1,
  folios: [],
  vmemmap: [],
  pageCache: [],
  faultable: [],
  counters: Object.entries(counters).map(([name, value]) => ({ group: REFERENCES, name, value })),
  locks: [],
});

describe('references that are taken and given back in pairs', () => {
  it('says nothing where as many are held as before', () => {
    expect(unbalanced(view({ [MEMORY_GROUPS]: 1 }), view({ [MEMORY_GROUPS]: 1 }), true)).toEqual([]);
    expect(unbalanced(view({ [MODULES]: 1 }), view({}), true)).toEqual([]);
  });

  it('tells a group and a descriptor that are kept, also by a function that succeeds', () => {
    expect(unbalanced(view({}), view({ [MEMORY_GROUPS]: 1, [DESCRIPTORS_TAKEN]: 2 }), false)).toEqual([
      'A reference of the memory control group was taken during the run and not given back with mem_cgroup_put().',
      '2 of these were taken during the run and not given back with fd_install() or put_unused_fd() (descriptor).',
    ]);
  });

  it('lets a function that succeeds pass a module on, and none that fails', () => {
    expect(unbalanced(view({}), view({ [MODULES]: 1 }), false)).toEqual([]);
    expect(unbalanced(view({}), view({ [MODULES]: 1 }), true)).toHaveLength(1);
  });
});
