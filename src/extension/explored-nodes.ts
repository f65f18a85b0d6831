/** The rows of explorations in the Simulation view: function, verdict with its bounds, findings, and the steps of each witness. */
import * as vscode from 'vscode';
import type { ExplorationReport, ExploredFinding, TraceEntry } from '../protocol/exploration';
import { type Explored, fileOf } from './explored-list';
import { isWarning, metIn, placeText, verdictText } from './verdict-words';
import { counted } from './words';

export type ExploredNode =
  | { readonly kind: 'explored'; readonly explored: Explored }
  | { readonly kind: 'verdict'; readonly explored: Explored }
  | { readonly kind: 'bound'; readonly explored: Explored; readonly text: string }
  | { readonly kind: 'because'; readonly explored: Explored; readonly text: string }
  | { readonly kind: 'explored-finding'; readonly explored: Explored; readonly finding: ExploredFinding }
  | { readonly kind: 'witness-step'; readonly explored: Explored; readonly entry: TraceEntry; readonly number: number };

export function childrenOf(node: ExploredNode): readonly ExploredNode[] {
  const { explored } = node;
  switch (node.kind) {
    case 'explored': {
      const { report } = explored;
      const because = report.because.map((text): ExploredNode => ({ kind: 'because', explored, text }));
      const findings = report.findings.map((finding): ExploredNode => ({ kind: 'explored-finding', explored, finding }));
      return [{ kind: 'verdict', explored }, ...findings, ...because];
    }
    case 'verdict':
      return boundsOf(explored.report).map((text) => ({ kind: 'bound', explored, text }));
    case 'explored-finding':
      return node.finding.trace.map((entry, number) => ({ kind: 'witness-step', explored, entry, number }));
    default:
      return [];
  }
}

/** Under what a verdict was given: the bounds, what was taken as given, and the states that the function cannot be in. */
const boundsOf = ({ bounds, assumptions, unfit }: ExplorationReport): readonly string[] => [
  ...bounds.split(/;\s+/),
  ...assumptions.map((text) => vscode.l10n.t('Taken as given: {0}', text)),
  ...unfit.map(({ state, why }) => vscode.l10n.t('Without the state {0}: {1}', state, why)),
];

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
const VERDICT_ICONS = {
  violated: ['error', 'problemsErrorIcon.foreground'],
  held: ['circle-large-outline', undefined],
  undecided: ['question', undefined],
} as const;

export function exploredItem(node: ExploredNode): vscode.TreeItem {
  const { explored } = node;
  const { report } = explored;
  const id = `${explored.tree} ${report.function}`;
  switch (node.kind) {
    case 'explored': {
      const item = new vscode.TreeItem(`${report.function}()`, Expanded);
      item.id = id;
      item.description = verdictText(report);
      item.iconPath = verdictIcon(report.verdict);
      item.contextValue = 'explored';
      item.tooltip = `${verdictText(report)}\n${report.bounds}`;
      opens(item, explored, report.file, report.line);
      return item;
    }
    case 'verdict': {
      const item = new vscode.TreeItem(verdictText(report), Collapsed);
      item.id = `${id} verdict`;
      item.description = report.bounds;
      item.iconPath = new vscode.ThemeIcon('law');
      item.tooltip = `${verdictText(report)}\n${report.bounds}\n${report.states.map((one) => `${one.state}: ${one.verdict}`).join('\n')}`;
      return item;
    }
    case 'bound': {
      const item = new vscode.TreeItem(node.text, None);
      item.id = `${id} bound ${node.text}`;
      item.tooltip = node.text;
      return item;
    }
    case 'because': {
      const item = new vscode.TreeItem(node.text, None);
      item.id = `${id} because ${node.text}`;
      item.iconPath = new vscode.ThemeIcon('question');
      item.tooltip = vscode.l10n.t('Why it is not decided: {0}', node.text);
      return item;
    }
    case 'explored-finding': {
      const { finding } = node;
      const item = new vscode.TreeItem(`${finding.kind}: ${finding.message}`, finding.trace.length > 0 ? Collapsed : None);
      item.id = `${id} ${finding.kind} ${finding.function} ${finding.file}:${finding.line}`;
      item.description = `${placeText(finding)} · ${metIn(finding)}`;
      item.iconPath = isWarning(finding.kind)
        ? new vscode.ThemeIcon('warning', new vscode.ThemeColor('problemsWarningIcon.foreground'))
        : new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground'));
      item.contextValue = 'explored-finding';
      const steps = counted(finding.trace.length, vscode.l10n.t('1 step'), vscode.l10n.t('{0} steps', finding.trace.length));
      item.tooltip = `${finding.kind}: ${finding.message}\n${placeText(finding)} · ${metIn(finding)}\n${steps}`;
      opens(item, explored, finding.file, finding.line);
      return item;
    }
    case 'witness-step': {
      const { entry, number } = node;
      const item = new vscode.TreeItem(entry.text, None);
      item.description = `${entry.function}() · ${placeText(entry)}`;
      item.iconPath = new vscode.ThemeIcon(entry.text.startsWith('choice:') ? 'git-branch' : 'debug-step-over');
      item.tooltip = `${number + 1}. ${entry.text}\n${entry.function}() · ${entry.file}:${entry.line} · ${vscode.l10n.t('step {0}', entry.step)}`;
      opens(item, explored, entry.file, entry.line);
      return item;
    }
  }
}

function verdictIcon(verdict: keyof typeof VERDICT_ICONS): vscode.ThemeIcon {
  const [name, colour] = VERDICT_ICONS[verdict];
  return colour === undefined ? new vscode.ThemeIcon(name) : new vscode.ThemeIcon(name, new vscode.ThemeColor(colour));
}

/** Goes to a line of the tree at a click. */
function opens(item: vscode.TreeItem, explored: Explored, file: string, line: number): void {
  const uri = fileOf(explored, file);
  if (!uri || line < 1) return;
  const position = new vscode.Position(line - 1, 0);
  const selection = new vscode.Range(position, position);
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Show Line'), arguments: [uri, { selection, preview: true }] };
}
