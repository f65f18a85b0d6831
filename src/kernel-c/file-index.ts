/** What a file defines at its top level, found in one pass over its text without lexing it. */

export type DefinitionKind =
  | 'macro'
  | 'function-macro'
  | 'undef'
  | 'struct'
  | 'union'
  | 'enum'
  | 'enumerator'
  | 'typedef'
  | 'function'
  | 'prototype'
  | 'variable'
  /** A function-like macro used as a declaration: `DEFINE_X(y)`, `PAGEFLAG(Locked, …)`. */
  | 'invocation';

/** One definition: [name, kind, offset, end offset, line, condition]. Plain arrays keep the cache small. */
export interface Definition {
  readonly name: string;
  readonly kind: DefinitionKind;
  /** Offsets of the whole declaration or directive in the file's text. */
  readonly from: number;
  readonly to: number;
  readonly line: number;
  /** Index into `FileIndex.conditions`; -1 where it stands under no condition. */
  readonly condition: number;
}

/** A directive that must hold (with those above it) for what stands under it to be seen. */
export interface Condition {
  readonly parent: number;
  /** Directive texts that must be false (earlier branches) … */
  readonly not: readonly string[];
  /** … and the one that must be true; '' for an `#else`. Each is `if E`, `ifdef N`, `ifndef N`. */
  readonly is: string;
}

export interface FileIndex {
  readonly path: string;
  readonly definitions: readonly Definition[];
  readonly conditions: readonly Condition[];
}

const enum Char {
  newline = 10,
  hash = 35,
  quote = 34,
  apostrophe = 39,
  open = 40,
  close = 41,
  star = 42,
  slash = 47,
  semicolon = 59,
  equals = 61,
  backslash = 92,
  openBrace = 123,
  closeBrace = 125,
}

/** A file larger than this is not kernel source that anyone reads: it is listed as unread. */
export const largestFile = 8 * 1024 * 1024;

const nameAt = /[A-Za-z_$][\w$]*/y;

interface OpenCondition {
  readonly outer: number;
  readonly tried: string[];
}

