/** What a file defines at its top level, found in one pass over its text without lexing it. */
import type { Definition } from './definition';
import { addDeclaration, type TopToken } from './index-declaration';
import { wordsOfInvocation } from './invocation-words';

/** A directive that must hold (with those above it) for what stands under it to be seen. */
export interface Condition {
  readonly parent: number;
  /** Directive texts that must be false (earlier branches) … */
  readonly not: readonly string[];
  /** … and the one that must be true; '' for an `#else`. Each is `if E`, `ifdef N`, `ifndef N`. */
  readonly is: string;
  /** Where the directive stands. */
  readonly line: number;
}

export interface FileIndex {
  readonly path: string;
  readonly definitions: readonly Definition[];
  readonly conditions: readonly Condition[];
}

/** A file larger than this is not kernel source that anyone reads: it is listed as unread. */
const largestFile = 32 * 1024 * 1024;
/** What stands beyond so many definitions or conditions of one file is left out. */
const mostInFile = 1_000_000;
/** A declaration of more tokens outside brackets is taken as several. */
const mostTokens = 200_000;
/** `#elif` after `#elif`; the kernel reaches 20. Later branches count as not taken. */
const mostBranches = 200;
/** Letters of a condition; a longer one is not kept and does not hold. */
const longestCondition = 1 << 16;
/** `#if` inside `#if`; the kernel reaches 12. Deeper ones count as one. */
const deepestConditions = 200;

const NEWLINE = 10;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const SLASH = 47;
const STAR = 42;
const BACKSLASH = 92;

/** Classes of characters: 1 white space, 2 part of a name, 3 digit, 4 stops the skipping of a body. */
const classes = new Uint8Array(128);
for (const c of ' \t\r\f\v') classes[c.charCodeAt(0)] = 1;
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$') classes[c.charCodeAt(0)] = 2;
for (const c of '0123456789') classes[c.charCodeAt(0)] = 3;
for (const c of '\n#"\'/{}') classes[c.charCodeAt(0)] = 4;
const classOf = (c: number): number => (c < 128 ? classes[c]! : 2);

interface OpenCondition {
  readonly outer: number;
  readonly tried: string[];
  /** Open braces and parentheses at the `#if`: each branch begins with as many. */
  readonly braces: number;
  readonly parens: number;
}

/** A tag's body that is open inside the declaration being read. */
interface OpenTag {
  readonly keyword: 'struct' | 'union' | 'enum';
  readonly name: string;
  readonly from: number;
  readonly line: number;
  readonly condition: number;
  /** Of the whole declaration, where the tag is its own. */
  readonly outermost: boolean;
}

