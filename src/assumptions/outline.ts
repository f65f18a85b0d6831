/** What the top level of a C file holds, by a scan over its characters: functions, macros, and tables of functions. */

export interface OutlinedFunction {
  readonly name: string;
  readonly nameAt: number;
  /** The definition, from its first word to after its brace. */
  readonly from: number;
  readonly to: number;
  /** Inside of the braces. */
  readonly bodyFrom: number;
  readonly bodyTo: number;
  readonly params: readonly Parameter[];
  readonly isStatic: boolean;
  /** The words before the name. */
  readonly returns: string;
}

export interface Parameter {
  readonly name: string;
  /** `struct vm_area_struct *`, white space made single. */
  readonly type: string;
}

export interface OutlinedMacro {
  readonly name: string;
  readonly nameAt: number;
  /** Null where it takes no arguments. */
  readonly params: readonly string[] | null;
  readonly bodyFrom: number;
  readonly bodyTo: number;
}

/** An object with an initialiser in braces. */
export interface OutlinedTable {
  readonly name: string;
  readonly at: number;
  /** `vm_operations_struct`; '' where it is no struct. */
  readonly type: string;
  /** Of the braces and what is in them. */
  readonly from: number;
  readonly to: number;
}

export interface Outline {
  readonly functions: readonly OutlinedFunction[];
  readonly macros: readonly OutlinedMacro[];
  readonly tables: readonly OutlinedTable[];
  /** What could not be followed, by its place. */
  readonly problems: readonly { readonly at: number; readonly reason: string }[];
}

/**
 * The outline of a text, each list in order.
 *
 * @param matters whether a stretch of the text is wanted: what else there is is left out, but for tables of operations
 * *Fails* never. *Cost* linear.
 */
export function outlineOf(text: string, matters: (from: number, to: number) => boolean = () => true): Outline {
  return new Outliner(text, matters).outline();
}

/** Parameter lists and heads are not longer in anything that people wrote. */
const MAX_HEAD = 6000;

class Outliner {
  private at = 0;
  private readonly functions: OutlinedFunction[] = [];
  private readonly macros: OutlinedMacro[] = [];
  private readonly tables: OutlinedTable[] = [];
  private readonly problems: { at: number; reason: string }[] = [];
  private lineIsBlank = true;

  constructor(
    private readonly text: string,
    private readonly matters: (from: number, to: number) => boolean,
  ) {}

  outline(): Outline {
    const { text } = this;
    let head = 0;
    let parens = 0;
    let equals = -1;
    let firstOpen = -1;
    const begin = (): void => {
      head = this.at;
      parens = 0;
      equals = -1;
      firstOpen = -1;
    };
    while (this.at < text.length) {
      const c = text.charCodeAt(this.at);
      if (isPlain(c)) {
        this.lineIsBlank = false;
        this.at += 1;
        continue;
      }
      if (this.passHidden(c)) {
        if (c === HASH && parens === 0 && equals < 0 && firstOpen < 0) begin();
        continue;
      }
      this.at += 1;
      if (c === OPEN_PAREN) {
        if (parens === 0 && firstOpen < 0) firstOpen = this.at - 1;
        parens += 1;
      } else if (c === CLOSE_PAREN) parens = Math.max(0, parens - 1);
      else if (c === EQUALS && parens === 0 && equals < 0) equals = this.at - 1;
      else if (c === SEMICOLON) {
        // No list of parameters has a semicolon: a parenthesis before it was left open.
        if (parens > 0) this.problems.push({ at: firstOpen, reason: 'a parenthesis is not closed' });
        begin();
      } else if (c === CLOSE_BRACE) begin();
      else if (c === OPEN_BRACE) {
        const brace = this.at - 1;
        // A parenthesis that stays open before a brace at column 0 was left open by a conditional.
        const mayBeBody =
          equals < 0 && firstOpen >= 0 && brace - head <= MAX_HEAD && (parens === 0 || text.charCodeAt(brace - 1) === NEWLINE);
        this.at = brace;
        const to = this.afterBraces();
        if (!this.matters(head, to) && !(equals >= 0 && /_ops\b|operations/.test(text.slice(head, brace)))) {
          if (mayBeBody) begin();
          continue;
        }
        const known = mayBeBody ? headOf(text, head, brace) : null;
        if (known !== null) {
          this.functions.push({ ...known, to, bodyFrom: brace + 1, bodyTo: to - 1 });
          begin();
        } else if (equals >= 0 && parens === 0) {
          const table = tableOf(text, head, equals);
          if (table !== null) this.tables.push({ ...table, from: brace, to });
        }
      }
    }
    return { functions: this.functions, macros: this.macros, tables: this.tables, problems: this.problems };
  }

