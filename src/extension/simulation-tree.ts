/** The Simulation view: call stack with variables, findings and choices of the run, as the page tells them at each stop. */
import * as vscode from 'vscode';
import type { FrameView, MadeChoice, RunFinding, VariableView } from '../protocol/simulation';
import type { At } from './simulator';
import { baseName } from './words';

export type SimulationNode =
  | { readonly kind: 'part'; readonly part: 'stack' | 'findings' | 'choices' }
  | { readonly kind: 'frame'; readonly frame: FrameView; readonly depth: number }
  | { readonly kind: 'variable'; readonly variable: VariableView; readonly of: number }
  | { readonly kind: 'finding'; readonly finding: RunFinding; readonly number: number }
  | { readonly kind: 'choice'; readonly made: MadeChoice; readonly number: number };

export class SimulationTree implements vscode.TreeDataProvider<SimulationNode> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private at: At | undefined;

  show(at: At | undefined): void {
    this.at = at;
    this.changed.fire();
  }

  getChildren(node?: SimulationNode): SimulationNode[] {
    if (!this.at) return [];
    const { stack = [], findings = [], choices = [] } = this.at;
    if (!node) {
      const parts = { stack, findings, choices };
      return PARTS.filter((part) => part === 'stack' || parts[part].length > 0).map((part) => ({ kind: 'part', part }));
    }
    switch (node.kind) {
      case 'part':
        if (node.part === 'stack') return stack.map((frame, depth) => ({ kind: 'frame', frame, depth }));
        if (node.part === 'findings') return findings.map((finding, number) => ({ kind: 'finding', finding, number }));
        return choices.map((made, number) => ({ kind: 'choice', made, number }));
      case 'frame':
        return node.frame.variables.map((variable) => ({ kind: 'variable', variable, of: node.depth }));
      default:
        return [];
    }
  }

  getTreeItem(node: SimulationNode): vscode.TreeItem {
    const item = itemOf(node, this.at);
    item.accessibilityInformation = { label: [item.label, item.description].filter((part) => typeof part === 'string').join(', ') };
    return item;
  }
}

const PARTS = ['stack', 'findings', 'choices'] as const;
const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

function itemOf(node: SimulationNode, at: At | undefined): vscode.TreeItem {
  switch (node.kind) {
    case 'part': {
      const item = new vscode.TreeItem(partWords(node.part), Expanded);
      item.id = node.part;
      const number = { stack: at?.stack, findings: at?.findings, choices: at?.choices }[node.part]?.length ?? 0;
      item.description = String(number);
      item.iconPath = new vscode.ThemeIcon({ stack: 'layers', findings: 'warning', choices: 'git-branch' }[node.part]);
      return item;
    }
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
      const [icon, colour] = node.finding.kind === 'warn-on' ? ['warning', 'Warning'] : ['error', 'Error'];
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

function partWords(part: 'stack' | 'findings' | 'choices'): string {
  switch (part) {
    case 'stack':
      return vscode.l10n.t('Call stack');
    case 'findings':
      return vscode.l10n.t('Findings');
    case 'choices':
      return vscode.l10n.t('Choices');
  }
}
