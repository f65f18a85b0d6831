/**
 * Defects of the series that reviewers, its authors or readers have told: each is found by exploring one function of the patched tree, its
 * witness replays, and it is gone where that defect alone is mended in a copy of the file.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { SourceTree } from '../../../src/kernel-c/source-tree';
import { buildTreeIndex, type TreeIndex } from '../../../src/kernel-c/tree-index';
import type { ExplorationReport, ExploredFinding } from '../../../src/protocol/exploration';
import { exploreFunction } from '../../../src/review/explore';
import { simulateFunction } from '../../../src/review/simulate';
import { namedStates, stateAt } from '../../../src/scenario/named-states';
import { diskTree } from '../../../src/worktree/disk-tree';
import { mendedTree, type Mending, reindexed } from './mended-tree';

const directory = process.env['FOLIOSCOPE_TREE'] ?? '';

interface Defect {
  readonly name: string;
  /** The function that is explored. */
  readonly explore: string;
  readonly kind: string;
  /** Where the finding is. */
  readonly at: string;
  /** Turns the file into one in which this defect alone is mended. */
  readonly mend: Mending;
}

const defects: readonly Defect[] = [
  {
    name: 'the fault handler takes an error pointer for a folio',
    explore: 'kvm_gmem_fault',
    kind: 'err-ptr-deref',
    at: 'kvm_gmem_fault',
    mend: [['kvm_gmem_fault', /if \(!folio\)/, 'if (IS_ERR(folio))']],
  },
  {
    name: 'a folio that could not be added to the page cache is used as if it were there',
    explore: 'kvm_gmem_get_folio',
    kind: 'null-deref',
    at: 'kvm_gmem_maybe_split_folio',
    mend: [['kvm_gmem_hugetlb_alloc_and_cache_folio', /WARN_ON\(ret\);/, 'if (ret) { folio_put(folio); return ERR_PTR(ret); }']],
  },
  {
    name: 'a split that fails leaves the folio locked, and its caller waits for that lock',
    explore: 'kvm_gmem_get_folio',
    kind: 'self-deadlock',
    at: 'kvm_gmem_hugetlb_filemap_remove_folio',
    mend: [
      ['kvm_gmem_split_folio_in_filemap', /(htlb_alloc_mask\(h\)\);\s*)(folio_put\(folio\);\s*return ret;)/, '$1folio_unlock(folio); $2'],
    ],
  },
  {
    name: 'a split that fails half-way loses the pages that were not added yet',
    explore: 'kvm_gmem_split_folio_in_filemap',
    kind: 'leak-ref',
    at: 'kvm_gmem_split_folio_in_filemap',
    mend: [
      [
        'kvm_gmem_split_folio_in_filemap',
        /(if \(ret\) \{\s*\/\*[^*]*\*\/\s*WARN_ON\(ret\);)/,
        '$1 for (; i < pages_per_huge_page(h); ++i) folio_put(page_folio(nth_page(first_subpage, i)));',
      ],
    ],
  },
  {
    name: 'what a split saved is given up before the merge can fail, and cannot always be saved again',
    explore: 'kvm_gmem_hugetlb_reconstruct_folio',
    kind: 'wild-pointer',
    at: 'kvm_gmem_hugetlb_unstash_metadata',
    mend: [
      ['kvm_gmem_hugetlb_reconstruct_folio', /ret = kvm_gmem_hugetlb_unstash_metadata\(folio\);\s*if \(ret\)\s*return ret;/, ''],
      [
        'kvm_gmem_hugetlb_reconstruct_folio',
        /kvm_gmem_hugetlb_stash_metadata\(folio\);(\s*return -ENOMEM;\s*\})/,
        '$1 ret = kvm_gmem_hugetlb_unstash_metadata(folio); if (ret) return ret;',
      ],
    ],
  },
  {
    name: 'a huge page size that no hstate has',
    explore: 'kvm_gmem_hugetlb_setup',
    kind: 'null-deref',
    at: 'huge_page_size',
    mend: [['kvm_gmem_hugetlb_setup', /(h = hstate_sizelog\(page_size_log\);)/, '$1 if (!h) { kfree(hgmem); return -EINVAL; }']],
  },
];

/** Lets the runner hear of it: each test keeps its thread busy to the end. */
afterEach(async () => await new Promise((resolve) => setTimeout(resolve, 0)));

describe.skipIf(directory === '')('defects of one function', () => {
  const tree = diskTree(directory);
  const index = buildTreeIndex(tree);
  const states = namedStates.map((each) => ({ name: each.name, scenario: stateAt(each, 2) }));

  function explored(name: string, of: SourceTree, at: TreeIndex): ExplorationReport {
    const outcome = exploreFunction(of, at, { function: name, states }, unwatched);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return outcome.value;
  }
  const found = (report: ExplorationReport, defect: Defect): ExploredFinding | undefined =>
    report.findings.find((finding) => finding.kind === defect.kind && finding.function === defect.at);

  it.each(defects)('finds it: $name', (defect) => {
    const report = explored(defect.explore, tree, index);
    const finding = found(report, defect);
    expect(report.verdict).toBe('violated');
    expect(finding).toBeDefined();
    const { scenario, choices, then } = finding!;
    const replay = simulateFunction(tree, index, { function: defect.explore, scenario, choices, then }, unwatched);
    if (replay.kind !== 'done') throw new Error(JSON.stringify(replay));
    expect(replay.value.findings).toContainEqual(expect.objectContaining({ kind: defect.kind, function: defect.at, line: finding!.line }));
  });

  it.each(defects)('does not find it where it is mended: $name', (defect) => {
    const mended = mendedTree(tree, defect.mend);
    const report = explored(defect.explore, mended, reindexed(index, mended));
    expect(report.findings.map((finding) => `${finding.kind} ${finding.function}`)).not.toContain(`${defect.kind} ${defect.at}`);
    expect(report.paths).toBeGreaterThan(1);
  });

  it.each([
    ['kvm_gmem_hugetlb_split_folio', "what fails half-way is put right again; the damage is its caller's"],
    ['kvm_gmem_hugetlb_alloc_folio', 'charges and the subpool are given back when there is no huge page'],
  ])('finds nothing in %s: %s', (name) => {
    const report = explored(name, tree, index);
    expect(report).toMatchObject({ verdict: 'held', findings: [], unknowns: [] });
    expect(report.paths).toBeGreaterThan(10);
  });
});
