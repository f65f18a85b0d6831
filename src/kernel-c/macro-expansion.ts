/** Macro replacement (C11 6.10.3) over tokens, with hide sets. */
import { hides, type HideSet, type Token, tokensOf } from './tokens';

export interface Macro {
  readonly name: string;
  /** null for an object-like macro. */
  readonly params: readonly string[] | null;
  /** The last parameter takes all the rest. */
  readonly variadic: boolean;
  readonly body: readonly Token[];
  readonly file: string;
  readonly line: number;
}

export interface ExpansionNames {
  macro(name: string, line: number): Macro | null;
  enabled(config: string): boolean;
  defined(name: string): boolean;
  readonly file: string;
  /** `__COUNTER__`. */
  readonly counter: { value: number };
}

/** More tokens than this out of one place means macros that feed each other: the place is cut. */
const mostTokens = 200_000;
/** All places of one list together. */
const mostInList = 1_000_000;
/** Letters that `#` and `##` may make at one place. */
const mostLetters = 1 << 20;
/** Macros one inside the other; the kernel reaches 40. */
const mostHidden = 400;
/** Arguments within arguments; deeper ones are left unexpanded. */
const mostNesting = 200;

/** What one place may still make, its arguments included. */
interface Budget {
  left: number;
  letters: number;
  /** Tokens of the whole list. */
  inList: number;
}

/** Stands where an expansion was cut: no grammar has it, so that the parser stops there and says so. */
const cut = 'macros that expand without end';

export function expandTokens(
  tokens: readonly Token[],
  names: ExpansionNames,
  nesting = 0,
  budget: Budget = { left: mostTokens, letters: mostLetters, inList: mostInList },
): Token[] {
  if (nesting > 0 && (budget.left -= tokens.length) <= 0) return [...tokens];
  const input: Token[] = [];
  for (let i = tokens.length - 1; i >= 0; i--) input.push(tokens[i]!);
  const out: Token[] = [];
  // The place being expanded: a token of the list itself, with all that it becomes.
  let rest = input.length;
  let made = 0;
  while (input.length > 0) {
    const token = input.pop()!;
    if (nesting === 0 && input.length < rest) {
      rest = input.length;
      made = out.length;
      budget.inList += Math.min(0, budget.left - mostTokens);
      budget.left = Math.min(mostTokens, budget.inList);
      budget.letters = mostLetters;
    }
    if (token.kind !== 'name' || budget.left <= 0 || nesting > mostNesting || hides(token.hidden, token.text)) {
      out.push(token);
      continue;
    }
    if (token.text === '__LINE__') {
      out.push({ ...token, kind: 'number', text: String(token.line) });
      continue;
    }
    if (token.text === '__FILE__') {
      out.push({ ...token, kind: 'string', text: JSON.stringify(names.file) });
      continue;
    }
    if (token.text === '__COUNTER__') {
      out.push({ ...token, kind: 'number', text: String(names.counter.value++) });
      continue;
    }
    if (token.text === '__folioscope_enabled' || token.text === '__folioscope_defined') {
      const args = argumentsOf(input);
      const name = args?.list[0]?.[0]?.text ?? '';
      // An option that is on has become its value, 1, on the way here.
      const yes = name === '1' || (token.text === '__folioscope_enabled' ? names.enabled(name) : names.defined(name));
      out.push({ ...token, kind: 'number', text: yes ? '1' : '0' });
      continue;
    }
    const macro = names.macro(token.text, token.line);
    if (!macro) {
      out.push(token);
      continue;
    }
    let body: Token[];
    let hidden: HideSet | undefined = token.hidden;
    if (macro.params === null) body = substitute(macro, [], token, names, nesting, budget);
    else {
      if (input[input.length - 1]?.text !== '(') {
        out.push(token);
        continue;
      }
      const args = argumentsOf(input);
      if (!args) {
        // Looked through to its end in vain: not as often as one likes.
        budget.left -= input.length;
        if (budget.left <= 0 && nesting === 0) {
          out.push({ ...token, kind: 'punct', text: cut });
          return out;
        }
        out.push(token);
        continue;
      }
      hidden = intersection(token.hidden, args.close.hidden);
      body = substitute(macro, argumentsFor(macro, args.list), token, names, nesting, budget);
    }
    budget.left -= body.length + 1;
    if ((hidden?.size ?? 0) > mostHidden) budget.left = 0;
    if (budget.left <= 0 && nesting === 0) {
      // Nothing of the place stays, so that the cut is what is met first.
      out.length = made;
      input.length = Math.min(input.length, rest);
      out.push({ ...token, kind: 'punct', text: cut });
      continue;
    }
    const own = hiding(macro.name, hidden);
    for (let i = body.length - 1; i >= 0; i--) {
      const one = body[i]!;
      input.push({ ...one, line: token.line, first: false, hidden: union(one.hidden, own) });
    }
  }
  return out;
}

const hiding = (name: string, rest: HideSet | undefined): HideSet => ({ name, rest, size: (rest?.size ?? 0) + 1 });

const union = (a: HideSet | undefined, b: HideSet): HideSet => {
  let all = b;
  for (let at = a; at; at = at.rest) if (!hides(b, at.name)) all = hiding(at.name, all);
  return all;
};

const intersection = (a: HideSet | undefined, b: HideSet | undefined): HideSet | undefined => {
  let both: HideSet | undefined;
  for (let at = a; at; at = at.rest) if (hides(b, at.name)) both = hiding(at.name, both);
  return both;
};

