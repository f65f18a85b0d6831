/** Steps that mean nothing in a design. What a design answers with an error is no such step: that is for the model to say. */
import type { DesignId, Operation } from '../../model/host/operation';
import type { Arguments } from './statement';
import { PAGE } from './units';

/** Operation → the designs that have what it is about. */
const ONLY: Partial<Record<Operation['kind'], { readonly designs: readonly DesignId[]; readonly what: string }>> = {
  transfer: { designs: ['C', 'D'], what: 'a pool to which huge pages could go' },
  obstruct: { designs: ['D'], what: 'a CMA area from which it allocates' },
};

interface Wrong {
  readonly met: string;
  readonly todo: string;
}

/** Null where the step can be done. @param designs those that do it @param moving bytes */
export function wrongOperation(
  operation: Operation,
  values: Arguments,
  designs: readonly DesignId[],
  moving: number | undefined,
): Wrong | null {
  const cutsPages = operation.kind === 'punch' || operation.kind === 'allocate';
  if (moving !== undefined && moving % PAGE !== 0 && !cutsPages)
    return { met: `The range moves by ${moving} bytes, which cuts pages.`, todo: 'Move it by a multiple of 4K.' };
  if (operation.kind === 'poison' && values.range('range').to !== operation.page + 1)
    return { met: 'A memory error is in one page.', todo: 'Write page and a number.' };
  return impossibleFor(operation, designs);
}

function impossibleFor(operation: Operation, designs: readonly DesignId[]): Wrong | null {
  const only = ONLY[operation.kind];
  if (only === undefined) return null;
  const able = only.designs;
  const unable = designs.find((each) => !able.includes(each));
  if (unable === undefined) return null;
  return { met: `Design ${unable} has not got ${only.what}.`, todo: `Keep the step to those that have: for ${able.join(' ')}.` };
}
