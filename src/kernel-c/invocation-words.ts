/** Macros that make definitions: `FOLIO_FLAG(dirty, …)` defines folio_test_dirty(), which no line of the tree spells. */

/** Folders whose invocations may make names that code under review uses. */
const folders = /^(include|mm|virt|fs|arch\/x86\/include|kernel|lib)\b/;
/** Macros that define nothing that is called by name. */
const quiet =
  /^(EXPORT_|MODULE_|module_|TRACE_|DEFINE_EVENT|DECLARE_EVENT|static_assert|ALLOW_ERROR|late_|core_|subsys_|early_|__setup|SYSCALL_|COMPAT_|ATTRIBUTE)/;
/** An invocation's arguments beyond these are a body, not parts of a name. */
const mostText = 400;
const mostWords = 6;
/** A word of fewer letters is in too many names. */
export const leastWord = 3;

/** Words of an invocation's arguments that the names it makes may hold; undefined where it makes none. */
export function wordsOfInvocation(path: string, name: string, text: string, from: number, to: number): readonly string[] | undefined {
  if (quiet.test(name) || !folders.test(path)) return undefined;
  const args = text.slice(from + name.length, Math.min(to, from + mostText));
  return (args.match(/[A-Za-z_]\w{2,}/g) ?? []).slice(0, mostWords);
}
