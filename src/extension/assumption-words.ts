/** The words and icons of the Assumptions view. */
import * as vscode from 'vscode';
import type { AssumptionSite, Claim, SiteClass, SiteOrigin } from '../protocol/assumptions';

export function classWords(one: SiteClass): string {
  switch (one) {
    case 'asserts':
      return vscode.l10n.t('Only asserts');
    case 'assumes-hugetlb-vma':
      return vscode.l10n.t('Assumes a hugetlb VMA');
    case 'excludes':
      return vscode.l10n.t('Excludes what is hugetlb');
    case 'predicate':
      return vscode.l10n.t('Is what a function returns');
    case 'folio-only':
      return vscode.l10n.t('Handles the folio, needs no VMA');
    case 'guards':
      return vscode.l10n.t('Guards what is for hugetlb');
    case 'sets':
      return vscode.l10n.t('Makes a VMA hugetlb');
    case 'guarded':
      return vscode.l10n.t('A test comes before it');
    case 'contract':
      return vscode.l10n.t('All callers pass what is hugetlb');
    case 'from-folio':
      return vscode.l10n.t('Only the folio says so');
    case 'unproven':
      return vscode.l10n.t('Nothing proves it');
    case 'named':
      return vscode.l10n.t('Only named');
    case 'unread':
      return vscode.l10n.t('Could not be followed');
    default:
      return one;
  }
}

/** Loudest first: the order of the groups. */
export const CLASS_ORDER: readonly SiteClass[] = [
  'assumes-hugetlb-vma',
  'from-folio',
  'unproven',
  'unread',
  'excludes',
  'folio-only',
  'guards',
  'sets',
  'predicate',
  'asserts',
  'guarded',
  'contract',
  'named',
];

const DOUBTFUL: ReadonlySet<SiteClass> = new Set(['assumes-hugetlb-vma', 'from-folio', 'unproven']);

/** Whether a reviewer has to look at it. */
export const isDoubtful = (site: AssumptionSite): boolean => DOUBTFUL.has(site.class) && !site.reviewed;

export function classIcon(one: SiteClass): vscode.ThemeIcon {
  if (DOUBTFUL.has(one)) return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon(
    {
      asserts: 'verified',
      excludes: 'circle-slash',
      predicate: 'symbol-boolean',
      'folio-only': 'file',
      guards: 'shield',
      sets: 'edit',
      guarded: 'shield',
      contract: 'references',
      named: 'symbol-constant',
      unread: 'question',
    }[one as string] ?? 'circle-small',
  );
}

export const REVIEWED_ICON = new vscode.ThemeIcon('pass', new vscode.ThemeColor('disabledForeground'));

export function reachWords({ reach }: AssumptionSite): string {
  switch (reach.is) {
    case 'reachable':
      return vscode.l10n.t('A folio of guest_memfd can come here');
    case 'not-reachable':
      return vscode.l10n.t('No folio of guest_memfd comes here');
    case 'cannot-tell':
      return vscode.l10n.t('Whether a folio of guest_memfd comes here cannot be told');
  }
}

/**
 * `new in 30/39`, or what it was before.
 *
 * @param patches how many there are; null under the patch itself
 */
export function originWords({ patch, before }: SiteOrigin, site: AssumptionSite, patches: number | null): string {
  if (before === null) return patches === null ? vscode.l10n.t('new') : vscode.l10n.t('new in {0}', `${patch}/${patches}`);
  if (patches !== null) return vscode.l10n.t('changed by {0}', `${patch}/${patches}`);
  if (before.class !== site.class) return vscode.l10n.t('was {0}', before.class);
  switch (before.reach) {
    case 'reachable':
      return vscode.l10n.t('reached before');
    case 'not-reachable':
      return vscode.l10n.t('not reached before');
    case 'cannot-tell':
      return vscode.l10n.t('reach not known before');
  }
}

export function verdictWords(verdict: Claim['verdict']): string {
  switch (verdict) {
    case 'holding':
      return vscode.l10n.t('holds');
    case 'failing':
      return vscode.l10n.t('fails');
    case 'not-covered':
      return vscode.l10n.t('not covered');
  }
}

export function verdictIcon(verdict: Claim['verdict']): vscode.ThemeIcon {
  if (verdict === 'failing') return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  return new vscode.ThemeIcon(verdict === 'holding' ? 'pass' : 'question');
}

export function reachIcon({ reach }: AssumptionSite): vscode.ThemeIcon {
  if (reach.is === 'reachable') return new vscode.ThemeIcon('debug-step-into', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon(reach.is === 'not-reachable' ? 'circle-slash' : 'question');
}
