/**
 * Defects of the series that take a few operations: each is found by searching sequences on the patched tree, its sequence shows it again, and
 * it is gone where that defect alone is mended in a copy of the file.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { buildTreeIndex, type TreeIndex } from '../../../src/kernel-c/tree-index';
import type { SequenceFindingView, SequenceReport } from '../../../src/protocol/exploration';
import { exploreStepsOf } from '../../../src/review/explore-steps';
import { programForSteps, runSteps } from '../../../src/review/run-steps';
import { defaultScenario } from '../../../src/scenario/defaults';
import { diskTree } from '../../../src/worktree/disk-tree';
import { mendedTree, type Mending, reindexed } from './mended-tree';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';

interface Defect {
  readonly name: string;
  readonly kind: string;
  readonly message: RegExp;
  /** The step in which it shows. */
  readonly last: string;
  /** Says of a sequence that its finding is this defect; left out: each is. */
  readonly isAmong?: (sequence: SequenceFindingView['sequence']) => boolean;
  readonly blocks: number;
  /** What hides it, and is mended before it is looked for. */
  readonly behind?: Mending;
  readonly mend: Mending;
}

/** Operations of a sequence, by blocks. */
const STEPS: Readonly<Record<number, number>> = { 1: 4, 2: 3 };
const SPLIT = 'kvm_gmem_split_folio_in_filemap';

const SPLIT_KEEPS_PREPARED: Mending = [
  [SPLIT, /folio_get\(folio\);/, 'bool prepared = folio_test_uptodate(folio); folio_get(folio);'],
  [SPLIT, /(htlb_alloc_mask\(h\)\);\s*)(if \(ret\) \{\s*\/\*)/, '$1if (!ret && prepared) kvm_gmem_mark_prepared(folio); $2'],
];

