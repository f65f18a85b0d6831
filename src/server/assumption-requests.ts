/** The requests about the assumptions of a tree: all of them, what patches did to them, who calls whom, and marking as reviewed. */
import { resolve } from 'node:path';
import type { CancellationToken, Connection } from 'vscode-languageserver/node';
import type { CallGraph, GraphNode } from '../assumptions/call-graph';
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { CallRow, CallRows } from '../protocol/assumptions';
import { functionInTreeParams, reviewParams, treeWorkParams } from '../protocol/decode';
import { assumptions, callsOf, reviewSite, siteHistory } from '../protocol/requests';
import type { AssumptionTrees } from './assumption-trees';
import type { Border } from './border';
import { ownReporter, toldProgress } from './told-progress';

/**
 * @param showsProgress whether the client shows progress that it gave no token for
 * @param renewed is called with the root of a tree of which other things hold now
 */
export function answerAssumptions(
  connection: Connection,
  border: Border,
  trees: AssumptionTrees,
  showsProgress: boolean,
  renewed: (root: string) => void,
): void {
  const told = async <T>(
    title: string,
    workDoneToken: string | number | undefined,
    token: CancellationToken,
    work: (progress: Progress) => Promise<T>,
  ): Promise<T> => {
    const reporter =
      workDoneToken === undefined ? await ownReporter(connection, showsProgress) : connection.window.attachWorkDoneProgress(workDoneToken);
    return await toldProgress(reporter, title, token, work);
  };
  border.answer(assumptions, treeWorkParams, async ({ tree, workDoneToken }, token) => {
    const root = resolve(tree);
    const view = await told('Looking for assumptions', workDoneToken, token, (progress) => trees.of(root).view(progress));
    if (view.kind === 'done') {
      for (const { file, line, reason } of view.value.unread) connection.console.warn(`not read: ${file}:${line}: ${reason}`);
      renewed(root);
    }
    return view;
  });
  border.answer(siteHistory, treeWorkParams, async ({ tree, workDoneToken }, token) => {
    const root = resolve(tree);
    const history = await told('Following assumptions from patch to patch', workDoneToken, token, (progress) =>
      trees.of(root).history(progress),
    );
    if (history.kind === 'done') renewed(root);
    return history;
  });
  border.answer(reviewSite, reviewParams, async ({ tree, file, line, column, reviewed }): Promise<Outcome<null>> => {
    const root = resolve(tree);
    const outcome = await trees.of(root).review({ file, line, column }, reviewed);
    if (outcome.kind === 'done') renewed(root);
    return outcome;
  });
  border.answer(callsOf, functionInTreeParams, async ({ tree, file, function: name }): Promise<Outcome<CallRows>> => {
    const asked = trees.of(resolve(tree));
    const ready = await asked.ready();
    if (ready.kind !== 'done') return ready;
    const joined = asked.facts.all ?? ready.value;
    const { graph } = joined;
    const nodes = joined.functionsOf(file, name);
    return done({
      callers: unique(nodes.flatMap((node) => callersOf(graph, node))),
      callees: unique(nodes.flatMap((node) => calleesOf(graph, node))),
    });
  });
}

function callersOf(graph: CallGraph, node: GraphNode): readonly CallRow[] {
  const called = graph.callersOf(node).map(({ by, call }) => rowOf(by, call.line, ''));
  // Behind a member: whoever calls that member may call it.
  const through = graph
    .addressTaken(node)
    .filter(({ member }) => member !== '')
    .flatMap(({ member }) => graph.callsOf(member).map(({ by, call }) => rowOf(by, call.line, member)));
  return [...called, ...through];
}

const calleesOf = (graph: CallGraph, node: GraphNode): readonly CallRow[] =>
  node.found.calls.flatMap(({ callee, line }) =>
    callee.startsWith('.')
      ? graph.behind(callee).map((to) => rowOf(to, line, callee))
      : graph.resolve(callee, node.file).map((to) => rowOf(to, line, '')),
  );

const rowOf = ({ file, found }: GraphNode, callLine: number, through: string): CallRow => ({
  function: found.name,
  file,
  line: found.line,
  callLine,
  through,
});

/** Each function once, where it is first called. */
function unique(rows: readonly CallRow[]): readonly CallRow[] {
  const seen = new Map<string, CallRow>();
  for (const row of rows) {
    const key = `${row.file}\0${row.function}\0${row.line}`;
    if (!seen.has(key)) seen.set(key, row);
  }
  return [...seen.values()].slice(0, MAX_ROWS);
}

/** More callers than this are not read by anyone. */
const MAX_ROWS = 500;
