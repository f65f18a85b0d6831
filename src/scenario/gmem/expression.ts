/** Arithmetic on the numbers and parameters of a line: `16 + 4095 * $blocks`, `min($a, 4)`, `$policy = eager`. */
import type { ArgumentReader } from './argument-reader';
import { shown } from './problem';
import type { Token } from './tokens';
import { bytesOf, bytesText, numberOf, timeOf, timeText } from './units';

/** What a number counts; things of two units are neither added nor compared. */
type Unit = '' | 'bytes' | 'time';

/** A word can be compared, and nothing else. */
type Operand = { readonly value: number; readonly unit: Unit } | { readonly word: string };

/** Brackets in brackets; more are a slip of the hand. */
const MOST_LEVELS = 16;
const COMPARES = ['=', '!=', '<', '<=', '>', '>='];

/** As text that can stand wherever a number or a word can: `64MiB`, `40ms`, `12`, `eager`. One token alone stays as it is written. */
export function readValue(reader: ArgumentReader): string | null {
  const from = reader.at;
  const alone = reader.peek();
  // Said already: a parameter that has no value.
  if (alone === null && !reader.ended) return null;
  const operand = comparison(reader);
  if (operand === null) return null;
  if (reader.at === from + 1 && alone !== null) return alone.text;
  reader.keepWritten();
  if ('word' in operand) return operand.word;
  return operand.unit === 'bytes' ? bytesText(operand.value) : operand.unit === 'time' ? timeText(operand.value) : String(operand.value);
}

/** *Units* as they are written: pages or things without one, else bytes or microseconds. */
export function readAmount(reader: ArgumentReader): number | null {
  const from = reader.at;
  const value = numberAt(reader, sum(reader, 0));
  if (reader.at > from + 1) reader.keepWritten();
  return value;
}

/** 1 where all of it holds, else 0: comparisons with `and` between. */
export function readCondition(reader: ArgumentReader): number | null {
  const from = reader.at;
  let holds = 1;
  do {
    const value = numberAt(reader, comparison(reader));
    if (value === null) return null;
    if (value === 0) holds = 0;
  } while (reader.accept('and'));
  if (reader.at > from + 1) reader.keepWritten();
  return holds;
}

function numberAt(reader: ArgumentReader, operand: Operand | null): number | null {
  if (operand === null || 'value' in operand) return operand?.value ?? null;
  reader.refuse(`"${shown(operand.word)}" is not a number.`, 'Write a number here.');
  return null;
}

function comparison(reader: ArgumentReader): Operand | null {
  const left = sum(reader, 0);
  const sign = left === null ? undefined : signAt(reader, COMPARES);
  if (left === null || sign === undefined) return left;
  const right = sum(reader, 0);
  if (right === null) return null;
  if ('word' in left || 'word' in right) return wordsCompared(reader, left, sign, right);
  return !alike(left, right) ? twoUnits(reader) : { value: Number(compared(left.value, sign, right.value)), unit: '' };
}

function wordsCompared(reader: ArgumentReader, left: Operand, sign: string, right: Operand): Operand | null {
  if (sign !== '=' && sign !== '!=') {
    reader.refuse('Words are neither less nor more.', 'Compare them with = or !=.');
    return null;
  }
  const same = 'word' in left && 'word' in right && left.word === right.word;
  return { value: Number(same === (sign === '=')), unit: '' };
}

