/** Reads the C of a function, with all that the model needs beside it, from a tree. */
import { done, type Outcome, refused } from '../base/outcome';
import type { KernelConfig } from '../kernel-c/config';
import { defaultConfig } from '../kernel-c/config';
import type { Program } from '../kernel-c/program';
import { readProgram } from '../kernel-c/read-program';
import type { Needs } from '../kernel-c/read-request';
import type { SourceTree } from '../kernel-c/source-tree';
import type { TreeIndex } from '../kernel-c/tree-index';
import { STATE_NEEDS } from '../model/initial-state';
import { modelledNames, modelNeeds } from '../model/primitives/all';
import { interpretedFiles, interpretedNames } from '../model/primitives/interpreted';
import { unboundPrimitives } from './unbound-primitives';
import { SPLITS } from './prepare-simulation';

export interface ReadOptions {
  readonly config?: KernelConfig;
  /** Files whose functions are interpreted, beside the function's own; inline functions of headers always are. */
  readonly scope?: readonly string[];
  /** Functions to run after it. */
  readonly then?: readonly string[];
  /** What is wanted from the tree beside what the model needs. */
  readonly needs?: Partial<Needs>;
}

export const defaultScope: readonly string[] = ['virt/kvm/guest_memfd.c', 'mm/hugetlb.c', 'mm/hugetlb_vmemmap.c'];

/**
 * Everything that is needed to run a function.
 *
 * *Fails* `kernel-c/no-function`, naming functions with a like name.
 */
export function programFor(tree: SourceTree, index: TreeIndex, functionName: string, options: ReadOptions = {}): Outcome<Program> {
  const roots = [functionName, ...(options.then ?? [])];
  for (const root of roots) {
    if (filesOf(index, root).length === 0) return noFunction(index, root);
  }
  const scope = [
    ...new Set([...(options.scope ?? defaultScope), ...interpretedFiles, ...roots.flatMap((root) => filesOf(index, root).slice(0, 1))]),
  ];
  // A function that is to be run is never taken from the model.
  const modelled = new Set([...modelledNames].filter((name) => !roots.includes(name)));
  const read = (names: ReadonlySet<string>): Program =>
    readProgram(tree, index, {
      roots,
      scope,
      modelled: names,
      needs: joined(STATE_NEEDS, modelNeeds(names), { functions: SPLITS }, options.needs ?? {}),
      config: options.config ?? defaultConfig,
      alsoInterpret: interpretedNames,
    });
  const program = read(modelled);
  // Primitives that this tree's types do not fit: its own C says what they do here.
  const unbound = unboundPrimitives(program);
  if (unbound.length === 0) return done(program);
  return done(read(new Set([...modelled].filter((name) => !unbound.includes(name)))));
}

/** Files that define the function, sources before headers. */
function filesOf(index: TreeIndex, name: string): string[] {
  const found = (index.byName.get(name) ?? []).filter((each) => each.definition.kind === 'function').map((each) => each.file.path);
  return [...found.filter((path) => path.endsWith('.c')), ...found.filter((path) => !path.endsWith('.c'))];
}

function joined(...needs: readonly Partial<Needs>[]): Needs {
  const all = (list: keyof Needs): string[] => [...new Set(needs.flatMap((each) => each[list] ?? []))];
  return { types: all('types'), constants: all('constants'), functions: all('functions'), globals: all('globals') };
}

const MOST_NAMED = 5;

function noFunction(index: TreeIndex, name: string): Outcome<never> {
  const close = closeNames(index, name);
  return refused(
    'kernel-c/no-function',
    `The tree defines no function ${name}().`,
    'It cannot be read or run.',
    close.length > 0 ? `Name one that it defines: ${close.join(', ')}.` : 'Name a function that a .c or .h file of the tree defines.',
  );
}

/** Names that begin with so many of the same letters are likely meant. */
const LEAST_START = 4;

function sameStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** Functions whose names share the most with the one asked for. */
function closeNames(index: TreeIndex, name: string): string[] {
  const parts = name
    .toLowerCase()
    .split('_')
    .filter((part) => part.length > 1);
  const scored: { name: string; score: number }[] = [];
  for (const [other, found] of index.byName) {
    if (!found.some((each) => each.definition.kind === 'function')) continue;
    const theirs = new Set(other.toLowerCase().split('_'));
    const shared = parts.filter((part) => theirs.has(part)).length;
    const begun = sameStart(other, name);
    const score = shared * 10 + begun - Math.abs(other.length - name.length) + (other.includes(name) ? 15 : 0);
    if (shared > 0 || begun >= LEAST_START || other.includes(name)) scored.push({ name: other, score });
  }
  return scored
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1))
    .slice(0, MOST_NAMED)
    .map((each) => each.name);
}
