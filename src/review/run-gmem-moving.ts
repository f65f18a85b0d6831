/** Steps that move on from one turn of their block to the next. */
import type { Operation } from '../model/host/operation';

const PAGE = 4096;

/** The operation so many bytes further on in its file. */
export function moved(operation: Operation, bytes: number): Operation {
  if (bytes === 0) return operation;
  const pages = bytes / PAGE;
  if ('range' in operation) return { ...operation, range: { from: operation.range.from + pages, to: operation.range.to + pages } };
  if (operation.kind === 'punch' || operation.kind === 'allocate') return { ...operation, offset: operation.offset + bytes };
  return operation.kind === 'poison' ? { ...operation, page: operation.page + pages } : operation;
}
