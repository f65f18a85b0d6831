import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  CodeActionRequest,
  DefinitionRequest,
  DocumentSymbolRequest,
  HoverRequest,
  InlayHintRequest,
  type Location,
  ReferencesRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver/node';
import type { Outcome } from '../../src/base/outcome';
import type { AssumptionsView, CallRows, SiteHistory } from '../../src/protocol/assumptions';
import type { SeriesView } from '../../src/protocol/series-view';
import { git, mailed, scratch, smallClone, write } from '../unit/worktree/scratch';
import { bundledServer, Client } from './client';

const home = scratch();
const tree = join(home, 'tree');
const list = join(tree, '.folioscope/reviewed.json');
let client: Client;
let uri = '';

const RMAP = [
  '#include <linux/mm.h>',
  '',
  'static void lock_it(struct vm_area_struct *vma)',
  '{',
  '\thugetlb_vma_lock_write(vma);',
  '}',
  '',
  'int unmap_one(struct folio *folio, struct vm_area_struct *vma)',
  '{',
  '\tif (folio_test_hugetlb(folio))',
  '\t\tlock_it(vma);',
  '\treturn 0;',
  '}',
  '',
].join('\n');
const OTHER = [
  'int walk(struct folio *folio, struct vm_area_struct *vma)',
  '{',
  '\t/* unmap_one() in words */',
  '\tif (folio_test_hugetlb(folio))',
  '\t\treturn -EINVAL;',
  '\treturn unmap_one(folio, vma);',
  '}',
  '',
].join('\n');

beforeAll(async () => {
  mkdirSync(tree);
  git(tree, 'init', '-q');
  write(tree, {
    'include/linux/mm.h': 'struct folio;\nint unmap_one(struct folio *folio, struct vm_area_struct *vma);\n',
    'mm/rmap.c': RMAP,
    'mm/other.c': OTHER,
  });
  client = await Client.started(await bundledServer(home), join(home, 'data'));
  uri = await client.open(join(tree, 'mm/rmap.c'), RMAP);
  await client.classified(uri, 1);
}, 60_000);

afterAll(() => {
  client.kill();
});

const request = async <T>(name: string, params: unknown): Promise<T> => {
  const outcome = await client.connection.sendRequest<Outcome<T>>(`folioscope/${name}`, params);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
};
const textDocument = () => ({ uri });
const placed = (found: readonly Location[]): readonly string[] =>
  found.map((one) => `${one.uri.slice(pathToFileURL(tree).href.length + 1)}:${one.range.start.line + 1}`);

describe('marks', () => {
  it('carry the class of the site, what it takes to be so, and how loud that is', async () => {
    const { diagnostics } = await client.classified(uri, 1);
    expect(diagnostics.map(({ code, severity, range }) => [code, severity, range.start.line + 1])).toEqual([
      ['from-folio', 2, 5],
      ['assumes-hugetlb-vma', 2, 10],
    ]);
    expect(diagnostics[1]?.relatedInformation?.map(({ location }) => location.range.start.line + 1)).toEqual([11, 5]);
  });

  it('follow what another file of the tree says now', async () => {
    const other = await client.open(join(tree, 'mm/other.c'), OTHER);
    expect((await client.classified(other, 1)).diagnostics.map(({ code }) => code)).toEqual(['excludes']);
    await client.close(other);
  });

  it('are the same after edits as of a file read anew', async () => {
    const path = join(tree, 'mm/edited.c');
    const edited = await client.open(path, RMAP);
    await client.classified(edited, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const [at, [line, text]] of (
      [
        [9, '\tif (is_vm_hugetlb_page(vma))\n'],
        [0, '/* one\n * two */\n'],
        [8, '\n'],
        [13, '#if 0\n'],
        [17, '#endif\n'],
      ] as const
    ).entries())
      await client.insert(edited, at + 2, line, text);
    const followed = (await client.classified(edited, 6)).diagnostics;
    await client.close(edited);
    const again = await client.open(path, textAfterEdits());
    const anew = (await client.classified(again, 1)).diagnostics;
    expect(followed).toEqual(anew);
    expect(anew.length).toBeGreaterThan(0);
    await client.close(again);
  });
});

