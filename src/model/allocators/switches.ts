/** The switches that several designs share, and the ones a model is made with. */
import type { SwitchSpec } from '../host/host-spec';
import type { ClaimLabel } from '../host/host-model';
import type { SwitchDefinition } from './allocator';

/** A defect of model-facts §2: as the code was posted, or as it was meant. */
export function defect(
  name: string,
  meaning: string,
  label: ClaimLabel,
  source: string,
  usual: 'as-written' | 'as-intended',
): SwitchDefinition {
  const other = usual === 'as-written' ? 'as-intended' : 'as-written';
  return { name, values: [usual, other], meaning, label, source };
}

export const SPLIT: SwitchDefinition = {
  name: 'split',
  values: ['direct', 'two-level'],
  meaning: 'direct: 1G to 4K in one step; two-level: to 2M first, and only the 2M that are shared to 4K.',
  label: 'thread',
  source: 'cover letter, LPC 2025',
};

export const MERGE: SwitchDefinition = {
  name: 'merge',
  values: ['eager', 'fault', 'timer', 'complete'],
  meaning:
    'When a block of which nothing is shared any more is merged: at once, at the next guest fault in it, after 1 s, or when one conversion covers it whole.',
  label: 'thread',
  source: 'cover letter, "lazy" in its list of what is to do',
};

export const STAGE2_CAP: SwitchDefinition = {
  name: 'stage2-cap',
  values: ['by-type', '4K', '2M', '1G'],
  meaning: 'Largest stage-2 leaf; by-type: 2M for SNP and TDX, none for others.',
  label: 'code',
  source: 'kvm private_max_mapping_level; Yan 2025-08-07',
};

export const MEMFAIL: SwitchDefinition = {
  name: 'memfail',
  values: ['as-written', 'as-designed'],
  meaning: 'Whether a memory error reaches the file’s own error_folio().',
  label: 'derived',
  source: 'mm/memory-failure.c of 6.12.117',
};

export const SLAB: SwitchDefinition = {
  name: 'slab',
  values: ['uncounted', 'counted'],
  meaning: 'Whether filemap nodes and stashes take pages of the nodes: 597 for each split 1G.',
  label: 'assumption',
  source: 'model-facts §3.4, reserve for guaranteed conversion',
};

export const ZEROING: SwitchDefinition = {
  name: 'zeroing',
  values: ['by-design', 'by-type', 'never', 'always'],
  meaning: 'What a conversion does to the content of its pages; by-type: SNP and SW_PROTECTED are zeroed, TDX, pKVM and Gunyah are not.',
  label: 'thread',
  source: 'Ackerley 2024-10-03',
};

export const ALIGNMENT: SwitchDefinition = {
  name: 'alignment',
  values: ['cap', 'refuse', 'unchecked'],
  meaning: 'A slot whose guest frames and file offset do not agree: its leaves are capped, it is refused, or nobody looks.',
  label: 'code',
  source: 'v2 31/51; Ackerley 2025-05-06',
};

/** Values of a design's switches. Shape: null and the switch that the design does not have, or does not have so. */
export function choicesOf(
  definitions: readonly SwitchDefinition[],
  wanted: readonly SwitchSpec[],
): { readonly choices: ReadonlyMap<string, string>; readonly unknown: SwitchSpec | null } {
  const choices = new Map(definitions.map(({ name, values }) => [name, values[0] ?? '']));
  for (const each of wanted) {
    const definition = definitions.find(({ name }) => name === each.name);
    if (!definition?.values.includes(each.value)) return { choices, unknown: each };
    choices.set(each.name, each.value);
  }
  return { choices, unknown: null };
}
