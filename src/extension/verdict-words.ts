/** What is said of a verdict and its findings. A verdict is a statement within bounds, never more. */
import * as vscode from 'vscode';
import type { ExplorationReport, ExploredFinding } from '../protocol/exploration';
import { baseName, counted } from './words';

/** `violated: 3 findings`, `held within bounds`, `undecided`. */
export function verdictText({ verdict, findings }: ExplorationReport): string {
  switch (verdict) {
    case 'violated':
      return vscode.l10n.t(
        'violated: {0}',
        counted(findings.length, vscode.l10n.t('1 finding'), vscode.l10n.t('{0} findings', findings.length)),
      );
    case 'held':
      return vscode.l10n.t('held within bounds');
    case 'undecided':
      return vscode.l10n.t('undecided');
  }
}

/** Locks, pages and memory that are left, and warnings, harm later or less than what stops the kernel. */
export const isWarning = (kind: string): boolean => kind === 'warn-on' || kind.startsWith('leak-');

/** `guest_memfd.c:668`. */
export const placeText = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  file === '' ? '' : `${baseName(file)}:${line}`;

/** `state split, kmalloc fails`: under what a finding was met, in short. */
export const metIn = ({ state, then }: ExploredFinding): string =>
  then.length === 0
    ? vscode.l10n.t('state {0}', state)
    : vscode.l10n.t('state {0}, then {1}', state, then.map((name) => `${name}()`).join(', '));
