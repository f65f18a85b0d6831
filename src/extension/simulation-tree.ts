/** The Simulation view: what explorations have found, and call stack, findings and choices of the run, as the page tells them at each stop. */
import * as vscode from 'vscode';
import type { FrameView, MadeChoice, RunFinding, VariableView } from '../protocol/simulation';
import type { ExploredList } from './explored-list';
import { childrenOf, exploredItem, type ExploredNode } from './explored-nodes';
import type { At } from './simulator';
import { isWarning } from './verdict-words';
import { baseName, counted } from './words';

type PartName = 'explored' | 'stack' | 'findings' | 'choices';

export type SimulationNode =
  | ExploredNode
  | { readonly kind: 'part'; readonly part: PartName }
  | { readonly kind: 'frame'; readonly frame: FrameView; readonly depth: number }
  | { readonly kind: 'variable'; readonly variable: VariableView; readonly of: number }
  | { readonly kind: 'finding'; readonly finding: RunFinding; readonly number: number }
  | { readonly kind: 'choice'; readonly made: MadeChoice; readonly number: number }
  | { readonly kind: 'left-out'; readonly number: number };

export class SimulationTree implements vscode.TreeDataProvider<SimulationNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private at: At | undefined;
  private readonly watch: vscode.Disposable;

  constructor(private readonly explored: ExploredList) {
    this.watch = explored.onDidChange(() => this.changed.fire());
  }

  show(at: At | undefined): void {
    this.at = at;
    this.changed.fire();
  }

  dispose(): void {
    this.watch.dispose();
    this.changed.dispose();
  }

  getChildren(node?: SimulationNode): SimulationNode[] {
    if (!node) return this.parts().map((part) => ({ kind: 'part', part }));
    switch (node.kind) {
      case 'part':
        return this.rowsOf(node.part);
      case 'frame':
        return node.frame.variables.map((variable) => ({ kind: 'variable', variable, of: node.depth }));
      case 'explored':
      case 'verdict':
      case 'explored-finding':
        return [...childrenOf(node)];
      default:
        return [];
    }
  }

  private parts(): readonly PartName[] {
    const { at } = this;
    const shown: Readonly<Record<PartName, boolean>> = {
      explored: this.explored.all.length > 0,
      stack: at !== undefined,
      findings: (at?.findings?.total ?? 0) > 0,
      choices: (at?.choices?.total ?? 0) > 0,
    };
    return PARTS.filter((part) => shown[part]);
  }

  private rowsOf(part: PartName): SimulationNode[] {
    const { stack = [], findings, choices } = this.at ?? {};
    switch (part) {
      case 'explored':
        return this.explored.all.map((explored) => ({ kind: 'explored', explored }));
      case 'stack':
        return stack.map((frame, depth) => ({ kind: 'frame', frame, depth }));
      case 'findings': {
        const rows = (findings?.shown ?? []).map((finding, at): SimulationNode => ({ kind: 'finding', finding, number: at }));
        return withLeftOut(rows, findings?.total ?? 0);
      }
      case 'choices': {
        // The newest first: those are what the run has just done.
        const rows = (choices?.shown ?? []).map((made, at): SimulationNode => ({
          kind: 'choice',
          made,
          number: (choices?.from ?? 0) + at,
        }));
        return withLeftOut(rows.reverse(), choices?.total ?? 0);
      }
    }
  }

  getTreeItem(node: SimulationNode): vscode.TreeItem {
    const item = itemOf(node, this.at, this.explored);
    item.accessibilityInformation = { label: [item.label, item.description].filter((text) => typeof text === 'string').join(', ') };
    return item;
  }
}

const withLeftOut = (rows: readonly SimulationNode[], total: number): SimulationNode[] =>
  rows.length < total ? [...rows, { kind: 'left-out', number: total - rows.length }] : [...rows];

