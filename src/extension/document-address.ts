/** Addresses of the read-only documents: a file before or after a patch, and a mail. */

/** A file at one side of a patch. */
export interface CommitAddress {
  readonly worktree: string;
  readonly commit: string;
  /** Patch from 1. The same commit stands on the right of one patch and on the left of the next. */
  readonly patch: number;
  readonly side: 'new' | 'old';
  readonly file: string;
}

/** A mail of a series, or the reply that the remarks on a patch make (0: the cover letter). */
export type MailAddress =
  | { readonly kind: 'message'; readonly series: string; readonly message: string }
  | { readonly kind: 'reply'; readonly series: string; readonly patch: number };

interface AddressParts {
  readonly path: string;
  readonly query: string;
}

export const COMMIT_SCHEME = 'folioscope-commit';
export const MAIL_SCHEME = 'folioscope-mail';

export const commitParts = ({ file, ...rest }: CommitAddress): AddressParts => ({ path: `/${file}`, query: JSON.stringify(rest) });

/** The address of a document's path and query; undefined where they are none. */
export function commitAddress({ path, query }: AddressParts): CommitAddress | undefined {
  const fields = objectOf(query);
  const { worktree, commit, patch, side } = fields;
  if (typeof worktree !== 'string' || typeof commit !== 'string' || typeof patch !== 'number') return undefined;
  if ((side !== 'new' && side !== 'old') || path.length < 2) return undefined;
  return { worktree, commit, patch, side, file: path.slice(1) };
}

/** The folder in the path is what the manifest's file name pattern knows these documents by; the last part is the tab's title. */
export const mailParts = (address: MailAddress, title: string): AddressParts => ({
  path: `/folioscope-mail/${titleInPath(title)}`,
  query: JSON.stringify(address),
});

export function mailAddress({ query }: AddressParts): MailAddress | undefined {
  const { kind, series, message, patch } = objectOf(query);
  if (typeof series !== 'string') return undefined;
  if (kind === 'message' && typeof message === 'string') return { kind, series, message };
  if (kind === 'reply' && typeof patch === 'number') return { kind, series, patch };
  return undefined;
}

/** A title as one part of a path: no separators, not too long for a tab. */
function titleInPath(title: string): string {
  const plain = title.replace(/[/\\]/g, '∕').replace(/\s+/g, ' ').trim();
  return plain === '' || plain === '.' || plain === '..' ? 'mail' : plain.slice(0, 120);
}

function objectOf(json: string): Readonly<Record<'worktree' | 'commit' | 'patch' | 'side' | 'kind' | 'series' | 'message', unknown>> {
  const nothing = { worktree: null, commit: null, patch: null, side: null, kind: null, series: null, message: null };
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...nothing, ...value } : nothing;
  } catch {
    return nothing;
  }
}
