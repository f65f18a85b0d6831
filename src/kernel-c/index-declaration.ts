/** Says what a declaration at a file's top level declares, from its tokens outside all brackets. */
import type { Definition, DefinitionKind } from './definition';

/** A token of a declaration outside all brackets; a bracketed group counts as one, with its opening bracket as `text`. */
export interface TopToken {
  readonly text: string;
  readonly name: boolean;
  readonly from: number;
  readonly to: number;
  readonly line: number;
  readonly endLine: number;
  /** Of a `(` group: its last name outside inner brackets, which is what is declared in `(*handler)(…)`. */
  readonly pointed: string;
  /** Of a `(` group: it begins with `*`. */
  readonly starred: boolean;
  /** Of a `{` group: the body of a struct, union or enum. */
  readonly tag: boolean;
}

type Whole = Pick<Definition, 'from' | 'to' | 'line' | 'endLine' | 'condition'>;

/** Macros that stand before or after a declarator with arguments of their own, and define nothing. */
const attributes =
  /^(?:__attribute__|__attribute|__printf|__scanf|__aligned|__section|__acquires|__releases|__must_hold|__must_hold_shared|__acquire|__release|__cond_acquires|__alloc_size|__malloc|__realloc_size|__counted_by|__assume_aligned|__no_sanitize|__alias|__copy|__cleanup|__free|__declspec|__asm__|__asm|asm|_Alignas|__guarded_by|__compiletime_error|__compiletime_warning|__errordecl|__nonnull|__diag\w*|__mode|__bpf_kfunc|__must_hold_read|__context__)$/;
/** Words that can be part of a type and are never the name that is declared. */
const typeWords =
  /^(?:void|char|short|int|long|float|double|signed|unsigned|_Bool|const|volatile|static|extern|inline|__inline|__inline__|register|restrict|auto|struct|union|enum|typeof|__typeof__|__typeof|typeof_unqual|__always_inline|noinline|__extension__|__init|__exit|__visible|asmlinkage|notrace|_Noreturn|__noreturn|_Atomic|__thread|if|else|while|for|return|switch|do|sizeof|goto|case)$/;
const qualifiers = /^(?:static|inline|__inline|__inline__|extern|const|volatile|noinline|asmlinkage|notrace|__(?!attribute)\w+)$/;
const inlines =
  /^(?:inline|__inline|__inline__|__always_inline|__no_kasan_or_inline|__no_sanitize_or_inline|nokprobe_inline|noinline_for_inline)$/;

/** Adds what the declaration defines to `out`; its tags and enumerators are there already. */
export function addDeclaration(tokens: readonly TopToken[], whole: Whole, out: Definition[]): void {
  const add = (kind: DefinitionKind, name: string, line: number): void => {
    if (name !== '' && !typeWords.test(name)) out.push({ name, kind, ...whole, line });
  };
  if (tokens[0]?.text === 'typedef') {
    for (const name of declaredNames(tokens, 1)) add('typedef', name.text, whole.line);
    return;
  }
  const last = tokens[tokens.length - 1];
  const body = last?.text === '{' && !last.tag && !tokens.some((token) => token.text === '=');
  const invoked = invocations(tokens);
  if (invoked.length > 0) {
    for (const { at, name } of invoked) {
      const first = tokens[at]!;
      const own = invoked.length > 1 ? { from: first.from, to: tokens[at + 1]!.to, endLine: tokens[at + 1]!.endLine } : {};
      out.push({ name, kind: 'invocation', ...whole, line: first.line, ...own });
    }
    const only = invoked[0]!;
    if (body) out.push({ name: only.name, kind: 'function', ...whole, ...marksOf(tokens) });
    return;
  }
  const called = functionName(tokens);
  if (called !== null) {
    if (body) out.push({ name: called, kind: 'function', ...whole, ...marksOf(tokens) });
    else for (const name of [called, ...furtherPrototypes(tokens)]) out.push({ name, kind: 'prototype', ...whole, ...marksOf(tokens) });
    return;
  }
  const outside = tokens.some((token) => token.text === 'extern') && !tokens.some((token) => token.text === '=');
  for (const { text } of declaredNames(tokens, 0)) add(outside ? 'prototype' : 'variable', text, whole.line);
}

