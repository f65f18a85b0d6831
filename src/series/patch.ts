/** Reads the diff in a mail's body. */
import parseDiff from 'parse-diff';
import type { Problem } from '../base/place';
import type { FileChange, Hunk, HunkLine } from './file-change';
import { unsafePathProblems } from './unsafe-path';

interface Diff {
  readonly files: readonly FileChange[];
  readonly problems: readonly Problem[];
}

const DIFF_LINE = /^diff --git /;

/** True where the body holds a diff that `git am` would apply. */
export const hasDiff = (body: string): boolean => /^diff --git \S|^--- \S.*\n\+\+\+ \S.*\n@@ -\d/m.test(body);

/**
 * The files that the diff in a mail's body changes.
 *
 * *Shape* in order of the mail; a path that is changed twice is there twice.
 * *Fails* never: `series/damaged-hunk` and `series/unsafe-path` are problems.
 * *Source* git-diff(1), "Generating patch text with -p". *Leaves out* combined diffs, which mail does not carry.
 */
export function diffOf(body: string): Diff {
  const lines = body.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  const problems: Problem[] = [];
  const files = sectionStarts(lines).map((start, index, all) => fileChange(lines, start, all[index + 1] ?? lines.length, problems));
  for (const file of files) problems.push(...unsafePathProblems(file));
  return { files, problems };
}

/** Where each file's part begins: its `diff --git` line or, in a plain unified diff, its `---` line. */
function sectionStarts(lines: readonly string[]): readonly number[] {
  const git = lines.flatMap((line, index) => (DIFF_LINE.test(line) ? [index] : []));
  if (git.length > 0) return git;
  const plain = (index: number): boolean =>
    /^--- \S/.test(lines[index] ?? '') && /^\+\+\+ \S/.test(lines[index + 1] ?? '') && /^@@ -\d/.test(lines[index + 2] ?? '');
  return lines.flatMap((_, index) => (plain(index) ? [index] : []));
}

function fileChange(lines: readonly string[], start: number, end: number, problems: Problem[]): FileChange {
  const head = headOf(lines, start, end);
  const hunks = hunksOf(lines, head.end, end, head.path, problems);
  const count = (kind: HunkLine['kind']): number =>
    hunks.reduce((sum, hunk) => sum + hunk.lines.filter((line) => line.kind === kind).length, 0);
  const { path, oldPath, status, binary, oldMode, newMode } = head;
  return { path, oldPath, status, binary, oldMode, newMode, additions: count('added'), deletions: count('removed'), hunks, at: start };
}

interface Head {
  readonly path: string;
  readonly oldPath: string | null;
  readonly status: FileChange['status'];
  readonly binary: boolean;
  readonly oldMode: string | null;
  readonly newMode: string | null;
  /** The line after it. */
  readonly end: number;
}

/** The extended header lines of git and the `---`/`+++` pair. */
function headOf(lines: readonly string[], start: number, end: number): Head {
  const found: Record<string, string> = {};
  let binary = false;
  let at = start;
  for (; at < end; at++) {
    const line = lines[at] ?? '';
    if (/^@@ /.test(line)) break;
    const match =
      /^(rename from|rename to|copy from|copy to|old mode|new mode|new file mode|deleted file mode|index|---|\+\+\+) (.*)$/.exec(line);
    if (match !== null) found[match[1] ?? ''] ??= match[2] ?? '';
    else if (/^(GIT binary patch$|Binary files .* differ$)/.test(line)) binary = true;
    else if (/^--\s*$/.test(line)) break;
  }
  const [gitOld, gitNew] = gitNames(lines[start] ?? '');
  const minus = named(found['---']);
  const plus = named(found['+++']);
  const isNew = found['new file mode'] !== undefined || minus === '/dev/null';
  const isGone = found['deleted file mode'] !== undefined || plus === '/dev/null';
  const renamedFrom = found['rename from'] ?? found['copy from'];
  const oldName = renamedFrom === undefined ? stripped(minus ?? gitOld) : unquotedName(renamedFrom);
  const newName = renamedFrom === undefined ? stripped(plus ?? gitNew) : unquotedName(found['rename to'] ?? found['copy to'] ?? '');
  const indexMode = /\s(\d{6})$/.exec(found['index'] ?? '')?.[1] ?? null;
  return {
    path: isGone ? oldName : newName,
    oldPath: isNew ? null : oldName,
    status: isNew ? 'added' : isGone ? 'deleted' : renamedFrom === undefined ? 'modified' : 'renamed',
    binary,
    oldMode: found['old mode'] ?? found['deleted file mode'] ?? (isNew ? null : indexMode),
    newMode: found['new mode'] ?? found['new file mode'] ?? (isGone ? null : indexMode),
    end: at,
  };
}

