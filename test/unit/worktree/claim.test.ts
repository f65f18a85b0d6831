import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimed } from '../../../src/worktree/claim';
import { scratch } from './scratch';

describe('a claim', () => {
  it('holds until it is released', () => {
    const place = join(scratch(), 'tree');
    const release = claimed(place);
    expect(release).not.toBeNull();
    expect(claimed(place)).toBeNull();
    release?.();
    const again = claimed(place);
    expect(again).not.toBeNull();
    again?.();
    expect(existsSync(place)).toBe(false);
    expect(readdirSync(join(place, '..'))).toEqual([]);
  });

  it('of a process that is gone, or of none, does not hold', () => {
    const home = scratch();
    for (const owner of ['999999999', 'nobody', '']) {
      writeFileSync(join(home, '.tree.opening'), owner);
      const release = claimed(join(home, 'tree'));
      expect(release).not.toBeNull();
      release?.();
    }
  });
});
