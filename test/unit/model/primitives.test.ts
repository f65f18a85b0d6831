import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { modelledNames, primitives } from '../../../src/model/primitives/all';
import { primitivesDocument } from '../../../src/model/primitives/document';

describe('the table of primitives', () => {
  it('has each name once', () => {
    const names = primitives.map((primitive) => primitive.name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(modelledNames.size).toBe(names.length);
  });

  it('has words, a source and an example for each', () => {
    const bare = primitives.filter(
      ({ meaning, source, examples }) => !meaning.endsWith('.') || !/^[\w/.-]+\.[ch]: \w+\(\)$/.test(source) || examples.length === 0,
    );
    expect(bare.map((primitive) => primitive.name)).toEqual([]);
  });

  it('is what docs/primitives.md says', () => {
    const committed = readFileSync(new URL('../../../docs/primitives.md', import.meta.url), 'utf8');
    expect(committed).toBe(primitivesDocument(primitives));
  });
});
