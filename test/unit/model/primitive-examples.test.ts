/** Every example of every primitive, through the reader and the machine; and that none holds without its primitive. */
import { describe, expect, it } from 'vitest';
import { primitives } from '../../../src/model/primitives/all';
import { exampleProgram, exampleRunner, examples, isAsSaid } from './run-examples';

const program = exampleProgram();

describe('examples of the primitives', () => {
  const run = exampleRunner(program, primitives);

  it.each(examples.map(({ primitive, example, root }) => [`${primitive.name}: ${example.name}`, example, root] as const))(
    '%s',
    (_title, example, root) => {
      const outcome = run(root);
      if ('finding' in example.gives) {
        expect(outcome).toMatchObject({ unknowns: [], findings: expect.arrayContaining([example.gives.finding]) as unknown });
      } else {
        expect(outcome).toEqual({ unknowns: [], findings: [], status: { kind: 'returned', value: String(example.gives.value) } });
      }
    },
  );
});

describe('a table without a primitive', () => {
  it.each(primitives.map((primitive) => [primitive.name, primitive] as const))('fails an example of %s', (_name, removed) => {
    const run = exampleRunner(
      program,
      primitives.filter((each) => each !== removed),
    );
    const held = examples.filter(({ primitive }) => primitive === removed).filter(({ example, root }) => isAsSaid(example, run(root)));
    expect(held.length).toBeLessThan(removed.examples.length);
  });
});
