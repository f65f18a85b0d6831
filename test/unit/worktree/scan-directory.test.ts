import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import type { Scan } from '../../../src/review/scan';
import { commitNamed } from '../../../src/worktree/commit-texts';
import { scanCommits, scanDirectory } from '../../../src/worktree/scan-directory';

let home = '';
let tree = '';
let data = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'folioscope-scan-'));
  tree = join(home, 'tree');
  data = join(home, 'data');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Writes files with times long past, so that what is kept of them may be trusted. */
function write(files: Readonly<Record<string, string | Uint8Array>>, age = 3600): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
    const when = Date.now() / 1000 - age;
    utimesSync(join(tree, path), when, when);
  }
}

async function scan(paths: readonly string[] = [], kept: string | null = data): Promise<Scan> {
  const outcome = await scanDirectory(tree, { paths, data: kept }, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

/** What a scan says of its cache. */
async function noted(): Promise<readonly string[]> {
  const notes: string[] = [];
  await scanDirectory(tree, { data, note: (text) => notes.push(text) }, unwatched);
  return notes;
}

/** The clock of the disk must have gone on for what is kept to count. */
const settled = async (): Promise<void> => await new Promise((done) => setTimeout(done, 2100));
const cached = (): readonly string[] => readdirSync(join(data, 'cache')).map((name) => name.replace(/^.*\./, ''));
const fileOf = (ending: string): string => readdirSync(join(data, 'cache')).find((name) => name.endsWith(`.${ending}`)) ?? '';
const cachedBytes = (ending: string): Buffer => readFileSync(join(data, 'cache', fileOf(ending)));

const classes = (found: Scan): readonly string[] => found.sites.map((site) => `${site.file}:${site.line} ${site.symbol} ${site.class}`);

const OPERATES = 'void work(struct vm_area_struct *vma)\n{\n\thugetlb_vma_lock_read(vma);\n}\n';
const GUARDED = 'int ask(struct vm_area_struct *vma)\n{\n\tif (is_vm_hugetlb_page(vma))\n\t\twork(vma);\n\treturn 0;\n}\n';
const BLIND = 'int blind(struct vm_area_struct *vma)\n{\n\twork(vma);\n\treturn 0;\n}\n';
const PLAIN = 'int plain(struct vm_area_struct *vma)\n{\n\treturn vma->vm_start;\n}\n';

describe('a scan of a directory', () => {
  it('is the same from what was kept as from nothing, through every kind of change', async () => {
    write({ 'mm/a.c': OPERATES, 'kernel/b.c': GUARDED, 'fs/c.c': PLAIN, 'fs/d.h': '/* none */\n', 'tools/t.c': OPERATES });
    // The clock of the disk must have gone on for what is kept to count.
    await new Promise((done) => setTimeout(done, 2100));
    const steps: (() => void)[] = [
      () => undefined,
      () => undefined,
      () => write({ 'fs/c.c': PLAIN + BLIND }),
      () => write({ 'fs/c.c': PLAIN }),
      // A caller that is known already becomes one that leads to a site.
      () => write({ 'kernel/e.c': 'int outer(struct vm_fault *vmf)\n{\n\treturn inner(vmf->vma);\n}\n' }),
      () => write({ 'fs/d.h': 'static inline int inner(struct vm_area_struct *vma)\n{\n\twork(vma);\n\treturn 0;\n}\n' }),
      () => rmSync(join(tree, 'kernel/b.c')),
      () => rmSync(join(tree, 'mm'), { recursive: true }),
    ];
    const seen: (readonly string[])[] = [];
    for (const step of steps) {
      step();
      const warm = await scan();
      expect(warm).toEqual(await scan([], null));
      seen.push(classes(warm));
    }
    expect(seen[0]).toEqual(['kernel/b.c:3 is_vm_hugetlb_page guards', 'mm/a.c:3 hugetlb_vma_lock_read contract']);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toContain('mm/a.c:3 hugetlb_vma_lock_read unproven');
    expect(seen[3]).toEqual(seen[0]);
    expect(seen[5]).toContain('mm/a.c:3 hugetlb_vma_lock_read unproven');
    expect(seen[7]).toEqual([]);
  }, 30_000);

  it('judges by callers outside of the paths that are asked for', async () => {
    write({ 'mm/a.c': OPERATES, 'kernel/b.c': GUARDED });
    expect(classes(await scan(['mm']))).toEqual(['mm/a.c:3 hugetlb_vma_lock_read contract']);
    expect(classes(await scan(['kernel']))).toEqual(['kernel/b.c:3 is_vm_hugetlb_page guards']);
    expect(await scan(['mm'])).toEqual(await scan(['mm'], null));
  });

  it('takes what is damaged in its cache for nothing', async () => {
    write({ 'mm/a.c': OPERATES, 'kernel/b.c': GUARDED });
    const before = await scan();
    const [kept = ''] = readdirSync(join(data, 'cache')).filter((name) => name.endsWith('.kept'));
    const path = join(data, 'cache', kept);
    const whole = readFileSync(path);
    // Somewhere in the header, the names, the stamps, the facts; and cut off.
    const damages = [30, 1030, 1024 + 60, whole.length - 20].map((at) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x55;
      return bytes;
    });
    for (const damaged of [...damages, whole.subarray(0, 1100), whole.subarray(0, 10), Buffer.alloc(0)]) {
      writeFileSync(path, damaged);
      rmSync(`${path}.sites`, { force: true });
      const notes: string[] = [];
      const outcome = await scanDirectory(tree, { data, note: (text) => notes.push(text) }, unwatched);
      expect(outcome).toEqual({ kind: 'done', value: before });
      expect(notes.join()).toContain('is damaged');
    }
    expect(await noted()).toEqual([]);
    const cache = join(data, 'cache');
    for (const file of execFileSync('ls', [cache], { encoding: 'utf8' }).trim().split('\n')) writeFileSync(join(cache, file), '{"mark":3');
    expect(await scan()).toEqual(before);
    rmSync(data, { recursive: true });
    writeFileSync(data, 'no directory');
    expect(await scan()).toEqual(before);
  });

  it('keeps a change beside the whole, and finds again what it has kept', async () => {
    write({ 'mm/a.c': OPERATES, 'kernel/b.c': GUARDED, 'fs/c.c': PLAIN });
    await settled();
    await scan();
    // As git writes: another file in the place of the old one, in the same directory.
    write({ 'fs/c.c.new': PLAIN + BLIND, 'fs/e.c': PLAIN });
    renameSync(join(tree, 'fs/c.c.new'), join(tree, 'fs/c.c'));
    await settled();
    const changed = await scan();
    expect(classes(changed)).toContain('mm/a.c:3 hugetlb_vma_lock_read unproven');
    expect(cached()).toContain('change');
    const kept = cachedBytes('sites');
    expect(await scan()).toEqual(changed);
    expect(cachedBytes('sites')).toEqual(kept);
    rmSync(join(tree, 'fs'), { recursive: true });
    const gone = await scan();
    expect(gone).toEqual(await scan([], null));
    expect(gone.files).toBe(2);
    writeFileSync(join(data, 'cache', fileOf('change')), '{"goesWith":1');
    expect(await scan()).toEqual(gone);
  }, 30_000);

  it('is the same with threads, for two at once, and through changes', async () => {
    const thread = join(home, 'scan-worker.js');
    await build({ entryPoints: ['src/worker/scan.ts'], outfile: thread, bundle: true, platform: 'node', format: 'cjs', logLevel: 'error' });
    write(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`d${at % 40}/f${at}.c`, at % 3 === 0 ? GUARDED : PLAIN])));
    write({ 'mm/a.c': OPERATES });
    await settled();
    const threaded = async (): Promise<unknown> => await scanDirectory(tree, { data, thread }, unwatched);
    for (const change of [() => undefined, () => write({ 'd3/f43.c': BLIND }), () => rmSync(join(tree, 'd5/f45.c')), () => undefined]) {
      change();
      const expected = { kind: 'done', value: await scan([], null) };
      expect(await Promise.all([threaded(), threaded()])).toEqual([expected, expected]);
      expect(await threaded()).toEqual(expected);
    }
  }, 60_000);

  it('names what it could not read, and reads the rest', async () => {
    write({
      'mm/a.c': OPERATES,
      'mm/bytes.c': Buffer.concat([Buffer.from('/* vma '), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(` */\n${GUARDED}`)]),
      'mm/nul.c': Buffer.concat([Buffer.from('vma '), Buffer.alloc(8)]),
      'mm/locked.c': OPERATES,
      'mm/part.S': 'call huge_ptep_get\n',
      'mm/generated.c': `${'/* vma */ int x;\n'.repeat(320_000)}${OPERATES}`,
    });
    mkdirSync(join(tree, 'mm/directory.c'));
    symlinkSync('/dev/zero', join(tree, 'mm/endless.c'));
    symlinkSync('.', join(tree, 'mm/loop'));
    chmodSync(join(tree, 'mm/locked.c'), 0o000);
    const found = await scan();
    expect(classes(found)).toContain('mm/bytes.c:4 is_vm_hugetlb_page guards');
    const reasons = Object.fromEntries(found.unread.map(({ file, reason }) => [file, reason]));
    expect(reasons).toMatchObject({
      'mm/nul.c': 'the file is no text',
      'mm/part.S': 'assembly is not read',
      'mm/generated.c': expect.stringContaining('are read') as string,
    });
    // Root may read what nobody may.
    if (process.getuid?.() !== 0) expect(reasons['mm/locked.c']).toBe('the file cannot be read (EACCES)');
    expect(Object.keys(reasons)).not.toContain('mm/endless.c');
  });

  it('stops when it is cancelled', async () => {
    write(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`mm/${at}.c`, OPERATES])));
    let told = 0;
    const outcome = await scanDirectory(
      tree,
      { data },
      {
        report: () => {
          told += 1;
        },
        get cancelled() {
          return told > 2;
        },
      },
    );
    expect(outcome).toEqual({ kind: 'cancelled' });
  });

  it('refuses what is no tree', async () => {
    mkdirSync(tree);
    expect(await scanDirectory(tree, { data }, unwatched)).toMatchObject({ kind: 'refused', refusal: { code: 'scan/empty-tree' } });
    expect(await scanDirectory(join(home, 'nowhere'), { data }, unwatched)).toMatchObject({ refusal: { code: 'scan/empty-tree' } });
    write({ 'mm/a.c': OPERATES });
    expect(await scanDirectory(tree, { data, paths: ['fs'] }, unwatched)).toMatchObject({ refusal: { code: 'scan/no-such-path' } });
  });
});

