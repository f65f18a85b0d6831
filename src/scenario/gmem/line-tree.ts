/** Which line of a scenario stands under which: by its indentation alone. */
import type { Line } from './tokens';

export interface LineNode {
  readonly line: Line;
  readonly children: LineNode[];
  /** It stands higher than its indentation says. */
  readonly isTooDeep?: boolean;
}

/** Deeper nesting says nothing that a reader could follow. */
export const DEEPEST = 32;

/**
 * The lines that have tokens, as a tree. A line stands under the last one before it that is indented less.
 * Lines deeper than `DEEPEST` stand beside the last that is not.
 */
export function treeOf(lines: readonly Line[]): LineNode[] {
  const roots: LineNode[] = [];
  const open: LineNode[] = [];
  for (const line of lines) {
    if (line.tokens.length === 0) continue;
    while (open.length > 0 && (open.at(-1)?.line.indent ?? 0) >= line.indent) open.pop();
    const isTooDeep = open.length >= DEEPEST;
    if (isTooDeep) open.length = DEEPEST - 1;
    const node = { line, children: [], ...(isTooDeep ? { isTooDeep } : {}) };
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}
