/**
 * In what the model of design A and the C of the patched tree differ, and why; and docs/differences-a.md, which is made of it and of the
 * shipped scenarios.
 */
import { operationsOf, reasonsAgainst } from '../../../src/review/c-scenario-reasons';
import { readGmem } from '../../../src/scenario/gmem/read-gmem';

/** A difference that is known, and where it is met. */
export interface KnownDifference {
  /** Part of the scenario's name. */
  readonly scenario: RegExp;
  readonly step: RegExp;
  readonly what: RegExp;
  readonly reason: string;
}

export const differences: readonly KnownDifference[] = [
  {
    scenario: /./,
    step: /^bind /,
    what: /^error$/,
    reason:
      'In this tree kvm_gmem_bind() never sets its result to 0: the binding stands, and the caller is told -EINVAL. The scenario goes on with the binding. The model binds and says so.',
  },
  {
    scenario: /^SC-26/,
    step: /^guest-fault td gmem0 \[8MiB, 10MiB\)/,
    what: /./,
    reason:
      'The posted dequeue_hugetlb_folio() gives no mask of nodes to its last try, whatever the policy: a task that is bound to a node (MPOL_BIND) gets a huge page of another one. Before the series only a policy that prefers nodes fell back so. The model keeps to the node.',
  },
  {
    scenario: /./,
    step: /^guest-fault guest gmem0 /,
    what: /^stage2$/,
    reason:
      'A slot whose guest frames do not go with the offsets in the file has no large leaves on the C: its user address goes with the offsets, and KVM keeps such a slot to single pages (kvm_alloc_memslot_metadata()). The model has a slot without a user address, where nothing but the order of the folio is asked.',
  },
  {
    scenario: /^Q15d/,
    step: /^create gmem0 for td size 16MiB/,
    what: /./,
    reason:
      'A request that fails leaves resv_huge_pages below zero in both. A file that is larger than what is free is not made all the same: __hugetlb_acct_memory() also holds it against the free huge pages of the nodes that the task may use (allowed_mems_nr()). The model knows no such check.',
  },
  {
    scenario: /seed 9002$/,
    step: /^convert .* to shared$/,
    what: /^poisoned$/,
    reason:
      'A memory error in a whole huge page is noted in its head. After a split the C has the mark on the first page alone, the model on all pages of the huge page.',
  },
  {
    scenario: /seed 9001$/,
    step: /^punch /,
    what: /^error$/,
    reason:
      'Memory failure keeps a reference of the page that failed. Where it is one of a split huge page, the next merge meets it as it meets every reference that is no pin: a hole ends in a NULL dereference, a conversion in -ENOMEM. The model has no such reference.',
  },
];

/** Sequences in which a listed difference is met, beside the shipped scenarios. */
export const sequences: readonly (readonly [seed: number, text: string])[] = [
  [
    9001,
    ['guest-fault td gmem0 all each block', 'convert gmem0 all to shared', 'poison gmem0 page 1', 'punch gmem0 [0, 2MiB)'].join('\n  '),
  ],
  [9002, ['guest-fault td gmem0 all each block', 'poison gmem0 page 0', 'convert gmem0 page 7 to shared'].join('\n  ')],
];

/** A scenario on a file of two huge pages of 2M. */
export const sequenceText = ([seed, steps]: (typeof sequences)[number]): string =>
  [
    `scenario "sequence, seed ${seed}"`,
    '  designs A',
    '  node 0 memory 16GiB pages-2M 3',
    '  vm td type snp',
    '  create gmem0 for td size 4MiB pages 2M',
    '  bind gmem0 to td gpa 0 offset 0 size 4MiB',
    `  ${steps}`,
    '',
  ].join('\n');

