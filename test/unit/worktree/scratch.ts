/** Scratch directories, small clones and mailed series made with plain git, for the tests of the worktree folder and the CLI. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

/** A directory that is gone after the test file. */
export function scratch(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'folioscope-test-')));
  made.push(directory);
  return directory;
}

/** Plain git, with an identity and nothing else of the machine's configuration. */
export function git(cwd: string, ...args: string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('GIT_')));
  return execFileSync('git', ['-c', 'user.name=Ada Author', '-c', 'user.email=ada@example.org', ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

export const lines = (...text: string[]): string => `${text.join('\n')}\n`;
const numbered = (name: string, count: number): string => lines(...Array.from({ length: count }, (_, at) => `int ${name}_${at + 1};`));

/** A tree with the directories that matter to a sparse checkout. */
const TREE = {
  Makefile: 'all:\n',
  'virt/kvm/guest_memfd.c': numbered('gmem', 40),
  'mm/hugetlb.c': numbered('hugetlb', 60),
  'include/linux/mm.h': numbered('mm', 10),
  'drivers/net/far.c': numbered('far', 10),
  'fs/open.c': numbered('open', 10),
  'fs/ext4/inode.c': numbered('inode', 10),
};

/** A clone with one commit, tag `base`, and a branch that is checked out. */
export function smallClone(parent: string, name = 'linux'): string {
  const clone = join(parent, name);
  mkdirSync(clone, { recursive: true });
  git(clone, 'init', '-q', '--initial-branch=master');
  write(clone, TREE);
  git(clone, 'add', '.');
  git(clone, 'commit', '-q', '-m', 'base');
  git(clone, 'tag', 'base');
  return clone;
}

export interface Change {
  readonly subject: string;
  readonly files: Readonly<Record<string, (before: string) => string>>;
}

/** Three patches over `smallClone`. */
export const THREE: readonly Change[] = [
  { subject: 'mm: hugetlb: rename one', files: { 'mm/hugetlb.c': (text) => text.replace('hugetlb_5;', 'hugetlb_five;') } },
  {
    subject: 'KVM: guest_memfd: rename two',
    files: {
      'virt/kvm/guest_memfd.c': (text) => text.replace('gmem_7;', 'gmem_seven;'),
      'mm/hugetlb.c': (text) => text.replace('hugetlb_50;', 'hugetlb_fifty;'),
    },
  },
  { subject: 'fs: add a file', files: { 'fs/new.c': () => lines('int fresh;') } },
];

interface MailOptions {
  readonly title?: string;
  readonly baseCommit?: boolean;
  /** Without these patches (numbers from 1). */
  readonly without?: readonly number[];
}

/** The changes as a mailed series with a cover letter, an mbox as `git format-patch` writes it. */
export function mailed(clone: string, changes: readonly Change[], options: MailOptions = {}): string {
  const work = join(
    dirname(clone),
    `author-${createHash('sha1')
      .update(JSON.stringify([changes, options]))
      .digest('hex')
      .slice(0, 8)}-${Date.now()}`,
  );
  git(dirname(clone), 'clone', '-q', '--no-hardlinks', clone, work);
  git(work, 'checkout', '-q', '-b', 'series', 'base');
  changes.forEach((change, at) => {
    for (const [path, edit] of Object.entries(change.files)) write(work, { [path]: edit(textOf(join(work, path))) });
    git(work, 'add', '--all', '--force', '.');
    git(
      work,
      'commit',
      '-q',
      '--author=Grace Writer <grace@example.org>',
      `--date=2024-09-0${at + 1}T10:00:00 +0200`,
      '-m',
      `${change.subject}\n\nBecause of ${at + 1}.`,
    );
  });
  const range = options.baseCommit === true ? ['--base=base'] : [];
  git(work, 'format-patch', '-q', '--cover-letter', '--thread', '-o', join(work, 'out'), ...range, 'base..series');
  const names = readdirSync(join(work, 'out')).sort();
  const mails = names
    .filter((name) => !(options.without ?? []).includes(Number(name.slice(0, 4))))
    .map((name) => readFileSync(join(work, 'out', name), 'latin1').replace('*** SUBJECT HERE ***', options.title ?? 'Rename a few things'));
  rmSync(work, { recursive: true, force: true });
  return mails.join('\n');
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Every file, link and directory below, with a digest of its bytes: two that are equal are byte-identical. */
function digests(root: string, without: (path: string) => boolean = () => false): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = (folder: string): void => {
    for (const name of readdirSync(join(root, folder)).sort()) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (without(path)) continue;
      const facts = lstatSync(join(root, path));
      if (facts.isDirectory()) {
        found[`${path}/`] = String(facts.mode);
        visit(path);
      } else if (facts.isSymbolicLink()) found[path] = `-> ${readlinkSync(join(root, path))}`;
      else
        found[path] = `${facts.mode} ${createHash('sha256')
          .update(readFileSync(join(root, path)))
          .digest('hex')}`;
    }
  };
  visit('');
  return found;
}

/** What of a clone must stay as it was: everything but new objects and the notes on worktrees. */
export const cloneDigests = (clone: string): Readonly<Record<string, string>> =>
  digests(clone, (path) => /^\.git\/(objects|worktrees)(\/|$)/.test(path));
