/** What is refused before any step runs; what steps do on a real tree is shown in `test/conform/machine/steps.test.ts`. */
import { describe, expect, it } from 'vitest';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { withModelGlobals } from '../../../src/model/record';
import { withSteps } from '../../../src/model/userspace/steps';
import { programFor } from '../../../src/review/read-for-simulation';
import { createStepSession, programForSteps } from '../../../src/review/run-steps';
import { defaultScenario } from '../../../src/scenario/defaults';

const tree = { paths: ['lib/plain.c'], read: (path: string) => (path === 'lib/plain.c' ? 'long plain(void)\n{\n\treturn 1;\n}\n' : null) };
const index = buildTreeIndex(tree);

describe('steps on a tree without a guest_memfd', () => {
  it('refuses the tree, naming what it lacks', () => {
    expect(programForSteps(tree, index)).toMatchObject({ kind: 'refused', refusal: { code: 'kernel-c/no-function' } });
  });

  it('refuses a program that has no types of one', () => {
    const program = programFor(tree, index, 'plain');
    if (program.kind !== 'done') throw new Error(JSON.stringify(program));
    const ready = withSteps(withModelGlobals(program.value));
    expect(withSteps(ready)).toBe(ready);
    expect(createStepSession({ program: ready, scenario: { ...defaultScenario, order: 2 } })).toMatchObject({
      kind: 'refused',
      refusal: { code: 'steps/no-users' },
    });
  });
});
