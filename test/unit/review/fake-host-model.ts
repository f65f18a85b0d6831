/** A host model that does what a test says: it counts operations, and gives the answers that it is told to. */
import { done, type Outcome, refused } from '../../../src/base/outcome';
import type { FileExtent, HostModel, ModelMark, Violation } from '../../../src/model/host/host-model';
import type { ModelSpec } from '../../../src/model/host/host-spec';
import type { Operation, OperationResult } from '../../../src/model/host/operation';

export interface Fake {
  /** What it gives instead of going well. */
  readonly answer?: (operation: Operation, step: number) => Partial<OperationResult> | 'refused' | undefined;
  readonly violations?: (done: readonly Operation[]) => readonly Violation[];
  readonly extents?: readonly FileExtent[];
}

interface FakeMark extends ModelMark {
  readonly done: readonly Operation[];
}

/** `log`: every operation that was done, over all marks. */
export function fakeModel(fake: Fake, log: Operation[]): (spec: ModelSpec) => Outcome<HostModel> {
  return (spec) => {
    let operations: readonly Operation[] = [];
    return done({
      spec,
      apply: (operation) => {
        const answer = fake.answer?.(operation, operations.length);
        if (answer === 'refused') return refused('model/no-such-name', 'There is no such thing.', 'Nothing is done.', 'Name another.');
        log.push(operation);
        operations = [...operations, operation];
        return done({ error: null, errorOffset: -1, pages: 1, ...answer });
      },
      steps: () => operations.length,
      time: () => operations.length * 10,
      counters: () => ({ 'pool.free': operations.length }),
      metrics: () => ({ splits: operations.length }),
      files: () => ['gmem0'],
      extents: () => fake.extents ?? [],
      references: () => null,
      events: () => [],
      violations: () => fake.violations?.(operations) ?? [],
      mark: () => ({ step: operations.length, done: operations }) as FakeMark,
      restore: (mark) => {
        operations = (mark as FakeMark).done;
      },
      hash: () => String(operations.length),
    });
  };
}