const defects: readonly Defect[] = [
  {
    name: 'a pinned page is in a block that a hole takes away',
    kind: 'null-deref',
    message: /NULL pointer/,
    last: 'punch',
    blocks: 1,
    mend: [
      [
        'kvm_gmem_hugetlb_filemap_remove_folios',
        /(kvm_gmem_reconstruct_folio_in_filemap\(h, folio\));/,
        'if ($1) { hugetlb_fault_mutex_unlock(hash); continue; }',
      ],
    ],
  },
  {
    name: 'a hole smaller than a huge page zeroes all of it',
    kind: 'invariant',
    message: /^content: Data loss: .* zero now/,
    last: 'punch',
    blocks: 1,
    mend: [
      ['kvm_gmem_hugetlb_truncate_range', /lstart,\s*full_hpage_start\);/, 'lstart, min(full_hpage_start, lend));'],
      [
        'kvm_gmem_hugetlb_truncate_range',
        /if \(lend > full_hpage_end\)/,
        'if (lend > full_hpage_end && full_hpage_end >= full_hpage_start)',
      ],
    ],
  },
  {
    name: 'taking back a conversion makes pages faultable that were private before it',
    kind: 'invariant',
    message: /^isolation: .* private to the guest and mapped/,
    last: 'host-fault',
    blocks: 1,
    mend: [
      [
        'kvm_gmem_should_set_attributes',
        /if \(ret\)\s*WARN_ON\([^;]*\);/,
        `if (ret) {
          gfn_t gfn;
          for (gfn = start; gfn < end; ++gfn)
            kvm_gmem_try_set_faultable_vm(kvm, gfn, gfn + 1, !(kvm_get_memory_attributes(kvm, gfn) & KVM_MEMORY_ATTRIBUTE_PRIVATE));
        }`,
      ],
    ],
  },
  {
    name: 'a hole behind the first block leaves its pages mapped',
    kind: 'bug-on',
    message: /mapped into user space/,
    last: 'punch',
    blocks: 2,
    mend: [['kvm_gmem_punch_hole', /unmap_mapping_range\(inode->i_mapping, start,/, 'unmap_mapping_range(inode->i_mapping, offset,']],
  },
  {
    name: 'a split forgets that the pages were prepared',
    kind: 'invariant',
    message: /^content: Data loss: The guest reads zero/,
    last: 'guest-fault',
    // Pages that were private already are forgotten, too, when a range around them becomes private: that is the next defect.
    isAmong: (sequence) => !sequence.some(({ step, arguments: args }) => step === 'convert' && args['private'] === 1),
    blocks: 1,
    mend: SPLIT_KEEPS_PREPARED,
  },
  {
    name: 'a conversion forgets of its whole range that it was prepared, also of pages that were private before',
    kind: 'invariant',
    message: /^content: Data loss: The guest reads zero/,
    last: 'guest-fault',
    blocks: 1,
    behind: SPLIT_KEEPS_PREPARED,
    mend: [
      // Only pages whose attribute changes are forgotten, each for itself; a merge keeps what its pages hold.
      ['kvm_gmem_clear_prepared_vm', /lockdep_assert_held\(&kvm->slots_lock\);/, 'if (end - start > 1) return;'],
      [
        'kvm_gmem_should_set_attributes',
        /return ret;/,
        `if (!ret)
          for (gfn_t gfn = start; gfn < end; ++gfn)
            if (kvm_get_memory_attributes(kvm, gfn) != attrs) kvm_gmem_clear_prepared_vm(kvm, gfn, gfn + 1);
        return ret;`,
      ],
      [
        'kvm_gmem_clear_prepared_range',
        /kvm_gmem_clear_prepared\(folio\);\s*index = folio_next_index\(folio\);/,
        `if (folio_nr_pages(folio) > 1) clear_highpage(folio_page(folio, index - folio->index));
        else kvm_gmem_clear_prepared(folio);
        ++index;`,
      ],
      [
        'kvm_gmem_reconstruct_folio_in_filemap',
        /folio_get\(folio\);/,
        'if (!folio_test_uptodate(folio)) clear_highpage(folio_page(folio, 0)); folio_get(folio);',
      ],
      [
        'kvm_gmem_reconstruct_folio_in_filemap',
        /folio_unlock\(first_folio\);/,
        'kvm_gmem_mark_prepared(first_folio); folio_unlock(first_folio);',
      ],
    ],
  },
  {
    name: 'a block that becomes private page by page stays split',
    kind: 'invariant',
    message: /^merged-when-private/,
    last: 'convert',
    blocks: 1,
    mend: [
      ['kvm_gmem_try_reconstruct_folios_range', /round_up\(start,/, 'round_down(start,'],
      ['kvm_gmem_try_reconstruct_folios_range', /round_down\(end,/, 'round_up(end,'],
    ],
  },
  {
    name: 'a reference that is no pin keeps its way to a page that becomes private',
    kind: 'invariant',
    message: /^isolation: .* has a reference/,
    last: 'convert',
    blocks: 1,
    mend: [
      [
        'kvm_gmem_no_mappings_range',
        /folio_mapped\(folio\) \|\|/,
        'folio_mapped(folio) || folio_ref_count(folio) > folio_nr_pages(folio) + 1 ||',
      ],
    ],
  },
];

/** Lets the runner hear of it: each test keeps its thread busy to the end. */
afterEach(async () => await new Promise((resolve) => setTimeout(resolve, 0)));

describe.skipIf(directory === '')('defects of sequences', () => {
  const tree = diskTree(directory);
  const index = buildTreeIndex(tree);

  function explored(blocks: number, of: SourceTree, at: TreeIndex): SequenceReport {
    const plain = { ...defaultScenario, order: 2, blocks, folios: 'absent' as const };
    const starts = [
      { name: 'all-private', scenario: plain },
      { name: 'all-shared', scenario: { ...plain, faultable: 'all' as const } },
    ];
    const program = programForSteps(of, at);
    if (program.kind !== 'done') throw new Error(JSON.stringify(program));
    const outcome = exploreStepsOf(program.value, { starts, steps: STEPS[blocks] ?? 0, stepsWithFailure: 0 }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }
  const found = (report: SequenceReport, defect: Defect): SequenceFindingView | undefined =>
    report.findings.find(
      (each) =>
        each.kind === defect.kind &&
        defect.message.test(each.message) &&
        each.sequence.at(-1)?.step === defect.last &&
        defect.isAmong?.(each.sequence) !== false,
    );

  const reports = new Map<number, SequenceReport>();
  beforeAll(() => {
    for (const blocks of [1, 2]) reports.set(blocks, explored(blocks, tree, index));
  }, 120_000);

  it.each(defects)(
    'finds it: $name',
    (defect) => {
      const of = defect.behind === undefined ? tree : mendedTree(tree, defect.behind);
      const at = defect.behind === undefined ? index : reindexed(index, of);
      const report = defect.behind === undefined ? reports.get(defect.blocks)! : explored(defect.blocks, of, at);
      const finding = found(report, defect);
      expect(finding).toBeDefined();
      const program = programForSteps(of, at);
      if (program.kind !== 'done') throw new Error(JSON.stringify(program));
      const { scenario } = report.searches.find((search) => search.state === finding!.state)!;
      const calls = finding!.sequence.map(({ step, arguments: args, failing }) => ({ step, arguments: args, failing }));
      const run = runSteps({ program: program.value, scenario }, calls);
      if (run.kind !== 'done') throw new Error(JSON.stringify(run));
      expect(run.value.outcomes.at(-1)?.findings.map((each) => `${each.kind} ${each.message}`)).toContain(
        `${finding!.kind} ${finding!.message}`,
      );
    },
    60_000,
  );

  it.each(defects)(
    'does not find it where it is mended: $name',
    (defect) => {
      const mended = mendedTree(tree, [...(defect.behind ?? []), ...defect.mend]);
      const report = explored(defect.blocks, mended, reindexed(index, mended));
      expect(found(report, defect)).toBeUndefined();
      expect(report.because).toEqual([]);
      expect(report.searches.map((search) => search.complete)).toEqual([STEPS[defect.blocks], STEPS[defect.blocks]]);
    },
    60_000,
  );

  it('finds nothing in a life that goes well, but for the unlock of a folio that may be freed', () => {
    const program = programForSteps(tree, index);
    if (program.kind !== 'done') throw new Error(JSON.stringify(program));
    const block = { first: 0, count: 4 };
    const life = [
      { step: 'guest-fault', arguments: { gfn: 0, private: 1, access: 3, token: 1 } },
      { step: 'convert', arguments: { ...block, private: 0 } },
      { step: 'host-fault', arguments: { index: 1, access: 3, token: 1 } },
      { step: 'host-unmap', arguments: block },
      { step: 'convert', arguments: { ...block, private: 1 } },
      { step: 'guest-fault', arguments: { gfn: 2, private: 1, access: 3, token: 1 } },
      { step: 'punch', arguments: { offset: 0, length: 4 * 4096 } },
      { step: 'close', arguments: {} },
    ];
    const run = runSteps({ program: program.value, scenario: { ...defaultScenario, order: 2, folios: 'absent' } }, life);
    if (run.kind !== 'done') throw new Error(JSON.stringify(run));
    expect(run.value.outcomes.map((outcome) => outcome.value)).toEqual(life.map(() => 0));
    expect(run.value.outcomes.flatMap((outcome) => outcome.findings.map((each) => `${each.kind} ${each.function}`))).toEqual([
      'use-after-free kvm_gmem_hugetlb_filemap_remove_folio',
    ]);
  });
});