  /** Passes a comment, a literal, or a directive that begins here. */
  private passHidden(c: number): boolean {
    const { text } = this;
    switch (c) {
      case NEWLINE:
        this.lineIsBlank = true;
        this.at += 1;
        return true;
      case SPACE:
      case TAB:
        this.at += 1;
        return true;
      case SLASH: {
        const next = text.charCodeAt(this.at + 1);
        if (next === STAR) {
          const end = text.indexOf('*/', this.at + 2);
          this.at = end < 0 ? text.length : end + 2;
          return true;
        }
        if (next === SLASH) {
          const end = text.indexOf('\n', this.at);
          this.at = end < 0 ? text.length : end;
          return true;
        }
        break;
      }
      case QUOTE:
      case APOSTROPHE:
        this.at = endOfLiteral(text, this.at);
        this.lineIsBlank = false;
        return true;
      case HASH:
        if (this.lineIsBlank) {
          this.directive();
          return true;
        }
        break;
      default:
        break;
    }
    this.lineIsBlank = false;
    return false;
  }

  private directive(): string {
    const { text } = this;
    const from = this.at;
    const end = endOfDirective(text, from);
    this.at = end;
    const word = /#[ \t]*(\w*)/y;
    word.lastIndex = from;
    const match = word.exec(text);
    const name = match?.[1] ?? '';
    if (name === 'define') this.macro(from + (match?.[0].length ?? 0), end);
    return name;
  }

  private macro(from: number, end: number): void {
    const define = /[ \t]+(\w+)(?:\(([^)]{0,2000})\))?/y;
    define.lastIndex = from;
    const match = define.exec(this.text);
    if (match === null || !this.matters(from, end)) return;
    const params = match[2] === undefined ? null : match[2].split(',').map((one) => one.replace(/[\s\\]+/g, '').replace(/\.\.\.$/, ''));
    const name = match[1] ?? '';
    const nameAt = from + match[0].indexOf(name);
    this.macros.push({ name, nameAt, params, bodyFrom: from + match[0].length, bodyTo: end });
  }

  /**
   * From an opening brace to after the one that closes it. Each branch of a conditional begins at the depth of the first; where counting
   * fails or runs over a line that begins another definition, the first brace at column 0 ends it, as the kernel writes all of them.
   */
  private afterBraces(): number {
    const { text } = this;
    const from = this.at;
    const depths: number[] = [];
    let depth = 0;
    let byColumn = -1;
    while (this.at < text.length) {
      const c = text.charCodeAt(this.at);
      if (isPlain(c)) {
        this.lineIsBlank = false;
        this.at += 1;
        continue;
      }
      if (c === HASH && this.lineIsBlank) {
        const name = this.directive();
        if (name === 'if' || name === 'ifdef' || name === 'ifndef') depths.push(depth);
        else if (name === 'else' || name.startsWith('elif')) depth = depths[depths.length - 1] ?? depth;
        else if (name === 'endif') depths.pop();
        continue;
      }
      if (this.passHidden(c)) continue;
      this.at += 1;
      if (c === OPEN_BRACE) {
        depth += 1;
        if (byColumn >= 0 && text.charCodeAt(this.at - 2) === NEWLINE) break;
      } else if (c === CLOSE_BRACE) {
        depth -= 1;
        if (depth <= 0) return this.at;
        if (byColumn < 0 && text.charCodeAt(this.at - 2) === NEWLINE) byColumn = this.at;
      }
    }
    this.problems.push({ at: from, reason: 'a brace is not closed' });
    if (byColumn >= 0) {
      this.at = byColumn;
      this.lineIsBlank = false;
      return byColumn;
    }
    this.at = Math.max(this.at, from + 1);
    return this.at;
  }
}