/** What the edits above make of the text. */
function textAfterEdits(): string {
  const lines = RMAP.split('\n');
  lines.splice(9, 0, '\tif (is_vm_hugetlb_page(vma))');
  lines.splice(0, 0, '/* one', ' * two */');
  lines.splice(8, 0, '');
  lines.splice(13, 0, '#if 0');
  lines.splice(17, 0, '#endif');
  return lines.join('\n');
}

describe('a site', () => {
  it('says on hover why, with a link a step, and that there is no guest_memfd', async () => {
    const hover = await client.connection.sendRequest(HoverRequest.type, {
      textDocument: textDocument(),
      position: { line: 9, character: 8 },
    });
    const text = JSON.stringify(hover?.contents);
    for (const line of [10, 11, 5]) expect(text).toContain(`[mm/rmap.c:${line}](${pathToFileURL(join(tree, 'mm/rmap.c')).href}#L${line})`);
    expect(text).toContain('hugetlb_vma_lock_write(vma);');
    expect(text).toContain('there is no guest_memfd in the tree');
  });

  it('has a hint where it is a folio test, behind the call', async () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
    const hints = await client.connection.sendRequest(InlayHintRequest.type, { textDocument: textDocument(), range });
    const line = RMAP.split('\n')[9] ?? '';
    const behind = line.indexOf('folio_test_hugetlb(folio)') + 'folio_test_hugetlb(folio)'.length;
    expect(hints?.map(({ label, position }) => [label, position])).toEqual([['assumes hugetlb VMA', { line: 9, character: behind }]]);
  });

  it('has quick fixes, and is reviewed in a file that outlives edits above it', async () => {
    const range = { start: { line: 9, character: 8 }, end: { line: 9, character: 8 } };
    const titles = async (): Promise<readonly string[]> =>
      (
        await client.connection.sendRequest(CodeActionRequest.type, { textDocument: textDocument(), range, context: { diagnostics: [] } })
      )?.map(({ title }) => title) ?? [];
    expect(await titles()).toEqual([
      'Write remark on folio_test_hugetlb here',
      'Mark folio_test_hugetlb as reviewed',
      'Why is folio_test_hugetlb "assumes-hugetlb-vma"?',
      'Simulate unmap_one()',
    ]);
    await request('reviewSite', { tree, file: 'mm/rmap.c', line: 10, column: 6, reviewed: true });
    expect(existsSync(list)).toBe(true);
    await expect
      .poll(() => client.diagnostics.get(uri)?.diagnostics.map(({ tags, severity }) => [tags?.length ?? 0, severity]))
      .toEqual([
        [0, 2],
        [1, 4],
      ]);
    expect(await titles()).toContain('Take back that folio_test_hugetlb is reviewed');
    await client.insert(uri, 2, 0, '/* above */\n');
    expect((await client.classified(uri, 2)).diagnostics.map(({ tags }) => tags?.length ?? 0)).toEqual([0, 1]);
    const view = await request<AssumptionsView>('assumptions', { tree });
    expect(view.sites.filter(({ reviewed }) => reviewed).map(({ file, line }) => `${file}:${line}`)).toEqual(['mm/rmap.c:11']);
    await request('reviewSite', { tree, file: 'mm/rmap.c', line: 11, column: 6, reviewed: false });
    expect(existsSync(join(tree, '.folioscope'))).toBe(false);
  });

  it('leaves no list behind when nothing is reviewed any more, and nothing of others goes with it', async () => {
    const review = async (reviewed: boolean): Promise<void> => {
      await request('reviewSite', { tree, file: 'mm/rmap.c', line: 11, column: 6, reviewed });
    };
    await review(true);
    expect(readFileSync(list, 'utf8')).toContain('folio_test_hugetlb(folio)');
    const notes = join(tree, '.folioscope/notes');
    writeFileSync(notes, 'mine');
    await review(false);
    expect(existsSync(list)).toBe(false);
    expect(readFileSync(notes, 'utf8')).toBe('mine');
    rmSync(notes);
    await review(true);
    await review(false);
    await review(false);
    expect(existsSync(join(tree, '.folioscope'))).toBe(false);
  });

  it('cannot be reviewed in a file that is no list, which stays as it is', async () => {
    mkdirSync(dirname(list), { recursive: true });
    writeFileSync(list, 'mine');
    const outcome = await client.connection.sendRequest<Outcome<null>>('folioscope/reviewSite', {
      tree,
      file: 'mm/rmap.c',
      line: 11,
      column: 6,
      reviewed: true,
    });
    expect(outcome.kind === 'refused' && outcome.refusal.code).toBe('reviewed/not-readable');
    expect(readFileSync(list, 'utf8')).toBe('mine');
  });

  it('has callers and callees', async () => {
    const calls = await request<CallRows>('callsOf', { tree, file: 'mm/rmap.c', function: 'unmap_one' });
    expect(calls.callers.map(({ function: name, file, callLine }) => [name, file, callLine])).toEqual([['walk', 'mm/other.c', 6]]);
    expect(calls.callees.map(({ function: name }) => name)).toContain('lock_it');
  });
});

