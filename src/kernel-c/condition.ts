/** The value of an `#if` expression (C11 6.10.1). */
import { precedence } from './precedence';
import type { Token } from './tokens';

export interface ConditionNames {
  defined(name: string): boolean;
  enabled(name: string): boolean;
  expand(tokens: readonly Token[]): Token[];
}

/** Names left after expansion count as 0; what cannot be read counts as false. */
export function evaluateCondition(tokens: readonly Token[], names: ConditionNames): boolean {
  const answered: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (!token) break;
    const enabling = /^(IS_ENABLED|IS_BUILTIN|IS_REACHABLE)$/.test(token.text);
    if (token.text === 'defined' || enabling) {
      const paren = tokens[i + 1]?.text === '(';
      const name = tokens[i + (paren ? 2 : 1)]?.text ?? '';
      const yes = enabling ? names.enabled(name) : names.defined(name);
      answered.push({ ...token, kind: 'number', text: yes ? '1' : '0' });
      i += paren ? 3 : 1;
    } else if (/^__has_(attribute|builtin|include|feature|extension)$/.test(token.text)) {
      answered.push({ ...token, kind: 'number', text: '0' });
      while (i < tokens.length && tokens[i]?.text !== ')') i++;
    } else answered.push(token);
  }
  return createReader(names.expand(answered)).value() !== 0n;
}

function createReader(tokens: readonly Token[]): { value(): bigint } {
  let at = 0;
  let depth = 0;
  const primary = (): bigint => {
    const token = tokens[at++];
    if (!token || ++depth > 200) return 0n;
    try {
      if (token.text === '(') {
        const inner = ternary();
        if (tokens[at]?.text === ')') at++;
        return inner;
      }
      if (token.text === '!') return primary() === 0n ? 1n : 0n;
      if (token.text === '-') return -primary();
      if (token.text === '+') return primary();
      if (token.text === '~') return ~primary();
      if (token.kind === 'number') return numberOf(token.text);
      if (token.kind === 'char') return BigInt(token.text.charCodeAt(1) || 0);
      if (token.kind === 'name' && tokens[at]?.text === '(') {
        // A function-like name that is no macro: its value is 0.
        for (let open = 0; at < tokens.length; at++) {
          if (tokens[at]?.text === '(') open++;
          else if (tokens[at]?.text === ')' && --open === 0) {
            at++;
            break;
          }
        }
      }
      return 0n;
    } finally {
      depth--;
    }
  };
  const binary = (least: number): bigint => {
    let left = primary();
    for (;;) {
      const op = tokens[at]?.text ?? '';
      const strength = precedence[op] ?? 0;
      if (strength < least || strength === 0) return left;
      at++;
      left = combine(op, left, binary(strength + 1));
    }
  };
  const ternary = (): bigint => {
    const condition = binary(1);
    if (tokens[at]?.text !== '?' || ++depth > 200) return condition;
    at++;
    const yes = ternary();
    if (tokens[at]?.text === ':') at++;
    const no = ternary();
    depth--;
    return condition !== 0n ? yes : no;
  };
  return { value: ternary };
}

function combine(op: string, a: bigint, b: bigint): bigint {
  const truth = (yes: boolean): bigint => (yes ? 1n : 0n);
  switch (op) {
    case '||':
      return truth(a !== 0n || b !== 0n);
    case '&&':
      return truth(a !== 0n && b !== 0n);
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '&':
      return a & b;
    case '==':
      return truth(a === b);
    case '!=':
      return truth(a !== b);
    case '<':
      return truth(a < b);
    case '>':
      return truth(a > b);
    case '<=':
      return truth(a <= b);
    case '>=':
      return truth(a >= b);
    case '<<':
      return b >= 0n && b < 64n ? BigInt.asIntN(64, a << b) : 0n;
    case '>>':
      return b >= 0n && b < 64n ? a >> b : 0n;
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return BigInt.asIntN(64, a * b);
    case '/':
      return b === 0n ? 0n : a / b;
    default:
      return b === 0n ? 0n : a % b;
  }
}

/** A number of more digits is none of C. */
export const longestNumber = 200;

/** The value of a C integer constant, suffix left out; 0 where it is none. */
export function numberOf(text: string): bigint {
  if (text.length > longestNumber) return 0n;
  const plain = text.replace(/[uUlL]+$/, '').replaceAll("'", '');
  if (/^0[xX][0-9a-fA-F]+$/.test(plain) || /^0[bB][01]+$/.test(plain)) return BigInt(plain);
  if (/^0[0-7]*$/.test(plain)) return plain === '0' ? 0n : BigInt(`0o${plain.slice(1)}`);
  return /^\d+$/.test(plain) ? BigInt(plain) : 0n;
}
