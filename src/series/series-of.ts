/** The series among the mails of a thread or an mbox. */
import type { Problem } from '../base/place';
import { conversationsOf, inOrder, uniqueMessages } from '../mail/conversation';
import type { Message } from '../mail/message';
import { hasDiff } from './patch';
import { patchOf, trailersGiven } from './patch-of';
import type { Part } from './part';
import type { Patch, Series } from './series';
import { subjectParts } from './subject';
import { repliesOf } from './replies';

interface FoundSeries {
  /** In order of their first mail. Incomplete ones are there too, with `missing`. */
  readonly series: readonly Series[];
  readonly problems: readonly Problem[];
}

/** The mails of one revision of one series. */
interface Group {
  readonly root: string;
  readonly revision: number;
  readonly total: number;
  readonly prefix: string;
  readonly sender: string;
  readonly parts: Map<number, Part>;
  readonly duplicates: Part[];
}

/**
 * Every series that the mails hold, each revision by itself.
 *
 * *Shape* a mail belongs to at most one series; the same mail from several lists counts once. Patches that are sent unthreaded are put together by
 * revision, total, prefix and sender.
 * *Fails* never; mails that are in no series are simply not in any.
 * *Source* how b4 and `git am` read subjects; git-send-email(1) `--thread`, `--chain-reply-to`.
 */
export function seriesOf(messages: readonly Message[]): FoundSeries {
  const mails = inOrder(uniqueMessages(messages));
  const parts = new Map<string, Part>();
  for (const message of mails) {
    const part = partOf(message);
    if (part !== null) parts.set(message.id, part);
  }
  const groups = mergedGroups(groupsOf([...parts.values()], parts)).filter((group) => [...group.parts.keys()].some((number) => number > 0));
  const owned = new Map(
    groups.flatMap((group) => [...group.parts.values(), ...group.duplicates].map((part) => [part.message.id, group] as const)),
  );
  const roots = conversationsOf(mails);
  const series = groups.map((group) => {
    // A single patch that someone else's thread got as an answer is talk about that thread's patch, not a part of another series.
    const foreign = (id: string): boolean => {
      const owner = owned.get(id);
      return owner !== undefined && owner !== group && (owner.total > 1 || owner.sender === group.sender);
    };
    return finished(group, mails, repliesOf([...group.parts.values()], roots, foreign));
  });
  return { series, problems: mails.flatMap((message) => message.problems) };
}

/** The mail as part of a series, or null: an answer, a discussion, or a subject that only looks like it. */
function partOf(message: Message): Part | null {
  const subject = subjectParts(message.subject);
  if (subject.reply) return null;
  const diff = hasDiff(message.body);
  if (subject.numbered && subject.number === 0) return subject.patch || message.inReplyTo === '' ? { message, subject } : null;
  if (!diff && !(subject.patch && subject.numbered)) return null;
  if (!subject.patch && !(subject.numbered && diff) && message.inReplyTo !== '') return null;
  return { message, subject };
}

function groupsOf(parts: readonly Part[], byId: ReadonlyMap<string, Part>): readonly Group[] {
  const groups = new Map<string, Group>();
  const roots = new Map<string, string>();
  for (const part of parts) {
    const { subject, message } = part;
    const root = rootOf(part, byId, roots);
    const key = JSON.stringify([root, subject.revision, subject.total]);
    const sender = message.from.address.toLowerCase();
    let group = groups.get(key);
    if (group === undefined) {
      group = { root, revision: subject.revision, total: subject.total, prefix: subject.prefix, sender, parts: new Map(), duplicates: [] };
      groups.set(key, group);
    }
    const before = group.parts.get(subject.number);
    if (before !== undefined) group.duplicates.push(before);
    // The later one counts: it was sent to mend the earlier.
    group.parts.set(subject.number, part);
  }
  return [...groups.values()];
}

