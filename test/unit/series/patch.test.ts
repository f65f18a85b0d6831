import { describe, expect, it } from 'vitest';
import { diffOf } from '../../../src/series/patch';
import { pathReason } from '../../../src/series/unsafe-path';
import { diffText } from '../mail/mails';

const codes = (text: string): string[] => diffOf(text).problems.map((problem) => problem.code);
const only = (text: string) => {
  const { files, problems } = diffOf(text);
  expect(problems).toEqual([]);
  expect(files).toHaveLength(1);
  return files[0]!;
};

describe('diffOf', () => {
  it('numbers the lines of hunks, before, after and in the mail', () => {
    const body =
      'Why.\n---\ndiff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n@@ -10,3 +20,4 @@ int f(void)\n a\n-b\n+B\n+C\n c\n-- \n2.46\n';
    const file = only(body);
    expect(file).toMatchObject({
      path: 'x.c',
      oldPath: 'x.c',
      status: 'modified',
      additions: 2,
      deletions: 1,
      at: 2,
      oldMode: '100644',
      newMode: '100644',
    });
    expect(file.hunks[0]).toMatchObject({
      header: '@@ -10,3 +20,4 @@ int f(void)',
      oldStart: 10,
      oldLines: 3,
      newStart: 20,
      newLines: 4,
      at: 6,
    });
    expect(file.hunks[0]?.lines).toEqual([
      { kind: 'context', text: 'a', old: 10, new: 20, at: 7 },
      { kind: 'removed', text: 'b', old: 11, new: null, at: 8 },
      { kind: 'added', text: 'B', old: null, new: 21, at: 9 },
      { kind: 'added', text: 'C', old: null, new: 22, at: 10 },
      { kind: 'context', text: 'c', old: 12, new: 23, at: 11 },
    ]);
  });

  it('finds each line of the body where it says', () => {
    const body = `${diffText('a.c', ['int x;'])}${diffText('b.c', ['int y;', 'int z;'])}`;
    const lines = body.split('\n');
    for (const file of diffOf(body).files)
      for (const hunk of file.hunks) for (const line of hunk.lines) expect(lines[line.at]?.slice(1)).toBe(line.text);
  });

  it.each([
    [
      'a new file',
      'diff --git a/n.c b/n.c\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/n.c\n@@ -0,0 +1 @@\n+x\n',
      { path: 'n.c', oldPath: null, status: 'added', newMode: '100644', additions: 1 },
    ],
    [
      'a deletion',
      'diff --git a/n.c b/n.c\ndeleted file mode 100644\nindex 1..0\n--- a/n.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
      { path: 'n.c', oldPath: 'n.c', status: 'deleted', deletions: 1 },
    ],
    [
      'a rename',
      'diff --git a/o.c b/n.c\nsimilarity index 100%\nrename from o.c\nrename to n.c\n',
      { path: 'n.c', oldPath: 'o.c', status: 'renamed', hunks: [] },
    ],
    [
      'a mode change',
      'diff --git a/n.sh b/n.sh\nold mode 100644\nnew mode 100755\n',
      { path: 'n.sh', status: 'modified', oldMode: '100644', newMode: '100755' },
    ],
    [
      'a binary file',
      'diff --git a/n.bin b/n.bin\nindex 1..2 100644\nGIT binary patch\nliteral 3\nKcmZQzU|?imU=#oV000jy01yBG\n\nliteral 0\nHcmV?d00001\n\n',
      { path: 'n.bin', binary: true, hunks: [] },
    ],
    [
      'a plain diff',
      '--- a/x.c\t2024-01-01 00:00:00\n+++ b/x.c\t2024-01-01 00:00:00\n@@ -1 +1 @@\n-a\n+b\n',
      { path: 'x.c', additions: 1, deletions: 1 },
    ],
    ['a name with blanks', 'diff --git a/a b.c b/a b.c\nold mode 100644\nnew mode 100755\n', { path: 'a b.c' }],
    ['a quoted name', 'diff --git "a/caf\\303\\251.c" "b/caf\\303\\251.c"\nold mode 100644\nnew mode 100755\n', { path: 'café.c' }],
    [
      'no newline at the end',
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
      { additions: 1, deletions: 1 },
    ],
    [
      'lines that look like headers',
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/y\n+++ b/y\n-@@ -1 +1 @@\n+@@ -2 +2 @@\n',
      { path: 'x', additions: 2, deletions: 2 },
    ],
  ])('reads %s', (_name, text, file) => {
    expect(only(text)).toMatchObject(file);
  });

  it('says which hunk is damaged', () => {
    const { problems } = diffOf('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,5 +1,6 @@ f\n a\n+b\n');
    expect(problems).toMatchObject([{ code: 'series/damaged-hunk' }]);
    expect(problems[0]?.message).toContain('@@ -1,5 +1,6 @@ f');
  });

  it('reads the lines of a hunk that opens with the mark of a missing newline', () => {
    const { files, problems } = diffOf('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n');
    expect(problems).toEqual([]);
    expect(files[0]?.hunks[0]?.lines).toMatchObject([
      { kind: 'removed', text: 'a', at: 5 },
      { kind: 'added', text: 'b', at: 6 },
    ]);
  });

  it.each([
    ['../up.c'],
    ['a/../../up.c'],
    ['/etc/passwd'],
    ['.git/hooks/pre-commit'],
    ['sub/.GIT/config'],
    ['.git./x'],
    ['.vscode/tasks.json'],
    ['tools/.vscode/settings.json'],
    ['.devcontainer/devcontainer.json'],
    ['a//b'],
    ['C:/x'],
  ])('marks the path %s', (path) => {
    expect(codes(`diff --git a/${path} b/${path}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`)).toEqual(['series/unsafe-path']);
  });

  it.each([['mm/hugetlb.c'], ['.gitignore'], ['.github/x'], ['a/..b/c'], ['.clang-format'], ['Documentation/a b.rst']])(
    'takes the path %s',
    (path) => {
      expect(pathReason(path)).toBeNull();
    },
  );

  it('marks both sides of a rename', () => {
    expect(codes('diff --git a/x b/.git/x\nrename from x\nrename to .git/x\n')).toEqual(['series/unsafe-path']);
    expect(codes('diff --git a/../x b/x\nrename from ../x\nrename to x\n')).toEqual(['series/unsafe-path']);
  });

  const link = (path: string, target: string, mode = '120000'): string =>
    `diff --git a/${path} b/${path}\nnew file mode ${mode}\nindex 0..1\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${target}\n\\ No newline at end of file\n`;
  it.each([
    ['/etc/passwd', ['series/unsafe-path']],
    ['../../out', ['series/unsafe-path']],
    ['in/../../../out', ['series/unsafe-path']],
    ['../.git/config', ['series/unsafe-path']],
    ['../other/file', []],
    ['file', []],
  ])('judges a link in a folder to %s', (target, problems) => {
    expect(codes(link('dir/l', target))).toEqual(problems);
  });

  it('marks another repository put into the tree', () => {
    expect(codes(link('sub', `Subproject commit ${'a'.repeat(40)}`, '160000'))).toEqual(['series/unsafe-path']);
  });
});