/** Shape: definitions in order of their place. Never fails: what is not understood is passed over to the next `;` or `}`. */
export function indexText(path: string, text: string): FileIndex {
  const definitions: Definition[] = [];
  const conditions: Condition[] = [];
  if (text.length > largestFile) return { path, definitions, conditions };
  const open: OpenCondition[] = [];
  let condition = -1;
  let line = 1;
  let at = 0;
  let lineStart = true;
  // The declaration being passed over.
  let start = -1;
  let startLine = 1;
  let startCondition = -1;
  let depth = 0;
  let parens = 0;
  let bodyAt = -1;
  let bodyEnd = -1;

  const define = (name: string, kind: DefinitionKind, from: number, to: number, atLine: number, under: number): void => {
    definitions.push({ name, kind, from, to, line: atLine, condition: under });
  };

  const directive = (from: number): number => {
    let end = from;
    let lines = 0;
    for (; end < text.length; end++) {
      const c = text.charCodeAt(end);
      if (c === Char.newline) {
        if (
          text.charCodeAt(end - 1) === Char.backslash ||
          (text.charCodeAt(end - 1) === 13 && text.charCodeAt(end - 2) === Char.backslash)
        ) {
          lines++;
          continue;
        }
        break;
      }
      if (c === Char.slash && text.charCodeAt(end + 1) === Char.star) {
        const close = text.indexOf('*/', end + 2);
        const stop = close < 0 ? text.length : close + 2;
        for (let i = end; i < stop; i++) if (text.charCodeAt(i) === Char.newline) lines++;
        end = stop - 1;
      }
    }
    const parts = /^#\s*(\w+)\s*([^]*)$/.exec(text.slice(from, end));
    if (parts) {
      const word = parts[1] ?? '';
      const rest = parts[2] ?? '';
      if (word === 'define') {
        const name = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];
        if (name) define(name, rest[name.length] === '(' ? 'function-macro' : 'macro', from, end, line, condition);
      } else if (word === 'undef') {
        const name = /^[A-Za-z_$][\w$]*/.exec(rest)?.[0];
        if (name) define(name, 'undef', from, end, line, condition);
      } else if (word === 'if' || word === 'ifdef' || word === 'ifndef') {
        const is = `${word} ${plainDirective(rest)}`;
        open.push({ outer: condition, tried: [is] });
        conditions.push({ parent: condition, not: [], is });
        condition = conditions.length - 1;
      } else if (word === 'elif' || word === 'elifdef' || word === 'elifndef' || word === 'else') {
        const top = open[open.length - 1];
        if (top) {
          const is = word === 'else' ? '' : `${word.slice(2)} ${plainDirective(rest)}`;
          conditions.push({ parent: top.outer, not: [...top.tried], is });
          condition = conditions.length - 1;
          if (is) top.tried.push(is);
        }
      } else if (word === 'endif') {
        const top = open.pop();
        if (top) condition = top.outer;
      }
    }
    line += lines;
    return end;
  };

  const finish = (end: number): void => {
    if (start >= 0) declared(text, start, end, bodyAt, bodyEnd, startLine, startCondition, define);
    start = -1;
    bodyAt = -1;
    bodyEnd = -1;
    parens = 0;
  };

  while (at < text.length) {
    const c = text.charCodeAt(at);
    if (c === Char.newline) {
      line++;
      lineStart = true;
      at++;
      // A macro used as a declaration has no semicolon: `PAGEFLAG(Locked, locked)` ends with its line when a new one starts at the margin.
      if (start >= 0 && depth === 0 && parens === 0 && bodyAt < 0 && loneInvocation(text, start, at)) finish(at - 1);
      continue;
    }
    if (c <= 32) {
      at++;
      continue;
    }
    if (c === Char.hash && lineStart) {
      at = directive(at);
      continue;
    }
    lineStart = false;
    if (c === Char.slash) {
      const d = text.charCodeAt(at + 1);
      if (d === Char.star) {
        const close = text.indexOf('*/', at + 2);
        const stop = close < 0 ? text.length : close + 2;
        for (let i = at; i < stop; i++) if (text.charCodeAt(i) === Char.newline) line++;
        at = stop;
        continue;
      }
      if (d === Char.slash) {
        while (at < text.length && text.charCodeAt(at) !== Char.newline) at++;
        continue;
      }
    }
    if (start < 0) {
      if (c === Char.semicolon || c === Char.closeBrace) {
        at++;
        continue;
      }
      start = at;
      startLine = line;
      startCondition = condition;
      depth = 0;
    }
    if (c === Char.quote || c === Char.apostrophe) {
      let end = at + 1;
      for (; end < text.length; end++) {
        const d = text.charCodeAt(end);
        if (d === Char.backslash) end++;
        else if (d === c || d === Char.newline) break;
      }
      at = end + 1;
      continue;
    }
    if (c === Char.openBrace) {
      if (depth === 0 && parens === 0 && bodyAt < 0) bodyAt = at;
      depth++;
    } else if (c === Char.closeBrace) {
      if (depth > 0) depth--;
      if (depth === 0 && parens === 0) {
        bodyEnd = at + 1;
        // After a function's body nothing of the declaration is left; after a type's or an initialiser's the `;` is.
        if (endsFunction(text, start, bodyAt)) {
          finish(at + 1);
          at++;
          continue;
        }
      }
    } else if (c === Char.open && depth === 0) parens++;
    else if (c === Char.close && depth === 0) {
      if (parens > 0) parens--;
    } else if (c === Char.semicolon && depth === 0 && parens === 0) {
      finish(at + 1);
    }
    at++;
  }
  finish(text.length);
  return { path, definitions, conditions };
}

const plainDirective = (rest: string): string =>
  rest
    .replace(/\/\*[^]*?\*\//g, ' ')
    .replace(/\/\/.*$/m, '')
    .replace(/\\\r?\n/g, ' ')
    .trim();

/** `text` from `start` is `NAME(…)` and nothing more before the line's end, and the next line starts at the margin (or a blank one follows). */
function loneInvocation(text: string, start: number, next: number): boolean {
  nameAt.lastIndex = start;
  const name = nameAt.exec(text)?.[0];
  if (!name || !/^[A-Z_][A-Z0-9_]*$|^(module_|late_|core_|device_|fs_|subsys_|arch_|postcore_|early_|pure_)\w+$/.test(name)) return false;
  let at = start + name.length;
  while (text.charCodeAt(at) === 32) at++;
  if (text.charCodeAt(at) !== Char.open) return false;
  let depth = 0;
  for (; at < next; at++) {
    const c = text.charCodeAt(at);
    if (c === Char.open) depth++;
    else if (c === Char.close && --depth === 0) break;
  }
  if (!/^\s*(\/\*.*)?$/.test(text.slice(at + 1, next))) {
    // Several on one line: `PAGEFLAG(a, b) TESTPAGEFLAG(a, b)`.
    if (!/^(\s*[A-Z_][A-Z0-9_]*\s*\([^()]*\))+\s*$/.test(text.slice(at + 1, next))) return false;
  }
  const c = text.charCodeAt(next);
  if (c === Char.openBrace || c === Char.equals || c === Char.semicolon) return false;
  return true;
}

/** The brace at `body` opens a function's body: a `)` (or attributes after it) stands before it, and no `=` or tag keyword opens it. */
function endsFunction(text: string, start: number, body: number): boolean {
  if (body < 0) return false;
  const head = text.slice(start, body);
  if (topLevelEquals(head)) return false;
  const plain = withoutComments(head).trimEnd();
  if (!plain.includes('(')) return false;
  if (/\b(struct|union|enum)(\s+__\w+(\([^()]*\))?)*(\s+[A-Za-z_]\w*)?(\s+__\w+)*$/.test(plain) && !plain.endsWith(')')) return false;
  if (/^(typedef\s+)?(struct|union|enum)\s+([A-Za-z_]\w*\s*)?(__attribute__\s*\(\(.*\)\)\s*|__aligned\(.*\)\s*|__packed\s*)?$/.test(plain))
    return false;
  return plain.endsWith(')') || /\)(\s*(__\w+|[a-z]\w*)(\s*\([^()]*\))?)+$/.test(plain);
}