function marksOf(tokens: readonly TopToken[]): { marks?: ('static' | 'inline' | 'weak')[] } {
  const marks = new Set<'static' | 'inline' | 'weak'>();
  for (const { text } of tokens) {
    if (text === 'static') marks.add('static');
    else if (inlines.test(text)) marks.add('inline');
    else if (text === '__weak') marks.add('weak');
  }
  return marks.size > 0 ? { marks: [...marks] } : {};
}

/** `[static] NAME(…)`, or several of them one after the other: where each stands. */
function invocations(tokens: readonly TopToken[]): { at: number; name: string }[] {
  let at = 0;
  while (tokens[at]?.name === true && qualifiers.test(tokens[at]!.text) && tokens[at + 1]?.text !== '(') at++;
  const found: { at: number; name: string }[] = [];
  while (
    tokens[at]?.name === true &&
    tokens[at + 1]?.text === '(' &&
    !attributes.test(tokens[at]!.text) &&
    !typeWords.test(tokens[at]!.text)
  ) {
    found.push({ at, name: tokens[at]!.text });
    at += 2;
  }
  const rest = tokens[at];
  // `NAME(…) name = …`: the macro makes a type, as `DECLARE_X(y) z` or `__typeof(x) y` do.
  if (rest === undefined || rest.text === ';' || rest.text === '{' || rest.text === '=') return found;
  return rest.name && attributes.test(rest.text) ? found : [];
}

/** The name before the parameter list, where one is declared. */
function functionName(tokens: readonly TopToken[]): string | null {
  for (let at = 1; at + 1 < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.text === '=') return null;
    if (!token.name || tokens[at + 1]!.text !== '(' || attributes.test(token.text) || typeWords.test(token.text)) continue;
    // `type (*name)(…)` through a typedef name: the group is the declarator.
    if (tokens[at + 1]!.pointed !== '' && tokens[at + 2]?.text === '(') return null;
    return token.text;
  }
  return null;
}

/** `int f(void), g(void);`. */
function furtherPrototypes(tokens: readonly TopToken[]): string[] {
  const names: string[] = [];
  for (let at = 1; at + 1 < tokens.length; at++) {
    if (tokens[at]!.text !== ',') continue;
    let name = at + 1;
    while (tokens[name]?.text === '*') name++;
    if (tokens[name]?.name === true && tokens[name + 1]?.text === '(') names.push(tokens[name]!.text);
  }
  return names;
}

/** The names of the declarators from `start` on. */
function declaredNames(tokens: readonly TopToken[], start: number): { text: string }[] {
  const found: { text: string }[] = [];
  let first = start;
  let value = tokens.length;
  for (let at = start; at <= tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === '=' || text === ':') value = Math.min(value, at);
    if (text === ',' || text === ';' || text === undefined) {
      const name = declaratorName(tokens, first, Math.min(at, value));
      if (name !== null) found.push({ text: name });
      first = at + 1;
      value = tokens.length;
    }
  }
  return found;
}

function declaratorName(tokens: readonly TopToken[], from: number, to: number): string | null {
  for (let at = from; at < to; at++) {
    const { text, pointed, starred } = tokens[at]!;
    if (text === '(' && pointed !== '' && (starred || tokens[at + 1]?.text === '(')) return pointed;
  }
  let spare: string | null = null;
  for (let at = to - 1; at >= from; at--) {
    const token = tokens[at]!;
    if (token.text === '{' && token.tag) break;
    if (!token.name) continue;
    const before = tokens[at - 1];
    if (tokens[at + 1]?.text === '(' && at + 1 < to && attributes.test(token.text)) continue;
    if (typeWords.test(token.text) || (before !== undefined && /^(?:struct|union|enum)$/.test(before.text))) break;
    // `name __read_mostly`: an annotation, unless nothing but types stands before it.
    if (!token.text.startsWith('__') && spare === null) return token.text;
    if (!token.text.startsWith('__')) {
      // Could be `type __name` as well as `name __annotation`: the annotation's spelling decides.
      return isAnnotation(spare ?? '') ? token.text : spare;
    }
    if (spare === null || isAnnotation(spare)) spare = token.text;
  }
  return spare;
}

const isAnnotation = (name: string): boolean =>
  /^__(?:read_mostly|ro_after_init|initdata|initconst|init|exitdata|used|maybe_unused|meminitdata|refdata|percpu|rcu|user|iomem|weak|visible|packed|aligned|cacheline\w*|randomize_layout|bitwise|force|nosave\w*|section|alloc_size|latent_entropy|private|unused|always_unused|devinit\w*|cpuinit\w*|designated_init)$|^____cacheline/.test(
    name,
  );
