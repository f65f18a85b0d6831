import { describe, expect, it } from 'vitest';
import {
  lineOfRemark,
  type RemarkDraft,
  remarkOf,
  withEditedRemark,
  withoutRemark,
  withRemark,
  withSavedRemark,
} from '../../../src/review/remarks';

const draft = (parts: Partial<RemarkDraft> = {}): RemarkDraft => ({
  series: 's',
  patch: 1,
  file: 'x.c',
  side: 'new',
  line: 10,
  context: 'x = 1;',
  body: 'Why?',
  written: '2024-09-12T09:00:00Z',
  ...parts,
});

describe('lists of remarks', () => {
  it('gives the same draft the same id, and every other one another', () => {
    const ids = [
      draft(),
      draft({ body: 'How?' }),
      draft({ line: 11 }),
      draft({ written: '2024-09-12T09:00:01Z' }),
      draft({ side: 'old' }),
    ].map((one) => remarkOf(one).id);
    expect(new Set(ids).size).toBe(5);
    expect(remarkOf(draft()).id).toBe(ids[0]);
  });

  it('keeps them in order, each once', () => {
    const list = [draft({ patch: 2 }), draft({ line: 11 }), draft({ file: 'a.c' }), draft(), draft()].reduce(withRemark, []);
    expect(list.map((one) => [one.patch, one.file, one.line])).toEqual([
      [1, 'a.c', 10],
      [1, 'x.c', 10],
      [1, 'x.c', 11],
      [2, 'x.c', 10],
    ]);
  });

  it('changes and deletes by id, and leaves the list alone for an id that is not there', () => {
    const list = [draft(), draft({ line: 11 })].reduce(withRemark, []);
    const id = list[0]!.id;
    expect(withEditedRemark(list, id, 'New.').map((one) => one.body)).toEqual(['New.', 'Why?']);
    expect(withEditedRemark(list, id, 'New.')[0]!.id).toBe(id);
    expect(withoutRemark(list, id)).toEqual([list[1]]);
    expect(withoutRemark(list, 'none')).toEqual(list);
    expect(withSavedRemark(list, { ...list[0]!, line: 12 }).map((one) => one.line)).toEqual([11, 12]);
  });
});

describe('lineOfRemark', () => {
  const lines = ['a;', 'x = 1;', 'b;', '', 'x  =  1;', 'c;'];
  it.each([
    [2, 'x = 1;', 2],
    [5, '\tx = 1;', 5],
    [4, 'x = 1;', 5],
    [3, 'x = 1;', 2],
    [500, 'x = 1;', 5],
    [1, 'gone;', null],
    [4, '', 4],
    [9, '', null],
  ])('finds line %i that read %j at %j', (line, context, found) => {
    expect(lineOfRemark(lines, { line, context })).toBe(found);
  });
});