describe('a scan at commits', () => {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', tree, '-c', 'user.name=Rita', '-c', 'user.email=rita@example.org', ...args], { encoding: 'utf8' }).trim();
  const commit = (): string => {
    git('add', '.');
    git('commit', '-q', '-m', 'a step');
    return git('rev-parse', 'HEAD');
  };

  it('is of the tree as it was there, whatever lies in the working tree', async () => {
    write({ 'mm/a.c': OPERATES, 'kernel/b.c': GUARDED });
    git('init', '-q');
    const one = commit();
    write({ 'fs/c.c': BLIND });
    const two = commit();
    rmSync(join(tree, 'mm/a.c'));
    const three = commit();
    write({ 'kernel/b.c': '/* edited */\n' });
    const at = async (id: string): Promise<readonly string[]> => {
      const outcome = await scanDirectory(tree, { data, at: id }, unwatched);
      return outcome.kind === 'done' ? classes(outcome.value) : [JSON.stringify(outcome)];
    };
    const expected = [
      ['kernel/b.c:3 is_vm_hugetlb_page guards', 'mm/a.c:3 hugetlb_vma_lock_read contract'],
      ['kernel/b.c:3 is_vm_hugetlb_page guards', 'mm/a.c:3 hugetlb_vma_lock_read unproven'],
      ['kernel/b.c:3 is_vm_hugetlb_page guards'],
    ];
    expect([await at(one), await at(two), await at(three)]).toEqual(expected);
    const all = await scanCommits(tree, [one, two, three], { data }, unwatched);
    expect(all.kind === 'done' ? all.value.map(classes) : all).toEqual(expected);
    expect(await commitNamed(tree, 'HEAD~1', unwatched)).toEqual({ kind: 'done', value: two });
    expect(await commitNamed(tree, '--help', unwatched)).toMatchObject({ refusal: { code: 'scan/no-such-commit' } });
  });
});
