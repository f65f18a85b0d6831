/** Macros and conditions of a tree, answered by name from its index: what the C preprocessor would say at a place. */
import type { KernelConfig } from './config';
import { createAnswers, createAsking } from './answers';
import { nearestFirst } from './choose';
import type { Definition } from './definition';
import type { Condition, FileIndex } from './file-index';
import { createInvocationSearch } from './invocation-search';
import { expandTokens, type Macro } from './macro-expansion';
import { overrides, predefined, undefinedNames } from './overrides';
import { evaluateCondition } from './condition';
import type { SourceTree } from './source-tree';
import { Trouble } from './token-stream';
import { type Token, tokensOf } from './tokens';
import type { Found, TreeIndex } from './tree-index';

/** Where something is looked at from: what is defined later in the same file is not seen. */
export interface Viewpoint {
  readonly file: string;
  readonly line: number;
}

export interface Preprocessor {
  /** Whether a definition's conditions hold. */
  seen(found: Found): boolean;
  macro(name: string, from: Viewpoint): Macro | null;
  expand(tokens: readonly Token[], from: Viewpoint): Token[];
  /** Tokens of a file's text [from, to) with its inner directives obeyed, not expanded. */
  tokens(file: FileIndex, from: number, to: number, line: number): Token[];
  /** A definition's tokens, its directives obeyed and its macros expanded. */
  expanded(found: Found): readonly Token[];
  /** Macro invocations that may make this name. */
  invocationsFor(name: string): readonly Found[];
}

const macroKinds: ReadonlySet<string> = new Set(['macro', 'function-macro', 'undef']);

/** What the tree says of a macro's name. */
interface MacrosOfName {
  /** In order of path, then place. */
  readonly all: readonly Found[];
  readonly inFile: ReadonlyMap<string, readonly Found[]>;
}

/** What the tree says whatever the configuration: read once for all readings of an index. */
interface TreeFacts {
  readonly tree: SourceTree;
  text(path: string): string | null;
  bodyOf(found: Found): Macro | null;
  macrosNamed(name: string): MacrosOfName;
  invocationsFor(name: string): readonly Found[];
  /** The latest used is last. */
  readonly preprocessors: { readonly key: string; readonly made: Preprocessor; readonly restart: () => void }[];
}

const factsOf = new WeakMap<TreeIndex, TreeFacts>();
/** Configurations and sets of modelled names that are kept at a time. */
const mostKept = 3;
/** Letters of a macro's definition; a longer one is taken as none. */
const longestMacro = 1 << 18;
/** Letters of any other definition; a longer one is not read. */
const longestDefinition = 1 << 20;
/** Questions in questions (a condition on a macro that stands under a condition …); beyond, a condition does not hold. */
const deepestAsking = 150;
/** Tokens of expanded definitions that are kept: beyond, a definition is expanded each time. */
const mostKeptTokens = 1_500_000;

/**
 * The preprocessor of a tree.
 *
 * What it has found out is kept for the next call with the same index, tree, configuration and names; it says the same as a new one would.
 * @param unexpanded function-like macros that stay calls
 */
export function createPreprocessor(
  tree: SourceTree,
  index: TreeIndex,
  config: KernelConfig,
  unexpanded: ReadonlySet<string>,
): Preprocessor {
  let facts = factsOf.get(index);
  if (facts?.tree !== tree) factsOf.set(index, (facts = createFacts(tree, index)));
  const { preprocessors } = facts;
  const key = JSON.stringify([config, [...unexpanded]]);
  const at = preprocessors.findIndex((one) => one.key === key);
  const used = at < 0 ? { key, ...makePreprocessor(facts, index, config, unexpanded) } : preprocessors.splice(at, 1)[0]!;
  preprocessors.push(used);
  if (preprocessors.length > mostKept) preprocessors.shift();
  used.restart();
  return used.made;
}

