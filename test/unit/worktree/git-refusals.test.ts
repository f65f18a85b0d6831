import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/base/outcome';
import { diskRefused, gitRefused } from '../../../src/worktree/git-refusals';

const ended = (stderr: string): Outcome<never> => gitRefused({ kind: 'exited', code: 128, stdout: '', stderr }, '/clone', 'add a worktree');
const code = (outcome: Outcome<never> | null): string => (outcome?.kind === 'refused' ? outcome.refusal.code : 'none');

describe('what git says no with', () => {
  it.each([
    ['worktree/disk-full', 'error: unable to write file mm/a.c: No space left on device\nfatal: x\n'],
    ['worktree/disk-full', 'fatal: cannot create directory: Disk quota exceeded'],
    ['worktree/not-writable', "fatal: could not create leading directories of '/x/.git': Permission denied\n"],
    ['worktree/not-owned', "fatal: detected dubious ownership in repository at '/clone'\nTo add an exception..."],
    ['git/failed', 'fatal: bad object HEAD\n'],
    ['git/failed', ''],
  ])('%s: %s', (wanted, stderr) => {
    expect(code(ended(stderr))).toBe(wanted);
  });

  it('is passed on with the last thing that it said', () => {
    const outcome = ended('hint: try harder\nerror: one\nfatal: bad object HEAD.\nhint: and harder\n');
    expect(outcome.kind === 'refused' && outcome.refusal.met).toBe('git, run in /clone, ended with 128: fatal: bad object HEAD.');
  });

  it('tells a missing git from one that was ended', () => {
    expect(code(gitRefused({ kind: 'not-run', why: 'Error: spawn git ENOENT' }, '/clone', 'x'))).toBe('git/missing');
    expect(code(gitRefused({ kind: 'not-run', why: 'Abort signal received' }, '/clone', 'x'))).toBe('git/failed');
  });
});

describe('what the disk says no with', () => {
  it.each([
    ['ENOSPC', 'worktree/disk-full'],
    ['EDQUOT', 'worktree/disk-full'],
    ['EACCES', 'worktree/not-writable'],
    ['EROFS', 'worktree/not-writable'],
    ['ENOTDIR', 'worktree/exists'],
    ['EMFILE', 'none'],
  ])('%s', (errno, wanted) => {
    expect(code(diskRefused(Object.assign(new Error(errno), { code: errno }), '/x', 'write'))).toBe(wanted);
  });

  it('and a bug is no refusal', () => {
    expect(diskRefused(new TypeError('x is undefined'), '/x', 'write')).toBeNull();
  });
});
