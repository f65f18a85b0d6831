import { describe, expect, it } from 'vitest';
import { counterGroups } from '../../../webview-ui/counters';

const counter = (group: string, name: string, value: number) => ({ group, name, value });

describe('the counters', () => {
  it('are grouped in the order of the view, with value before, change and what moved since the last stop', () => {
    const before = [counter('hstate', 'free_huge_pages', 2), counter('hstate', 'nr_huge_pages', 2)];
    const stop = [counter('hstate', 'free_huge_pages', 1), counter('hstate', 'nr_huge_pages', 2)];
    const now = [counter('hstate', 'free_huge_pages', 1), counter('inode', 'nrpages', 7), counter('hstate', 'nr_huge_pages', 3)];
    expect(counterGroups(now, before, stop)).toEqual([
      {
        group: 'hstate',
        rows: [
          { ...counter('hstate', 'free_huge_pages', 1), before: 2, change: -1, moved: false },
          { ...counter('hstate', 'nr_huge_pages', 3), before: 2, change: 1, moved: true },
        ],
      },
      { group: 'inode', rows: [{ ...counter('inode', 'nrpages', 7), before: null, change: 0, moved: false }] },
    ]);
  });
});
