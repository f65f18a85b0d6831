/**
 * Sequences of operations on the patched tree's own C: the normal life of a guest_memfd meets nothing but what is known of it, and each
 * defect that needs several operations is met where it is told to be, and gone where it alone is mended in a copy of the file.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { indexText } from '../../../src/kernel-c/file-index';
import type { Program } from '../../../src/kernel-c/program';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { buildTreeIndex, createTreeIndex, type TreeIndex } from '../../../src/kernel-c/tree-index';
import type { Scenario } from '../../../src/protocol/simulation';
import {
  createStepSession,
  programForSteps,
  runSteps,
  type StepCall,
  type StepSession,
  type StepsRun,
} from '../../../src/review/run-steps';
import { diskTree } from '../../../src/worktree/disk-tree';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';
const FILE = 'virt/kvm/guest_memfd.c';
const PAGE = 4096;

const step = (name: string, args: Readonly<Record<string, number>> = {}): StepCall => ({ step: name, arguments: args });
const write = (index: number, token: number): StepCall => step('host-fault', { index, access: 2, token });
const read = (index: number): StepCall => step('host-fault', { index, access: 1 });
const guestWrite = (gfn: number, token: number): StepCall => step('guest-fault', { gfn, private: 1, access: 2, token });
const guestRead = (gfn: number): StepCall => step('guest-fault', { gfn, private: 1, access: 1 });
const toPrivate = (first: number, count: number): StepCall => step('convert', { first, count, private: 1 });
const toShared = (first: number, count: number): StepCall => step('convert', { first, count, private: 0 });
const punch = (first: number, count: number): StepCall => step('punch', { offset: first * PAGE, length: count * PAGE });
const unmapAll = step('host-unmap', { first: 0, count: 8 });

/** Two blocks of four pages, nothing in the file yet, all of it shared, as a software-protected VM begins. */
const shared: Scenario = { order: 2, blocks: 2, folios: 'absent', faultable: 'all', hvo: true, arguments: {} };
const hidden: Scenario = { ...shared, faultable: 'none' };

interface Defect {
  readonly name: string;
  readonly scenario: Scenario;
  readonly steps: readonly StepCall[];
  /** Kinds of findings of the last step. */
  readonly kinds: readonly string[];
  /** What one of them says, and the function where it is met. */
  readonly message: RegExp;
  readonly at: string;
  readonly mend: readonly (readonly [inside: string, from: RegExp, to: string])[];
}

const MERGE_CHECKED: Defect['mend'] = [
  [
    'kvm_gmem_hugetlb_filemap_remove_folios',
    /kvm_gmem_reconstruct_folio_in_filemap\(h, folio\);\s*kvm_gmem_hugetlb_filemap_remove_folio\(folio\);\s*num_freed\+\+;/,
    'if (!kvm_gmem_reconstruct_folio_in_filemap(h, folio)) { kvm_gmem_hugetlb_filemap_remove_folio(folio); num_freed++; }',
  ],
];

