/** Calls in code that could not be read: whoever is called there is called with who knows what. */
import { NAME, type Tokens } from './c-tokens';
import type { FoundCall } from './facts';
import { TYPE_WORDS } from './read-expression';

/** Each name before a parenthesis in [from, to) of the tokens, as a call of which no argument is known. */
export function callsUnread(tokens: Tokens, from: number, to: number, lineOf: (token: number) => number): readonly FoundCall[] {
  const found: FoundCall[] = [];
  for (let at = from; at < to && found.length < MAX_CALLS; at += 1) {
    const callee = tokens.words[at] ?? '';
    if (tokens.kinds[at] !== NAME || tokens.words[at + 1] !== '(' || TYPE_WORDS.has(callee) || WORDS.has(callee)) continue;
    found.push({ callee, line: lineOf(at), args: [], folioLines: [], hands: true, twins: [] });
  }
  return found;
}

/** More calls in one stretch are made to hurt. */
const MAX_CALLS = 2000;
const WORDS = new Set(['if', 'while', 'for', 'switch', 'return', 'sizeof', 'do', 'else', 'case', 'goto']);
