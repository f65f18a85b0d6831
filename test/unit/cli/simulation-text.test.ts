import { describe, expect, it } from 'vitest';
import { simulationText } from '../../../src/cli/simulation-text';
import type { MemoryView, RunEvent, SimulationReport } from '../../../src/protocol/simulation';
import { violations } from './json-schema';

const memory: MemoryView = { order: 2, blocks: 1, folios: [], vmemmap: [], pageCache: [], faultable: [], counters: [], locks: [] };
const place = { task: 0, function: 'f', file: 'mm/a.c', line: 3 };
const event = (text: string, times = 1): RunEvent => ({ ...place, step: 1, kind: 'note', text, times });

const report: SimulationReport = {
  function: 'f',
  file: 'mm/a.c',
  line: 1,
  scenario: { order: 2, blocks: 1, folios: 'whole', faultable: 'none', hvo: true, arguments: {} },
  status: { kind: 'returned', value: '-12' },
  steps: 40,
  events: [event('took a lock'), event('set a page', 4)],
  findings: [{ ...place, step: 7, kind: 'leak-lock', message: 'i_mmap_rwsem is still held' }],
  choices: [{ ...place, step: 2, choice: { kind: 'allocation', what: 'kmalloc', options: ['succeeds', 'fails'], usual: 0 }, option: 1 }],
  allocations: 1,
  differences: [{ what: 'hstate.free_huge_pages', before: '1', after: '0' }],
  before: memory,
  after: memory,
  fidelity: [{ function: 'f', mode: 'interpreted', file: 'mm/a.c', lines: 5, calls: 1 }],
  unknowns: ['foo() has no source and no primitive'],
  bounds: 'One run, order 2.',
};

describe('a run as text', () => {
  it('says how it ended, what it found and under what bounds', () => {
    expect(simulationText(report).split('\n')).toEqual([
      'f (mm/a.c:1)',
      '  order 2, 1 huge page, folios whole, faultable none, HVO on',
      '  returned -12 after 40 steps, 1 allocations',
      '',
      'Findings:',
      '  leak-lock at mm/a.c:3 in f: i_mmap_rwsem is still held',
      '',
      'Choices:',
      '  mm/a.c:3 kmalloc: fails',
      '',
      'Events:',
      '  mm/a.c:3 took a lock',
      '  mm/a.c:3 set a page (4 times)',
      '',
      'State after the run that differs from before:',
      '  hstate.free_huge_pages: 1 → 0',
      '',
      'Functions on the way:',
      '  interpreted f (1 calls, 5 lines)',
      '',
      'Unknown:',
      '  foo() has no source and no primitive',
      '',
      'One run, order 2.',
    ]);
  });

  it('counts the events that it does not show', () => {
    expect(simulationText({ ...report, events: Array.from({ length: 70 }, (_, at) => event(String(at))) })).toContain('  and 10 more\n');
  });

  it.each([
    [{ kind: 'returned', value: '' } as const, 'returned after'],
    [{ kind: 'undecided', why: 'inline assembly', place } as const, 'undecided, because inline assembly (mm/a.c:3)'],
    [
      { kind: 'stopped', finding: { ...place, step: 1, kind: 'bug-on', message: 'BUG_ON(x)' } } as const,
      'stopped: bug-on at mm/a.c:3 in f: BUG_ON(x)',
    ],
  ])('%o', (status, text) => {
    expect(simulationText({ ...report, status })).toContain(text);
  });

  it('is described by its schema as JSON', () => {
    expect(violations('simulate', JSON.parse(JSON.stringify(report)))).toEqual([]);
  });
});