export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The page. @param files the shipped scenarios, in order */
export function differencesPage(files: readonly NamedText[]): string {
  const rows = files.flatMap(({ name, text }) =>
    readGmem(text).scenarios.map((scenario) => {
      const reasons = [...new Set(reasonsAgainst(scenario).map(({ what, why }) => `\`${what}\`: ${why}`))];
      const steps = operationsOf(scenario.steps).length;
      return `| ${name.replace('.gmem', '')} | ${cell(scenario.name)} | ${reasons.length === 0 ? `yes, ${steps} steps` : 'no'} | ${cell(reasons.join('; '))} |`;
    }),
  );
  const running = rows.filter((row) => row.includes('| yes,')).length;
  return [
    INTRODUCTION,
    '## Which scenarios run on the C',
    '',
    `${running} of ${rows.length} scenarios run on the C as design A _as written_. Of each of the others the command says the same line by line:`,
    '',
    '| File | Scenario | Runs on the C | Why not |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Differences',
    '',
    'The test holds this list: one that is not listed fails it, and so does one that is listed and is no longer so.',
    '',
    ...differences.map(({ reason }) => `- ${reason}`),
    '',
    REST,
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const INTRODUCTION = `# Where the model of design A and the C differ

<!-- This page is made by scripts/generate-docs.mjs from test/conform/machine/differences.ts and demo/scenarios. -->

Design A _as written_ is the posted series. \`folioscope run FILE --tree DIR\` runs a scenario on its C, and the test
\`test/conform/machine/c-scenarios.test.ts\` runs on both, with huge pages of 2M, every shipped scenario that both can run (also those that are told
of other designs: as if they were of A), and random steps besides: up to two files of two VMs, users of hugetlbfs, and a pool that grows and shrinks.
After each step it compares the error, the counters of the hstate and of the subpools, vmemmap pages, how each block of each file stands, and of each
page: sharing, attribute, what it holds (nothing, zero, someone's data, what someone left behind), whether it counts as prepared, user mappings, stage-2
leaves, pins and references.

Comparing ends where one of them stops (an oops, a deadlock), and where the model says that a count of references was overwritten (\`REF-SAFE\`): from then
on nobody knows whose references are whose.
`;

const REST = `## What comparing has shown

- **A hole that begins where a huge page begins, and ends inside it, zeroes all of it.** \`kvm_gmem_hugetlb_zero_split_pages()\` begins with a piece of no
  length, for which \`kvm_gmem_zero_partial_page()\` takes the end of the folio. The model knew only holes that lie inside a huge page.
- **A task that is bound to a node gets memory of another node.** The rework of \`dequeue_hugetlb_folio()\` loses the mask of nodes for every policy.
- A page of a failed launch update is written before the update fails; the folio does not count as prepared.
- Touching a page that the process has in its page table is no fault, and prepares nothing.
- What KVM mapped through a user address goes with the user's own mapping.

## By construction not compared

- **A guest of type TDX.** The model splits a huge leaf that a conversion touches only in part, as the TDX patches do; the steps on the C zap it as a whole,
  as KVM does for every other guest. Random steps run with guests of type SNP.
- **Files without a memory slot.** KVM knows nothing of them: a guest has no memory there, and a conversion changes attributes alone. The model acts on the
  file. Random steps bind each file first.
- **A launch update (\`populate\`) of pages that are prepared already or are not private.** The C refuses it (-EEXIST, -EINVAL). Random steps populate before
  the guest runs.
- **A shrink of the pool while restoring vmemmap fails once.** The C tries again page by page.
- **Which node a resize takes first.** The C goes on from the node at which the last one ended, the model begins with the first. With two nodes a page that
  is freed later may or may not be one too many on its node: one of some hundred random scenarios over two nodes ends so.
- **What a huge page held when it was in a file before.** The model keeps one word for a huge page of the pool, the C one for each of its pages: where a
  fault or a hole does not zero it again, pages may be zero on the C that the model takes for left behind (two of 700 random scenarios with two files).
- Metrics and the counts of page-cache nodes.
`;