const defects: readonly Defect[] = [
  {
    name: 'a hole in a block with a pinned page: the merge fails, and the page that it took out is taken out again',
    scenario: shared,
    steps: [write(1, 7), step('pin', { index: 1 }), unmapAll, punch(0, 4)],
    kinds: ['warn-on', 'null-deref'],
    message: /NULL pointer/,
    at: 'kvm_gmem_hugetlb_filemap_remove_folio',
    mend: MERGE_CHECKED,
  },
  {
    name: 'the last descriptor is closed while a page is pinned',
    scenario: shared,
    steps: [step('pin', { index: 2 }), step('close')],
    kinds: ['warn-on', 'null-deref'],
    message: /NULL pointer/,
    at: 'kvm_gmem_hugetlb_filemap_remove_folio',
    mend: MERGE_CHECKED,
  },
  {
    name: 'a hole smaller than a huge page zeroes all of it',
    scenario: shared,
    steps: [write(0, 7), write(1, 8), write(3, 9), unmapAll, punch(1, 1)],
    kinds: ['invariant'],
    message: /^content: Data loss: pages 0 and 3 were written and are zero now/,
    at: 'step.punch',
    mend: [
      ['kvm_gmem_hugetlb_truncate_range', /full_hpage_start\);/, 'min(full_hpage_start, lend));'],
      ['kvm_gmem_hugetlb_truncate_range', /if \(lend > full_hpage_end\)/, 'if (lend > full_hpage_end && lend > full_hpage_start)'],
    ],
  },
  {
    name: 'a conversion that fails makes what was private faultable',
    scenario: shared,
    steps: [toPrivate(1, 1), guestWrite(1, 99), write(0, 7), toPrivate(0, 2), read(1)],
    kinds: ['invariant', 'invariant'],
    message: /^content: Leak: User space reads at page 1 what the guest wrote while the page was private/,
    at: 'step.host-fault',
    mend: [['kvm_gmem_should_set_attributes', /WARN_ON\(kvm_gmem_try_set_faultable_vm\(kvm, start, end, !faultable\)\);/, 'return ret;']],
  },
  {
    name: 'a hole is punched into a block that is mapped, and other pages are unmapped',
    scenario: shared,
    steps: [write(5, 7), punch(4, 4)],
    kinds: ['bug-on'],
    message: /mapped into user space/,
    at: 'kvm_gmem_hugetlb_filemap_remove_folio',
    mend: [
      [
        'kvm_gmem_punch_hole',
        /unmap_mapping_range\(inode->i_mapping, start, len, 0\)/,
        'unmap_mapping_range(inode->i_mapping, offset, len, 0)',
      ],
    ],
  },
  {
    name: 'sharing one page of a huge page makes the guest lose the others',
    scenario: hidden,
    steps: [guestWrite(3, 5), toShared(0, 1), guestRead(3)],
    kinds: ['invariant', 'invariant'],
    message: /^content: Data loss: page 3 was written and is zero now/,
    at: 'step.guest-fault',
    mend: [
      ['kvm_gmem_split_folio_in_filemap', /(first_subpage = folio_page\(folio, 0\);)/, '$1 bool prepared = folio_test_uptodate(folio);'],
      ['kvm_gmem_split_folio_in_filemap', /folio_unlock\(folio\);/, 'if (prepared) folio_mark_uptodate(folio); folio_unlock(folio);'],
    ],
  },
  {
    name: 'a block whose pages come back to private one by one stays split',
    scenario: hidden,
    steps: [guestWrite(3, 5), toShared(0, 1), toPrivate(0, 1)],
    kinds: ['invariant'],
    message: /^merged-when-private: Pages 0 to 3 are all private/,
    at: 'step.convert',
    mend: [
      ['kvm_gmem_try_reconstruct_folios_range', /round_up\(start, nr_pages\)/, 'round_down(start, nr_pages)'],
      ['kvm_gmem_try_reconstruct_folios_range', /round_down\(end, nr_pages\)/, 'round_up(end, nr_pages)'],
    ],
  },
  {
    name: 'a page becomes private while a pipe still has a reference of it',
    scenario: shared,
    steps: [write(2, 5), step('pipe-get', { index: 2 }), unmapAll, toPrivate(2, 1)],
    kinds: ['invariant'],
    message: /^isolation: Page 2 is private to the guest, and user space has a reference/,
    at: 'step.convert',
    mend: [['kvm_gmem_no_mappings_range', /folio_maybe_dma_pinned\(folio\)/, 'folio_ref_count(folio) != folio_nr_pages(folio) + 1']],
  },
];

