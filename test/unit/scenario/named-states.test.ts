import { describe, expect, it } from 'vitest';
import { defaultScenario } from '../../../src/scenario/defaults';
import { namedStates, stateAt } from '../../../src/scenario/named-states';

describe('the named states', () => {
  it('have each a name of its own and a sentence', () => {
    const names = namedStates.map((each) => each.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, what } of namedStates) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(what).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('are different states', () => {
    const texts = namedStates.map((each) => JSON.stringify(stateAt(each, 3)));
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('have the default one among them', () => {
    expect(namedStates.some((each) => JSON.stringify(each.scenario) === JSON.stringify(defaultScenario))).toBe(true);
  });

  it('keep their references inside the inode at every order', () => {
    for (const each of namedStates) {
      for (const order of [0, 1, 18]) {
        const { blocks, references = [] } = stateAt(each, order);
        for (const { index } of references) expect(index).toBeLessThan(blocks * 2 ** order);
      }
    }
  });
});
