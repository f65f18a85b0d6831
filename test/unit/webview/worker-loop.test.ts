import { describe, expect, it } from 'vitest';
import type { FromWorker, ToWorker } from '../../../src/protocol/page';
import type { RunFinding } from '../../../src/protocol/simulation';
import type { CreateSimulation } from '../../../src/review/simulation-contract';
import { joined } from '../../../webview-ui/session';
import { workerLoop } from '../../../webview-ui/worker-loop';
import { createFakeSimulation, fakeSetup } from '../../webview/fake-simulation';

/** A loop whose later work waits until it is asked to go on. */
function bench(create: CreateSimulation = createFakeSimulation, lookMs = 0) {
  const sent: FromWorker[] = [];
  const waiting: (() => void)[] = [];
  const pausing: (() => void)[] = [];
  let now = 0;
  const loop = workerLoop(create, {
    send: (message) => sent.push(message),
    later: (work) => waiting.push(work),
    pause: (_, work) => pausing.push(work),
    clock: () => (now += lookMs),
  });
  const ask = (message: ToWorker): FromWorker | undefined => {
    loop.receive(message);
    return sent.at(-1);
  };
  const finish = (): void => {
    while (waiting.length > 0) waiting.shift()!();
  };
  const pause = (): void => {
    while (pausing.length > 0) pausing.shift()!();
  };
  return { ask, sent, waiting, finish, pause };
}

const setup = fakeSetup(18);

