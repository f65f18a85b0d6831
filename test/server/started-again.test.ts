import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import type { Diagnostic } from 'vscode-languageserver/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/base/outcome';
import { git, scratch, write } from '../unit/worktree/scratch';
import { bundledServer, Client } from './client';

const home = scratch();
const tree = join(home, 'tree');
const data = join(home, 'data');
const TEST =
  'int one(struct folio *folio, struct vm_area_struct *vma)\n{\n\tif (folio_test_hugetlb(folio))\n\t\tlock(vma);\n\treturn 0;\n}\n';
const LOCK = 'void lock(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_write(vma);\n}\n';
let dist = '';

beforeAll(async () => {
  mkdirSync(tree);
  git(tree, 'init', '-q');
  write(tree, { 'include/linux/mm.h': 'struct folio;\n', 'mm/one.c': TEST, 'mm/lock.c': LOCK });
  // The clock of the disk must have gone on for what is kept to count.
  await passed(2200);
  dist = await bundledServer(home);
}, 60_000);

let client: Client | null = null;
afterAll(() => {
  client?.kill();
});

/** Marks of a server that has just been started, after it was killed where one was there. */
async function marksAnew(): Promise<readonly Diagnostic[]> {
  client?.kill();
  client = await Client.started(dist, data);
  const uri = await client.open(join(tree, 'mm/one.c'), TEST);
  return (await client.classified(uri, 1)).diagnostics;
}

const kept = (): string => join(data, 'cache', readdirSync(join(data, 'cache')).find((name) => name.endsWith('.kept')) ?? 'none');

describe('a server that is started again', () => {
  it('has the same marks, and what was reviewed, though it was killed', async () => {
    const first = await marksAnew();
    expect(first.map(({ code }) => code)).toEqual(['assumes-hugetlb-vma']);
    expect(existsSync(kept())).toBe(true);
    const before = readFileSync(kept());
    const reviewed = await client?.connection.sendRequest<Outcome<null>>('folioscope/reviewSite', {
      tree,
      file: 'mm/one.c',
      line: 3,
      column: 6,
      reviewed: true,
    });
    expect(reviewed?.kind).toBe('done');
    const again = await marksAnew();
    expect(again.map(({ code, range }) => [code, range])).toEqual(first.map(({ code, range }) => [code, range]));
    expect(again.map(({ tags }) => tags?.length)).toEqual([1]);
    // Nothing has changed, so that it was read and not written.
    expect(readFileSync(kept())).toEqual(before);
  });

  it('sees what has changed on disk meanwhile', async () => {
    write(tree, { 'mm/lock.c': LOCK.replace('hugetlb_vma_lock_write', 'down_write') });
    expect((await marksAnew()).map(({ code }) => code)).toEqual(['folio-only']);
    write(tree, { 'mm/lock.c': LOCK });
    expect((await marksAnew()).map(({ code }) => code)).toEqual(['assumes-hugetlb-vma']);
  });

  it('reads all again where what was kept is damaged, and says so', async () => {
    const bytes = readFileSync(kept());
    const at = bytes.length - 12;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(kept(), bytes);
    expect((await marksAnew()).map(({ code }) => code)).toEqual(['assumes-hugetlb-vma']);
    await expect.poll(() => client?.log.join('\n')).toContain('is damaged');
    await marksAnew();
    expect(client?.log.filter((line) => line.includes('damaged') || line.includes('bug in'))).toEqual([]);
  });
});
