/** What a page of a file is, in words: what is shown and spoken at the map's cursor. */
import type { FileExtent, FolioReferences } from '../model/host/host-model';
import type { CursorFacts } from '../protocol/scenario-page';

const SIZES = new Map([
  [0, '4K'],
  [9, '2M'],
  [18, '1G'],
]);
export const sizeOfOrder = (order: number): string => SIZES.get(order) ?? `order ${order}`;

export function factsOf(extent: FileExtent, page: number, references: FolioReferences | null): CursorFacts {
  const hasMemory = extent.owner !== 'buddy';
  const rows = [
    { name: 'block', value: extent.block },
    { name: 'folio', value: hasMemory ? sizeOfOrder(extent.folioOrder) : 'none' },
    { name: 'pfn', value: extent.pfn < 0 ? 'none' : `0x${(extent.pfn + page - extent.from).toString(16)}` },
    { name: 'type', value: extent.type },
    { name: 'owner', value: extent.owner },
    { name: 'sharing', value: extent.sharing },
    { name: 'attribute', value: extent.attribute },
    { name: 'content', value: extent.contentOf === '' ? extent.content : `${extent.content} of ${extent.contentOf}` },
    { name: 'prepared', value: yes(extent.prepared) },
    { name: 'HVO', value: yes(extent.hvo) },
    { name: 'poisoned', value: yes(extent.poisoned) },
    { name: 'user PTEs', value: String(extent.mapped) },
    { name: 'pins', value: String(extent.pinned) },
    { name: 'references', value: String(extent.references) },
    { name: 'stage 2', value: extent.stage2 < 0 ? 'not mapped' : sizeOfOrder(extent.stage2) },
  ];
  return { from: extent.from, to: extent.to, rows, references };
}

const yes = (value: boolean): string => (value ? 'yes' : 'no');
