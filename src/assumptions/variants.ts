/** Conditional directives within a function: branches that are whole statements stay side by side, others make readings of their own. */
import { DIRECTIVE, type Tokens } from './c-tokens';

/** A function with more readings than this has only these read. */
const MAX_READINGS = 3;
/** Conditionals are not nested deeper in anything that people wrote. */
const MAX_NESTED = 40;

/**
 * The token lists under which a body is to be read; most bodies have one.
 *
 * *Shape* never empty. In each list a `#if`, `#else`, `#endif` that is left stands around whole statements and is balanced.
 * Where branches are no whole statements, the first reading takes the first of each such group, the second the second, and so on.
 */
export function readingsOf(tokens: Tokens): readonly Tokens[] {
  if (!tokens.kinds.includes(DIRECTIVE)) return [tokens];
  const pieces = piecesOf(tokens);
  const count = Math.min(MAX_READINGS, readings(pieces));
  const out: Tokens[] = [];
  for (let reading = 0; reading < count; reading += 1) {
    const one: Tokens = { kinds: [], words: [], places: [] };
    emit(tokens, pieces, reading, one);
    out.push(one);
  }
  return out;
}

/** A token by its index, or a conditional with its branches. */
type Piece = number | Group;

interface Group {
  readonly at: number;
  readonly branches: Piece[][];
  /** The last branch is for all other conditions. */
  hasElse: boolean;
  /** Whether each branch is a run of whole statements. */
  whole: boolean;
}

function piecesOf(tokens: Tokens): Piece[] {
  const top: Piece[] = [];
  const open: Group[] = [];
  let current = top;
  for (let at = 0; at < tokens.kinds.length; at += 1) {
    if (tokens.kinds[at] !== DIRECTIVE) {
      current.push(at);
      continue;
    }
    const word = tokens.words[at];
    const group = open[open.length - 1];
    if (word === '#if' && open.length < MAX_NESTED) {
      const made: Group = { at, branches: [[]], hasElse: false, whole: false };
      current.push(made);
      open.push(made);
      current = made.branches[0] ?? current;
    } else if (word === '#else' && group !== undefined) {
      current = [];
      group.branches.push(current);
      group.hasElse = true;
    } else if (word === '#endif' && group !== undefined) {
      open.pop();
      const outer = open[open.length - 1];
      current = outer === undefined ? top : (outer.branches[outer.branches.length - 1] ?? top);
    }
  }
  judge(tokens, top, true);
  return top;
}

const STATEMENT_END = new Set([';', '{', '}', ':', ')', 'else', 'do']);

/** Marks the groups whose branches are whole statements; gives the last token of the list. */
function judge(tokens: Tokens, pieces: Piece[], atStart: boolean): void {
  let boundary = atStart;
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      boundary = STATEMENT_END.has(tokens.words[piece] ?? '');
      continue;
    }
    for (const branch of piece.branches) judge(tokens, branch, boundary);
    piece.whole = boundary && piece.branches.every((branch) => isWhole(tokens, branch));
    const last = lastToken(piece);
    if (last >= 0) boundary = STATEMENT_END.has(tokens.words[last] ?? '');
  }
}

function lastToken(group: Group): number {
  for (const branch of [...group.branches].reverse())
    for (const piece of [...branch].reverse()) {
      const found = typeof piece === 'number' ? piece : lastToken(piece);
      if (found >= 0) return found;
    }
  return -1;
}

function isWhole(tokens: Tokens, branch: readonly Piece[]): boolean {
  let depth = 0;
  let last = ';';
  let lowest = 0;
  const visit = (pieces: readonly Piece[]): void => {
    for (const piece of pieces) {
      if (typeof piece !== 'number') {
        // Of an inner group one branch tells: whole ones are balanced, of the others one is read at a time.
        visit(piece.branches[0] ?? []);
        continue;
      }
      last = tokens.words[piece] ?? '';
      if (last === '{' || last === '(' || last === '[') depth += 1;
      else if (last === '}' || last === ')' || last === ']') depth -= 1;
      if (depth < lowest) lowest = depth;
    }
  };
  visit(branch);
  return depth === 0 && lowest === 0 && (last === ';' || last === '}' || last === ':');
}

function readings(pieces: readonly Piece[]): number {
  let most = 1;
  for (const piece of pieces) {
    if (typeof piece === 'number') continue;
    if (!piece.whole) most = Math.max(most, piece.branches.length);
    for (const branch of piece.branches) most = Math.max(most, readings(branch));
  }
  return most;
}

function emit(tokens: Tokens, pieces: readonly Piece[], reading: number, out: Tokens): void {
  const mark = (word: string, at: number): void => {
    out.kinds.push(DIRECTIVE);
    out.words.push(word);
    out.places.push(tokens.places[at] ?? 0);
  };
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      out.kinds.push(tokens.kinds[piece] ?? 0);
      out.words.push(tokens.words[piece] ?? '');
      out.places.push(tokens.places[piece] ?? 0);
    } else if (piece.whole) {
      mark('#if', piece.at);
      for (const [index, branch] of piece.branches.entries()) {
        if (index > 0) mark('#else', piece.at);
        emit(tokens, branch, reading, out);
      }
      if (!piece.hasElse) mark('#else', piece.at);
      mark('#endif', piece.at);
    } else {
      emit(tokens, piece.branches[Math.min(reading, piece.branches.length - 1)] ?? [], reading, out);
    }
  }
}