/** A character that means nothing to an outline: of names and numbers, and most operators. */
const isPlain = (c: number): boolean => (c > 61 && c !== 123 && c !== 125) || (c > 47 && c < 59) || (c > 41 && c < 47);

const NEWLINE = 10;
const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const STAR = 42;
const SLASH = 47;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

const NO_FUNCTION = new Set([
  'if',
  'for',
  'while',
  'switch',
  'return',
  'sizeof',
  'typeof',
  'do',
  'else',
  'defined',
  '_Static_assert',
  'extern',
]);
const ATTRIBUTE =
  /^(?:__attribute__|__attribute|__printf|__scanf|__aligned|__section|__bpf\w*|__acquires?|__releases?|__must_hold\w*|__cond_lock|__malloc|__alloc_size|__no_sanitize\w*|__typeof__|__diag\w*)$/;

/** The function head in [from, brace), or null: `words name(params) attributes`. */
function headOf(
  text: string,
  from: number,
  brace: number,
): Pick<OutlinedFunction, 'name' | 'nameAt' | 'from' | 'params' | 'isStatic' | 'returns'> | null {
  const raw = text.slice(from, brace);
  // Comments and directives as blanks, so that places stay.
  const blank = (match: string): string => ' '.repeat(match.length);
  const head = /[/#]/.test(raw) ? raw.replace(/\/\*[^]*?\*\/|\/\/[^\n]*|^[ \t]*#[^\n]*/gm, blank) : raw;
  const call = /([A-Za-z_]\w*)\s*\(/g;
  let found: ReturnType<typeof headOf> = null;
  let after = 0;
  for (let match = call.exec(head); match !== null; match = call.exec(head)) {
    const name = match[1] ?? '';
    const close = closing(head, match.index + match[0].length - 1);
    if (close < 0) return found;
    call.lastIndex = close + 1;
    if (NO_FUNCTION.has(name) || ATTRIBUTE.test(name)) continue;
    const before = head.slice(after, match.index);
    if (/[=;{}]/.test(before)) return found;
    // The last list of parameters counts: before it there may be a macro that has no semicolon, after it attributes.
    if (found !== null && /^\s*(?:__\w+\s*)*$/.test(before)) continue;
    const start = /\S/.exec(head.slice(after))?.index ?? 0;
    const params = paramsOf(head.slice(match.index + match[0].length, close));
    found = {
      ...(systemCall(name, params) ?? { name, params }),
      nameAt: from + match.index,
      from: from + after + start,
      isStatic: /\bstatic\b/.test(before),
      returns: before.trim().replace(/\s+/g, ' '),
    };
    after = close + 1;
  }
  return found;
}

/**
 * What the macros of `include/linux/syscalls.h` (6.12) make of `SYSCALL_DEFINE2(name, type, first, type, second)`: a function that is only
 * called by the entry code. Its name is the one in a trace.
 */
function systemCall(macro: string, list: readonly Parameter[]): Pick<OutlinedFunction, 'name' | 'params'> | null {
  const match = /^(COMPAT_)?SYSCALL_DEFINE\d$/.exec(macro);
  const [name, ...pairs] = list;
  if (match === null || name === undefined) return null;
  const params = pairs.flatMap((type, at) =>
    at % 2 === 0 ? [{ name: pairs[at + 1]?.name ?? '', type: `${type.type} ${type.name}`.trim() }] : [],
  );
  return { name: `${match[1] === undefined ? SYSTEM_CALL : COMPAT_SYSTEM_CALL}${name.name}`, params };
}

const SYSTEM_CALL = '__do_sys_';
const COMPAT_SYSTEM_CALL = '__do_compat_sys_';

/** Whether a function of this name is called by the entry code of system calls. */
export const isSystemCall = (name: string): boolean => name.startsWith(SYSTEM_CALL) || name.startsWith(COMPAT_SYSTEM_CALL);

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === OPEN_PAREN) depth += 1;
    else if (c === CLOSE_PAREN) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

function paramsOf(list: string): readonly Parameter[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= list.length; at += 1) {
    const c = list.charCodeAt(at);
    if (c === OPEN_PAREN) depth += 1;
    else if (c === CLOSE_PAREN) depth -= 1;
    if (at === list.length || (c === 44 && depth === 0)) {
      parts.push(list.slice(from, at));
      from = at + 1;
    }
  }
  if (parts.length === 1 && /^\s*(?:void)?\s*$/.test(parts[0] ?? '')) return [];
  return parts.map((part) => {
    const plain = part.replace(/\s+/g, ' ').trim();
    const pointer = /\(\s*\*\s*(\w+)/.exec(plain);
    if (pointer !== null) return { name: pointer[1] ?? '', type: plain };
    const match = /^(.*?)(\w+)\s*(?:\[[^\]]*\]\s*)*$/.exec(plain);
    return { name: match?.[2] ?? '', type: (match?.[1] ?? plain).trim() };
  });
}

