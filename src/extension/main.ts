/** Entry of the extension: puts its parts together. Nothing is started before something asks for it. */
import * as vscode from 'vscode';
import { colourSites } from './assumption-colours';
import { AssumptionsActions } from './assumptions-actions';
import { AssumptionsReading } from './assumptions-reading';
import { type AssumptionNode, AssumptionsTree } from './assumptions-tree';
import { registerCommands } from './commands';
import { serveCommits } from './commit-documents';
import { openEngine } from './engine';
import { offerActions } from './explored-actions';
import { showExplored } from './explored-diagnostics';
import { ExploredList } from './explored-list';
import { Explorer } from './explorer';
import { serveExamples } from './gmem-examples';
import { offerRunsOnC } from './gmem-lenses';
import { showKernelTabs } from './kernel-tabs';
import { serveMails } from './mail-documents';
import { Opening } from './open-commands';
import { openList } from './opened-list';
import { RemarkStore } from './remark-store';
import { RemarkThreads } from './remark-threads';
import { ReplyThreads } from './reply-threads';
import { dimReviewed } from './reviewed-dimming';
import { registerScenarioCommands } from './scenario-commands';
import { ScenarioPages } from './scenario-panel';
import { ScenarioTests } from './scenario-tests';
import { type SeriesNode, SeriesTree } from './series-tree';
import { type SimulationNode, SimulationTree } from './simulation-tree';
import { Simulator } from './simulator';
import { StateDocuments } from './state-documents';
import { showStatus } from './status-item';

/** What `activate` gives to other extensions and to the suite. */
export interface FolioscopeApi {
  /** Milliseconds that activation took of the extension host. */
  readonly activationTime: number;
  readonly simulator: Pick<Simulator, 'lastAt' | 'subject' | 'onDidStop'>;
  readonly explored: Pick<ExploredList, 'all'>;
  readonly replies: Pick<ReplyThreads, 'placedIn'>;
  readonly scenarios: Pick<ScenarioPages, 'shown'>;
  readonly scenarioTests: Pick<ScenarioTests, 'items' | 'told'>;
  /** What the views show. */
  readonly views: {
    readonly series: vscode.TreeDataProvider<SeriesNode>;
    readonly assumptions: vscode.TreeDataProvider<AssumptionNode>;
    readonly simulation: vscode.TreeDataProvider<SimulationNode>;
  };
}

export function activate(context: vscode.ExtensionContext): FolioscopeApi {
  const started = performance.now();
  const engine = openEngine(context);
  const list = openList(engine);
  const store = new RemarkStore(engine);
  const threads = new RemarkThreads(engine, list, store);
  const replies = new ReplyThreads(engine, list);
  const mails = serveMails(engine);
  const simulator = new Simulator(context, engine);
  const scenarios = new ScenarioPages(context.extensionUri);
  const scenarioTests = new ScenarioTests(engine, context.extensionUri, list);
  const explored = new ExploredList(context.workspaceState);
  const states = new StateDocuments(context.workspaceState);
  const explorer = new Explorer(engine, list, explored, simulator, threads, states);
  const opening = new Opening(engine, list, context.globalState);

  const seriesTree = new SeriesTree(list, (series, patch) => threads.countOf(series.id, patch));
  const seriesView = vscode.window.createTreeView('folioscope.series', { treeDataProvider: seriesTree, showCollapseAll: true });
  const reading: AssumptionsReading = new AssumptionsReading(engine, list, (text) => (assumptionsView.message = text));
  const assumptions: AssumptionsTree = new AssumptionsTree(engine, list, reading, context.workspaceState, ({ text, doubtful }) => {
    assumptionsView.description = text;
    assumptionsView.badge = doubtful === 0 ? undefined : { value: doubtful, tooltip: vscode.l10n.t('{0} places to look at', doubtful) };
  });
  const assumptionsView = vscode.window.createTreeView('folioscope.assumptions', { treeDataProvider: assumptions, showCollapseAll: true });
  const actions = new AssumptionsActions(engine, list, assumptions, threads);
  setContext('reachableOnly', assumptions.isReachableOnly);
  const simulation = new SimulationTree(explored);
  const simulationView = vscode.window.createTreeView('folioscope.simulation', { treeDataProvider: simulation });

  const listChanged = (): void => {
    setContexts(list.all.length > 0, list.current !== undefined);
    seriesTree.refresh();
    reading.refresh(false);
    for (const series of list.all) void store.read(series.id).catch(() => undefined);
  };
  context.subscriptions.push(
    engine,
    list,
    store,
    threads,
    replies,
    mails,
    simulator,
    scenarios,
    scenarioTests,
    serveExamples(context.extensionUri),
    offerRunsOnC(list, scenarioTests),
    registerScenarioCommands(scenarios),
    serveCommits(engine),
    showStatus(list),
    showKernelTabs(list),
    seriesView,
    assumptionsView,
    reading,
    dimReviewed(),
    colourSites(),
    simulationView,
    simulation,
    explored,
    states,
    showExplored(explored),
    offerActions(explored),
    engine.onTreeChanged((tree) => void explored.treeChanged(tree)),
    list.onDidChange(listChanged),
    seriesView.onDidChangeSelection(({ selection: [node] }) => node && list.choose(node.series)),
    store.onDidChange((series) => {
      seriesTree.refresh();
      mails.repliesChanged(series);
    }),
    explored.onDidChange(() => setContext('explored', explored.all.length > 0)),
    simulator.onDidStop((at) => {
      simulation.show(at);
      simulationView.description = at?.status ?? '';
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => threads.draw()),
    registerCommands({ engine, list, opening, mails, simulator, assumptions, actions, threads, explored, explorer, states, scenarioTests }),
  );
  // In a kernel tree the server marks the files that are open, and the list tells what this window is about.
  if ((vscode.workspace.workspaceFolders ?? []).length > 0) {
    setTimeout(() => {
      void list.ready();
      void explored.restore();
    }, 0);
  }
  return {
    activationTime: performance.now() - started,
    simulator,
    explored,
    replies,
    scenarios,
    scenarioTests,
    views: { series: seriesTree, assumptions, simulation },
  };
}

function setContexts(hasSeries: boolean, inWorktree: boolean): void {
  setContext('ready', true);
  setContext('hasSeries', hasSeries);
  setContext('inWorktree', inWorktree);
}

const setContext = (name: string, value: boolean): void => void vscode.commands.executeCommand('setContext', `folioscope.${name}`, value);