const withoutComments = (text: string): string =>
  text.includes('/*') || text.includes('//') ? text.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, ' ') : text;

function topLevelEquals(head: string): boolean {
  let depth = 0;
  for (let i = 0; i < head.length; i++) {
    const c = head.charCodeAt(i);
    if (c === Char.open) depth++;
    else if (c === Char.close) depth--;
    else if (c === Char.equals && depth === 0) return true;
  }
  return false;
}

type Define = (name: string, kind: DefinitionKind, from: number, to: number, line: number, condition: number) => void;

/** Names what the declaration [from, to) declares. */
function declared(
  text: string,
  from: number,
  to: number,
  body: number,
  bodyEnd: number,
  line: number,
  condition: number,
  define: Define,
): void {
  const isFunction = body >= 0 && bodyEnd > 0 && endsFunction(text, from, body);
  const head = plainHead(text.slice(from, body >= 0 ? body : to));
  const name = (kind: DefinitionKind, what: string | undefined): void => {
    if (what && !/^(if|else|while|for|return|switch|do|sizeof|goto|case)$/.test(what)) define(what, kind, from, to, line, condition);
  };
  if (isFunction) {
    const declarator = functionName(head);
    if (declarator && isInvocation(head, declarator)) {
      // `SYSCALL_DEFINE3(…) {` and the like define a function through a macro.
      name('invocation', declarator);
    }
    name('function', declarator);
    return;
  }
  const tag = /^(?:typedef\s+|static\s+|extern\s+|const\s+|volatile\s+)*(struct|union|enum)\b\s*(.*)$/s.exec(head);
  const tagName = tag
    ? /^(?:__\w+(?:\([^()]*\))?\s+)*([A-Za-z_$][\w$]*)?/.exec(
        (tag[2] ?? '').replace(/__attribute__\s*\(\(.*?\)\)\s*/g, '').replace(/^(__packed|__aligned\([^()]*\))\s*/, ''),
      )?.[1]
    : undefined;
  if (tag && body >= 0) {
    const kind = tag[1] as 'struct' | 'union' | 'enum';
    const rest = /^[^{]*$/.test(head) && !topLevelEquals(head);
    if (rest) {
      if (tagName) name(kind, tagName);
      if (kind === 'enum') {
        const inside = text.slice(body, bodyEnd > 0 ? bodyEnd : to);
        for (const one of enumerators(inside, body)) define(one.name, 'enumerator', from, to, lineOf(text, from, line, one.at), condition);
      }
      const after = plainHead(text.slice(bodyEnd > 0 ? bodyEnd : to, to));
      for (const one of declaratorNames(after)) name(head.startsWith('typedef') ? 'typedef' : 'variable', one);
      return;
    }
  }
  if (head.startsWith('typedef')) {
    for (const one of declaratorNames(head.slice(7), true)) name('typedef', one);
    return;
  }
  const equals = head.search(/(?<![=!<>])=(?!=)/);
  const before = equals >= 0 ? head.slice(0, equals) : head.replace(/;\s*$/, '');
  const called = functionName(before);
  if (called && isInvocation(before, called)) {
    name('invocation', called);
    return;
  }
  if (called && equals < 0 && body < 0) {
    name('prototype', called);
    return;
  }
  for (const one of declaratorNames(before + ';')) name(/^extern\b/.test(head) && equals < 0 ? 'prototype' : 'variable', one);
}

const plainHead = (text: string): string =>
  withoutComments(text)
    .replace(/\\\n/g, ' ')
    .replace(/^[ \t]*#.*$/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** The declaration is only `NAME(…)`: nothing that could be a type stands before the name. */
const isInvocation = (head: string, name: string): boolean =>
  new RegExp(`^(static\\s+|inline\\s+|const\\s+|extern\\s+|__\\w+\\s+)*${name.replaceAll('$', '\\$')}\\s*\\(`).test(head);

const attribute =
  /\b(__attribute__|__attribute|__printf|__scanf|__aligned|__section|__must_hold|__acquires|__releases|__cond_acquires|__alloc_size|__malloc|__assume_aligned|asmlinkage|__bpf_kfunc|__counted_by|__nonnull|__diag\w*|_Alignas|__typeof__|typeof|__declspec|__guarded_by)\s*\(/;

/** Name before the parameter list, or undefined. Attributes with arguments are not it. */
function functionName(head: string): string | undefined {
  let rest = head;
  for (let i = 0; i < 8; i++) {
    const found = attribute.exec(rest);
    if (!found) break;
    let depth = 0;
    let end = found.index + found[0].length - 1;
    for (; end < rest.length; end++) {
      if (rest[end] === '(') depth++;
      else if (rest[end] === ')' && --depth === 0) break;
    }
    rest = `${rest.slice(0, found.index)} ${rest.slice(end + 1)}`;
  }
  const call = /([A-Za-z_$][\w$]*)\s*\(/.exec(rest);
  if (call) {
    if (/^\s*\*/.test(rest.slice(call.index + call[0].length)) && !isTypeWord(call[1] ?? '')) return undefined;
    if (isTypeWord(call[1] ?? '')) return undefined;
    return call[1];
  }
  return undefined;
}

const isTypeWord = (word: string): boolean => /^(void|char|int|long|short|unsigned|signed|bool|struct|union|enum|const|static)$/.test(word);

/** Names declared by `a, *b[3], (*c)(int);`: for each declarator the name. With `wholeType` a type stands before the first one. */
function declaratorNames(text: string, wholeType = false): string[] {
  const names: string[] = [];
  let depth = 0;
  let part = '';
  const take = (): void => {
    const pointer = /\(\s*(?:\w+\s+)*\*+\s*(?:const\s+|__\w+\s+)*([A-Za-z_$][\w$]*)/.exec(part);
    const stripped = part
      .replace(/\[[^\]]*\]/g, ' ')
      .replace(/__attribute__\s*\(\(.*\)\)|__aligned\s*\([^()]*\)|__section\s*\([^()]*\)/g, ' ');
    const plain = /([A-Za-z_$][\w$]*)\s*(?::\s*\w+\s*)?$/.exec(
      stripped
        .replace(/\([^]*$/, '')
        .replace(/(\s+__\w+)+\s*$/, '')
        .trimEnd(),
    );
    const found = pointer?.[1] ?? plain?.[1];
    if (found && !isTypeWord(found)) names.push(found);
    part = '';
  };
  for (const c of text) {
    if (c === '(' || c === '{' || c === '[') depth++;
    if (c === ')' || c === '}' || c === ']') depth--;
    if ((c === ',' || c === ';') && depth === 0) take();
    else part += c;
  }
  if (part.trim()) take();
  void wholeType;
  return names;
}

function enumerators(body: string, base: number): { name: string; at: number }[] {
  const out: { name: string; at: number }[] = [];
  // Comments and directive lines keep their length so that offsets stay true.
  const plain = body.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|^[ \t]*#(?:\\\n|[^\n])*/gm, (all) => all.replace(/[^\n]/g, ' '));
  let depth = 0;
  let expect = true;
  for (let i = 1; i < plain.length; i++) {
    const c = plain.charCodeAt(i);
    if (c === Char.open || c === Char.openBrace) depth++;
    else if (c === Char.close || c === Char.closeBrace) depth--;
    else if (c === 44 && depth === 0) expect = true;
    else if (expect && depth === 0 && c > 32) {
      nameAt.lastIndex = i;
      const found = nameAt.exec(plain)?.[0];
      if (found) {
        out.push({ name: found, at: base + i });
        i += found.length - 1;
      }
      expect = false;
    }
  }
  return out;
}

function lineOf(text: string, from: number, line: number, at: number): number {
  let count = line;
  for (let i = from; i < at; i++) if (text.charCodeAt(i) === Char.newline) count++;
  return count;
}