/** What is declared in [from, equals): the name before the sign, array bounds and attributes left out. */
function tableOf(text: string, from: number, equals: number): Pick<OutlinedTable, 'name' | 'at' | 'type'> | null {
  const raw = text.slice(Math.max(from, equals - 600), equals);
  const plain = raw.replace(/\/\*[^]*?\*\//g, ' ').replace(/\b__\w+(?:\s*\([^()]*\))?/g, ' ');
  const match = /(\w+)\s*(?:\[[^\]]*\]\s*)*$/.exec(plain.trimEnd());
  if (match === null) return null;
  const name = match[1] ?? '';
  const type = /\b(?:struct|union)\s+(\w+)[\s*]+(?:const\s+)?\w+\s*(?:\[[^\]]*\]\s*)*$/.exec(plain.trimEnd())?.[1] ?? '';
  return { name, at: Math.max(from, equals - 600) + raw.lastIndexOf(name), type };
}

function endOfLiteral(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; at < text.length; at += 1) {
    const c = text.charCodeAt(at);
    if (c === quote) return at + 1;
    if (c === NEWLINE) return at;
    if (c === BACKSLASH) at += 1;
  }
  return text.length;
}

/** The newline that ends the directive, spliced lines and comments that run on included. */
function endOfDirective(text: string, from: number): number {
  let at = from;
  for (;;) {
    const line = text.indexOf('\n', at);
    if (line < 0) return text.length;
    const open = commentBefore(text, at, line);
    if (open >= 0) {
      const close = text.indexOf('*/', open + 2);
      if (close < 0) return text.length;
      if (close > line) {
        at = close + 2;
        continue;
      }
    }
    const before = text.charCodeAt(line - 1) === 13 ? line - 2 : line - 1;
    if (text.charCodeAt(before) !== BACKSLASH) return line;
    at = line + 1;
  }
}

/** The last comment that opens in [at, line), or -1. */
function commentBefore(text: string, at: number, line: number): number {
  for (let look = at; look < line; look += 1) {
    if (text.charCodeAt(look) !== SLASH) continue;
    const next = text.charCodeAt(look + 1);
    if (next === SLASH) return -1;
    if (next !== STAR) continue;
    const close = text.indexOf('*/', look + 2);
    if (close < 0 || close > line) return look;
    look = close + 1;
  }
  return -1;
}
