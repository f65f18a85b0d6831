/** Every place at which a rule's name stands in a C file, and what it is there: a use, or one of the things that are none. */
import { covering, type Directive, type Lexical, lexicalOf } from './lexical';
import { SYMBOLS } from './rules';
import type { ParsedFile, SyntaxNode } from './syntax';

/** What a name is at its place; only a `use` is an assumption site. */
export type Role =
  | 'use'
  | 'comment'
  | 'string'
  /** A function's definition, a prototype, a variable, a parameter or an enumerator of that name. */
  | 'declaration'
  /** Of a structure: `->name`, `.name =`. */
  | 'member'
  /** The name or a parameter in `#define`, or a macro that stands for itself. */
  | 'macro-name'
  /** In `#if`, `#ifdef`, `#undef` and other directives that make no code. */
  | 'directive'
  /** `EXPORT_SYMBOL(name)` and the like. */
  | 'export';

export interface Occurrence {
  readonly symbol: string;
  /** UTF-16 units from the start. */
  readonly at: number;
  readonly role: Role;
  /** Whether it stands in the body of a macro. */
  readonly inMacro: boolean;
}

/** Whether a text has any name that a rule looks for: all that most files are ever asked. */
export const hasSymbol = (text: string): boolean => STEMS.test(text) && searchAll().test(text);

/**
 * The occurrences in order of place.
 *
 * @param pattern of the names, where it is not those of the rules alone
 */
export function occurrencesOf(file: ParsedFile, pattern: string = PATTERN): readonly Occurrence[] {
  const { text } = file;
  const search = new RegExp(pattern, 'g');
  const found: Occurrence[] = [];
  let lexical: Lexical | null = null;
  for (let match = search.exec(text); match !== null; match = search.exec(text)) {
    lexical ??= lexicalOf(text);
    const root = found.length < MAX_LOOKUPS ? file.root : null;
    found.push(occurrenceAt({ ...file, root }, lexical, match[0], match.index));
  }
  return found;
}

/** Names of one file for which the tree is asked too; finding a node takes time that grows with the depth of the tree. mm/hugetlb.c has 216 names. */
const MAX_LOOKUPS = 2000;
/** Parts of which each name has one, and few other words: looking for these few is several times as fast as for all names. */
const STEMS = /hugetlb|PageHuge|HUGETLB|hstate_|huge_p|hugepage|hugecache|pmd_shar|restore_reserve|resv_huge/;
const PATTERN = `\\b(?:${[...SYMBOLS.keys()].sort((a, b) => b.length - a.length).join('|')})\\b`;
const searchAll = (): RegExp => new RegExp(PATTERN, 'g');

function occurrenceAt(file: ParsedFile, lexical: Lexical, symbol: string, at: number): Occurrence {
  const { text } = file;
  const stretch = covering(lexical.hidden, at);
  const directive = covering(lexical.directives, at);
  const inMacro = directive?.name === 'define';
  if (stretch !== null) return { symbol, at, role: stretch.kind, inMacro };
  if (directive !== null && !inMacro) return { symbol, at, role: 'directive', inMacro };
  const around = new Neighbours(text, lexical);
  if (directive !== null && isMacroName(text, directive, symbol, at)) return { symbol, at, role: 'macro-name', inMacro };
  const before = around.before(at);
  return { symbol, at, role: roleInCode(file, around, symbol, at, before), inMacro };
}

function roleInCode(file: ParsedFile, around: Neighbours, symbol: string, at: number, before: Token): Role {
  if (before.text === '.' || before.text === '->') return around.before(before.at).text === '.' ? 'use' : 'member';
  if (before.text === '(' && EXPORTS.test(around.before(before.at).text)) return 'export';
  const end = at + symbol.length;
  // In an expression no name stands right before another.
  if (before.isName && !KEYWORDS_BEFORE_EXPRESSION.has(before.text)) return 'declaration';
  if (around.after(end).text === '(' && TYPED_PARAMETERS.test(around.textFrom(around.after(end).at + 1))) return 'declaration';
  return declaredInTree(file.root, at, end) ? 'declaration' : 'use';
}

const EXPORTS = /^(?:EXPORT_\w*SYMBOL\w*|ALLOW_ERROR_INJECTION|NOKPROBE_SYMBOL|BTF_ID\w*)$/;
const KEYWORDS_BEFORE_EXPRESSION = new Set([
  'return',
  'else',
  'do',
  'case',
  'sizeof',
  'typeof',
  '__typeof__',
  'goto',
  'likely',
  'unlikely',
]);
/** Parameters begin with a type; an argument never begins with one of these words. */
const TYPED_PARAMETERS = /^\s*(?:const|volatile|struct|union|enum|unsigned|signed|long|short|int|char|void|bool|pte_t|pmd_t|vm_fault_t)\b/;

