/** References that calls take and give back in pairs: what a function that has returned still has of them. */
import type { MemoryView } from '../protocol/simulation';

/** The group of such counters in a view. */
export const REFERENCES = 'references';

interface Counted {
  readonly name: string;
  /** A function that fails keeps none; one that succeeds may pass it on with what it made. */
  readonly passedOn: boolean;
  readonly what: string;
  readonly gives: string;
}

export const MEMORY_GROUPS = 'memory control groups';
export const DESCRIPTORS_TAKEN = 'descriptors taken';
export const MODULES = 'modules';

const COUNTED: readonly Counted[] = [
  { name: MEMORY_GROUPS, passedOn: false, what: 'reference of the memory control group', gives: 'mem_cgroup_put()' },
  { name: DESCRIPTORS_TAKEN, passedOn: false, what: 'descriptor', gives: 'fd_install() or put_unused_fd()' },
  { name: MODULES, passedOn: true, what: 'reference of the module', gives: 'module_put()' },
];

/** Shape: a sentence for each kind that is out of balance. */
export function unbalanced(before: MemoryView, after: MemoryView, failed: boolean): string[] {
  const counted = (view: MemoryView, name: string): number =>
    view.counters.find((each) => each.group === REFERENCES && each.name === name)?.value ?? 0;
  return COUNTED.flatMap(({ name, passedOn, what, gives }) => {
    const kept = counted(after, name) - counted(before, name);
    if (kept <= 0 || (passedOn && !failed)) return [];
    return [
      `${kept === 1 ? `A ${what} was` : `${kept} of these were`} taken during the run and not given back with ${gives}${kept === 1 ? '' : ` (${what})`}.`,
    ];
  });
}