/** The top of the chain of answered mails that say the same revision and total; for patches, the mail that they all answer. */
function rootOf(part: Part, byId: ReadonlyMap<string, Part>, roots: Map<string, string>): string {
  const { subject, message } = part;
  const chain = [message.id];
  let at = part;
  for (let steps = 0; steps <= byId.size; steps++) {
    const parent: Part | undefined = [at.message.inReplyTo, ...at.message.references]
      .map((id) => byId.get(id))
      .find((one) => one !== undefined && one !== at && sameSeries(one, part));
    if (parent === undefined || chain.includes(parent.message.id)) break;
    const known = roots.get(parent.message.id);
    if (known !== undefined) {
      for (const id of chain) roots.set(id, known);
      return known;
    }
    chain.push(parent.message.id);
    at = parent;
  }
  // Patches without a cover mail here may still all answer the same (missing) mail.
  const absent = at.message.inReplyTo !== '' && !byId.has(at.message.inReplyTo) && subject.total > 1 ? at.message.inReplyTo : at.message.id;
  for (const id of chain) roots.set(id, absent);
  return absent;
}

const sameSeries = (a: Part, b: Part): boolean =>
  a.subject.revision === b.subject.revision && a.subject.total === b.subject.total && a.subject.total > 1;

/** Groups of the same sender, prefix, revision and total whose numbers do not overlap are one series that was sent unthreaded. */
function mergedGroups(groups: readonly Group[]): readonly Group[] {
  const merged: Group[] = [];
  const open = new Map<string, Group[]>();
  for (const group of groups) {
    const key = JSON.stringify([group.sender, group.prefix.toLowerCase(), group.revision, group.total]);
    const known = open.get(key) ?? [];
    const into = group.total === 1 ? undefined : known.find((other) => [...group.parts.keys()].every((number) => !other.parts.has(number)));
    if (into === undefined) {
      merged.push(group);
      open.set(key, [...known, group]);
    } else for (const [number, part] of group.parts) into.parts.set(number, part);
  }
  return merged;
}

function finished(group: Group, mails: readonly Message[], replies: ReadonlyMap<string, readonly Message[]>): Series {
  const problems: Problem[] = group.duplicates.map((part) => ({
    code: 'series/duplicate-patch',
    message: `Patch ${part.subject.number} of ${group.total} was sent more than once; the later mail counts, not <${part.message.id}>.`,
  }));
  const cover = group.parts.get(0) ?? null;
  const patches: Patch[] = [];
  const missing: number[] = [];
  for (let number = 1; number <= group.total; number++) {
    const part = group.parts.get(number);
    if (part === undefined) missing.push(number);
    else patches.push(patchOf(part, number, replies.get(part.message.id) ?? [], problems));
  }
  const coverReplies = cover === null ? [] : (replies.get(cover.message.id) ?? []);
  const first = cover?.message ?? patches[0]?.message ?? mails[0];
  const texts = [cover?.message.body ?? '', ...patches.map((patch) => patch.message.body)];
  const ids = new Set([
    ...[...group.parts.values()].map((part) => part.message.id),
    ...[...replies.values()].flat().map((message) => message.id),
  ]);
  return {
    id: first?.id ?? '',
    title: cover?.subject.title ?? patches[0]?.title ?? '',
    revision: group.revision,
    prefix: group.prefix,
    cover: cover?.message ?? null,
    coverReplies,
    coverTrailers: trailersGiven(coverReplies),
    total: group.total,
    patches,
    missing,
    baseCommit: texts.map((text) => /^base-commit: ([0-9a-f]{7,64})\s*$/m.exec(text)?.[1]).find((found) => found !== undefined) ?? '',
    prerequisites: texts.flatMap((text) =>
      [...text.matchAll(/^prerequisite-patch-id: ([0-9a-f]{40,64})\s*$/gm)].map((match) => match[1] ?? ''),
    ),
    messages: mails.filter((message) => ids.has(message.id)),
    problems,
  };
}
