/** The flag "optimised" tells what the vmemmap is. */
import { WHOLE } from '../host/state';
import { host4, made, toPrivate, toShared, written } from './examples';
import { ALL, type Invariant } from './invariant';

export const hvoFlagIsState: Invariant = {
  name: 'HVO-FLAG=STATE',
  statement: 'A folio is flagged as optimised exactly where its tail vmemmap is shared.',
  label: 'code',
  source: 'mm/hugetlb_vmemmap.c',
  holdsFor: ALL,
  kind: 'safety',
  oncePer: 'block',
  outline: (_host, { file, block, index }) =>
    file.order > 0 && block.state === WHOLE && block.hvoFlag !== block.hvo
      ? `Block ${index} is flagged ${block.hvoFlag ? 'as optimised, and its vmemmap is whole' : 'as whole, and its vmemmap is optimised away'}.`
      : null,
  held: [{ what: 'split and merged', spec: host4('B'), operations: [...made(), written(), toShared(7), toPrivate(7)] }],
  violated: [
    {
      what: 'the flag was stashed too early (B-1)',
      spec: host4('B', ['B-1=as-written']),
      operations: [...made(), written(), toShared(7), toPrivate(7)],
    },
  ],
};
