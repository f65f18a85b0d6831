import { describe, expect, it } from 'vitest';
import { unwatched } from '../../../src/base/progress';
import { buildTreeIndex } from '../../../src/kernel-c/tree-index';
import { outcomesOf } from '../../../src/review/outcomes';
import { outcomesDocument } from '../../../src/review/outcomes-document';
import { namedStates } from '../../../src/scenario/named-states';

const source = `
struct mutex { long owner; };
struct box { struct mutex lock; };
void mutex_unlock(struct mutex *lock);
int nobody_knows(int a);
struct box *the_box;
static int fails(int a) { return -22; }
int asks(int a) { return nobody_knows(a) + 7; }
struct box *finds(void) { return the_box; }
void gives_back(struct box *box) { mutex_unlock(&box->lock); }
int breaks(struct box *box) { return *(int *)(long)box->lock.owner; }
int broken(int a) { return a + ; }
`;
const tree = { paths: ['lib/box.c'], read: (path: string): string | null => (path === 'lib/box.c' ? source : null) };
const outcome = outcomesOf(tree, buildTreeIndex(tree), 'lib/box.c', 2, unwatched);
const rows = outcome.kind === 'done' ? outcome.value : [];

describe('outcomes of a file', () => {
  it('are one for each function where all states come out alike', () => {
    const all = namedStates.map((each) => each.name);
    expect(rows.map(({ function: name, line, states }) => ({ name, line, states }))).toEqual(
      ['fails', 'asks', 'finds', 'gives_back', 'breaks', 'broken'].map((name, at) => ({ name, line: 7 + at, states: all })),
    );
  });

  it('say how a run ends, what was found, what was taken as given and what is unknown', () => {
    const [fails, asks, finds, givesBack, breaks, broken] = rows;
    expect(fails).toMatchObject({ end: 'returns -EINVAL', findings: [], lines: 1, modelled: 0, unknowns: [] });
    expect(asks).toMatchObject({ end: 'returns 7', unknowns: ['nobody_knows'] });
    expect(finds?.end).toBe('returns NULL');
    expect(givesBack).toMatchObject({ end: 'returns', given: ['box->lock'], findings: [], modelled: 1 });
    expect(breaks).toMatchObject({ end: 'stopped', findings: ['null-deref at lib/box.c:11'] });
    expect(broken?.end).toMatch(/^undecided: /);
  });

  it('are a page', () => {
    const page = outcomesDocument(rows, { file: 'lib/box.c', tree: 'a small tree', order: 2 });
    expect(page).toContain('| `gives_back` | 10 | all | `box->lock` | returns | 1 | 1 |  |\n');
    expect(page).toContain('1 line is undecided');
    expect(page.match(/^\| `/gm)).toHaveLength(6);
  });
});
