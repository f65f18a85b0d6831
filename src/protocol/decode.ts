/** Checks the parameters of each request on arrival: what another process sends is data to judge. */
import type { ExploreParams, OpenParams, ReviewParams, TreeWork } from './requests';
import type { Remark } from './remark';
import { DESIGNS } from '../model/host/operation';
import type { RunScenarioParams } from './scenario-runs';
import type { Scenario } from './simulation';

/** What a checker says: the value, or the first thing wrong with it. */
export type Decoded<T> = { readonly kind: 'value'; readonly value: T } | { readonly kind: 'wrong'; readonly why: string };
/** @param at where the value stands, for the message: `params.repo` */
export type Decoder<T> = (value: unknown, at: string) => Decoded<T>;

const good = <T>(value: T): Decoded<T> => ({ kind: 'value', value });
const wrong = (at: string, expected: string): Decoded<never> => ({ kind: 'wrong', why: `${at} is not ${expected}` });

/** UTF-16 units in one text; a remark or a path is far under it. */
const MAX_TEXT = 1_000_000;

const text: Decoder<string> = (value, at) =>
  typeof value === 'string' && value.length <= MAX_TEXT ? good(value) : wrong(at, `a text of at most ${MAX_TEXT} units`);
/** More than the language reads: it says so itself. */
const MAX_SCENARIO_TEXT = 20_000_000;
const longText: Decoder<string> = (value, at) =>
  typeof value === 'string' && value.length <= MAX_SCENARIO_TEXT ? good(value) : wrong(at, `a text of at most ${MAX_SCENARIO_TEXT} units`);
/** A path, name or id: not empty, on one line, no NUL. */
const name: Decoder<string> = (value, at) =>
  typeof value === 'string' && value.length > 0 && value.length <= 4096 && !/[\0\n\r]/.test(value)
    ? good(value)
    : wrong(at, 'a name on one line');
const flag: Decoder<boolean> = (value, at) => (typeof value === 'boolean' ? good(value) : wrong(at, 'true or false'));
const count: Decoder<number> = (value, at) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? good(value) : wrong(at, 'a number from 0');
const token: Decoder<string | number> = (value, at) =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value)) ? good(value) : wrong(at, 'a token');
const oneOf =
  <T extends string>(...words: readonly T[]): Decoder<T> =>
  (value, at) =>
    words.includes(value as T) ? good(value as T) : wrong(at, `one of ${words.join(', ')}`);
const side: Decoder<'new' | 'old'> = (value, at) => (value === 'new' || value === 'old' ? good(value) : wrong(at, '"new" or "old"'));

type Fields<T> = { readonly [K in keyof T]-?: Decoder<Exclude<T[K], undefined>> };

/** An object with these members; others are left out. Those named in `mayLack` may be absent. */
function object<T extends object>(fields: Fields<T>, mayLack: readonly (keyof T)[] = []): Decoder<T> {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object');
    const given = value as Partial<Record<keyof T, unknown>>;
    const made: Partial<T> = {};
    for (const key of Object.keys(fields) as (keyof T & string)[]) {
      const member = Object.hasOwn(given, key) ? given[key] : undefined;
      if ((member === undefined || member === null) && mayLack.includes(key)) continue;
      const decoded = fields[key](member, `${at}.${key}`);
      if (decoded.kind === 'wrong') return decoded;
      made[key] = decoded.value;
    }
    return good(made as T);
  };
}

/** A list of at most so many. */
const listOf =
  <T>(one: Decoder<T>, most: number): Decoder<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value) || value.length > most) return wrong(at, `a list of at most ${most}`);
    const made: T[] = [];
    for (const [index, entry] of value.entries()) {
      const decoded = one(entry, `${at}[${index}]`);
      if (decoded.kind === 'wrong') return decoded;
      made.push(decoded.value);
    }
    return good(made);
  };

const texts: Decoder<Readonly<Record<string, string>>> = (value, at) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every((one) => typeof one === 'string')
    ? good(value as Readonly<Record<string, string>>)
    : wrong(at, 'an object of texts');

/** Far more than a function has parameters, locks to hold, or a reviewer pins. */
const MAX_ENTRIES = 1000;

/** How memory looks before a function is entered, as another process says it. */
export const scenario: Decoder<Scenario> = object<Scenario>(
  {
    order: count,
    blocks: count,
    folios: oneOf('absent', 'whole', 'split'),
    secondFolios: oneOf('absent', 'whole', 'split'),
    faultable: oneOf('none', 'first', 'all'),
    hvo: flag,
    arguments: texts,
    held: listOf(name, MAX_ENTRIES),
    bound: flag,
    spare: count,
    references: listOf(object<{ readonly index: number; readonly count: number }>({ index: count, count }), MAX_ENTRIES),
  },
  ['secondFolios', 'held', 'bound', 'spare', 'references'],
);

export const openParams: Decoder<OpenParams> = object<OpenParams>(
  { source: name, repo: name, base: name, worktree: name, full: flag, archive: text, workDoneToken: token },
  ['base', 'worktree', 'workDoneToken'],
);
export const openedParams = object<{ readonly worktree?: string }>({ worktree: name }, ['worktree']);
export const messageParams = object<{ readonly series: string; readonly message: string }>({ series: name, message: name });
export const fileAtParams = object<{ readonly worktree: string; readonly commit: string; readonly path: string }>({
  worktree: name,
  commit: name,
  path: name,
});
export const treeWorkParams = object<TreeWork>({ tree: name, workDoneToken: token }, ['workDoneToken']);
export const reviewParams = object<ReviewParams>({ tree: name, file: name, line: count, column: count, reviewed: flag });
export const functionInTreeParams = object<{ readonly tree: string; readonly file: string; readonly function: string }>({
  tree: name,
  file: name,
  function: name,
});
export const documentParams = object<{ readonly uri: string }>({ uri: name });
export const programParams = object<{ readonly tree: string; readonly function: string; readonly file?: string }>(
  { tree: name, function: name, file: name },
  ['file'],
);
export const exploreParams = object<ExploreParams>(
  {
    tree: name,
    function: name,
    states: listOf(object<ExploreParams['states'][number]>({ name, scenario }), MAX_ENTRIES),
    workDoneToken: token,
  },
  ['workDoneToken'],
);
export const scenarioTextParams = object<{ readonly text: string }>({ text: longText });
const designs = listOf(oneOf(...DESIGNS), DESIGNS.length);
export const runScenarioParams = object<RunScenarioParams>(
  {
    text: longText,
    file: name,
    line: count,
    designs: (value, at) => (Array.isArray(value) && value.length === 0 ? wrong(at, 'a list of at least one design') : designs(value, at)),
    untilLine: count,
    tree: name,
    isRead: flag,
  },
  ['tree', 'isRead'],
);
export const seriesParams = object<{ readonly series: string }>({ series: name });
export const remarkParams = object<Remark>({
  id: text,
  series: name,
  patch: count,
  file: text,
  side,
  line: count,
  context: text,
  body: text,
  written: text,
});
export const remarkIdParams = object<{ readonly series: string; readonly id: string }>({ series: name, id: name });
export const replyParams = object<{ readonly series: string; readonly patch: number }>({ series: name, patch: count });
export const demoParams = object<{ readonly workDoneToken?: string | number }>({ workDoneToken: token }, ['workDoneToken']);