/** Shape: definitions in order of their place. Never fails: what is not understood is passed over to the next `;` or `}`. */
export function indexText(path: string, text: string): FileIndex {
  const definitions: Definition[] = [];
  const conditions: Condition[] = [];
  if (text.length > largestFile) return { path, definitions, conditions };
  const end = text.length;
  const open: OpenCondition[] = [];
  let condition = -1;
  let line = 1;
  let at = 0;
  let lineStart = true;

  // The declaration being read: its tokens outside all brackets, where each bracketed group is one token.
  let tokens: TopToken[] = [];
  let startCondition = -1;
  let parens = 0;
  let braces = 0;
  let bracesInParens = 0;
  let group = null as TopToken | null;
  // Inside the body of a struct, union or enum.
  let tags: (OpenTag | null)[] = [];
  let inType = false;
  let keyword: OpenTag['keyword'] | '' = '';
  let keywordAt = 0;
  let keywordLine = 0;
  let tagName = '';
  let expectEnumerator = false;
  let finishedTags: OpenTag[] = [];
  // What is known of the tokens so far, each looked at once.
  let loneUpTo = 0;
  let lone = true;
  let endUpTo = 0;
  let list = false;
  let assigned = false;
  let enumerators: { name: string; line: number; condition: number }[] = [];

  const finish = (): void => {
    const first = tokens[0];
    if (first !== undefined) {
      const last = tokens[tokens.length - 1]!;
      const whole = { from: first.from, to: Math.min(last.to, end), line: first.line, endLine: last.endLine, condition: startCondition };
      for (const one of finishedTags)
        if (one.outermost && one.name !== '') definitions.push({ name: one.name, kind: one.keyword, ...whole });
      for (const one of enumerators)
        definitions.push({ name: one.name, kind: 'enumerator', ...whole, line: one.line, condition: one.condition });
      const before = definitions.length;
      addDeclaration(tokens, whole, definitions);
      for (let i = before; i < definitions.length; i++) {
        const made = definitions[i]!;
        const words = made.kind === 'invocation' ? wordsOfInvocation(path, made.name, text, made.from, made.to) : undefined;
        if (words !== undefined) definitions[i] = { ...made, words };
      }
    }
    tokens = [];
    parens = 0;
    braces = 0;
    bracesInParens = 0;
    group = null;
    tags = [];
    inType = false;
    keyword = '';
    finishedTags = [];
    enumerators = [];
    loneUpTo = endUpTo = 0;
    lone = true;
    list = assigned = false;
  };

  /** `NAME(…)`, once or several times, and nothing more. */
  const isLoneInvocation = (): boolean => {
    if (tokens.length < 2 || tokens.length % 2 !== 0) return false;
    for (; lone && loneUpTo < tokens.length; loneUpTo += 2) {
      const name = tokens[loneUpTo]!;
      // `__printf(1, 2)` and its like belong to what follows, `typeof(x)` begins a declaration.
      lone = name.name && tokens[loneUpTo + 1]!.text === '(' && !/^(?:__[a-z]\w*|typeof|typeof_unqual|asm)$/.test(name.text);
    }
    return lone;
  };

  /** The brace group that ends the tokens is a function's body: no `=` comes before it, and a parameter list does. */
  const endsFunction = (): boolean => {
    for (; endUpTo < tokens.length; endUpTo++) {
      const { text: one } = tokens[endUpTo]!;
      if (one === '=') assigned = true;
      else if (one === '(') list = true;
    }
    return list && !assigned;
  };

  const directive = (): void => {
    const from = at;
    let stop = at;
    let lines = 0;
    for (; stop < end; stop++) {
      const c = text.charCodeAt(stop);
      if (c === NEWLINE) {
        const before = text.charCodeAt(stop - 1);
        if (before !== BACKSLASH && !(before === 13 && text.charCodeAt(stop - 2) === BACKSLASH)) break;
        lines++;
      } else if (c === SLASH) {
        const next = text.charCodeAt(stop + 1);
        if (next === STAR) {
          const close = text.indexOf('*/', stop + 2);
          const past = close < 0 ? end : close + 2;
          for (let i = text.indexOf('\n', stop); i >= 0 && i < past; i = text.indexOf('\n', i + 1)) lines++;
          stop = past - 1;
        }
      }
    }
    let word = from + 1;
    while (classOf(text.charCodeAt(word)) === 1) word++;
    let wordEnd = word;
    while (wordEnd < stop && classOf(text.charCodeAt(wordEnd)) === 2) wordEnd++;
    const name = text.slice(word, wordEnd);
    if (name === 'define' || name === 'undef') {
      let start = wordEnd;
      while (classOf(text.charCodeAt(start)) === 1) start++;
      let nameEnd = start;
      while (nameEnd < stop && isNamePart(text.charCodeAt(nameEnd))) nameEnd++;
      const kind = name === 'undef' ? 'undef' : text.charCodeAt(nameEnd) === 40 ? 'function-macro' : 'macro';
      if (nameEnd > start)
        definitions.push({ name: text.slice(start, nameEnd), kind, from, to: stop, line, endLine: line + lines, condition });
    } else if (name !== 'include') conditional(name, wordEnd, stop);
    line += lines;
    at = stop;
  };

  const conditionText = (word: string, from: number, stop: number): string =>
    stop - from > longestCondition ? 'if 0' : `${word} ${plainDirective(text.slice(from, stop))}`;

  const conditional = (word: string, from: number, stop: number): void => {
    if (tokens.length > 0 && braces === 0 && parens === 0 && isLoneInvocation()) finish();
    if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
      const is = conditionText(word, from, stop);
      if (open.length < deepestConditions) {
        conditions.push({ parent: condition, not: [], is, line });
      }
      open.push({ outer: condition, tried: [is], braces, parens });
      condition = conditions.length - 1;
    } else if (word === 'elif' || word === 'elifdef' || word === 'elifndef' || word === 'else') {
      const top = open[open.length - 1];
      if (top === undefined) return;
      const late = top.tried.length >= mostBranches;
      const is = late ? 'if 0' : word === 'else' ? '' : conditionText(word.slice(2), from, stop);
      conditions.push({ parent: top.outer, not: [...top.tried], is, line });
      condition = conditions.length - 1;
      if (is !== '' && !late) top.tried.push(is);
      // Both branches may open the same block.
      if (braces > top.braces) {
        braces = top.braces;
        tags.length = Math.min(tags.length, braces);
        inType = braces > 0 && tags[braces - 1] !== null && tags[braces - 1] !== undefined;
      }
      if (parens > top.parens) parens = top.parens;
    } else if (word === 'endif') {
      const top = open.pop();
      if (top === undefined) return;
      condition = top.outer;
      // A declaration that a group begins and the text after it ends does not stand under the group.
      if (tokens.length > 0 && braces === 0) startCondition = condition;
    }
  };

  const openBrace = (): void => {
    const outermost = braces === 0;
    let tag: OpenTag | null = null;
    if (keyword !== '' && (outermost || inType)) tag = { keyword, name: tagName, from: keywordAt, line: keywordLine, condition, outermost };
    if (outermost) {
      group = { text: '{', name: false, from: at, to: at + 1, line, endLine: line, pointed: '', starred: false, tag: tag !== null };
      tokens.push(group);
    }
    tags.push(tag);
    inType = tag !== null;
    expectEnumerator = tag?.keyword === 'enum';
    keyword = '';
    braces++;
  };

  const closeBrace = (): void => {
    if (braces === 0) return;
    braces--;
    const tag = tags.pop() ?? null;
    if (tag !== null) {
      finishedTags.push(tag);
      if (!tag.outermost && tag.name !== '') {
        const { name, from, line: first, condition: under } = tag;
        definitions.push({ name, kind: tag.keyword, from, to: at + 1, line: first, endLine: line, condition: under });
      }
    }
    inType = braces > 0 && (tags[braces - 1] ?? null) !== null;
    expectEnumerator = false;
    keyword = '';
    if (braces === 0 && group !== null) {
      tokens[tokens.length - 1] = { ...group, to: at + 1, endLine: line };
      group = null;
      // After a function's body nothing of the declaration is left; after a type's or an initialiser's the `;` is.
      if (tag === null && endsFunction()) finish();
    }
  };

  const word = (from: number, to: number): void => {
    const name = text.slice(from, to);
    if (braces === 0 && parens === 0) {
      if (tokens.length === 0) startCondition = condition;
      else if (isLoneInvocation() && lineStartsAt(text, from)) {
        finish();
        startCondition = condition;
      }
      tokens.push({ text: name, name: true, from, to, line, endLine: line, pointed: '', starred: false, tag: false });
    } else if (braces === 0) {
      if (parens === 1 && group !== null && bracesInParens === 0) tokens[tokens.length - 1] = group = { ...group, pointed: name };
      return;
    }
    if (name === 'struct' || name === 'union' || name === 'enum') {
      keyword = name;
      keywordAt = from;
      keywordLine = line;
      tagName = '';
    } else if (keyword !== '') {
      if (parens === 0 && !/^__(?:attribute|packed|aligned|randomize|no_)/.test(name)) tagName = name;
    } else if (expectEnumerator && parens === 0) {
      enumerators.push({ name, line, condition });
      expectEnumerator = false;
    }
  };

  while (at < end && definitions.length < mostInFile && conditions.length < mostInFile) {
    const c = text.charCodeAt(at);
    if (tokens.length >= mostTokens && group === null && braces === 0) finish();
    if (c === NEWLINE) {
      line++;
      lineStart = true;
      at++;
      continue;
    }
    if (braces > 0 && !inType && classOf(c) !== 4) {
      // Inside a function's body or an initialiser only what opens, closes or hides something matters.
      if (classOf(c) !== 1) lineStart = false;
      at++;
      while (at < end && classOf(text.charCodeAt(at)) < 4) at++;
      if (classOf(text.charCodeAt(at - 1)) !== 1 || classOf(c) !== 1) lineStart = false;
      continue;
    }
    const kind = classOf(c);
    if (kind === 1) {
      at++;
      continue;
    }
    if (c === HASH && lineStart) {
      directive();
      continue;
    }
    if (c === SLASH) {
      const next = text.charCodeAt(at + 1);
      if (next === STAR) {
        const close = text.indexOf('*/', at + 2);
        const past = close < 0 ? end : close + 2;
        for (let i = text.indexOf('\n', at); i >= 0 && i < past; i = text.indexOf('\n', i + 1)) line++;
        at = past;
        continue;
      }
      if (next === SLASH) {
        const close = text.indexOf('\n', at);
        at = close < 0 ? end : close;
        continue;
      }
    }
    lineStart = false;
    if (kind === 2) {
      const from = at;
      at++;
      while (at < end && isNamePart(text.charCodeAt(at))) at++;
      word(from, at);
      continue;
    }
    if (c === QUOTE || c === APOSTROPHE) {
      at = literalEnd(text, at, end);
      continue;
    }
    const outside = braces === 0 && parens === 0;
    if (c === 123) {
      if (parens === 0) openBrace();
      else bracesInParens++;
    } else if (c === 125) {
      if (bracesInParens > 0) bracesInParens--;
      else {
        // A parenthesis that never closed ends with the block around it.
        parens = 0;
        if (braces > 0) closeBrace();
        else finish();
      }
    } else if (c === 40 || c === 91) {
      if (outside && tokens.length > 0) {
        group = {
          text: c === 40 ? '(' : '[',
          name: false,
          from: at,
          to: at + 1,
          line,
          endLine: line,
          pointed: '',
          starred: false,
          tag: false,
        };
        tokens.push(group);
      }
      parens++;
      // `struct foo f(…)` opens no tag, `struct __aligned(8) foo {` does.
      if (!inType && !/^__(?:attribute|aligned|packed|randomize)/.test(tokens[tokens.length - 2]?.text ?? '')) keyword = '';
    } else if (c === 41 || c === 93) {
      if (parens > 0) parens--;
      if (parens === 0) bracesInParens = 0;
      if (parens === 0 && braces === 0 && group !== null) {
        tokens[tokens.length - 1] = { ...group, to: at + 1, endLine: line };
        group = null;
      }
    } else if (c === 59) {
      keyword = '';
      if (outside && tokens.length > 0) {
        tokens.push({ text: ';', name: false, from: at, to: at + 1, line, endLine: line, pointed: '', starred: false, tag: false });
        finish();
      }
    } else {
      if (c === 44 && parens === 0) expectEnumerator = inType && tags[braces - 1]?.keyword === 'enum';
      if (c === STAR && parens === 1 && group?.pointed === '' && group.from === lastSolid(text, at - 1))
        tokens[tokens.length - 1] = group = { ...group, starred: true };
      if (outside && tokens.length > 0)
        tokens.push({ text: text[at]!, name: false, from: at, to: at + 1, line, endLine: line, pointed: '', starred: false, tag: false });
      if (parens === 0 && c !== 58) keyword = '';
    }
    at++;
  }
  if (tokens.length > 0 && group === null) finish();
  else if (tokens.length > 0 && group !== null) {
    tokens[tokens.length - 1] = { ...group, to: end, endLine: line };
    finish();
  }
  return { path, definitions, conditions };
}

const isNamePart = (c: number): boolean => {
  const kind = classOf(c);
  return (kind === 2 || kind === 3) && c === c;
};

/** Only white space stands before `at` on its line. */
function lineStartsAt(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0; i--) {
    const c = text.charCodeAt(i);
    if (c === NEWLINE) return true;
    if (c !== 32 && c !== 9) return false;
  }
  return true;
}

function lastSolid(text: string, at: number): number {
  while (at > 0 && text.charCodeAt(at) <= 32) at--;
  return at;
}

/** Offset after the literal whose quote stands at `at`. */
function literalEnd(text: string, at: number, end: number): number {
  const quote = text.charCodeAt(at);
  for (let i = at + 1; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === BACKSLASH) i++;
    else if (c === quote) return i + 1;
    else if (c === NEWLINE) return i;
  }
  return end;
}

const plainDirective = (rest: string): string =>
  (rest.includes('/') ? rest.replace(/\/\*[^]*?\*\//g, ' ').replace(/\/\/.*$/m, '') : rest).replace(/\\\r?\n/g, ' ').trim();
