/** References that their holder gives back by itself when their time has come. */
import { expect, test } from 'vitest';
import type { Operation } from '../../../../src/model/host/operation';
import { run } from './canonical/scenario';
import { close, made, reference, release, share, touch, unshare } from './canonical/steps';

const lasting = (page: number, time: number): Operation => ({ ...reference(page), kind: 'reference', lasting: time }) as Operation;
const wait = (time: number): Operation => ({ kind: 'wait', time });
const shared = [...made(1), share(7)];

test('it is there for as long as it lasts, and gone when that time has passed', () => {
  expect(run('B', [...shared, lasting(7, 500), unshare(7)]).last.error).toBe('EAGAIN');
  expect(run('B', [...shared, lasting(7, 500), wait(499), unshare(7)]).last.error).toBe('EAGAIN');
  expect(run('B', [...shared, lasting(7, 500), wait(500), unshare(7)]).last.error).toBeNull();
});

test('what was given back by a step is not given back again: a later one of the same pages stays', () => {
  const early = [...shared, lasting(7, 500), release(7), reference(7), wait(1000)];
  expect(run('B', [...early, unshare(7)]).last.error).toBe('EAGAIN');
  expect(run('B', [...early, release(7), unshare(7)]).last.error).toBeNull();
});

test('the work queue brings a truncated block back in the same wait in which its last reference goes', () => {
  const { model } = run('B', [...made(1), touch(0), share(7), lasting(7, 10_000), close(), wait(5_000)]);
  expect(model.counters()['blocks.draining']).toBe(1);
  expect(run('B', [...made(1), touch(0), share(7), lasting(7, 10_000), close(), wait(20_000)]).model.counters()['blocks.draining']).toBe(0);
});

test('a wait in the kernel ends with it', () => {
  const stuck = [...made(1), touch(0), lasting(7, 500), share(7)];
  expect(run('B', stuck).last.error).toBe('HANG');
  expect(run('B', [...stuck, wait(500), share(7)]).last.error).toBeNull();
});

test('a mark taken before goes back to before', () => {
  const { model } = run('B', [...shared, lasting(7, 500)]);
  const before = model.mark();
  const convert = (): string | null => {
    const outcome = model.apply(unshare(7));
    return outcome.kind === 'done' ? outcome.value.error : 'refused';
  };
  model.apply(wait(500));
  expect(convert()).toBeNull();
  model.restore(before);
  expect(convert()).toBe('EAGAIN');
});

test('no time is below 0, or a part of a microsecond', () => {
  const { model } = run('B', shared);
  for (const time of [-1, 0.5, NaN])
    expect(model.apply(lasting(7, time))).toMatchObject({ kind: 'refused', refusal: { code: 'model/bad-number' } });
});

test('so many at a time are kept, and so many ranges of a block', () => {
  const { model } = run('B', made(1));
  const refused = (operation: (page: number) => Operation): number => {
    for (let page = 0; page < 6000; page++) if (model.apply(operation(page)).kind === 'refused') return page;
    return -1;
  };
  expect(refused((page) => lasting(page, 1000))).toBe(1000);
  expect(refused((page) => reference(2 * page + 10_000))).toBe(4096 - 1000);
  // The same pages once more are no other range.
  expect(model.apply(reference(10_000)).kind).toBe('done');
  model.apply(wait(1000));
  expect(model.apply(lasting(7, 5)).kind).toBe('done');
});
