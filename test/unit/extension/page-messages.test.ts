import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPage, isInTree } from '../../../src/extension/page-messages';

const place = { task: 0, function: 'f', file: 'a.c', line: 3 };

describe('fromPage', () => {
  it('takes what the page posts', () => {
    const frame = { ...place, variables: [{ name: 'x', type: 'int', value: '1' }] };
    const at = {
      kind: 'at',
      place,
      step: 4,
      status: 's',
      stack: [frame],
      findings: { total: 0, from: 0, shown: [] },
      choices: { total: 0, from: 0, shown: [] },
    };
    expect(fromPage(at)).toEqual(at);
    expect(fromPage({ kind: 'ready' })).toEqual({ kind: 'ready' });
    expect(fromPage({ kind: 'reveal', file: 'a.c', line: 1 })).toBeDefined();
    expect(fromPage({ kind: 'scenario', scenario: { order: 18 }, fail: 0 })).toBeDefined();
  });

  it('leaves out a list that is wrong, and keeps the stop', () => {
    expect(fromPage({ kind: 'at', place, step: 4, status: 's', stack: [{}], findings: 'none' })).toEqual({
      kind: 'at',
      place,
      step: 4,
      status: 's',
    });
  });

  it('takes nothing else', () => {
    for (const wrong of [null, 3, 'at', [], {}, { kind: 'at' }, { kind: 'reveal', file: 'a.c', line: '1' }, { kind: 'run' }])
      expect(fromPage(wrong)).toBeUndefined();
    fc.assert(fc.property(fc.anything(), (message) => void fromPage(message)));
  });
});

describe('isInTree', () => {
  it('keeps a path inside of the tree', () => {
    expect(['mm/hugetlb.c', 'a..b/c'].map(isInTree)).toEqual([true, true]);
    expect(['', '/etc/passwd', '../x', 'a/../../x', 'a\\..\\x', 'C:\\x', '\\\\h\\x', 'a\0b'].filter(isInTree)).toEqual([]);
  });
});
