import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeWhole } from '../../../src/worktree/files';
import {
  dataDirectory,
  forgetOpened,
  listOpened,
  loadRemarks,
  openedById,
  type OpenedSeries,
  recordOpened,
  saveRemarks,
  seriesMail,
  slugOf,
} from '../../../src/worktree/opened';
import { scratch } from './scratch';

const MAIL = Buffer.from('From x\n');

function opening(home: string, name: string, opened: string, id = 'a@b'): OpenedSeries {
  const worktree = join(home, name);
  mkdirSync(worktree, { recursive: true });
  writeFileSync(join(worktree, '.git'), 'gitdir: /nowhere\n');
  const series = { id, title: 'Some: title', revision: 2 };
  return {
    ...series,
    slug: slugOf(series),
    worktree,
    repo: '/clone',
    base: '1'.repeat(40),
    commits: ['2'.repeat(40)],
    full: false,
    digest: 'd',
    opened,
  };
}

describe('the data directory', () => {
  it('is the one that the user names, else that of the desktop', () => {
    expect(dataDirectory({ FOLIOSCOPE_DATA: '/x/y', XDG_DATA_HOME: '/z' })).toBe('/x/y');
    expect(dataDirectory({ XDG_DATA_HOME: '/z' })).toBe('/z/folioscope');
    expect(dataDirectory({ XDG_DATA_HOME: 'relative' })).toMatch(/\/\.local\/share\/folioscope$/);
    expect(dataDirectory({})).toMatch(/\/\.local\/share\/folioscope$/);
  });
});

describe('a slug', () => {
  it('is readable, a plain name, and differs with the id', () => {
    expect(slugOf({ id: 'a@b', title: '1G page support for guest_memfd', revision: 1 })).toMatch(
      /^1g-page-support-for-guest-memfd-v1-[0-9a-f]{8}$/,
    );
    expect(slugOf({ id: 'a@b', title: '../../ü\n/etc', revision: 3 })).toMatch(/^etc-v3-[0-9a-f]{8}$/);
    expect(slugOf({ id: 'a@b', title: '日本', revision: 3 })).toMatch(/^v3-[0-9a-f]{8}$/);
    expect(slugOf({ id: 'a@b', title: 'x'.repeat(500), revision: 1 }).length).toBeLessThan(80);
    expect(slugOf({ id: 'a@b', title: 'x', revision: 1 })).not.toBe(slugOf({ id: 'c@d', title: 'x', revision: 1 }));
  });

  it('that is no plain name reaches no file', () => {
    const home = scratch();
    expect(() => loadRemarks('../x', home)).toThrow('not a slug');
    expect(() => seriesMail('a/b', home)).toThrow('not a slug');
  });
});

describe('the record', () => {
  it('lists openings newest first, and forgets them but not the mails', () => {
    const home = scratch();
    const first = opening(home, 'one', '2025-01-01T00:00:00.000Z');
    const second = opening(home, 'two', '2025-01-02T00:00:00.000Z');
    const other = opening(home, 'three', '2025-01-03T00:00:00.000Z', 'c@d');
    for (const one of [first, second, other]) recordOpened(one, MAIL, home);
    expect(listOpened(home)).toEqual([other, second, first]);
    expect(openedById('a@b', home)).toEqual(second);
    expect(openedById(other.slug, home)).toEqual(other);
    forgetOpened(second, home);
    expect(listOpened(home)).toEqual([other, first]);
    expect(seriesMail(second.slug, home)).toEqual(MAIL);
  });

  it('leaves out what it cannot read', () => {
    const home = scratch();
    const one = opening(home, 'one', '2025-01-01T00:00:00.000Z');
    recordOpened(one, MAIL, home);
    const path = join(home, 'series', one.slug, 'series.json');
    const stored = JSON.parse(readFileSync(path, 'utf8')) as { openings: unknown[] };
    writeFileSync(
      path,
      JSON.stringify({ ...stored, openings: [null, 3, { ...one, revision: '2' }, { ...one, slug: 'other' }, ...stored.openings] }),
    );
    mkdirSync(join(home, 'series', 'broken'));
    writeFileSync(join(home, 'series', 'broken', 'series.json'), '{"openings":');
    mkdirSync(join(home, 'series', 'Not a slug'));
    expect(listOpened(home)).toEqual([one]);
    expect(listOpened(join(home, 'nowhere'))).toEqual([]);
  });
});

describe('remarks', () => {
  const remark = {
    id: 'r',
    series: 'a@b',
    patch: 1,
    file: 'a.c',
    side: 'new',
    line: 1,
    context: '',
    body: 'x',
    written: '2025-01-01T00:00:00Z',
  } as const;

  it('survive one that cannot be read', () => {
    const home = scratch();
    writeWhole(join(home, 'series/s/remarks.json'), JSON.stringify({ version: 1, remarks: [remark, { ...remark, line: 'x' }, null] }));
    expect(loadRemarks('s', home)).toEqual([remark]);
  });

  it('that cannot be read at all are put aside, not written over', () => {
    const home = scratch();
    writeWhole(join(home, 'series/s/remarks.json'), '{"remarks": [{"body": "my words');
    expect(loadRemarks('s', home)).toEqual([]);
    saveRemarks('s', [remark], home);
    expect(loadRemarks('s', home)).toEqual([remark]);
    const aside = readdirSync(join(home, 'series/s')).filter((name) => name.includes('unreadable'));
    expect(aside.map((name) => readFileSync(join(home, 'series/s', name), 'utf8'))).toEqual(['{"remarks": [{"body": "my words']);
  });
});

describe('writing whole', () => {
  it('leaves the old content and no part where it fails', () => {
    const home = scratch();
    mkdirSync(join(home, 'taken/inside'), { recursive: true });
    expect(() => writeWhole(join(home, 'taken'), 'x')).toThrow();
    expect(readdirSync(home)).toEqual(['taken']);
    expect(existsSync(join(home, 'taken/inside'))).toBe(true);
  });
});