describe('the worker', () => {
  it('answers a load with the state before the run, and steps', () => {
    const { ask } = bench();
    expect(ask({ kind: 'load', id: 1, setup })).toMatchObject({
      kind: 'view',
      id: 1,
      view: { step: 0 },
      from: { events: 0, findings: 0, choices: 0 },
    });
    expect(ask({ kind: 'step', id: 2 })).toMatchObject({ kind: 'view', id: 2, view: { step: 10 } });
    expect(ask({ kind: 'step-back', id: 3 })).toMatchObject({ kind: 'view', id: 3, view: { step: 0 } });
  });

  it('runs in slices, says where it is, and gives the bounds at the end', () => {
    const { ask, sent, finish } = bench();
    ask({ kind: 'load', id: 1, setup });
    expect(ask({ kind: 'run', id: 2 })).toMatchObject({ kind: 'progress', id: 2, steps: 50_000 });
    finish();
    expect(sent.filter((one) => one.kind === 'progress').length).toBeGreaterThan(3);
    expect(sent.at(-1)).toMatchObject({ kind: 'view', id: 2, view: { status: { kind: 'returned' } } });
    expect(sent.at(-1)).toHaveProperty('end.bounds');
  });

  it('pauses between two slices and goes on from there', () => {
    const { ask, sent, finish } = bench();
    ask({ kind: 'load', id: 1, setup });
    ask({ kind: 'run', id: 2 });
    expect(ask({ kind: 'pause', id: 3 })).toMatchObject({ kind: 'view', id: 3, view: { step: 50_000, status: { kind: 'running' } } });
    const before = sent.length;
    finish();
    expect(sent.length).toBe(before);
    ask({ kind: 'run', id: 4 });
    finish();
    expect(sent.at(-1)).toMatchObject({ id: 4, view: { status: { kind: 'returned' } } });
  });

  it('goes forward in slices and back at once', () => {
    const { ask, sent, finish } = bench();
    ask({ kind: 'load', id: 1, setup });
    expect(ask({ kind: 'go-to', id: 2, step: 120_000 })).toMatchObject({ kind: 'progress' });
    finish();
    expect(sent.at(-1)).toMatchObject({ kind: 'view', id: 2, view: { step: 120_000 } });
    expect(ask({ kind: 'go-to', id: 3, step: 30 })).toMatchObject({ kind: 'view', id: 3, view: { step: 30 } });
  });

  it('sends each event once', () => {
    const { ask } = bench();
    ask({ kind: 'load', id: 1, setup: fakeSetup(4) });
    let all: readonly unknown[] = [];
    for (let id = 2; id < 30; id += 1) {
      const answer = ask({ kind: id % 5 === 0 ? 'step-back' : 'step', id });
      if (answer?.kind !== 'view') throw new Error('no view');
      expect(answer.view.events.length).toBeLessThanOrEqual(2);
      all = joined(all, answer.from.events, answer.view.events);
    }
    expect(all.length).toBeGreaterThan(10);
  });

  it('steps at once and looks at memory when the user pauses, where looking takes long', () => {
    const { ask, sent, pause } = bench(createFakeSimulation, 100);
    const first = ask({ kind: 'load', id: 1, setup: fakeSetup(4) });
    expect(first).not.toHaveProperty('memoryLater');
    const memory = first?.kind === 'view' ? first.view.memory : null;
    expect(ask({ kind: 'step', id: 2 })).toMatchObject({ kind: 'view', id: 2, view: { step: 10, memory }, memoryLater: true });
    expect(ask({ kind: 'step', id: 3 })).toMatchObject({ kind: 'view', id: 3, memoryLater: true });
    const before = sent.length;
    pause();
    // Nobody waits for the memory of the first step any more.
    expect(sent.slice(before)).toMatchObject([{ kind: 'memory', id: 3 }]);
  });

  it('tells the memory of the end with the end', () => {
    const { ask, sent, finish } = bench(createFakeSimulation, 100);
    ask({ kind: 'load', id: 1, setup: fakeSetup(4) });
    ask({ kind: 'run', id: 2 });
    finish();
    expect(sent.at(-1)).toMatchObject({ kind: 'view', id: 2 });
    expect(sent.at(-1)).not.toHaveProperty('memoryLater');
  });

  it('sends an event again that a simulation counts on', () => {
    const { ask } = bench((given) => {
      const made = createFakeSimulation(given);
      if (made.kind !== 'done') return made;
      const event = { ...made.value.view().place, step: 0, kind: 'lock', text: 'folio lock', times: 1 };
      const step = (): void => void (event.times += 1);
      return { ...made, value: { ...made.value, step, view: (memory) => ({ ...made.value.view(memory), events: [event] }) } };
    });
    ask({ kind: 'load', id: 1, setup });
    expect(ask({ kind: 'step', id: 2 })).toMatchObject({ from: { events: 0 }, view: { events: [{ times: 2 }] } });
  });

  it('sends what a simulation adds to its own lists', () => {
    const { ask } = bench((given) => {
      const made = createFakeSimulation(given);
      if (made.kind !== 'done') return made;
      const findings: RunFinding[] = [];
      const step = (): void =>
        void findings.push({ ...made.value.view().place, step: 0, kind: 'warn-on', message: String(findings.length) });
      return { ...made, value: { ...made.value, step, view: (memory) => ({ ...made.value.view(memory), findings }) } };
    });
    ask({ kind: 'load', id: 1, setup });
    ask({ kind: 'step', id: 2 });
    const answer = ask({ kind: 'step', id: 3 });
    expect(answer).toMatchObject({ from: { findings: 1 }, view: { findings: [{ message: '1' }] } });
  });

  it('says why a function cannot be run, and that there is nothing to step', () => {
    const { ask } = bench();
    expect(ask({ kind: 'load', id: 1, setup: fakeSetup(3, 'absent') })).toEqual({
      kind: 'problem',
      id: 1,
      text: 'There is no function absent() in the tree. Nothing can be run. Name another function.',
    });
    expect(ask({ kind: 'step', id: 2 })).toMatchObject({ kind: 'problem', id: 2 });
  });

  it('puts a bug of the engine into words', () => {
    const { ask } = bench(() => {
      throw new Error('odd');
    });
    expect(ask({ kind: 'load', id: 1, setup })).toEqual({ kind: 'problem', id: 1, text: 'The simulation met a bug of Folioscope: odd' });
  });
});
