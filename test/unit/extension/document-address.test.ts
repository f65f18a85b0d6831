import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  commitAddress,
  type CommitAddress,
  commitParts,
  mailAddress,
  type MailAddress,
  mailParts,
} from '../../../src/extension/document-address';

describe('the address of a file at a commit', () => {
  const address: CommitAddress = { worktree: '/w t/ü', commit: 'abc1234', patch: 3, side: 'old', file: 'mm/hugetlb.c' };

  it('comes back as it was', () => {
    expect(commitAddress(commitParts(address))).toEqual(address);
    expect(commitParts(address).path).toBe('/mm/hugetlb.c');
  });

  it('is different for the same commit on the right of a patch and on the left of the next', () => {
    expect(commitParts(address).query).not.toBe(commitParts({ ...address, patch: 2, side: 'new' }).query);
  });

  it('is none where parts are missing or wrong', () => {
    for (const query of [
      '',
      'null',
      '[]',
      '{"worktree":1}',
      JSON.stringify({ ...address, side: 'both' }),
      JSON.stringify({ ...address, patch: '3' }),
    ])
      expect(commitAddress({ path: '/mm/hugetlb.c', query })).toBeUndefined();
    expect(commitAddress({ ...commitParts(address), path: '/' })).toBeUndefined();
  });
});

describe('the address of a mail', () => {
  const message: MailAddress = { kind: 'message', series: 'cover@x', message: 'a/b@x' };

  it('comes back as it was, whatever its title', () => {
    fc.assert(
      fc.property(fc.string(), (title) => {
        const parts = mailParts(message, title);
        expect(mailAddress(parts)).toEqual(message);
        expect(parts.path).toMatch(/^\/folioscope-mail\/[^/\\]+$/s);
        expect(parts.path.endsWith('/..')).toBe(false);
      }),
    );
  });

  it('tells a reply from a mail', () => {
    const reply: MailAddress = { kind: 'reply', series: 'cover@x', patch: 0 };
    expect(mailAddress(mailParts(reply, 'Reply'))).toEqual(reply);
  });

  it('never throws on a query from outside', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (query) => void mailAddress({ path: '/x', query })));
  });
});
