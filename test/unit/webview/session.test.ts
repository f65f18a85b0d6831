import { describe, expect, it } from 'vitest';
import type { MadeChoice, SimulationSetup } from '../../../src/protocol/simulation';
import { rememberedSetup, resumed, withScenario } from '../../../webview-ui/remembered';
import { allocationNumbers, alternativesOf, joined, keyOf, newSession, withAnswer } from '../../../webview-ui/session';
import { createFakeSimulation, fakeSetup } from '../../webview/fake-simulation';

const setup = fakeSetup(3);
const from = { events: 0, findings: 0, choices: 0 };
const viewAt = (step: number) => {
  const made = createFakeSimulation(setup);
  if (made.kind !== 'done') throw new Error('the fake refuses');
  made.value.goTo(step);
  return made.value.view();
};

describe('the session', () => {
  it('keeps what lies ahead after a step back', () => {
    const far = withAnswer(newSession(setup, '/tree'), { kind: 'view', id: 1, view: viewAt(100), from });
    const back = withAnswer(far, { kind: 'view', id: 2, view: viewAt(20), from });
    expect(back.view?.step).toBe(20);
    expect(back.known).toBe(100);
    expect(back.events).toBe(far.events);
    expect(back.findings).toHaveLength(1);
    expect(back.previous?.step).toBe(100);
    expect(back.view?.events).toHaveLength(2);
  });

  it('shows a problem without losing the run', () => {
    const far = withAnswer(newSession(setup, '/tree'), { kind: 'view', id: 1, view: viewAt(100), from });
    expect(withAnswer(far, { kind: 'problem', id: 2, text: 'no' })).toMatchObject({ problem: 'no', view: { step: 100 }, busy: null });
  });

  it('keeps the memory that it shows until the present one comes', () => {
    const first = withAnswer(newSession(setup, '/tree'), { kind: 'view', id: 1, view: viewAt(100), from });
    const quick = withAnswer(first, { kind: 'view', id: 2, view: viewAt(20), from, memoryLater: true });
    expect(quick.view?.memory).toBe(first.view?.memory);
    expect(quick.memoryLater).toBe(true);
    const { memory } = viewAt(20);
    const whole = withAnswer(quick, { kind: 'memory', id: 2, memory });
    expect(whole).toMatchObject({ memoryLater: false, view: { step: 20 } });
    expect(whole.view?.memory).toBe(memory);
  });

  it('joins events that are sent in parts', () => {
    const { events } = viewAt(100);
    expect(joined(events.slice(0, 5), 3, events.slice(3))).toEqual(events);
    expect(joined(events, events.length, [])).toBe(events);
  });
});

const choice = (kind: 'allocation' | 'unknown', options: readonly string[], option: number): MadeChoice => ({
  task: 0,
  function: 'f',
  file: 'a.c',
  line: 1,
  step: 0,
  choice: { kind, what: 'kmalloc', options, usual: 0 },
  option,
});
const change = (other: SimulationSetup) => ({ fail: other.fail, choices: other.choices });

describe('the choices', () => {
  it('fail the k-th allocation while all before it were usual', () => {
    const made = [
      choice('allocation', ['succeeds', 'fails'], 0),
      choice('unknown', ['0', '-EINVAL'], 0),
      choice('allocation', ['succeeds', 'fails'], 0),
    ];
    const others = alternativesOf(setup, made).flat();
    expect(allocationNumbers(made)).toEqual([1, 0, 2]);
    expect(others.map((one) => one.label)).toEqual(['fail this one', 'take “-EINVAL”', 'fail this one']);
    expect(others.map((one) => change(one.setup()))).toEqual([
      { fail: 1, choices: undefined },
      { fail: 0, choices: [0, 1] },
      { fail: 2, choices: undefined },
    ]);
  });

  it('list all of them once one before was not usual', () => {
    const made = [choice('allocation', ['succeeds', 'fails'], 1), choice('allocation', ['succeeds', 'fails'], 0)];
    const others = alternativesOf({ ...setup, fail: 1 }, made).flat();
    expect(others.map((one) => one.label)).toEqual(['take “succeeds”', 'fail this one']);
    expect(change(others[1]!.setup())).toEqual({ fail: 0, choices: [1, 1] });
  });
});

describe('what is remembered over a reload', () => {
  it('is taken up for the same setup only', () => {
    const now = withScenario(setup, { ...setup.scenario, order: 9 }, 0, [1]);
    const remembered = { ...rememberedSetup(setup, now), step: 40 };
    expect(resumed(setup, remembered)).toEqual({ setup: now, step: 40 });
    expect(resumed(withScenario(setup, now.scenario, 0, []), remembered)).toEqual({ setup: now, step: 40 });
    const other = fakeSetup(4);
    expect(resumed(other, remembered)).toEqual({ setup: other, step: 0 });
    expect(resumed(setup, {})).toEqual({ setup, step: 0 });
  });

  it('keeps the functions that run after the first', () => {
    const sequence = { ...setup, then: ['fake_merge'] };
    expect(withScenario(sequence, setup.scenario, 2, [])).toEqual({ ...sequence, fail: 2 });
    expect(keyOf(sequence)).not.toBe(keyOf(setup));
    const [others] = alternativesOf(sequence, [choice('allocation', ['succeeds', 'fails'], 0)]);
    expect(others?.[0]?.setup().then).toEqual(['fake_merge']);
  });

  it('tells a changed program from the same one', () => {
    const code = setup.program.functions['fake_split']!;
    const changed = { ...setup, program: { ...setup.program, functions: { fake_split: { ...code, lines: [13] } } } };
    expect(keyOf(setup)).toBe(keyOf(fakeSetup(3)));
    expect(keyOf(changed)).not.toBe(keyOf(setup));
  });
});
