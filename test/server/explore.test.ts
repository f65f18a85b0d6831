/** Explorations over the pipe, on the bundled demo: the verdict comes, is counted on the way, and can be cancelled. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource, type ProgressToken, ProgressType } from 'vscode-languageserver/node';
import type { Outcome } from '../../src/base/outcome';
import type { ExplorationReport } from '../../src/protocol/exploration';
import type { ListReply } from '../../src/protocol/requests';
import type { SeriesView } from '../../src/protocol/series-view';
import { namedStates, stateAt } from '../../src/scenario/named-states';
import { scratch } from '../unit/worktree/scratch';
import { bundledServer, Client } from './client';

const home = scratch();
const states = namedStates.map((state) => ({ name: state.name, scenario: stateAt(state, 2) }));
const splits = 'kvm_gmem_split_folio_in_filemap';
let client: Client;
let series: SeriesView;

const request = async <T>(name: string, params: unknown): Promise<T> =>
  await client.connection.sendRequest<T>(`folioscope/${name}`, params);
const explore = async (name: string, more: object = {}): Promise<Outcome<ExplorationReport>> =>
  await request('explore', { tree: series.worktree, function: name, states, ...more });

beforeAll(async () => {
  cpSync(join(__dirname, '../../demo'), join(home, 'demo'), { recursive: true });
  client = await Client.started(await bundledServer(home), join(home, 'data'));
  const opened = await request<Outcome<SeriesView>>('openDemo', {});
  if (opened.kind !== 'done') throw new Error(JSON.stringify(opened));
  series = opened.value;
}, 120_000);

afterAll(() => {
  client.kill();
});

describe('exploring a function', () => {
  it('gives a verdict with bounds, and findings that say where and how', async () => {
    const outcome = await explore(splits);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    const { value } = outcome;
    expect(value.function).toBe(splits);
    expect(value.states.length).toBeGreaterThan(2);
    expect(states.map((state) => state.name)).toEqual(expect.arrayContaining(value.states.map((state) => state.state)));
    expect(value.bounds).toContain('at order 2');
    for (const finding of value.findings) {
      expect(finding.line).toBeGreaterThan(0);
      expect(states.map((state) => state.name)).toContain(finding.state);
    }
    expect(value.verdict === 'violated').toBe(value.findings.length > 0);
  }, 60_000);

  it('tells what it is at', async () => {
    const told: string[] = [];
    const watch = client.connection.onProgress(
      new ProgressType<{ readonly message?: string }>(),
      'mine' as ProgressToken,
      ({ message }) => {
        if (message !== undefined) told.push(message);
      },
    );
    await explore(splits, { workDoneToken: 'mine' });
    watch.dispose();
    expect(told[0]).toContain(splits);
    expect(told.join('\n')).toMatch(/^State [a-z-]+ \(\d+ of \d+\), \d+ paths so far$/m);
  }, 60_000);

  it('can be cancelled, and the server answers afterwards', async () => {
    const source = new CancellationTokenSource();
    // Order 18 takes many seconds.
    const large = namedStates.map((state) => ({ name: state.name, scenario: stateAt(state, 18) }));
    const params = { tree: series.worktree, function: splits, states: large };
    const asked = client.connection.sendRequest<Outcome<ExplorationReport>>('folioscope/explore', params, source.token);
    setTimeout(() => source.cancel(), 700);
    expect(await asked).toEqual({ kind: 'cancelled' });
    expect((await explore(splits, { states: states.filter((state) => state.name === 'whole') })).kind).toBe('done');
  }, 60_000);

  it('refuses a function that the tree does not define, and a scenario that is none', async () => {
    const unknown = await explore('no_such_function');
    expect(unknown.kind === 'refused' && unknown.refusal.code).toBe('kernel-c/no-function');
    await expect(explore(splits, { states: [{ name: 'odd', scenario: { order: 2 } }] })).rejects.toThrow('states[0].scenario');
  });
});

describe('what the list says about lines', () => {
  it('is placed on lines of the patches', async () => {
    const replies = await request<readonly ListReply[]>('listReplies', { series: series.id });
    expect(replies.length).toBeGreaterThan(0);
    for (const { patch, file, quoted, says, from } of replies) {
      expect(series.patches[patch - 1]?.files.map((one) => one.path)).toContain(file);
      expect([quoted, says, from].every((text) => text !== '')).toBe(true);
    }
    expect(await request('listReplies', { series: 'none@example.org' })).toEqual([]);
  });
});