describe('without clangd', () => {
  const position = { line: 8, character: 8 };

  it('a name has its definition, and its uses outside of comments', async () => {
    const other = await client.open(join(tree, 'mm/other.c'), OTHER);
    const at = { textDocument: { uri: other }, position: { line: 5, character: 10 } };
    expect(placed((await client.connection.sendRequest(DefinitionRequest.type, at)) as Location[])).toEqual(['mm/rmap.c:8']);
    const uses = await client.connection.sendRequest(ReferencesRequest.type, { ...at, context: { includeDeclaration: true } });
    expect(placed(uses ?? [])).toEqual(['include/linux/mm.h:2', 'mm/other.c:6', 'mm/rmap.c:9']);
    await client.close(other);
  });

  it('files have an outline, and the tree its symbols', async () => {
    const outline = await client.connection.sendRequest(DocumentSymbolRequest.type, { textDocument: textDocument() });
    expect(outline?.map(({ name }) => name)).toEqual(['lock_it', 'unmap_one']);
    const symbols = await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: 'unmap_o' });
    expect(symbols?.map(({ name }) => name)).toEqual(['unmap_one']);
    expect(await client.connection.sendRequest(WorkspaceSymbolRequest.type, { query: '' })).toEqual([]);
  });

  it('functions have their calls', async () => {
    const [item] =
      (await client.connection.sendRequest(CallHierarchyPrepareRequest.type, { textDocument: textDocument(), position })) ?? [];
    expect(item?.name).toBe('unmap_one');
    const incoming = await client.connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item: item! });
    expect(incoming?.map(({ from }) => from.name)).toEqual(['walk']);
    const outgoing = await client.connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item: item! });
    expect(outgoing?.map(({ to }) => to.name)).toContain('lock_it');
  });
});

describe('the patches of a series', () => {
  it('are told for what they bring, change and take away', async () => {
    const clone = smallClone(home, 'linux');
    const test = 'int hugetlb_mine(struct folio *folio)\n{\n\tif (folio_test_hugetlb(folio))\n\t\treturn -EINVAL;\n\treturn 0;\n}\n';
    const mbox = join(home, 'sites.mbox');
    writeFileSync(
      mbox,
      mailed(clone, [
        { subject: 'mm: bring one', files: { 'mm/mine.c': () => test } },
        { subject: 'mm: change it', files: { 'mm/mine.c': () => test.replace('return -EINVAL', 'work(folio)') } },
      ]),
    );
    const params = { source: mbox, repo: clone, base: 'base', full: true, archive: '' };
    const { worktree, patches } = await request<SeriesView>('openSeries', params);
    expect(patches).toHaveLength(2);
    const history = await request<SiteHistory>('siteHistory', { tree: worktree });
    expect(history.patches.map(({ patch, added, changed }) => [patch, added, changed])).toEqual([
      [1, 1, 0],
      [2, 0, 1],
    ]);
    expect(Object.values(history.since).map(({ patch, before }) => [patch, before])).toEqual([[1, null]]);
    expect(history.claims.map(({ patch, verdict }) => [patch, verdict])).toEqual([0, 0, 0].map((patch) => [patch, 'not-covered']));
  });
});

it('nothing of all this is a bug', () => {
  expect(client.log.filter((line) => line.includes('bug in'))).toEqual([]);
});