function compared(left: number, sign: string, right: number): boolean {
  switch (sign) {
    case '=':
      return left === right;
    case '!=':
      return left !== right;
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

function sum(reader: ArgumentReader, level: number): Operand | null {
  return chain(reader, ['+', '-'], (each) => product(each, level));
}

function product(reader: ArgumentReader, level: number): Operand | null {
  return chain(reader, ['*', '/'], (each) => atom(each, level));
}

function chain(reader: ArgumentReader, signs: readonly string[], next: (reader: ArgumentReader) => Operand | null): Operand | null {
  let left = next(reader);
  for (let sign = signAt(reader, signs); left !== null && sign !== undefined; sign = signAt(reader, signs)) {
    const right = next(reader);
    left = right === null ? null : combined(reader, left, sign, right);
  }
  return left;
}

function signAt(reader: ArgumentReader, signs: readonly string[]): string | undefined {
  return signs.find((each) => reader.accept(each));
}

function combined(reader: ArgumentReader, left: Operand, sign: string, right: Operand): Operand | null {
  if ('word' in left || 'word' in right) {
    const word = 'word' in left ? left.word : 'word' in right ? right.word : '';
    reader.refuse(`"${shown(word)}" is not a number.`, 'Only numbers are added and multiplied.');
    return null;
  }
  if (sign === '+' || sign === '-') {
    if (!alike(left, right)) return twoUnits(reader);
    return bounded(reader, sign === '+' ? left.value + right.value : left.value - right.value, unitOf(left, right));
  }
  if (sign === '*') {
    if (left.unit !== '' && right.unit !== '') return twoUnits(reader);
    return bounded(reader, left.value * right.value, unitOf(left, right));
  }
  if (right.unit !== '' && right.unit !== left.unit) return twoUnits(reader);
  return bounded(reader, Math.floor(left.value / right.value), right.unit === '' ? left.unit : '');
}

type Amount = Extract<Operand, { readonly value: number }>;

/** 0 goes with every unit. */
const alike = (left: Amount, right: Amount): boolean => left.unit === right.unit || left.value === 0 || right.value === 0;
const unitOf = (left: Amount, right: Amount): Unit => (left.unit === '' ? right.unit : left.unit);

function twoUnits(reader: ArgumentReader): null {
  reader.refuse('Sizes, times and plain numbers stand in one sum.', 'Write both sides in the same unit, as in 2GiB - 4KiB.');
  return null;
}

function bounded(reader: ArgumentReader, value: number, unit: Unit): Operand | null {
  if (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return { value: value + 0, unit };
  reader.refuse('The result is no number that can be counted with.', 'Divide by something else than 0, and stay below 2^53.');
  return null;
}

function atom(reader: ArgumentReader, level: number): Operand | null {
  if (level > MOST_LEVELS) {
    reader.refuse(`Brackets are nested ${level} deep.`, `Keep to ${MOST_LEVELS} levels.`);
    return null;
  }
  if (reader.accept('(')) {
    const inner = sum(reader, level + 1);
    return inner === null || !reader.expect(')') ? null : inner;
  }
  const token = reader.take(['number', 'word'], 'a number or a word');
  if (token === null) return null;
  if (token.kind === 'number') return quantityOf(reader, token);
  const isCall = (token.text === 'min' || token.text === 'max') && reader.accept('(');
  return isCall ? extreme(reader, token.text === 'min' ? Math.min : Math.max, level) : { word: token.text };
}

function extreme(reader: ArgumentReader, of: (left: number, right: number) => number, level: number): Operand | null {
  const left = sum(reader, level + 1);
  if (left === null || !reader.expect(',')) return null;
  const right = sum(reader, level + 1);
  if (right === null || !reader.expect(')')) return null;
  if ('word' in left || 'word' in right) {
    reader.refuse('Words are neither less nor more.', 'Write two numbers into min(…) or max(…).');
    return null;
  }
  return alike(left, right) ? { value: of(left.value, right.value), unit: unitOf(left, right) } : twoUnits(reader);
}

/** A token such as `1G` may be meant as a word: it is a size where it is counted with. */
function quantityOf(reader: ArgumentReader, token: Token): Operand | null {
  const plain = numberOf(token.text);
  if (plain !== null) return { value: plain, unit: '' };
  const time = timeOf(token.text);
  if (time !== null) return { value: time, unit: 'time' };
  const bytes = bytesOf(token.text);
  if (bytes !== null) return { value: bytes, unit: 'bytes' };
  reader.refuseAt(reader.spanOf(token), `"${shown(token.text)}" is not a number.`, 'Write a number, a size or a time here.');
  return null;
}
