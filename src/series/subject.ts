/** What a mail's subject says about its place in a series: the prefixes of `git format-patch`. */

export interface SubjectParts {
  /** True for `Re:` and its like. */
  readonly reply: boolean;
  /** Revision, from 1. */
  readonly revision: number;
  /** `m` of `m/n`; 1 for a patch without numbers. */
  readonly number: number;
  /** `n` of `m/n`; 1 for a patch without numbers. */
  readonly total: number;
  /** True where `m/n` is written. */
  readonly numbered: boolean;
  /** True where the brackets say PATCH or RFC. */
  readonly patch: boolean;
  /** The other words of the brackets in order: `RFC PATCH bpf-next`. */
  readonly prefix: string;
  /** What follows the brackets. */
  readonly title: string;
}

/** More patches than any series has: numbers above are a date or a mistake. */
const MAX_SERIES_PATCHES = 1000;

const REPLY = /^(?:(?:re|aw|sv|antw|vs|odp|回复|答复)(?:\[\d+\])?\s*[:：]\s*)+/i;
const FORWARD = /^(?:(?:fwd?|wg|tr)\s*:\s*)+/i;

/**
 * The parts of a subject (decoded, on one line).
 *
 * *Source* git-format-patch(1) `--subject-prefix`, `--rfc`, `--reroll-count`; the spellings on the lists (`[PATCHv2 1/3]`, `[tree][PATCH]`).
 */
export function subjectParts(subject: string): SubjectParts {
  let rest = subject.slice(0, 2000).trim();
  const withoutReply = rest.replace(REPLY, '').replace(FORWARD, '').replace(REPLY, '');
  const reply = withoutReply !== rest;
  rest = withoutReply.trimStart();
  const words: string[] = [];
  for (let match = /^\[([^\]]*)\]\s*/.exec(rest); match !== null; match = /^\[([^\]]*)\]\s*/.exec(rest)) {
    words.push(...(match[1] ?? '').split(/[\s,]+/).filter((word) => word !== ''));
    rest = rest.slice(match[0].length);
  }
  let revision = 1;
  let number = 1;
  let total = 1;
  let numbered = false;
  const prefix: string[] = [];
  for (const word of words) {
    const counted = /^(\d{1,4})\/(\d{1,4})$/.exec(word);
    const version = /^(PATCH|RFC)?[-_]?v(\d{1,3})(\.\d+)?$/i.exec(word);
    if (counted !== null && Number(counted[2]) <= MAX_SERIES_PATCHES && Number(counted[1]) <= Number(counted[2])) {
      number = Number(counted[1]);
      total = Math.max(1, Number(counted[2]));
      numbered = true;
    } else if (version !== null) {
      revision = Math.max(1, Number(version[2]));
      if (version[1] !== undefined) prefix.push(version[1]);
    } else prefix.push(word);
  }
  return {
    reply,
    revision,
    number,
    total,
    numbered,
    patch: prefix.some((word) => /^(PATCH|RFC|RFT)\b/i.test(word)),
    prefix: prefix.join(' '),
    title: rest,
  };
}
