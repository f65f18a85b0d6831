/** What the page of the memory model posts is not taken on trust. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromScenarioPage } from '../../../src/extension/scenario-messages';
import type { FromScenarioPage } from '../../../src/protocol/scenario-page';

const good: readonly FromScenarioPage[] = [
  { kind: 'ready', uri: '', taken: true },
  { kind: 'painted', what: 'memory', at: 1_700_000_000_000, after: 12 },
  {
    kind: 'at',
    scenario: 's',
    designs: ['A'],
    tick: 1,
    total: 2,
    ended: false,
    playing: true,
    line: 3,
    status: 'x',
    order: 18,
    troubles: 0,
    failed: 0,
    differences: 0,
    orders: [1],
    badOrders: [[1, 2]],
  },
  { kind: 'frames', intervals: [16.6, 16.7], views: 60 },
  { kind: 'reveal', line: 7 },
  { kind: 'problems', lines: [1, 2] },
  { kind: 'export', format: 'svg', content: '<svg/>', base64: false },
];

describe('messages of the page of the memory model', () => {
  it.each(good)('takes $kind', (message) => {
    expect(fromScenarioPage(message)).toEqual(message);
  });

  it.each(good)('refuses $kind where a field of it is missing or of another type', (message) => {
    for (const field of Object.keys(message)) {
      const { [field as 'kind']: own, ...rest } = message;
      expect(fromScenarioPage(rest)).toBeUndefined();
      expect(fromScenarioPage({ ...message, [field]: typeof own === 'object' ? [{}] : {} })).toBeUndefined();
    }
  });

  it('refuses lines that no document has, and formats that nobody writes', () => {
    for (const line of [0, -1, 1.5, NaN, Infinity]) expect(fromScenarioPage({ kind: 'reveal', line })).toBeUndefined();
    expect(fromScenarioPage({ kind: 'export', format: 'exe', content: '', base64: false })).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (message) => void fromScenarioPage(message)));
  });
});
