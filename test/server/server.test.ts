import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource, CodeLensRequest, HoverRequest, type ResponseError } from 'vscode-languageserver/node';
import type { Outcome } from '../../src/base/outcome';
import type { AssumptionsView } from '../../src/protocol/assumptions';
import type { Remark, ReplyPreview } from '../../src/protocol/remark';
import type { SeriesView } from '../../src/protocol/series-view';
import { git, mailed, scratch, smallClone, THREE, write } from '../unit/worktree/scratch';
import { bundledServer, Client } from './client';

const home = scratch();
const tree = join(home, 'tree');
let client: Client;

const CODE = [
  '#include <linux/mm.h>',
  '',
  '/* folio_test_hugetlb() in words */',
  'static int f(struct folio *folio, struct vm_area_struct *vma)',
  '{',
  '\tif (folio_test_hugetlb(folio))',
  '\t\thugetlb_vma_lock_read(vma);',
  '\treturn 0;',
  '}',
  '',
].join('\n');

beforeAll(async () => {
  mkdirSync(tree);
  git(tree, 'init', '-q');
  write(tree, {
    'include/linux/mm.h': 'struct folio;\n',
    'mm/a.c': CODE,
    'mm/b.c': 'int b(struct page *p)\n{\n\treturn PageHuge(p);\n}\n',
  });
  client = await Client.started(await bundledServer(home), join(home, 'data'));
}, 60_000);

afterAll(() => {
  client.kill();
});

const request = async <T>(name: string, params: unknown): Promise<T> =>
  await client.connection.sendRequest<T>(`folioscope/${name}`, params);
const failure = async (name: string, params: unknown): Promise<ResponseError<unknown>> => {
  try {
    await request(name, params);
  } catch (error) {
    return error as ResponseError<unknown>;
  }
  throw new Error(`${name} was answered`);
};

describe('a C file of a kernel tree', () => {
  let uri = '';

  it('has its sites as diagnostics, at the right places', async () => {
    uri = await client.open(join(tree, 'mm/a.c'), CODE);
    const { diagnostics } = await client.classified(uri, 1);
    const at = (line: number, from: number, to: number) => ({ start: { line, character: from }, end: { line, character: to } });
    expect(diagnostics.map(({ range, code, source }) => ({ range, code, source }))).toEqual([
      { range: at(5, 5, 23), code: 'assumes-hugetlb-vma', source: 'folioscope' },
      { range: at(6, 2, 23), code: 'from-folio', source: 'folioscope' },
    ]);
    expect(diagnostics[0]?.codeDescription?.href).toMatch(/^file:.*\/docs\/assumptions\.md#classes$/);
  });

  it('says on hover what a site assumes, and nothing elsewhere', async () => {
    const hover = await client.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position: { line: 6, character: 10 } });
    const text = JSON.stringify(hover?.contents);
    expect(text).toContain('hugetlb-vma-lock');
    expect(text).toContain('vm_private_data');
    expect(text).toContain('mm/hugetlb.c');
    expect(
      await client.connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position: { line: 2, character: 6 } }),
    ).toBeNull();
  });

  it('has what it holds and two commands over each function', async () => {
    const lenses = await client.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
    const range = { start: { line: 3, character: 11 }, end: { line: 3, character: 12 } };
    expect(lenses).toEqual([
      {
        range,
        command: {
          title: '1 folio test, 1 assumes a hugetlb VMA, 1 hugetlb operation, 1 not proven',
          command: 'folioscope.assumptions.ofFunction',
          arguments: [{ tree, file: 'mm/a.c', function: 'f' }],
        },
      },
      { range, command: { title: 'Simulate function', command: 'folioscope.simulateFunction', arguments: [uri, 'f'] } },
      { range, command: { title: 'Explore failures', command: 'folioscope.exploreFailures', arguments: [uri, 'f'] } },
    ]);
  });

  it('tells its functions', async () => {
    expect(await request('functionsIn', { uri })).toEqual([{ name: 'f', line: 3 }]);
    expect(await request('functionsIn', { uri: `${uri}.other` })).toEqual([]);
  });

  it('follows edits', async () => {
    await client.insert(uri, 2, 5, '\tVM_BUG_ON(PageHuge(&folio->page));\n');
    const { diagnostics } = await client.diagnosed(uri, 2);
    expect(diagnostics.map(({ code, range }) => [code, range.start.line])).toEqual([
      ['asserts', 5],
      ['assumes-hugetlb-vma', 6],
      ['from-folio', 7],
    ]);
    await client.insert(uri, 3, 5, '/* ');
    expect((await client.diagnosed(uri, 3)).diagnostics).toEqual([]);
    await client.close(uri);
  });

  it('is marked after each of many edits, at the length of mm/hugetlb.c', async () => {
    const real = process.env['FOLIOSCOPE_TREE'];
    const path = real === undefined ? join(tree, 'mm/long.c') : join(real, 'mm/hugetlb.c');
    const one = (at: number): string => CODE.replace('static int f(', `static int f${at}(`);
    const text = real === undefined ? Array.from({ length: 900 }, (_, at) => one(at)).join('\n') : readFileSync(path, 'utf8');
    expect(text.length).toBeGreaterThan(150_000);
    const long = await client.open(path, text);
    const first = await client.classified(long, 1);
    expect(first.diagnostics.length).toBeGreaterThan(100);
    for (let version = 2; version < 8; version += 1) {
      await client.insert(long, version, 3, '/* one more line */\n');
      expect((await client.diagnosed(long, version)).diagnostics.length).toBe(first.diagnostics.length);
    }
  });
});

