/** The commands that show scenarios of the memory model, and drive the page that plays them. */
import * as vscode from 'vscode';
import { EXPORT_FORMATS, type ExportFormat } from '../protocol/scenario-page';
import type { ScenarioPages } from './scenario-panel';

export function registerScenarioCommands(pages: ScenarioPages): vscode.Disposable {
  const commands: Readonly<Record<string, (...given: never[]) => unknown>> = {
    run: (uri?: vscode.Uri | string, line?: number, designs?: Parameters<ScenarioPages['show']>[2]) =>
      pages.show(uri, typeof line === 'number' ? line : undefined, Array.isArray(designs) ? designs : undefined),
    play: () => pages.command('play'),
    pause: () => pages.command('pause'),
    step: () => pages.command('step'),
    stepBack: () => pages.command('step-back'),
    toStart: () => pages.command('to-start'),
    toEnd: () => pages.command('to-end'),
    nextViolation: () => pages.command('next-violation'),
    nextOrder: () => pages.command('next-order'),
    previousOrder: () => pages.command('previous-order'),
    badOrder: () => pages.command('bad-order'),
    zoomIn: () => pages.command('zoom-in'),
    zoomOut: () => pages.command('zoom-out'),
    zoomPage: () => pages.command('zoom-page'),
    zoomFit: () => pages.command('zoom-fit'),
    speed: async (rate?: number) => {
      const chosen = typeof rate === 'number' ? rate : await chosenSpeed();
      if (chosen !== undefined) pages.setSpeed(chosen);
    },
    export: async (format?: ExportFormat) => {
      const chosen = EXPORT_FORMATS.find((each) => each === format) ?? (await chosenFormat());
      if (chosen !== undefined) pages.export(chosen);
    },
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`folioscope.scenario.${name}`, run as (...given: unknown[]) => unknown),
    ),
  );
}

/** Steps a second. */
async function chosenSpeed(): Promise<number | undefined> {
  const items = [1, 5, 20, 100, 1000].map((rate) => ({ label: vscode.l10n.t('{0} steps a second', rate), rate }));
  return (await vscode.window.showQuickPick([...items, { label: vscode.l10n.t('As fast as it goes'), rate: 0 }]))?.rate;
}

async function chosenFormat(): Promise<ExportFormat | undefined> {
  const items: readonly { readonly label: string; readonly format: ExportFormat }[] = [
    { label: vscode.l10n.t('The map as PNG'), format: 'png' },
    { label: vscode.l10n.t('The map as SVG'), format: 'svg' },
    { label: vscode.l10n.t('The metrics as CSV'), format: 'csv' },
    { label: vscode.l10n.t('The run as JSON'), format: 'json' },
    { label: vscode.l10n.t('The run as text of at most 75 columns, for a mail'), format: 'text' },
  ];
  return (await vscode.window.showQuickPick(items))?.format;
}
