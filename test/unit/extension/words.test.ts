import { describe, expect, it } from 'vitest';
import { linesText, nameOf, replyTree, shortened } from '../../../src/extension/words';

const mail = (id: string, inReplyTo: string) => ({ id, inReplyTo, from: '', subject: '', date: '' });

describe('replyTree', () => {
  it('nests by what each mail answers', () => {
    const tree = replyTree([mail('a', 'patch'), mail('b', 'a'), mail('c', 'b'), mail('d', 'patch')]);
    expect(tree.map((node) => node.message.id)).toEqual(['a', 'd']);
    expect(tree[0]!.replies.map((node) => [node.message.id, node.replies.map((one) => one.message.id)])).toEqual([['b', ['c']]]);
  });

  it('keeps a mail that answers itself, and both of two that answer each other', () => {
    const ids = replyTree([mail('x', 'x'), mail('a', 'b'), mail('b', 'a')]).map((node) => node.message.id);
    expect(ids.sort()).toEqual(['a', 'b', 'x']);
  });

  it('shows a mail that came twice once', () => {
    expect(replyTree([mail('a', 'p'), mail('a', 'p')])).toHaveLength(1);
  });
});

describe('short texts', () => {
  it('takes the name of a sender', () => {
    expect(nameOf('"Surname, Given" <a@b>')).toBe('Surname, Given');
    expect(nameOf('Some One <a@b>')).toBe('Some One');
    expect(nameOf('<a@b>')).toBe('a@b');
    expect(nameOf('a@b')).toBe('a@b');
  });

  it('says nothing of lines that are not there', () => {
    expect(linesText({ additions: 3, deletions: 0 })).toBe('+3');
    expect(linesText({ additions: 3, deletions: 7 })).toBe('+3 −7');
    expect(linesText({ additions: 0, deletions: 0 })).toBe('±0');
  });

  it('cuts only what is too long', () => {
    expect(shortened('twelve chars', 12)).toBe('twelve chars');
    expect(shortened('thirteen chars', 9)).toBe('thirteen…');
  });
});