describe('other files', () => {
  it('are left alone outside of a kernel tree', async () => {
    const path = join(home, 'alone.c');
    writeFileSync(path, CODE);
    const uri = await client.open(path, CODE);
    expect(await client.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } })).toEqual([]);
    expect(client.diagnostics.has(uri)).toBe(false);
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x80, 0x22, 0x27, 0x0a]).toString('utf8')],
    ['NUL and a lone surrogate', 'int f(void)\n{\n\treturn PageHuge("\0\ud800);\n'],
    ['parentheses without end', `int f(void)\n{\n\treturn ${'('.repeat(100_000)}PageHuge(p)`],
    ['braces without end', `int f(void)\n${'{'.repeat(100_000)} PageHuge(p);`],
    ['a comment without end', `int f(void)\n{\n/* ${'PageHuge(p) '.repeat(10_000)}`],
    ['one line of names', 'PageHuge('.repeat(50_000)],
    ['hashes', '#define \\\n'.repeat(50_000)],
  ])('do not harm: %s', async (name, text) => {
    const uri = await client.open(join(tree, `mm/odd-${name.replace(/\W/g, '-')}.c`), text);
    const { diagnostics } = await client.diagnosed(uri, 1);
    expect(Array.isArray(diagnostics)).toBe(true);
    await client.connection.sendRequest(CodeLensRequest.type, { textDocument: { uri } });
    await client.close(uri);
  });

  it('say so when they are too long', async () => {
    const uri = await client.open(join(tree, 'mm/five.c'), `${CODE}\n`.repeat(25_000));
    const { diagnostics } = await client.diagnosed(uri, 1);
    expect(diagnostics.map(({ code }) => code)).toEqual(['too-long']);
  });
});

