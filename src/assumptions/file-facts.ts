/** What one C file says of hugetlb: the facts of each function that may matter, its tables of functions, and what could not be read. */
import type { FileFacts, FoundFunction, FoundSite, FoundTable, FoundUnread } from './facts';
import { type Body, factsOfFunction, type PlaceOf, type Use } from './function-facts';
import { hasSymbol, occurrencesOf } from './occurrences';
import { type Outline, outlineOf } from './outline';
import { PLAIN_VOCABULARY, type Vocabulary, type Wrapper } from './vocabulary';

/**
 * Parts of which a file has one that may have anything to say: a name of the rules is never far from a VMA or an hstate. They are few, and
 * begin with letters that are not frequent, since each is looked for in every file of the tree.
 */
export const INTERESTING = ['vma', 'huge', 'Huge', 'HUGETLB', 'hstate', 'vm_area', 'vm_fault'] as const;

const MATTERS = /huge|Huge|vma|vmf\b|vm_fault|mm_walk|folio|\bpage\b|\bpfn\b|HUGETLB|hstate|vm_area|mapping_set_|pmd_shar|restore_reserve/g;

/** Whether a text may have anything to say: a file without any of these words has not. */
export const isInteresting = (text: string): boolean => INTERESTING.some((part) => text.includes(part)) && text.search(MATTERS) >= 0;

/** The facts of a text. *Fails* never, whatever the text is. */
export function factsOf(text: string, vocabulary: Vocabulary): FileFacts {
  const outline = outlineOf(text, stretchesWith(text, MATTERS));
  const uses = hasSymbol(text) || vocabulary !== PLAIN_VOCABULARY ? usesOf(text, vocabulary) : [];
  const placeOf = placesOf(text);
  const functions: FoundFunction[] = [];
  const loose: FoundSite[] = [];
  const unread: FoundUnread[] = [];
  const taken = new Set<number>();
  for (const body of bodiesOf(outline)) {
    const inside = uses.filter(({ at }) => at >= body.from && at < body.to && !taken.has(at));
    for (const { at } of inside) taken.add(at);
    const found = factsOfFunction(text, body, inside, vocabulary, placeOf);
    functions.push(found.facts);
    if (inside.length > 0) unread.push(...found.unread);
  }
  if (uses.length > 0)
    for (const { at, reason } of outline.problems.slice(0, MAX_PROBLEMS)) unread.push({ line: placeOf(at).line, function: '', reason });
  for (const use of uses) {
    const word = vocabulary.words.get(use.symbol);
    if (taken.has(use.at) || word === undefined) continue;
    const { line, column } = placeOf(use.at);
    const { kind, rule } = word;
    loose.push({ symbol: use.symbol, kind, rule, line, column, local: 'named', lines: [], standings: [], folioLines: [] });
  }
  return {
    functions,
    loose,
    tables: tablesOf(text, outline, placeOf),
    unread,
    wrappers: uses.length > 0 ? wrappersIn(text, outline, vocabulary) : [],
  };
}

/** One-line helpers of a text whose value is a test of their own parameter. */
function wrappersIn(text: string, outline: Outline, vocabulary: Vocabulary): readonly Wrapper[] {
  const found: Wrapper[] = [];
  const pattern = new RegExp(
    `^\\s*(?:return\\b\\s*)?((?:!\\s*)*)\\s*\\(?\\s*((?:!\\s*)*)(?:(?:un)?likely\\s*\\(\\s*)?(\\w+)\\s*\\(\\s*(?:page_folio\\s*\\(|compound_head\\s*\\()?\\s*\\(?(\\w+)\\)?\\s*\\)+\\s*;?\\s*$`,
  );
  for (const body of bodiesOf(outline)) {
    if (body.to - body.from > 200 || body.params.length !== 1) continue;
    const match = pattern.exec(text.slice(body.from, body.to));
    const word = match === null ? undefined : vocabulary.words.get(match[3] ?? '');
    if (match === null || word === undefined || word.kind === 'vma-operation' || word.rule.startsWith('hstate')) continue;
    if (match[4] !== body.params[0]) continue;
    const nots = ((match[1] ?? '') + (match[2] ?? '')).replace(/\s/g, '').length;
    if (vocabulary.words.has(body.name)) continue;
    found.push({ name: body.name, of: match[3] ?? '', negated: nots % 2 === 1 });
  }
  return found;
}

function usesOf(text: string, vocabulary: Vocabulary): readonly Use[] {
  return occurrencesOf({ path: '', text, root: null }, vocabulary.pattern)
    .filter((one) => one.role === 'use')
    .map(({ symbol, at }) => ({ symbol, at }));
}

function bodiesOf(outline: Outline): readonly Body[] {
  const functions = outline.functions.map((one): Body => ({
    name: one.name,
    nameAt: one.nameAt,
    params: one.params.map(({ name }) => name),
    from: one.bodyFrom,
    to: one.bodyTo,
    isStatic: one.isStatic,
    isMacro: false,
  }));
  const macros = outline.macros.map((one): Body => ({
    name: one.name,
    nameAt: one.nameAt,
    params: one.params ?? [],
    from: one.bodyFrom,
    to: one.bodyTo,
    isStatic: false,
    isMacro: true,
  }));
  // A macro inside of a function is a body of its own.
  return [...macros, ...functions];
}

function tablesOf(text: string, outline: Outline, placeOf: PlaceOf): readonly FoundTable[] {
  const found: FoundTable[] = [];
  for (const table of outline.tables) {
    if (table.to - table.from > MAX_TABLE) continue;
    const body = text.slice(table.from, table.to);
    const members: (readonly [string, string])[] = [];
    const member = /\.\s*(\w+)\s*=\s*&?\s*([A-Za-z_]\w*)\s*(?=[,}\n])/g;
    for (let match = member.exec(body); match !== null; match = member.exec(body)) {
      const value = match[2] ?? '';
      if (/[a-z]/.test(value)) members.push([`.${match[1] ?? ''}`, value]);
    }
    const makesHugetlb = /\.fop_flags\s*=[^,]*\bFOP_HUGE_PAGES\b/.test(body);
    if (members.length > 0) found.push({ name: table.name, type: table.type, line: placeOf(table.at).line, members, makesHugetlb });
  }
  return found;
}

/** More of them tell nothing new of a file. */
const MAX_PROBLEMS = 20;

/** A table of functions is not longer; generated tables of numbers are. */
const MAX_TABLE = 200_000;

/** Whether a stretch of a text has a match of a pattern. */
function stretchesWith(text: string, pattern: RegExp): (from: number, to: number) => boolean {
  const places: number[] = [];
  const search = new RegExp(pattern);
  for (let match = search.exec(text); match !== null; match = search.exec(text)) places.push(match.index);
  let last = 0;
  return (from, to) => {
    // Asked for stretches in order, but for macros inside of functions.
    if ((places[last - 1] ?? -1) >= from) last = 0;
    while (last < places.length && (places[last] ?? 0) < from) last += 1;
    return (places[last] ?? Infinity) < to;
  };
}

function placesOf(text: string): PlaceOf {
  const starts: number[] = [];
  return (at) => {
    if (starts.length === 0) {
      starts.push(0);
      for (let line = text.indexOf('\n'); line >= 0; line = text.indexOf('\n', line + 1)) starts.push(line + 1);
    }
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return { line: low, column: at - (starts[low - 1] ?? 0) + 1 };
  };
}
