/** The words for classes in marks, hovers and hints, and how loudly each is marked where no setting says otherwise. */
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import type { Reach, SiteClass } from '../assumptions/site';

interface ClassWords {
  /** A sentence, as it follows the name of a class. */
  readonly says: string;
  /** Two or three words, for a hint beside the code. */
  readonly short: string;
  readonly severity: DiagnosticSeverity;
}

const { Warning, Information, Hint } = DiagnosticSeverity;

export const CLASS_WORDS: Readonly<Record<SiteClass, ClassWords>> = {
  asserts: { says: 'it only asserts', short: 'only asserts', severity: Hint },
  'assumes-hugetlb-vma': {
    says: 'where it is true, something is done that needs a hugetlb VMA, and nothing has tested the VMA',
    short: 'assumes hugetlb VMA',
    severity: Warning,
  },
  excludes: { says: 'what is hugetlb is rejected or skipped', short: 'excludes hugetlb', severity: Information },
  predicate: { says: 'it is what its function gives back', short: 'is returned', severity: Hint },
  'folio-only': { says: 'hugetlb folios are handled apart, and no VMA is needed for that', short: 'folio only', severity: Information },
  guards: { says: 'what is done where it is true is for hugetlb', short: 'guards hugetlb', severity: Hint },
  sets: { says: 'it makes a VMA a hugetlb VMA', short: 'makes hugetlb', severity: Information },
  guarded: { says: 'a test of what it works on comes before it on every path', short: 'tested before', severity: Hint },
  contract: { says: 'every caller in the tree passes what is hugetlb', short: 'callers say so', severity: Hint },
  'from-folio': { says: 'nothing says that the VMA is hugetlb but that the folio is', short: 'from folio only', severity: Warning },
  unproven: { says: 'nothing was found that says that it works on what is hugetlb', short: 'unproven', severity: Warning },
  named: { says: 'it is only named here', short: 'only named', severity: Hint },
  unread: { says: 'the code around it could not be followed', short: 'could not follow', severity: Information },
};

export const REACH_WORDS: Readonly<Record<Reach['is'], string>> = {
  reachable: 'A folio of guest_memfd can come here',
  'not-reachable': 'No folio of guest_memfd comes here',
  'cannot-tell': 'Whether a folio of guest_memfd comes here cannot be told',
};

export const isSiteClass = (name: string): name is SiteClass => Object.hasOwn(CLASS_WORDS, name);
