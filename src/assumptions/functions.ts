/** The function definitions of a C file: from the syntax tree, and where kernel macros lead the parser astray, from the text's layout. */
import { covering, type Lexical, lexicalOf } from './lexical';
import type { ParsedFile, SyntaxNode } from './syntax';

export interface FunctionPlace {
  readonly name: string;
  /** UTF-16 units from the start: of the name, of the definition, and of its end. */
  readonly nameAt: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The definitions in the order in which they begin.
 *
 * *Shape* where tree and layout name the same function, one entry, with the narrower extent: a brace that `#ifdef` leaves open makes the tree's reach on.
 */
export function functionsOf(file: ParsedFile): readonly FunctionPlace[] {
  const lexical = lexicalOf(file.text);
  const found = new Map<number, FunctionPlace>();
  for (const one of functionsByTree(file.root)) found.set(one.nameAt, one);
  for (const one of functionsByLayout(file.text, lexical)) {
    const other = found.get(one.nameAt);
    found.set(one.nameAt, other === undefined || other.to > one.to ? one : other);
  }
  return [...found.values()].sort((a, b) => a.from - b.from);
}

/** The name of the function around a place, or ''. Of several that reach over it, the one that begins last. *Cost* logarithmic. */
export function functionAround(functions: readonly FunctionPlace[], at: number): string {
  let low = 0;
  let high = functions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((functions[middle]?.from ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0 && index >= low - MAX_NESTED; index -= 1) {
    const one = functions[index];
    if (one !== undefined && at < one.to) return one.name;
  }
  return '';
}

/** Definitions do not nest; an extent that was read too wide reaches over a few that follow. */
const MAX_NESTED = 8;

function functionsByTree(root: SyntaxNode | null): readonly FunctionPlace[] {
  const found: FunctionPlace[] = [];
  for (const node of root?.descendantsOfType('function_definition') ?? []) {
    const name = node === null ? null : nameOf(node);
    if (node !== null && name !== null) found.push({ ...name, from: node.startIndex, to: node.endIndex });
  }
  return found;
}

/** Through pointer declarators down to the declared name. */
function nameOf(definition: SyntaxNode): { readonly name: string; readonly nameAt: number } | null {
  let node = definition.childForFieldName('declarator');
  let isFunction = false;
  for (let level = 0; node !== null && level < MAX_DECLARATORS; level += 1) {
    if (node.type === 'function_declarator') isFunction = true;
    if (node.type === 'identifier') {
      const name = node.text;
      return isFunction && isFunctionName(name) ? { name, nameAt: node.startIndex } : null;
    }
    node = node.childForFieldName('declarator');
  }
  return null;
}

const MAX_DECLARATORS = 16;
/** A definition's head is not longer than this in any kernel: a bound for text that was made to hurt. */
const MAX_HEAD = 4000;

/**
 * By layout: a line that begins at column 0 with a word and has a parameter list, then `{`, until the next `}` at column 0. The kernel's coding style
 * writes every function so.
 */
function functionsByLayout(text: string, lexical: Lexical): readonly FunctionPlace[] {
  const found: FunctionPlace[] = [];
  const closing = /^\}/gm;
  const opening = /^\{|\{[ \t]*(?:\/\*[^*\n]{0,200}\*\/[ \t]*)?$|^[A-Za-z_][^;{}\n#]*\)[ \t]*\{.*\}[ \t]*$/gm;
  let after = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const brace = text.indexOf('{', match.index);
    if (brace < after || covering(lexical.hidden, brace) !== null || covering(lexical.directives, brace) !== null) continue;
    const head = headBefore(text, lexical, brace);
    if (head === null) continue;
    const lineEnd = endOfLine(text, brace);
    const oneLine = /\}[ \t]*$/.test(text.slice(brace, lineEnd));
    closing.lastIndex = lineEnd;
    const end = oneLine ? lineEnd : endOf(closing, text, lexical);
    found.push({ ...head, to: end });
    after = end;
    opening.lastIndex = end;
  }
  return found;
}

function endOf(closing: RegExp, text: string, lexical: Lexical): number {
  for (let match = closing.exec(text); match !== null; match = closing.exec(text))
    if (covering(lexical.hidden, match.index) === null) return match.index + 1;
  return text.length;
}

/** The function head that ends right before a brace: `name(params) attributes`, begun at column 0. */
function headBefore(
  text: string,
  lexical: Lexical,
  brace: number,
): { readonly name: string; readonly nameAt: number; readonly from: number } | null {
  let at = brace - 1;
  let depth = 0;
  let lastOpen = -1;
  const floor = Math.max(0, brace - MAX_HEAD);
  for (; at >= floor; at -= 1) {
    const hidden = covering(lexical.hidden, at);
    if (hidden !== null) {
      at = hidden.from;
      continue;
    }
    const directive = covering(lexical.directives, at);
    if (directive !== null) {
      // Between head and brace there may be an #endif, inside of the parameters anything; before the head it is not ours.
      if (depth === 0 && lastOpen >= 0) break;
      at = directive.from;
      continue;
    }
    const char = text[at];
    if (char === ')') depth += 1;
    else if (char === '(') {
      depth -= 1;
      if (depth < 0) return null;
      if (depth === 0) lastOpen = at;
    } else if (depth === 0 && (char === ';' || char === '}' || char === '{' || char === '=')) break;
  }
  if (lastOpen < 0) return null;
  const from = skipBlank(text, lexical, at + 1);
  // A definition begins at column 0; what is deeper is a statement.
  if (from > 0 && text[from - 1] !== '\n') return null;
  return declaredName(text, lexical, from, brace);
}

/** The name before the first parameter list that is no attribute's. */
function declaredName(
  text: string,
  lexical: Lexical,
  from: number,
  brace: number,
): { readonly name: string; readonly nameAt: number; readonly from: number } | null {
  const call = /([A-Za-z_]\w*)[ \t\n]*\(/g;
  call.lastIndex = from;
  for (let match = call.exec(text); match !== null && match.index < brace; match = call.exec(text)) {
    const name = match[1] ?? '';
    if (covering(lexical.hidden, match.index) !== null) continue;
    const nameAt = match.index;
    if (isFunctionName(name)) return { name, nameAt, from };
    call.lastIndex = afterParenthesis(text, match.index + match[0].length - 1, brace);
  }
  return null;
}

function afterParenthesis(text: string, open: number, limit: number): number {
  let depth = 0;
  for (let at = open; at < limit; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return limit;
}

const NO_FUNCTIONS = new Set(['if', 'for', 'while', 'switch', 'return', 'sizeof', 'typeof', 'do', 'else', 'defined', '_Static_assert']);
const ATTRIBUTES =
  /^(?:__attribute__|__attribute|__printf|__scanf|__aligned|__section|__bpf\w*|__acquires?|__releases?|__must_hold\w*|__cond_lock|__malloc|__alloc_size|__no_sanitize\w*|__typeof__)$/;
const isFunctionName = (name: string): boolean => name !== '' && !NO_FUNCTIONS.has(name) && !ATTRIBUTES.test(name);

function skipBlank(text: string, lexical: Lexical, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const hidden = covering(lexical.hidden, at) ?? covering(lexical.directives, at);
    if (hidden !== null) at = hidden.to - 1;
    else if (text.charCodeAt(at) > 32) break;
  }
  return at;
}

const endOfLine = (text: string, from: number): number => {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
};
