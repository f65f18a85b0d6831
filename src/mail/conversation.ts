/** Mails put into the conversations that they make: who answers whom. */
import { instantOf } from './date';
import type { Message } from './message';

/** A mail with those that answer it. */
export interface Turn {
  readonly message: Message;
  /** In order of date. */
  readonly answers: readonly Turn[];
  /** The id that the mail says it answers, where that mail is not here; else ''. */
  readonly missingParent: string;
}

/**
 * The conversations among the mails.
 *
 * *Shape* roots in order of date; a mail that came several times (from several lists) is there once, as it came first; a mail whose
 * parent is missing hangs from the nearest of its references that is here; a loop is opened at its earliest mail. No mail is lost.
 * *Fails* never. *Cost* linear but for sorting.
 */
export function conversationsOf(messages: readonly Message[]): readonly Turn[] {
  const ordered = inOrder(uniqueMessages(messages));
  const byId = new Map(ordered.map((message) => [message.id, message]));
  const parents = new Map<string, string>();
  const tops = new Map<string, string>();
  // From the latest to the earliest, so that the edge that would close a loop is the earliest mail's.
  for (const message of [...ordered].reverse()) {
    const parent = parentOf(message, byId);
    if (parent === null || topOf(parent, tops) === message.id) continue;
    parents.set(message.id, parent);
    tops.set(message.id, parent);
  }
  const children = new Map<string, Message[]>();
  for (const message of ordered) {
    const parent = parents.get(message.id);
    if (parent === undefined) continue;
    const known = children.get(parent);
    if (known === undefined) children.set(parent, [message]);
    else known.push(message);
  }
  const roots = ordered.filter((message) => !parents.has(message.id));
  return roots.map((root) => turnOf(root, children, byId));
}

/** Each id once, the first copy kept. */
export function uniqueMessages(messages: readonly Message[]): readonly Message[] {
  const seen = new Set<string>();
  return messages.filter((message) => !seen.has(message.id) && seen.add(message.id));
}

/** By instant of sending; mails without a date stay behind those before them; ties keep their order. */
export function inOrder(messages: readonly Message[]): readonly Message[] {
  let latest = Number.NEGATIVE_INFINITY;
  const keyed = messages.map((message, index) => {
    const at = instantOf(message.date);
    const key = Number.isNaN(at) ? latest : at;
    latest = key;
    return { message, key, index };
  });
  return keyed.sort((a, b) => (a.key === b.key ? a.index - b.index : a.key < b.key ? -1 : 1)).map((entry) => entry.message);
}

/** The turns under a turn, itself first, parents before answers. Without recursion: conversations can be deep. */
export function turnsOf(root: Turn): readonly Turn[] {
  const out: Turn[] = [];
  const open: Turn[] = [root];
  for (let turn = open.pop(); turn !== undefined; turn = open.pop()) {
    out.push(turn);
    open.push(...[...turn.answers].reverse());
  }
  return out;
}

function parentOf(message: Message, byId: ReadonlyMap<string, Message>): string | null {
  const candidates = [message.inReplyTo, ...[...message.references].reverse()];
  return candidates.find((id) => id !== '' && id !== message.id && byId.has(id)) ?? null;
}

/** The root of the tree that the mail is in, with the paths to it made short: long chains stay linear. */
function topOf(id: string, tops: Map<string, string>): string {
  let top = id;
  for (let next = tops.get(top); next !== undefined; next = tops.get(top)) top = next;
  for (let at = id; at !== top;) {
    const next = tops.get(at) ?? top;
    tops.set(at, top);
    at = next;
  }
  return top;
}

function turnOf(root: Message, children: ReadonlyMap<string, readonly Message[]>, byId: ReadonlyMap<string, Message>): Turn {
  const make = (message: Message): { message: Message; answers: Turn[]; missingParent: string } => {
    const named = message.inReplyTo === '' ? (message.references.at(-1) ?? '') : message.inReplyTo;
    return { message, answers: [], missingParent: named === '' || byId.has(named) ? '' : named };
  };
  const top = make(root);
  const open = [top];
  for (let turn = open.pop(); turn !== undefined; turn = open.pop()) {
    for (const child of children.get(turn.message.id) ?? []) {
      const made = make(child);
      turn.answers.push(made);
      open.push(made);
    }
  }
  return top;
}
