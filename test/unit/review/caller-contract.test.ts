import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import type { Scenario, SimulationReport } from '../../../src/protocol/simulation';
import { simulateFunction, type SimulateOptions } from '../../../src/review/simulate';
import { defaultScenario } from '../../../src/scenario/defaults';

const source = `
struct mutex { long owner; };
struct rw_semaphore { long count; long owner; };
struct list_head { struct list_head *next, *prev; };
#define mutex_lock(lock) taking(lock)
#define lockdep_assert_held(lock) asking(lock)
void mutex_unlock(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void down_write(struct rw_semaphore *lock);
void up_write(struct rw_semaphore *lock);

struct inner { int number; struct rw_semaphore lock; };
struct box { long a; struct mutex lock; struct inner inner; };
struct mutex table_of_locks[4];
struct mutex one_lock;

static int callee(struct box *box)
{
	lockdep_assert_held(&box->lock);
	return box->a;
}
int asks(struct box *box)
{
	return callee(box);
}
int asks_for_two(struct box *box)
{
	lockdep_assert_held(&box->lock);
	lockdep_assert_held(&one_lock);
	return 0;
}
void gives_back(unsigned int number)
{
	mutex_unlock(&table_of_locks[number]);
}
void gives_inner_back(struct box *box)
{
	up_write(&box->inner.lock);
}
int asks_too_late(struct box *box)
{
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
	lockdep_assert_held(&box->lock);
	return 0;
}
int gives_back_twice(struct box *box)
{
	mutex_lock(&box->lock);
	mutex_unlock(&box->lock);
	mutex_unlock(&box->lock);
	return 0;
}
int asks_after_trying(struct box *box)
{
	if (!mutex_trylock(&box->lock))
		return -11;
	mutex_unlock(&box->lock);
	lockdep_assert_held(&box->lock);
	return 0;
}
int asks_and_keeps(struct box *box)
{
	lockdep_assert_held(&box->lock);
	mutex_lock(&one_lock);
	return 0;
}

struct vm_area_struct { long flags; struct box *box; };
struct file_operations { int (*open)(struct box *box); int (*mmap)(struct box *box, struct vm_area_struct *vma); };
int opens(struct box *box)
{
	lockdep_assert_held(&box->lock);
	return 0;
}
static const struct file_operations kvm_gmem_fops = { .open = opens };

typedef long (*filler)(struct box *box, long number);
long fills(struct box *box, filler fill)
{
	return fill(box, 5) + 1;
}
`;
const files: Readonly<Record<string, string>> = { 'lib/box.c': source };
const tree = { paths: Object.keys(files), read: (path: string): string | null => files[path] ?? null };
const index = buildTreeIndex(tree);

function reportOf(name: string, scenario: Partial<Scenario> = {}, more: Partial<SimulateOptions> = {}): SimulationReport {
  const asked = { function: name, scenario: { ...defaultScenario, ...scenario }, ...more };
  const outcome = simulateFunction(tree, index, asked, unwatched);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value;
}

const kinds = (report: SimulationReport): string[] => report.findings.map((finding) => finding.kind);

describe('the locks of the caller', () => {
  it('are those that a function says to be held, in itself or in what it calls', () => {
    const report = reportOf('asks');
    expect(kinds(report)).toEqual([]);
    expect(report.scenario.held).toEqual(['box->lock']);
    expect(report.bounds).toMatch(
      /box->lock is taken as held by the caller of asks\(\), because .*lockdep_assert_held\(\).*lib\/box\.c:\d+/,
    );
    expect(reportOf('asks_for_two').scenario.held).toEqual(['box->lock', 'one_lock']);
  });

  it('are those that a function gives back without having taken them, named by its arguments', () => {
    const report = reportOf('gives_back');
    expect(kinds(report)).toEqual([]);
    expect(report.scenario.held).toEqual(['table_of_locks[0]']);
    expect(reportOf('gives_back', { arguments: { number: '3' } }).scenario.held).toEqual(['table_of_locks[3]']);
    expect(reportOf('gives_inner_back').scenario.held).toEqual(['box->inner.lock']);
  });

  it.each([
    ['asks_too_late', 'warn-on'],
    ['gives_back_twice', 'bad-unlock'],
    ['asks_after_trying', 'warn-on'],
  ])('are none where the lock was taken in the run: %s()', (name, kind) => {
    const report = reportOf(name);
    expect(kinds(report)).toEqual([kind]);
    expect(report.scenario).not.toHaveProperty('held');
  });

  it('are no excuse for a function that is in a table of operations', () => {
    expect(kinds(reportOf('opens'))).toEqual(['warn-on']);
  });

  it('are no leak at the return, and others are', () => {
    const report = reportOf('asks_and_keeps');
    expect(kinds(report)).toEqual(['leak-lock']);
  });

  it('are said by a settled scenario, which replays', () => {
    const report = reportOf('asks');
    const again = reportOf('asks', report.scenario, { choices: [] });
    expect(again.findings).toEqual([]);
    expect(again.bounds).toContain('box->lock is held by the caller, as the scenario says');
    expect(kinds(reportOf('asks', { held: [] }))).toEqual(['warn-on']);
  });

  it('are refused where there is no such lock', () => {
    for (const path of ['box->a', 'box->none', 'nothing_here', 'table_of_locks[4]', 'box->lock.owner->x']) {
      const asked = { function: 'asks', scenario: { ...defaultScenario, held: [path] } };
      const outcome = simulateFunction(tree, index, asked, unwatched);
      if (path === 'box->a') expect(outcome.kind).toBe('done');
      else
        expect(outcome).toMatchObject({
          kind: 'refused',
          refusal: { code: 'simulate/no-lock', met: expect.stringContaining(path) as unknown },
        });
    }
  });

  it('are found for each function of a sequence', () => {
    const report = reportOf('asks', {}, { then: ['gives_inner_back', 'asks'] });
    expect(report.findings).toEqual([]);
    expect(report.scenario.held).toEqual(['box->lock', 'gives_inner_back: box->inner.lock']);
  });
});

describe('a function that is passed by pointer', () => {
  it('is one of which nothing is known', () => {
    const report = reportOf('fills');
    expect(report.status).toEqual({ kind: 'returned', value: '1' });
    expect(report.unknowns).toEqual(['fills.fill']);
    expect(reportOf('fills', {}, { choices: [1] }).status).toEqual({ kind: 'returned', value: '-21' });
  });
});