describe.skipIf(directory === '')('sequences of operations on the C', () => {
  const tree = diskTree(directory);
  const index = buildTreeIndex(tree);
  let program: Program;
  beforeAll(() => {
    program = programOf(tree, index);
  });

  function programOf(of: SourceTree, at: TreeIndex): Program {
    const outcome = programForSteps(of, at);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }

  function mended(mend: Defect['mend']): Program {
    let text = tree.read(FILE) ?? '';
    for (const [inside, from, to] of mend) {
      const start = text.search(new RegExp(`^[^\\n]*\\b${inside}\\([^;{]*\\{`, 'm'));
      const end = text.indexOf('\n}', start);
      const body = text.slice(start, end);
      expect(start, inside).toBeGreaterThan(0);
      expect(body, `${inside}: ${String(from)}`).toMatch(from);
      text = text.slice(0, start) + body.replace(from, to) + text.slice(end);
    }
    const changed: SourceTree = { paths: tree.paths, read: (path) => (path === FILE ? text : tree.read(path)) };
    const files = [...index.files.values()].map((file) => (file.path === FILE ? indexText(FILE, text) : file));
    return programOf(changed, createTreeIndex(files));
  }

  function run(scenario: Scenario, calls: readonly StepCall[], of = program): StepsRun {
    const outcome = runSteps({ program: of, scenario }, calls);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }
  const values = ({ outcomes }: StepsRun): (number | null)[] => outcomes.map((outcome) => outcome.value);
  const kinds = ({ outcomes }: StepsRun): string[][] => outcomes.map((outcome) => outcome.findings.map((finding) => finding.kind));
  const counters = ({ final }: StepsRun): Record<string, number> =>
    Object.fromEntries(final.memory.counters.filter((each) => each.group === 'hstate').map((each) => [each.name, each.value]));

  it('lives its normal life without a finding but the unlock of what may be freed', () => {
    const life = run(shared, [
      write(0, 7),
      read(0),
      step('guest-fault', { gfn: 0, access: 1 }),
      unmapAll,
      toPrivate(0, 4),
      guestWrite(1, 9),
      guestRead(1),
      toShared(0, 4),
      read(1),
      unmapAll,
      punch(0, 4),
      step('close'),
    ]);
    expect(values(life)).toEqual(Array.from({ length: 12 }, () => 0));
    expect(kinds(life).flat()).toEqual(['use-after-free']);
    expect(life.outcomes[10]?.findings[0]).toMatchObject({ function: 'kvm_gmem_hugetlb_filemap_remove_folio' });
    expect(life.final).toMatchObject({ closed: true, entries: [], leaves: [], holds: [], memory: { pageCache: [] } });
    expect(counters(life)).toEqual({ nr_huge_pages: 3, free_huge_pages: 3, resv_huge_pages: 0, surplus_huge_pages: 0 });
  });

  it('makes, binds and maps a file anew after the first one is gone', () => {
    const anew = run(shared, [
      step('close'),
      read(0),
      step('create'),
      read(0),
      step('unbind'),
      step('bind', { offset: 0 }),
      step('mmap', { mapping: 0 }),
      write(0, 5),
      read(0),
      unmapAll,
      toPrivate(0, 8),
      guestWrite(5, 6),
      guestRead(5),
      step('close'),
    ]);
    expect(values(anew).filter((_, at) => at !== 5)).toEqual([0, -14, 0, -14, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(kinds(anew).flat()).toEqual(['use-after-free', 'use-after-free']);
    expect(anew.final).toMatchObject({ closed: true, memory: { pageCache: [] } });
    expect(counters(anew)).toMatchObject({ free_huge_pages: 3, resv_huge_pages: 0 });
    // A second file would need more huge pages than are free, and users keep the first one.
    expect(values(run(shared, [write(0, 5), step('create'), read(0)]))).toEqual([0, -12, 0]);
  });

  it('maps the guest with one leaf for a private block, and page by page otherwise', () => {
    const whole = run(hidden, [guestWrite(2, 5)]);
    expect(whole.final.leaves).toEqual([{ gfn: 0, index: 0, pfn: 0x40000, order: 2, shared: false }]);
    expect(whole.final.memory.pageCache).toEqual([{ index: 0, count: 1, order: 2, pfn: 0x40000 }]);
    const split = run(shared, [toPrivate(2, 1), guestWrite(2, 5)]);
    expect(split.final.leaves).toEqual([{ gfn: 2, index: 2, pfn: 0x40002, order: 0, shared: false }]);
    // A guest that touches shared memory goes through the user address, whose unmapping takes the leaf, too.
    const both = [step('guest-fault', { gfn: 1, access: 2, token: 3 })];
    expect(run(shared, both).final).toMatchObject({ leaves: [{ gfn: 1, order: 0, shared: true }], entries: [{ mapping: 0, index: 1 }] });
    expect(run(shared, [...both, unmapAll]).final).toMatchObject({ leaves: [], entries: [] });
  });

  it('prepares a whole 1G page at once', () => {
    const huge = run({ ...hidden, order: 18, blocks: 1 }, [guestWrite(5, 1), guestRead(5), guestRead(6)]);
    expect(values(huge)).toEqual([0, 0, 0]);
    expect(kinds(huge).flat()).toEqual([]);
    expect(huge.final.leaves).toEqual([{ gfn: 0, index: 0, pfn: 0x40000, order: 18, shared: false }]);
    expect(huge.final.contents.length).toBe(2 ** 19);
    expect(Array.from(huge.final.contents).filter((word) => word === 0)).toHaveLength(2 ** 18 - 1);
  });

  it('refuses what attributes, faultability and holds do not allow', () => {
    const refusedSteps = run(shared, [
      guestRead(0),
      toPrivate(0, 1),
      read(0),
      step('unpin', { index: 0 }),
      step('guest-fault', { gfn: 0 }),
    ]);
    expect(values(refusedSteps)).toEqual([-14, 0, -14, -2, -14]);
    expect(values(run(shared, [write(0, 1), toPrivate(0, 1)]))).toEqual([0, -22]);
    expect(
      values(run(shared, [step('pin', { index: 0 }), unmapAll, toPrivate(0, 1), step('unpin', { index: 0 }), toPrivate(0, 1)])),
    ).toEqual([0, 0, -22, 0, 0]);
  });

  it('refuses a step or an argument that there is not', () => {
    for (const [call, code] of [
      [step('dance'), 'steps/no-step'],
      [step('pin', { page: 1 }), 'steps/no-argument'],
    ] as const) {
      expect(runSteps({ program, scenario: shared }, [read(0), call])).toMatchObject({ kind: 'refused', refusal: { code } });
      expect(sessionOf(shared).enter([read(0), call])).toMatchObject({ kind: 'refused', refusal: { code } });
    }
  });

  it('fills, allocates, poisons and looks up', () => {
    const filled = run(hidden, [step('populate', { gfn: 0, count: 4, token: 3 }), guestRead(1), step('mincore', { index: 0 })]);
    expect(values(filled)).toEqual([0, 0, 0]);
    expect(kinds(filled).flat()).toEqual([]);
    expect(filled.final.reading).toEqual({ reader: 'nobody', index: 0, word: 0, expected: 0 });
    const poisoned = run(shared, [
      step('allocate', { offset: 0, length: 4 * PAGE }),
      step('poison', { index: 1 }),
      read(1),
      toPrivate(1, 1),
      guestRead(1),
    ]);
    expect(values(poisoned)).toEqual([0, 0, -133, 0, -133]);
    expect(poisoned.final.holds).toEqual([{ kind: 'poison', pfn: 0x40001, index: 1 }]);
  });

  it('fails one allocation of a step where it is told to', () => {
    const failed = run(hidden, [{ ...guestWrite(0, 1), failing: 1 }, guestWrite(0, 1)]);
    expect(values(failed)).toEqual([-12, 0]);
    expect(kinds(failed).flat()).toEqual([]);
  });

  it.each(defects)('meets it: $name', ({ scenario, steps, kinds: wanted, message, at }) => {
    const met = run(scenario, steps);
    expect(met.outcomes).toHaveLength(steps.length);
    expect(kinds(met).slice(0, -1).flat()).toEqual([]);
    const last = met.outcomes.at(-1)!.findings;
    expect(last.map((finding) => finding.kind)).toEqual(wanted);
    expect(last.filter((finding) => message.test(finding.message)).map((finding) => finding.function)).toEqual([at]);
  });

  it.each(defects)('does not where that alone is mended: $name', ({ scenario, steps, mend, message }) => {
    const { outcomes } = run(scenario, steps, mended(mend));
    expect(outcomes.flatMap((outcome) => outcome.findings).filter((finding) => message.test(finding.message))).toEqual([]);
    expect(outcomes).toHaveLength(steps.length);
  });

  it('leaves no leaf where a fault meets a conversion, and meets the split of a page that the fault still has', () => {
    const session = sessionOf(hidden);
    const leaves = new Set<number>();
    const kindsMet = new Set<string>();
    eachSchedule(session, [guestWrite(0, 1), toShared(0, 4)], 2, () => {
      leaves.add(session.state().leaves.length);
      for (const finding of session.machine.findings()) kindsMet.add(finding.kind);
    });
    expect([...leaves]).toEqual([0]);
    // The fault has a reference of the folio and neither its lock nor the mutex of the block: the split sets the count over it.
    expect([...kindsMet]).toEqual(expect.arrayContaining(['warn-on', 'ref-underflow']));
  });

  it('meets a fault that has its page already while a hole is punched over it', () => {
    const session = sessionOf(shared);
    const kindsMet = new Set<string>();
    eachSchedule(session, [write(0, 7), punch(0, 4)], 2, () => {
      for (const finding of session.machine.findings()) kindsMet.add(`${finding.kind} ${finding.function}`);
    });
    expect([...kindsMet]).toContain('bug-on kvm_gmem_hugetlb_filemap_remove_folio');
  });

  function sessionOf(scenario: Scenario): StepSession {
    const outcome = createStepSession({ program, scenario });
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }

  /** Every schedule with at most so many switches away from a task that could go on. */
  function eachSchedule(session: StepSession, calls: readonly StepCall[], switches: number, each: () => void): void {
    const { machine } = session;
    expect(session.enter(calls).kind).toBe('done');
    const visit = (left: number): void => {
      while (!machine.run(1_000_000) || machine.choice() !== null) {
        const choice = machine.choice();
        if (choice === null) continue;
        if (choice.kind !== 'task' || left === 0) {
          machine.decide(choice.usual);
          continue;
        }
        const mark = machine.mark();
        choice.options.forEach((_, option) => {
          machine.restore(mark);
          machine.decide(option);
          visit(option === choice.usual ? left : left - 1);
        });
        machine.release(mark);
        return;
      }
      each();
    };
    visit(switches);
  }
});
