import { describe, expect, it } from 'vitest';
import { subjectParts } from '../../../src/series/subject';

describe('subjectParts', () => {
  it.each([
    [
      '[RFC PATCH v2 03/39] mm: x',
      { revision: 2, number: 3, total: 39, prefix: 'RFC PATCH', title: 'mm: x', patch: true, reply: false, numbered: true },
    ],
    ['[PATCH bpf-next 1/2] x', { revision: 1, number: 1, total: 2, prefix: 'PATCH bpf-next', title: 'x' }],
    ['[PATCH] x', { number: 1, total: 1, numbered: false, patch: true }],
    ['[PATCHv3 0/4] x', { revision: 3, number: 0, total: 4, prefix: 'PATCH' }],
    ['[PATCH v2.1 3/4] x', { revision: 2, number: 3 }],
    ['[kvm-unit-tests PATCH v10 07/12] x', { revision: 10, number: 7, total: 12, prefix: 'kvm-unit-tests PATCH' }],
    ['[tree][PATCH 1/1] x [y]', { prefix: 'tree PATCH', title: 'x [y]' }],
    ['[RFC v2] x', { revision: 2, patch: true, prefix: 'RFC' }],
    ['Re: [PATCH 1/2] x', { reply: true, number: 1, total: 2, title: 'x' }],
    ['RE: AW: Re[2]: [PATCH 1/2] x', { reply: true, title: 'x' }],
    ['Fwd: [PATCH 1/2] x', { reply: true }],
    ['Regarding the PATCH', { reply: false, patch: false, title: 'Regarding the PATCH' }],
    ['[ANNOUNCE] 2024/10 meeting', { patch: false, numbered: false }],
    ['[PATCH 10/2024] x', { numbered: false, total: 1 }],
    ['[PATCH 5/2] x', { numbered: false }],
    ['', { title: '', patch: false }],
  ])('reads %j', (subject, parts) => {
    expect(subjectParts(subject)).toMatchObject(parts);
  });
});