describe('requests', () => {
  it('list the sites of a tree, and see what changed on disk', async () => {
    const sites = async () => {
      const outcome = await request<Outcome<AssumptionsView>>('assumptions', { tree });
      return outcome.kind === 'done'
        ? outcome.value.sites.map((site) => `${site.file}:${site.line} ${site.symbol} in ${site.function}`)
        : outcome;
    };
    expect(await sites()).toEqual(['mm/a.c:6 folio_test_hugetlb in f', 'mm/a.c:7 hugetlb_vma_lock_read in f', 'mm/b.c:3 PageHuge in b']);
    writeFileSync(join(tree, 'mm/b.c'), '\nint c(struct page *p)\n{\n\treturn PageHuge(p);\n}\n');
    expect(await sites()).toContain('mm/b.c:4 PageHuge in c');
  });

  it('name in the log what they could not read, and read bytes that are no UTF-8', async () => {
    const odd = join(home, 'odd');
    git(home, 'init', '-q', odd);
    write(odd, { 'mm/nul.c': 'PageHuge(\0)' });
    writeFileSync(join(odd, 'mm/bytes.c'), Buffer.from([0xff, 0x0a, ...Buffer.from('int f(void)\n{\n\treturn PageHuge(p);\n}\n')]));
    const outcome = await request<Outcome<AssumptionsView>>('assumptions', { tree: odd });
    expect(outcome.kind === 'done' && outcome.value.sites.map((site) => `${site.file}:${site.line}`)).toEqual(['mm/bytes.c:4']);
    await expect.poll(() => client.log.filter((line) => line.includes('not read'))).toEqual(['not read: mm/nul.c:1: the file is no text']);
  });

  it('are not needed to hear that a tree changed: one notification tells of many files', async () => {
    const told: unknown[] = [];
    client.connection.onNotification('folioscope/treeChanged', (params) => told.push(params));
    const changes = ['mm/a.c', 'mm/b.c', 'include/linux/mm.h'].map((path) => ({
      uri: pathToFileURL(join(tree, path)).href,
      type: 2 as const,
    }));
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: pathToFileURL(join(home, 'alone.c')).href, type: 2 }],
    });
    await expect.poll(() => told).toEqual([{ tree }]);
  });

  it('stop when they are cancelled', async () => {
    const many = join(home, 'many');
    git(home, 'init', '-q', many);
    write(many, Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`mm/f${at}.c`, CODE.repeat(40)])));
    const source = new CancellationTokenSource();
    const answer = client.connection.sendRequest<Outcome<unknown>>('folioscope/assumptions', { tree: many }, source.token);
    setTimeout(() => {
      source.cancel();
    }, 30);
    expect(await answer).toEqual({ kind: 'cancelled' });
  });

  it('refuse parameters that they cannot have, in three sentences', async () => {
    for (const [name, params] of [
      ['assumptions', {}],
      ['assumptions', { tree: 7 }],
      ['assumptions', { tree: 'a\0b' }],
      ['openSeries', { source: 'x' }],
      ['saveRemark', { id: '' }],
      ['previewReply', { series: 'x', patch: -1 }],
      ['messageText', []],
      ['messageText', null],
    ] as const) {
      const error = await failure(name, params);
      expect(error.code, name).toBe(-32602);
      expect(error.message).toMatch(/params.* Nothing was done\. Reload/);
    }
  });

  it('say what stands in the way as an outcome', async () => {
    const refusedCode = async (name: string, params: unknown): Promise<string> => {
      const outcome = await request<Outcome<unknown>>(name, params);
      return outcome.kind === 'refused' ? outcome.refusal.code : outcome.kind;
    };
    expect(await refusedCode('assumptions', { tree: join(home, 'nowhere') })).toBe('scan/empty-tree');
    expect(await refusedCode('messageText', { series: 'no@id', message: 'no@id' })).toBe('series/not-opened');
    expect(await refusedCode('fileAt', { worktree: tree, commit: '0123456789', path: 'mm/a.c' })).toBe('series/not-opened');
    expect(await refusedCode('previewReply', { series: 'no@id', patch: 1 })).toBe('series/not-opened');
    expect(await refusedCode('openSeries', { source: 'not-there.mbox', repo: tree, full: false, archive: 'x' })).toBe('source/not-found');
    // No demo lies beside this bundle.
    expect(await refusedCode('openDemo', {})).toBe('demo/missing');
    expect(await request('remarks', { series: 'no@id' })).toEqual([]);
  });

  it('open a series, show it, keep remarks and make a reply', async () => {
    const clone = smallClone(home, 'linux');
    const mbox = join(home, 'three.mbox');
    writeFileSync(mbox, mailed(clone, THREE));
    git(clone, 'config', 'user.name', 'Rita Reviewer');
    git(clone, 'config', 'user.email', 'rita@example.org');
    const told: unknown[] = [];
    client.connection.onNotification('$/progress', (params: { readonly token: unknown; readonly value: { readonly kind: string } }) => {
      if (params.token === 'opening') told.push(params.value.kind);
    });
    const params = { source: mbox, repo: clone, base: 'base', full: true, archive: '', workDoneToken: 'opening' };
    const outcome = await request<Outcome<SeriesView>>('openSeries', params);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    const view = outcome.value;
    expect(view.patches).toHaveLength(3);
    expect(told[0]).toBe('begin');
    expect(told.at(-1)).toBe('end');
    expect(existsSync(join(view.worktree, 'fs/new.c'))).toBe(true);
    expect(await request('openedSeries', {})).toEqual([view]);
    expect(await request('openedSeries', { worktree: join(view.worktree, 'mm') })).toEqual([view]);
    expect(await request('openedSeries', { worktree: dirname(tree) })).toEqual([]);

    const patch = view.patches[0];
    const text = await request<Outcome<string>>('messageText', { series: view.id, message: patch?.id });
    expect(text.kind === 'done' && text.value).toMatch(
      /^From: [^\n]*\n[\s\S]*\nSubject: \[PATCH 1\/3\] mm: hugetlb: rename one\n[\s\S]*\n\nBecause of 1\./,
    );
    const before = await request<Outcome<string>>('fileAt', { worktree: view.worktree, commit: view.base, path: 'mm/hugetlb.c' });
    expect(before.kind === 'done' && before.value).toContain('int hugetlb_5;');

    const draft = { id: '', series: view.id, patch: 1, file: 'mm/hugetlb.c', side: 'new', line: 5, context: 'int hugetlb_five;' };
    const saved = await request<Outcome<Remark>>('saveRemark', { ...draft, body: 'Why?', written: '2025-01-01T00:00:00Z' });
    if (saved.kind !== 'done') throw new Error(JSON.stringify(saved));
    expect(saved.value.id).not.toBe('');
    expect(await request('remarks', { series: view.id })).toEqual([saved.value]);
    const reply = await request<Outcome<ReplyPreview>>('previewReply', { series: view.id, patch: 1 });
    expect(reply.kind === 'done' && reply.value.text).toMatch(/> \+int hugetlb_five;\n\nWhy\?\n/);
    expect(reply.kind === 'done' && reply.value.text).toContain('From: Rita Reviewer <rita@example.org>');
    expect(await request('deleteRemark', { series: view.id, id: saved.value.id })).toEqual({ kind: 'done', value: null });
    expect(await request('remarks', { series: view.id })).toEqual([]);
  });

  it('leave nothing in the log but what was expected', () => {
    expect(client.log.filter((line) => line.includes('bug in'))).toEqual([]);
  });
});

describe('the process', () => {
  it('ends as LSP says', async () => {
    const other = await Client.started(join(home, 'dist'), join(home, 'data'));
    expect(await other.shutDown()).toBe(0);
  });
});
