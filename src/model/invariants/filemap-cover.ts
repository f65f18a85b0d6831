/** A block of a file is empty, one folio, or all its pages. */
import { ORPHAN, SPLIT } from '../host/state';
import { blockRange, host4, made, referenced, toPrivate, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const filemapCover: Invariant = {
  name: 'FILEMAP-COVER',
  statement: 'Every block is empty, whole, or split with all its pages present, contiguous and aligned.',
  label: 'code',
  source: 'patch 39; v2 guest_memfd.c',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  outline: (_host, { file, block, index }) => {
    if (file.order === 0) return null;
    if (block.state === ORPHAN) return `The pages of block ${index} are out of the file, and not given back.`;
    return block.state === SPLIT && (block.pfn < 0 || block.pfn % file.blockPages !== 0)
      ? `Block ${index} is split over frames that are not contiguous and aligned.`
      : null;
  },
  held: [{ what: 'split and merged', spec: host4('B'), operations: [...made(), written(), toShared(7), toPrivate(7)] }],
  violated: [
    {
      what: 'a plain reference at the merge (A-3)',
      spec: host4('A'),
      operations: [...made(), written(), toShared(7), referenced(7), toPrivate(0, blockRange(0).to)],
    },
  ],
};