function createFacts(tree: SourceTree, index: TreeIndex): TreeFacts {
  const texts = new Map<string, string | null>();
  const bodies = new WeakMap<Definition, Macro>();
  const macros = new Map<string, MacrosOfName>();
  let search: ((name: string) => readonly Found[]) | null = null;
  const text = (path: string): string | null => {
    let known = texts.get(path);
    if (known === undefined) texts.set(path, (known = tree.read(path)));
    return known;
  };
  return {
    tree,
    text,
    preprocessors: [],
    bodyOf: ({ file, definition }) => {
      const known = bodies.get(definition);
      if (known) return known;
      const source = definition.to - definition.from > longestMacro ? null : text(file.path);
      if (source === null) return null;
      const macro = parseMacro(source.slice(definition.from, definition.to).replace(/^#\s*define\s+/, ''), file.path, definition.line);
      if (macro) bodies.set(definition, macro);
      return macro;
    },
    macrosNamed: (name) => {
      let known = macros.get(name);
      if (known === undefined) {
        const all = (index.byName.get(name) ?? []).filter((one) => macroKinds.has(one.definition.kind));
        if (all.length === 0) known = none;
        else {
          const inFile = new Map<string, Found[]>();
          for (const one of all) {
            const same = inFile.get(one.file.path);
            if (same) same.push(one);
            else inFile.set(one.file.path, [one]);
          }
          known = { all, inFile };
        }
        macros.set(name, known);
      }
      return known;
    },
    invocationsFor: (name) => (search ??= createInvocationSearch(index))(name),
  };
}

const none: MacrosOfName = { all: [], inFile: new Map() };

function makePreprocessor(
  { text, bodyOf, macrosNamed, invocationsFor }: TreeFacts,
  index: TreeIndex,
  config: KernelConfig,
  unexpanded: ReadonlySet<string>,
): { made: Preprocessor; restart: () => void } {
  const fixed = fixedMacros();
  const asking = createAsking();
  // A condition that asks for itself is taken as not holding.
  const holding = createAnswers<Condition, boolean>(asking, false);
  const choices = createAnswers<string, Macro | null>(asking, null);
  const expansions = new WeakMap<Definition, readonly Token[]>();
  let keptTokens = 0;
  const counter = { value: 0 };

  const holds = (file: FileIndex, at: number): boolean => {
    if (at < 0) return true;
    if (asking.depth > deepestAsking) {
      asking.reached = 0;
      return false;
    }
    const condition = file.conditions[at];
    if (!condition) return true;
    return holding(
      condition,
      () =>
        holds(file, condition.parent) &&
        condition.not.every((one) => !directiveHolds(file, one, at)) &&
        (condition.is === '' || directiveHolds(file, condition.is, at)),
    );
  };

  const directiveHolds = (file: FileIndex, directive: string, at: number): boolean => {
    const space = directive.indexOf(' ');
    const word = directive.slice(0, space);
    const rest = directive.slice(space + 1);
    const line = firstLineUnder(file, at);
    const from = { file: file.path, line };
    if (word === 'ifdef') return defined(rest.trim(), from);
    if (word === 'ifndef') return !defined(rest.trim(), from) || guards(file, rest.trim(), at);
    return evaluateCondition(tokensOf(rest), {
      defined: (name) => defined(name, from),
      enabled: (name) => enabled(name),
      expand: (tokens) => expand(tokens, from),
    });
  };

  /** `#ifndef X` around `#define X` in the same file: an include guard, or a default that another file may override. */
  const guards = (file: FileIndex, name: string, at: number): boolean => {
    if (config[name] !== undefined || undefinedNames.has(name)) return false;
    const elsewhere = macrosNamed(name).all.some((one) => one.file !== file);
    return !elsewhere && (index.byName.get(name) ?? []).some((one) => one.file === file && one.definition.condition === at);
  };

  const enabled = (name: string): boolean => config[name] === 'y' || config[name] === 'm' || config[name] === '1';

  const defined = (name: string, from: Viewpoint): boolean => {
    if (name.startsWith('CONFIG_')) return config[name] !== undefined && config[name] !== 'm';
    if (undefinedNames.has(name)) return false;
    if (fixed.has(name)) return true;
    return lookUp(name, from) !== null;
  };

  const configMacro = (name: string): Macro | null => {
    const value = config[name];
    if (value === undefined || value === 'm') return null;
    return { name, params: null, variadic: false, body: tokensOf(value === 'y' ? '1' : value), file: '', line: 0 };
  };

  /** The macro in force at a place, or null. */
  const lookUp = (name: string, from: Viewpoint): Macro | null => {
    const named = macrosNamed(name);
    if (named === none) return null;
    const own = ownMacro(named, from);
    if (own !== undefined) return own;
    const key = `${name}\0${from.file.slice(0, from.file.lastIndexOf('/'))}`;
    return choices(key, () => {
      let done: FileIndex | null = null;
      for (const { file } of nearestFirst(named.all, from.file)) {
        if (file.path === from.file || file === done) continue;
        done = file;
        const last = lastIn(named.inFile.get(file.path) ?? [], Number.MAX_SAFE_INTEGER);
        const found = last && last.kind !== 'undef' ? bodyOf({ file, definition: last }) : null;
        if (found) return found;
      }
      return null;
    });
  };

  /** What the file itself says of the name up to the line; undefined where it says nothing. */
  const ownMacro = (named: MacrosOfName, from: Viewpoint): Macro | null | undefined => {
    const inFile = named.inFile.get(from.file);
    const last = inFile && lastIn(inFile, from.line);
    if (!last) return undefined;
    return last.kind === 'undef' ? null : bodyOf({ file: inFile[0]!.file, definition: last });
  };

  /** The last before the line that counts; those of one file are in order. */
  const lastIn = (inFile: readonly Found[], line: number): Definition | undefined => {
    for (let at = firstFrom(inFile, line) - 1; at >= 0; at--) {
      const { file, definition } = inFile[at]!;
      // A name that is undefined again at the file's end (X-macros) still serves the lines before.
      if (definition.kind === 'undef' && line === Number.MAX_SAFE_INTEGER) continue;
      if (holds(file, definition.condition)) return definition;
    }
    return undefined;
  };

  const macro = (name: string, from: Viewpoint): Macro | null => {
    if (unexpanded.has(name)) return null;
    const own = fixed.get(name);
    if (own) return own;
    if (undefinedNames.has(name)) return null;
    if (name.startsWith('CONFIG_')) return configMacro(name);
    return lookUp(name, from);
  };

  const expand = (tokens: readonly Token[], from: Viewpoint): Token[] =>
    expandTokens(tokens, {
      macro: (name, line) => macro(name, { file: from.file, line: line || from.line }),
      enabled,
      defined: (name) => defined(name, from),
      file: from.file,
      counter,
    });

  const conditionOf = (file: FileIndex, directive: string, line: number): boolean => {
    const space = directive.indexOf(' ');
    const rest = directive.slice(space + 1).trim();
    const from = { file: file.path, line };
    if (directive.startsWith('ifdef')) return defined(rest, from);
    if (directive.startsWith('ifndef')) return !defined(rest, from);
    return evaluateCondition(tokensOf(rest), { defined: (name) => defined(name, from), enabled, expand: (tokens) => expand(tokens, from) });
  };

  const tokens = (file: FileIndex, from: number, to: number, line: number): Token[] => {
    const source = text(file.path);
    if (source === null) return [];
    const all = tokensOf(source, from, to, line);
    if (!all.some((one) => one.first && one.text === '#')) return all;
    const out: Token[] = [];
    // Each open #if: whether the code around it is seen, whether a branch was taken, whether this one is.
    const open: { outer: boolean; taken: boolean; active: boolean }[] = [];
    let active = true;
    for (let i = 0; i < all.length;) {
      const token = all[i];
      if (!token) break;
      if (!(token.first && token.text === '#')) {
        if (active) out.push(token);
        i++;
        continue;
      }
      let end = i + 1;
      while (end < all.length && !all[end]?.first) end++;
      const word = all[i + 1]?.text ?? '';
      const rest = all
        .slice(i + 2, end)
        .map((one) => (one.spaced ? ` ${one.text}` : one.text))
        .join('');
      const top = open[open.length - 1];
      if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
        const now: boolean = active && conditionOf(file, `${word} ${rest}`, token.line);
        open.push({ outer: active, taken: now, active: now });
        active = now;
      } else if (top && (word === 'elif' || word === 'else')) {
        active = top.outer && !top.taken && (word === 'else' || conditionOf(file, `if ${rest}`, token.line));
        top.taken ||= active;
      } else if (top && word === 'endif') {
        active = top.outer;
        open.pop();
      }
      i = end;
    }
    return out;
  };

  const expanded = (found: Found): readonly Token[] => {
    const { file, definition } = found;
    const known = expansions.get(definition);
    if (known !== undefined) return known;
    if (definition.to - definition.from > longestDefinition) throw new Trouble('it is larger than 1 MB', definition.line);
    const before = counter.value;
    const made = expand(tokens(file, definition.from, definition.to, definition.line), { file: file.path, line: definition.line });
    // What took a number from __COUNTER__ is another text each time.
    if (counter.value === before && keptTokens + made.length <= mostKeptTokens) {
      keptTokens += made.length;
      expansions.set(definition, made);
    }
    return made;
  };

  return {
    made: { seen: ({ file, definition }) => holds(file, definition.condition), macro, expand, tokens, expanded, invocationsFor },
    restart: () => {
      counter.value = 0;
    },
  };
}

/** Index of the first that stands at the line or after it. */
function firstFrom(inFile: readonly Found[], line: number): number {
  let low = 0;
  let high = inFile.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inFile[middle]!.definition.line < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Line of the first definition under a condition: what stands before it in the file is seen there. */
function firstLineUnder(file: FileIndex, condition: number): number {
  let lines = firstLines.get(file);
  if (lines === undefined) {
    lines = new Float64Array(file.conditions.length).fill(Number.MAX_SAFE_INTEGER);
    for (const one of file.definitions) {
      // Where a condition has its line, those around it have theirs.
      for (let at = one.condition; at >= 0 && lines[at] === Number.MAX_SAFE_INTEGER; at = file.conditions[at]?.parent ?? -1)
        lines[at] = one.line;
    }
    firstLines.set(file, lines);
  }
  return lines[condition] ?? Number.MAX_SAFE_INTEGER;
}

const firstLines = new WeakMap<FileIndex, Float64Array>();

/** The macro whose definition is `text` (after `#define `). */
export function parseMacro(text: string, file: string, line: number): Macro | null {
  const name = /^[A-Za-z_$][\w$]*/.exec(text)?.[0];
  if (!name) return null;
  const tokens = tokensOf(text, name.length, text.length, line);
  if (text[name.length] !== '(') return { name, params: null, variadic: false, body: tokens, file, line };
  const close = tokens.findIndex((one) => one.text === ')');
  if (close < 0) return null;
  const params: string[] = [];
  let variadic = false;
  for (const one of tokens.slice(1, close)) {
    if (one.text === '...') {
      variadic = true;
      // `args...` names the rest; plain `...` calls it __VA_ARGS__.
      if (tokens[tokens.indexOf(one) - 1]?.text === ',' || params.length === 0) params.push('__VA_ARGS__');
    } else if (one.kind === 'name') params.push(one.text);
  }
  return { name, params, variadic, body: tokens.slice(close + 1), file, line };
}

function fixedMacros(): Map<string, Macro> {
  const macros = new Map<string, Macro>();
  for (const text of [...predefined, ...overrides.map((one) => one.text)]) {
    const macro = parseMacro(text, '', 0);
    if (macro) macros.set(macro.name, macro);
  }
  return macros;
}
