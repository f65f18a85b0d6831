/** What of a tree's facts may have a part in the class or the reach of any site: a tenth of all, which is read again when little has changed. */
import { WAY_CALLS } from './reach';
import type { FileFacts, FoundFunction, FoundTable } from './facts';
import { GUEST_MEMORY_FILE } from './guest-memory';

export interface Essence {
  readonly files: ReadonlyMap<string, FileFacts>;
  /** Names of functions, tables and `.members` that lead to a site. */
  readonly names: ReadonlySet<string>;
}

/**
 * The part of the facts from which the same sites follow as from all.
 *
 * *Shape* functions that have a site, and, from each name found so far, functions that call it or take its address; of each function only the calls and
 * uses of such names. A function's own name leads on where the call may hand on a folio or a VMA.
 */
export function essenceOf(files: ReadonlyMap<string, FileFacts>): Essence {
  const names = namesLeadingToSites(files);
  const kept = new Map<string, FileFacts>();
  for (const [file, facts] of files) {
    if (file === GUEST_MEMORY_FILE) {
      kept.set(file, facts);
      continue;
    }
    const functions = facts.functions.flatMap((one) => keptFunction(one, names));
    const tables = facts.tables.flatMap((one) => keptTable(one, names));
    if (functions.length > 0 || tables.length > 0 || facts.loose.length > 0 || facts.unread.length > 0 || facts.wrappers.length > 0)
      kept.set(file, { ...facts, functions, tables });
  }
  return { files: kept, names };
}

/**
 * The files from which the same sites follow as from all, where some have changed since the essence was found.
 *
 * @param changed facts in the place of those of the essence; null where a file is gone or has nothing to say
 * @param naming gives the facts of files that have a name in them, as they were when the essence was found: asked for names that lead to a site now
 * and did not
 * *Shape* a superset of the essence of all.
 */
export function grownFiles(
  essence: Essence,
  changed: ReadonlyMap<string, FileFacts | null>,
  naming: (name: string) => Iterable<readonly [string, FileFacts]>,
): ReadonlyMap<string, FileFacts> {
  const files = new Map(essence.files);
  const names = new Set(essence.names);
  /** Files of which all facts are there. */
  const whole = new Map<string, FileFacts>();
  const take = (file: string, facts: FileFacts): void => {
    whole.set(file, facts);
    files.set(file, facts);
  };
  for (const [file, facts] of changed) {
    files.delete(file);
    if (facts !== null) take(file, facts);
  }
  for (let isMore = whole.size > 0; isMore;) {
    const fresh = [...new Set([...whole.values()].flatMap((facts) => leadsIn(facts, names)))];
    for (const name of fresh) names.add(name);
    for (const name of fresh) for (const [file, facts] of naming(name)) if (!whole.has(file) && !changed.has(file)) take(file, facts);
    isMore = fresh.length > 0;
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Names that lead to a site because of what a file says, beside those that are known to. */
function leadsIn({ functions, tables }: FileFacts, names: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  for (const { name: own, sites, calls, uses } of functions) {
    const used = uses.filter(({ name }) => names.has(name));
    found.push(...used.map(({ member }) => member));
    if (names.has(own)) continue;
    const leads =
      sites.length > 0 ||
      used.some(({ member }) => member === '') ||
      calls.some(({ callee, hands, args }) => names.has(callee) && (hands || args.some((arg) => arg !== null)));
    if (leads) found.push(own);
  }
  for (const { name: table, members } of tables) for (const [member, name] of members) if (names.has(name)) found.push(member, table);
  return found.filter((name) => name !== '' && !names.has(name));
}

function namesLeadingToSites(files: ReadonlyMap<string, FileFacts>): ReadonlySet<string> {
  const callers = new Map<string, { readonly by: FoundFunction; readonly hands: boolean }[]>();
  const users = new Map<string, { readonly by: FoundFunction | null; readonly member: string; readonly table: string }[]>();
  const names = new Set<string>();
  const queue: string[] = [];
  const lead = (name: string): void => {
    if (name === '' || names.has(name)) return;
    names.add(name);
    queue.push(name);
  };
  for (const facts of files.values()) {
    for (const one of facts.functions) {
      if (one.sites.length > 0) lead(one.name);
      for (const { callee, hands, args } of one.calls) add(callers, callee, { by: one, hands: hands || args.some((arg) => arg !== null) });
      for (const { name, member } of one.uses) add(users, name, { by: one, member, table: '' });
    }
    for (const { name: table, members } of facts.tables)
      for (const [member, name] of members) add(users, name, { by: null, member, table });
  }
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const { by, hands } of callers.get(name) ?? []) if (hands) lead(by.name);
    for (const { by, member, table } of users.get(name) ?? []) {
      lead(member);
      lead(table);
      if (by !== null && member === '') lead(by.name);
    }
  }
  return names;
}

function keptFunction(one: FoundFunction, names: ReadonlySet<string>): readonly FoundFunction[] {
  const calls = one.calls.filter(({ callee }) => names.has(callee));
  const uses = one.uses.filter(({ name }) => names.has(name));
  if (calls.length === 0 && uses.length === 0 && !names.has(one.name)) return [];
  // How a way begins is seen by calls of other names.
  const begins = names.has(one.name) ? one.calls.filter(({ callee }) => !names.has(callee) && WAY_CALLS.test(callee)) : [];
  return [{ ...one, calls: begins.length === 0 ? calls : [...calls, ...begins], uses }];
}

function keptTable(one: FoundTable, names: ReadonlySet<string>): readonly FoundTable[] {
  const members = one.members.filter(([, name]) => names.has(name));
  return members.length === 0 && !one.makesHugetlb ? [] : [{ ...one, members }];
}

function add<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
