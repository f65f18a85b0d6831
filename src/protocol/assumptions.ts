/** What the server tells the editor of the assumptions of a tree: plain data. */
import type { Claim } from '../assumptions/claims';
import type { Assessed, Place, SiteClass } from '../assumptions/site';

export type { Claim } from '../assumptions/claims';
export type { Place, SiteClass } from '../assumptions/site';

export interface AssumptionSite extends Assessed {
  /** A reviewer has looked at it. */
  readonly reviewed: boolean;
}

/** What could not be read; nothing of it is said to be without sites. */
export interface UnreadPlace extends Place {
  /** '' for a whole file, or outside of functions. */
  readonly function: string;
  readonly reason: string;
}

export interface AssumptionsView {
  /** In order of file, line and column. */
  readonly sites: readonly AssumptionSite[];
  readonly unread: readonly UnreadPlace[];
  readonly claims: readonly Claim[];
  /** Files looked at. */
  readonly files: number;
}

/** What a patch did to the sites. Patches from 1, as numbered in the series. */
export interface PatchSites {
  readonly patch: number;
  readonly added: number;
  readonly removed: readonly Assessed[];
  readonly changed: number;
}

export interface SiteHistory {
  /** The patch that made a site what it is, by `siteKey`; sites that were so before the series are left out. */
  readonly since: Readonly<Record<string, SiteOrigin>>;
  readonly patches: readonly PatchSites[];
  /** In order of patches: what each claim was before the series, then each change of one. */
  readonly claims: readonly ClaimStep[];
}

/** What is found of a claim from a patch on. */
export interface ClaimStep {
  /** 0 before the series. */
  readonly patch: number;
  readonly id: Claim['id'];
  readonly verdict: Claim['verdict'];
  readonly because: string;
}

export interface SiteOrigin {
  readonly patch: number;
  /** What it was before the patch; null where the patch brought it. */
  readonly before: { readonly class: SiteClass; readonly reach: Assessed['reach']['is'] } | null;
}

/** A function that calls another, or that is called by it. */
export interface CallRow {
  readonly function: string;
  /** Where it is defined. */
  readonly file: string;
  readonly line: number;
  /** Where the call is: in its own file for a caller, in the caller's for one that is called. */
  readonly callLine: number;
  /** `.rmap_one` where it is called through that member; '' for a call by name. */
  readonly through: string;
}

export interface CallRows {
  readonly callers: readonly CallRow[];
  readonly callees: readonly CallRow[];
}

/** A site among those of the same tree: its place. */
export const siteKey = (site: { readonly file: string; readonly line: number; readonly column: number }): string =>
  `${site.file}:${site.line}:${site.column}`;
