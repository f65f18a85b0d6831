/** Steps that mean nothing in a design. What a design answers with an error is no such step: that is for the model to say. */
import type { DesignId, Operation } from '../../model/host/operation';

/** Operation → the designs that have what it is about. */
const ONLY: Partial<Record<Operation['kind'], { readonly designs: readonly DesignId[]; readonly what: string }>> = {
  transfer: { designs: ['C', 'D'], what: 'a pool to which huge pages could go' },
  obstruct: { designs: ['D'], what: 'a CMA area from which it allocates' },
};

export function impossibleFor(operation: Operation, designs: readonly DesignId[]): { readonly met: string; readonly todo: string } | null {
  const only = ONLY[operation.kind];
  if (only === undefined) return null;
  const able = operation.kind === 'transfer' && operation.to === 'hugetlb' ? only.designs.filter((each) => each !== 'D') : only.designs;
  const unable = designs.find((each) => !able.includes(each));
  if (unable === undefined) return null;
  return { met: `Design ${unable} has not got ${only.what}.`, todo: `Keep the step to those that have: for ${able.join(' ')}.` };
}