/** Takes `( … )` off the input (a stack) as comma-separated lists; null, and nothing taken, when it never closes. */
function argumentsOf(input: Token[]): { list: Token[][]; close: Token } | null {
  let depth = 0;
  const list: Token[][] = [[]];
  for (let i = input.length - 1; i >= 0; i--) {
    const token = input[i]!;
    if (token.text === '(' && token.kind === 'punct') {
      if (depth++ === 0) continue;
    } else if (token.text === ')' && token.kind === 'punct') {
      if (--depth === 0) {
        input.length = i;
        return { list, close: token };
      }
    } else if (token.text === ',' && token.kind === 'punct' && depth === 1) {
      list.push([]);
      continue;
    }
    if (depth === 0) return null;
    list[list.length - 1]!.push(token);
  }
  return null;
}

/** Joins what a variadic macro's last parameter takes. */
function argumentsFor(macro: Macro, list: Token[][]): Token[][] {
  const params = macro.params ?? [];
  if (params.length === 0) return [];
  if (!macro.variadic || list.length <= params.length) return list;
  const rest: Token[] = [];
  list.slice(params.length - 1).forEach((one, i) => {
    if (i > 0) rest.push({ kind: 'punct', text: ',', line: one[0]?.line ?? 0, spaced: false, first: false });
    rest.push(...one);
  });
  return [...list.slice(0, params.length - 1), rest];
}

function substitute(macro: Macro, args: Token[][], at: Token, names: ExpansionNames, nesting: number, budget: Budget): Token[] {
  const params = macro.params;
  const body = macro.body;
  if (!params || params.length === 0)
    return body.some((one) => one.text === '##')
      ? pasted(
          body.map((one) => [one, false] as const),
          at,
          budget,
        )
      : [...body];
  const out: (readonly [Token, boolean])[] = [];
  const expanded = new Map<number, Token[]>();
  const given = (index: number): Token[] => args[index] ?? [];
  const restIsEmpty = macro.variadic && given(params.length - 1).length === 0;
  for (let i = 0; i < body.length; i++) {
    const token = body[i]!;
    const next = body[i + 1];
    const index = token.kind === 'name' ? params.indexOf(token.text) : -1;
    if (token.text === '#' && next?.kind === 'name' && params.includes(next.text)) {
      const text = stringOf(given(params.indexOf(next.text)));
      spend(budget, text.length);
      out.push([{ ...token, kind: 'string', text }, false]);
      i++;
    } else if (token.text === '__VA_OPT__' && next?.text === '(') {
      let depth = 0;
      let end = i + 1;
      for (; end < body.length; end++) {
        if (body[end]?.text === '(') depth++;
        else if (body[end]?.text === ')' && --depth === 0) break;
      }
      if (!restIsEmpty) {
        const inner = substitute({ ...macro, body: body.slice(i + 2, end) }, args, at, names, nesting, budget);
        out.push(...inner.map((one) => [one, true] as const));
      }
      i = end;
    } else if (token.text === ',' && next?.text === '##' && macro.variadic && body[i + 2]?.text === params[params.length - 1]) {
      // GNU: the comma goes when there is no rest.
      const rest = given(params.length - 1);
      if (args.length >= params.length && rest.length > 0) {
        out.push([token, true]);
        out.push(...expandTokens(rest, names, nesting + 1, budget).map((one) => [one, true] as const));
      }
      i += 2;
    } else if (index >= 0) {
      const raw = given(index);
      const beside = next?.text === '##' || body[i - 1]?.text === '##';
      if (beside) {
        if (raw.length === 0) out.push([{ ...token, kind: 'punct', text: '' }, true]);
        else raw.forEach((one, k) => out.push([k === 0 ? { ...one, spaced: token.spaced } : one, true]));
      } else {
        let full = expanded.get(index);
        if (!full) expanded.set(index, (full = expandTokens(raw, names, nesting + 1, budget)));
        if (out.length > budget.left) {
          budget.left = 0;
          break;
        }
        full.forEach((one, k) => out.push([k === 0 ? { ...one, spaced: token.spaced } : one, true]));
      }
    } else out.push([token, false]);
  }
  return pasted(out, at, budget);
}

function spend(budget: Budget, letters: number): void {
  budget.letters -= letters;
  if (budget.letters < 0) budget.left = 0;
}

/** Applies `##` of the body (not of arguments) and drops the marks of empty arguments. */
function pasted(list: (readonly [Token, boolean])[], at: Token, budget: Budget): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < list.length; i++) {
    const [token, fromArgument] = list[i]!;
    if (token.text === '##' && !fromArgument && out.length > 0 && i + 1 < list.length) {
      const left = out.pop()!;
      const right = list[++i]![0];
      spend(budget, left.text.length + right.text.length);
      const joined = budget.letters < 0 ? [] : tokensOf(left.text + right.text);
      if (joined.length === 0) out.push({ ...left, text: '', kind: 'punct' });
      else
        joined.forEach((one, k) =>
          out.push({
            ...one,
            line: at.line,
            first: false,
            spaced: k === 0 ? left.spaced : one.spaced,
            ...(left.hidden ? { hidden: left.hidden } : {}),
          }),
        );
    } else out.push(token);
  }
  return out.filter((one) => one.text !== '');
}

function stringOf(tokens: readonly Token[]): string {
  let text = '';
  tokens.forEach((one, i) => {
    if (one.spaced && i > 0) text += ' ';
    text += one.text;
  });
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
}