/** The name of a `---` or `+++` line: without a tab and what follows it, unquoted. */
const named = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : unquotedName(value.replace(/\t.*$/, ''));

/** As `-p1` does: without the first component. */
const stripped = (name: string): string => (name === '/dev/null' ? name : name.slice(name.indexOf('/') + 1));

/** Both names of a `diff --git` line. Unquoted names with blanks are told apart by being the same but for their first component. */
function gitNames(line: string): readonly [string, string] {
  const rest = line.replace(DIFF_LINE, '').trim();
  const quoted = /^("(?:[^"\\]|\\.)*"|\S+) ("(?:[^"\\]|\\.)*"|\S+)$/.exec(rest);
  if (quoted !== null) return [unquotedName(quoted[1] ?? ''), unquotedName(quoted[2] ?? '')];
  const middle = (rest.length - 1) / 2;
  if (rest[middle] === ' ' && stripped(rest.slice(0, middle)) === stripped(rest.slice(middle + 1)))
    return [rest.slice(0, middle), rest.slice(middle + 1)];
  return [rest, rest];
}

/** PATH_MAX is 4096 bytes; each may be an escape of four characters. */
const MAX_NAME = 4 * 4096;

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/** A C-quoted name as git writes it where a name has odd bytes (core.quotePath). */
function unquotedName(name: string): string {
  if (name.length > MAX_NAME || !/^".*"$/.test(name)) return name;
  const bytes: number[] = [];
  for (const part of name.slice(1, -1).match(/\\[0-7]{1,3}|\\.|[^\\]/gsu) ?? []) {
    if (/^\\[0-7]/.test(part)) bytes.push(Number.parseInt(part.slice(1), 8) & 255);
    else if (part.startsWith('\\')) bytes.push(ESCAPES[part.slice(1)] ?? 0);
    else bytes.push(...utf8(part));
  }
  return fromUtf8(bytes);
}

const utf8 = (text: string): number[] => [...unescape(encodeURIComponent(text))].map((c) => c.charCodeAt(0));

function fromUtf8(bytes: readonly number[]): string {
  const latin1 = String.fromCharCode(...bytes);
  try {
    return decodeURIComponent(escape(latin1));
  } catch {
    return latin1;
  }
}

function hunksOf(lines: readonly string[], start: number, end: number, path: string, problems: Problem[]): readonly Hunk[] {
  // parse-diff takes the kind of the line before such a mark, and throws where a hunk opens with it.
  const isStray = (at: number): boolean => /^\\ /.test(lines[at] ?? '') && /^@@ |^\\ /.test(lines[at - 1] ?? '');
  const kept = Array.from({ length: end - start }, (_, index) => start + index).filter((at) => !isStray(at));
  const text = kept.map((at) => lines[at]).join('\n');
  const chunks = parseDiff(`diff --git a/x b/x\n--- a/x\n+++ b/x\n${text}`)[0]?.chunks ?? [];
  let cursor = 0;
  return chunks.map((chunk) => {
    while (cursor < kept.length && lines[kept[cursor] ?? end] !== chunk.content) cursor++;
    const at = kept[cursor] ?? end;
    const first = cursor + 1;
    const made = chunk.changes.map((change, index) => hunkLine(change, kept[first + index] ?? end)).filter((line) => line !== null);
    cursor = first + chunk.changes.length;
    const before = made.filter((line) => line.old !== null).length;
    const after = made.filter((line) => line.new !== null).length;
    if (before !== chunk.oldLines || after !== chunk.newLines) {
      const message = `The hunk "${chunk.content.slice(0, 80)}" of ${path} has ${before} old and ${after} new lines, not ${chunk.oldLines} and ${chunk.newLines}.`;
      problems.push({ code: 'series/damaged-hunk', message });
    }
    const { content: header, oldStart, oldLines, newStart, newLines } = chunk;
    return { header, oldStart, oldLines, newStart, newLines, lines: made, at };
  });
}

function hunkLine(change: parseDiff.Change, at: number): HunkLine | null {
  if (change.content.startsWith('\\')) return null;
  const text = change.content.slice(1);
  if (change.type === 'add') return { kind: 'added', text, old: null, new: change.ln, at };
  if (change.type === 'del') return { kind: 'removed', text, old: change.ln, new: null, at };
  return { kind: 'context', text, old: change.ln1, new: change.ln2, at };
}