const PARTS: readonly PartName[] = ['explored', 'stack', 'findings', 'choices'];
const PART_ICONS: Readonly<Record<PartName, string>> = { explored: 'beaker', stack: 'layers', findings: 'warning', choices: 'git-branch' };
const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

function itemOf(node: SimulationNode, at: At | undefined, explored: ExploredList): vscode.TreeItem {
  switch (node.kind) {
    case 'part': {
      const item = new vscode.TreeItem(partWords(node.part), node.part === 'choices' ? Collapsed : Expanded);
      item.id = node.part;
      item.description = partNote(node.part, at, explored);
      item.iconPath = new vscode.ThemeIcon(PART_ICONS[node.part]);
      item.contextValue = node.part;
      return item;
    }
    case 'left-out':
      return new vscode.TreeItem(vscode.l10n.t('… and {0} more, in the page', node.number));
    case 'frame': {
      const { frame, depth } = node;
      const item = new vscode.TreeItem(
        `${frame.function}()`,
        frame.variables.length === 0 ? undefined : depth === 0 ? Expanded : Collapsed,
      );
      item.id = `frame ${depth} ${frame.function}`;
      item.iconPath = new vscode.ThemeIcon(depth === 0 ? 'debug-stackframe-focused' : 'debug-stackframe');
      return placed(item, frame, '');
    }
    case 'variable': {
      const { name, type, value } = node.variable;
      const item = new vscode.TreeItem(name);
      item.description = value;
      item.tooltip = `${type} ${name} = ${value}`;
      item.iconPath = new vscode.ThemeIcon('symbol-variable');
      return item;
    }
    case 'finding': {
      const item = new vscode.TreeItem(node.finding.message);
      item.id = `finding ${node.number}`;
      const [icon, colour] = isWarning(node.finding.kind) ? ['warning', 'Warning'] : ['error', 'Error'];
      item.iconPath = new vscode.ThemeIcon(icon!, new vscode.ThemeColor(`problems${colour!}Icon.foreground`));
      item.tooltip = `${node.finding.kind}: ${node.finding.message}`;
      return placed(item, node.finding, node.finding.kind);
    }
    case 'choice': {
      const { choice, option } = node.made;
      const item = new vscode.TreeItem(choice.what);
      item.id = `choice ${node.number}`;
      item.iconPath = new vscode.ThemeIcon('git-branch');
      item.tooltip = choice.options.map((text, index) => `${index === option ? '● ' : '○ '}${text}`).join('\n');
      return placed(item, node.made, choice.options[option] ?? '');
    }
    default:
      return exploredItem(node);
  }
}

/** Says where a row is, and goes there at a click. */
function placed(item: vscode.TreeItem, place: { readonly file: string; readonly line: number }, words: string): vscode.TreeItem {
  const where = place.file === '' ? '' : `${baseName(place.file)}:${place.line}`;
  item.description = [words, where].filter((part) => part !== '').join(' · ');
  if (place.file !== '') {
    item.command = { command: 'folioscope.simulator.reveal', title: vscode.l10n.t('Show Line'), arguments: [place.file, place.line] };
  }
  return item;
}

function partWords(part: PartName): string {
  switch (part) {
    case 'explored':
      return vscode.l10n.t('Explored functions');
    case 'stack':
      return vscode.l10n.t('Call stack');
    case 'findings':
      return vscode.l10n.t('Findings of this run');
    case 'choices':
      return vscode.l10n.t('Choices');
  }
}

function partNote(part: PartName, at: At | undefined, explored: ExploredList): string {
  switch (part) {
    case 'explored': {
      const found = explored.all.reduce((sum, one) => sum + one.report.findings.length, 0);
      return counted(found, vscode.l10n.t('1 finding'), vscode.l10n.t('{0} findings', found));
    }
    case 'stack':
      return String(at?.stack?.length ?? 0);
    case 'findings':
      return String(at?.findings?.total ?? 0);
    case 'choices':
      return String(at?.choices?.total ?? 0);
  }
}