/** In `#define`: its name, a parameter of it, or all of a body that only repeats the name. */
function isMacroName(text: string, directive: Directive, symbol: string, at: number): boolean {
  const define = /[ \t]*(?:\\\r?\n[ \t]*)*(\w+)(\([^)]{0,2000}\))?/y;
  define.lastIndex = directive.restFrom;
  const match = define.exec(text);
  if (match === null) return false;
  const bodyFrom = directive.restFrom + match[0].length;
  return at < bodyFrom || (match[1] === symbol && text.slice(bodyFrom, directive.to).trim() === symbol);
}

/** Declarations that only a parser sees. A prototype inside of a function is a call that was misread: kernel code has no such prototypes. */
function declaredInTree(root: SyntaxNode | null, at: number, end: number): boolean {
  let node = root?.descendantForIndex(at, end) ?? null;
  if (node === null || node.startIndex !== at || node.endIndex !== end) return false;
  for (let level = 0; node !== null && level < MAX_LEVELS; level += 1) {
    const parent: SyntaxNode | null = node.parent;
    if (parent === null) return false;
    const isItsName = (field: string): boolean => parent.childForFieldName(field)?.startIndex === node?.startIndex;
    switch (parent.type) {
      case 'enumerator':
        return isItsName('name');
      case 'parameter_declaration':
        return isItsName('declarator') && parent.childForFieldName('type') !== null;
      case 'pointer_declarator':
      case 'array_declarator':
      case 'parenthesized_declarator':
        break;
      case 'function_declarator':
        if (!isItsName('declarator')) return false;
        break;
      case 'function_definition':
        return isItsName('declarator');
      case 'init_declarator':
      case 'declaration':
        if (!isItsName('declarator')) return false;
        if (node.type === 'function_declarator') return !insideBody(parent);
        return parent.type === 'declaration' || node.type === 'identifier';
      default:
        return false;
    }
    node = parent;
  }
  return false;
}

/** Declarators are not nested deeper in anything that people wrote. */
const MAX_LEVELS = 32;

function insideBody(node: SyntaxNode): boolean {
  let at = node.parent;
  for (let level = 0; at !== null && level < MAX_LEVELS; level += 1, at = at.parent) if (at.type === 'compound_statement') return true;
  return false;
}

interface Token {
  readonly text: string;
  readonly at: number;
  readonly isName: boolean;
}

/** The tokens next to a place, comments and line splices skipped. */
class Neighbours {
  constructor(
    private readonly text: string,
    private readonly lexical: Lexical,
  ) {}

  before(place: number): Token {
    let at = place - 1;
    for (; at >= 0; at -= 1) {
      const comment = covering(this.lexical.hidden, at);
      if (comment?.kind === 'comment') at = comment.from;
      else if (!isBlank(this.text.charCodeAt(at))) break;
    }
    if (at < 0 || covering(this.lexical.directives, at) !== covering(this.lexical.directives, place)) return NOTHING;
    let from = at;
    while (from > 0 && isWord(this.text.charCodeAt(from)) && isWord(this.text.charCodeAt(from - 1))) from -= 1;
    if (this.text.startsWith('->', at - 1)) from = at - 1;
    return this.token(from, at + 1);
  }

  after(place: number): Token {
    let at = place;
    for (; at < this.text.length; at += 1) {
      const comment = covering(this.lexical.hidden, at);
      if (comment?.kind === 'comment') at = comment.to - 1;
      else if (!isBlank(this.text.charCodeAt(at))) break;
    }
    return at >= this.text.length ? NOTHING : this.token(at, at + 1);
  }

  /** Enough of the text from a place on to see a word. */
  textFrom(place: number): string {
    const next = this.after(place);
    return next.at < 0 ? '' : this.text.slice(next.at, next.at + 40);
  }

  private token(from: number, to: number): Token {
    const text = this.text.slice(from, to);
    return { text, at: from, isName: /^[A-Za-z_]/.test(text) };
  }
}

const NOTHING: Token = { text: '', at: -1, isName: false };
/** White space and the backslash of a splice. */
const isBlank = (code: number): boolean => code <= 32 || code === 92;
const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
