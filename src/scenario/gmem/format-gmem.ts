/** Re-indents a scenario text, and sets one space between its words. Comments, blank lines and what cannot be read stay. */
import { joined } from './argument-reader';
import { treeOf, type LineNode } from './line-tree';
import { statementOf } from './statements';
import { type Line, linesOf } from './tokens';

const STEP = '  ';

/** *Shape* ends with a newline where there is any line; two blank lines in a row become one. Formatting again changes nothing. */
export function formatGmem(text: string): string {
  const lines = linesOf(text);
  const depths = new Map<number, number>();
  depthsOf(treeOf(lines), 0, depths);
  const formatted: string[] = [];
  // A comment of its own stands as the line that follows it.
  let following = 0;
  for (const line of [...lines].reverse()) {
    following = depths.get(line.number) ?? following;
    formatted[line.number - 1] = lineText(line, following);
  }
  const kept = formatted.filter((each, index) => each !== '' || (formatted[index - 1] ?? '') !== '');
  while (kept.at(-1) === '') kept.pop();
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`;
}

function lineText({ tokens, comment }: Line, depth: number): string {
  if (tokens.length === 0) return comment === '' ? '' : STEP.repeat(depth) + comment;
  return `${STEP.repeat(depth)}${joined(tokens)}${comment === '' ? '' : `  ${comment}`}`;
}

/** Expectations stand below their step, and behind the lines of their block. Steps below a step stand behind it, as they are read. */
function depthsOf(nodes: readonly LineNode[], depth: number, depths: Map<number, number>, belowStep = false): boolean {
  let below = belowStep;
  for (const node of nodes) {
    const place = placeOf(node);
    const own = place === 'expectation' && below && depth > 0 ? depth + 1 : depth;
    depths.set(node.line.number, own);
    if (place !== 'expectation') below = place === 'step';
    if (place === 'step' && depth > 0) below = belowStepDepths(node, depth, depths);
    else depthsOf(node.children, own + 1, depths);
  }
  return below;
}

function belowStepDepths({ children }: LineNode, depth: number, depths: Map<number, number>): boolean {
  const attached = children.find((each) => placeOf(each) === 'attached');
  // Behind another line it would come to stand below that one.
  if (attached !== undefined && attached !== children[0]) return depthsOf(children, depth + 1, depths);
  if (attached !== undefined) {
    depths.set(attached.line.number, depth + 1);
    depthsOf(attached.children, depth + 2, depths);
  }
  return depthsOf(
    children.filter((each) => each !== attached),
    depth,
    depths,
    true,
  );
}

const placeOf = ({ line }: LineNode): string | undefined => statementOf(line.tokens[0]?.text ?? '', line.tokens[1]?.text ?? '')?.place;
