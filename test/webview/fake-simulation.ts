/** A simulation for the page's own tests: a made-up split of a huge page whose every view is a plain function of the step. */
import { done, refused } from '../../src/base/outcome';
import type {
  FolioExtent,
  FrameView,
  MadeChoice,
  MemoryView,
  RunEvent,
  RunFinding,
  RunPlace,
  RunStatus,
  SimulationSetup,
  SimulationView,
} from '../../src/protocol/simulation';
import type { CreateSimulation, Simulation } from '../../src/review/simulation-contract';

const FILE = 'virt/kvm/demo.c';
/** Statements before the loop over the pages: entry, lock, allocation. */
const BEFORE = 3;
/** Instructions of a statement. */
const PER_STATEMENT = 10;
const FIRST_PFN = 0x40000;

const at = (name: string, line: number): RunPlace => ({ task: 0, function: name, file: FILE, line });

export const createFakeSimulation: CreateSimulation = (setup) => {
  if (setup.function === 'absent') {
    return refused('simulate/no-function', 'There is no function absent() in the tree.', 'Nothing can be run.', 'Name another function.');
  }
  return done(simulationOf(setup));
};

function simulationOf(setup: SimulationSetup): Simulation {
  const failing = (setup.fail ?? 0) === 1 || setup.choices?.[0] === 1;
  const pages = 2 ** setup.scenario.order;
  const statements = failing ? BEFORE + 1 : BEFORE + pages + 1;
  const last = statements * PER_STATEMENT;
  let step = 0;
  const statement = (): number => Math.floor(step / PER_STATEMENT);
  const clamp = (to: number): void => {
    step = Math.min(Math.max(0, to), last);
  };
  const view = (memory?: MemoryView): SimulationView => {
    const now = viewAt(setup, step, last, failing);
    return memory ? { ...now, memory } : now;
  };
  return {
    step: () => clamp((statement() + 1) * PER_STATEMENT),
    stepOver: () => {
      if (setup.function === 'stuck_split') waste(60_000);
      return clamp(statement() === BEFORE ? last - PER_STATEMENT : (statement() + 1) * PER_STATEMENT);
    },
    stepOut: () => clamp(last),
    stepBack: () => clamp(step % PER_STATEMENT === 0 ? step - PER_STATEMENT : statement() * PER_STATEMENT),
    run(budget) {
      if (setup.function === 'slow_split') waste(10);
      clamp(step + (setup.function === 'slow_split' ? Math.min(budget, 2000) : budget));
      return step === last;
    },
    goTo: clamp,
    view,
    report: () => ({
      function: setup.function,
      file: FILE,
      line: 10,
      scenario: setup.scenario,
      status: view().status,
      steps: last,
      events: view().events,
      findings: view().findings,
      choices: view().choices,
      allocations: 1,
      differences: failing ? [] : [{ what: 'hstate.free_huge_pages', before: '1', after: '0' }],
      before: viewAt(setup, 0, last, failing).memory,
      after: view().memory,
      fidelity: view().fidelity,
      unknowns: [],
      bounds: `One run of ${setup.function}() at order ${setup.scenario.order} with one task.`,
    }),
  };
}

/** Keeps the thread busy, as a long piece of interpreted C does. */
function waste(milliseconds: number): void {
  const end = Date.now() + milliseconds;
  while (Date.now() < end);
}

function viewAt(setup: SimulationSetup, step: number, last: number, failing: boolean): SimulationView {
  const statement = Math.floor(step / PER_STATEMENT);
  const pages = 2 ** setup.scenario.order;
  const split = failing ? 0 : Math.min(pages, Math.max(0, statement - BEFORE));
  const ended = step === last;
  const line = statement <= BEFORE ? 12 + statement : ended ? 30 : 20 + (statement % 2);
  const inLoop = split > 0 && !ended;
  const place = inLoop ? at('fake_split_page', line) : at(setup.function, line);
  const status: RunStatus = ended ? { kind: 'returned', value: failing ? '-12' : '0' } : { kind: 'running' };
  return {
    step,
    status,
    place,
    stack: ended ? [] : stackOf(setup.function, place, inLoop, split),
    memory: memoryOf(setup, split, statement),
    events: eventsOf(setup.function, statement, split, failing),
    findings: findingsOf(setup.function, split, pages),
    choices: statement >= BEFORE ? [choiceOf(setup.function, failing)] : [],
    fidelity: [
      { function: setup.function, mode: 'interpreted', file: FILE, lines: Math.min(9, statement + 1), calls: 1 },
      { function: 'fake_split_page', mode: 'interpreted', file: FILE, lines: split > 0 ? 2 : 0, calls: split },
      { function: 'kmalloc', mode: 'modelled', file: 'mm/slab.c', lines: 0, calls: statement >= BEFORE ? 1 : 0 },
      { function: 'fake_notify', mode: 'unknown', file: '', lines: 0, calls: 0 },
    ],
  };
}

function stackOf(name: string, place: RunPlace, inLoop: boolean, split: number): readonly FrameView[] {
  const outer: FrameView = {
    ...at(name, inLoop ? 17 : place.line),
    variables: [
      { name: 'inode', type: 'struct inode *', value: '0xffff888100002000 (struct inode *)' },
      { name: 'i', type: 'long', value: String(split) },
      { name: 'ret', type: 'int', value: '0' },
    ],
  };
  if (!inLoop) return [outer];
  return [
    { ...place, variables: [{ name: 'page', type: 'struct page *', value: `0xffffea0001${split.toString(16).padStart(6, '0')}` }] },
    outer,
  ];
}

function memoryOf(setup: SimulationSetup, split: number, statement: number): MemoryView {
  const { order, blocks, hvo, folios } = setup.scenario;
  const pages = 2 ** order;
  const extents: FolioExtent[] = [];
  const locked = statement >= 1 ? ['locked'] : [];
  const base = { refcount: 1, mapcount: 0 } as const;
  if (folios === 'whole') {
    if (split === 0)
      extents.push({
        ...base,
        pfn: FIRST_PFN,
        count: 1,
        order,
        type: 'hugetlb',
        owner: 'page cache',
        flags: ['uptodate', ...locked],
        index: 0,
      });
    else
      extents.push({ ...base, pfn: FIRST_PFN, count: split, order: 0, type: 'folio', owner: 'page cache', flags: ['uptodate'], index: 0 });
    if (split > 0 && split < pages) {
      extents.push({
        ...base,
        refcount: 0,
        pfn: FIRST_PFN + split,
        count: pages - split,
        order: 0,
        type: 'frozen',
        owner: 'nobody',
        flags: [],
        index: -1,
      });
    }
  }
  for (let block = folios === 'whole' ? 1 : 0; block < blocks; block += 1) {
    extents.push({
      ...base,
      refcount: 0,
      pfn: FIRST_PFN + block * pages,
      count: 1,
      order,
      type: 'hugetlb',
      owner: 'hugetlb',
      flags: ['head'],
      index: -1,
    });
  }
  const without = Math.max(1, (pages * 64) / 4096);
  const optimised = hvo && split === 0 && statement < BEFORE;
  return {
    order,
    blocks,
    folios: extents,
    vmemmap: [{ block: 0, optimised, pages: optimised ? 1 : without, pagesWithoutHvo: without }],
    pageCache: folios === 'whole' ? [{ index: 0, count: split === 0 ? 1 : split, order: split === 0 ? order : 0, pfn: FIRST_PFN }] : [],
    faultable: setup.scenario.faultable === 'none' ? [] : [{ index: 0, count: setup.scenario.faultable === 'all' ? pages : 1 }],
    counters: [
      { group: 'hstate', name: 'nr_huge_pages', value: 2 },
      { group: 'hstate', name: 'free_huge_pages', value: split > 0 ? 0 : 1 },
      { group: 'subpool', name: 'used_hpages', value: 1 },
      { group: 'inode', name: 'nrpages', value: split },
      { group: 'vmemmap', name: 'kept_pages', value: optimised ? 1 : without },
    ],
    locks: statement >= 1 ? [{ what: `folio lock of pfn 0x${FIRST_PFN.toString(16)}`, holder: 'P0' }] : [],
  };
}

/** An event has the number of the instruction that made it: it is there once one more than that are done. */
function eventsOf(name: string, statement: number, split: number, failing: boolean): readonly RunEvent[] {
  const events: RunEvent[] = [{ ...at(name, 12), step: 0, kind: 'call', text: `${name}(inode=0xffff888100002000)`, times: 1 }];
  if (statement >= 1) events.push({ ...at(name, 13), step: PER_STATEMENT - 1, kind: 'lock', text: 'folio lock of pfn 0x40000', times: 1 });
  if (statement >= BEFORE) {
    events.push({
      ...at(name, 15),
      step: BEFORE * PER_STATEMENT - 1,
      kind: 'allocation',
      text: failing ? 'kmalloc(128) fails' : 'kmalloc(128)',
      times: 1,
    });
  }
  const listed = Math.min(split, 5000);
  for (let page = 0; page < listed; page += 1) {
    events.push({
      ...at('fake_split_page', 20),
      step: (BEFORE + page + 1) * PER_STATEMENT - 1,
      kind: 'split',
      text: `pfn 0x${(FIRST_PFN + page).toString(16)} is a folio of its own`,
      times: 1,
    });
  }
  if (split > listed)
    events.push({
      ...at('fake_split_page', 21),
      step: (BEFORE + listed + 1) * PER_STATEMENT - 1,
      kind: 'split',
      text: 'the rest of the pages',
      times: split - listed,
    });
  return events;
}

const findingsOf = (name: string, split: number, pages: number): readonly RunFinding[] =>
  split > pages / 2
    ? [
        {
          ...at(name, 18),
          step: (BEFORE + Math.floor(pages / 2) + 1) * PER_STATEMENT,
          kind: 'warn-on',
          message: 'VM_WARN_ON_ONCE(folio_ref_count(folio)) <b>not markup</b>',
        },
      ]
    : [];

const choiceOf = (name: string, failing: boolean): MadeChoice => ({
  ...at(name, 15),
  step: BEFORE * PER_STATEMENT,
  choice: { kind: 'allocation', what: 'kmalloc', options: ['succeeds', 'fails'], usual: 0 },
  option: failing ? 1 : 0,
});

/** A setup for it; the program has the function's name and parameters, and no code. */
export function fakeSetup(order: number, name = 'fake_split'): SimulationSetup {
  return {
    function: name,
    scenario: { order, blocks: 2, folios: 'whole', faultable: 'first', hvo: true, arguments: {} },
    program: {
      types: [
        { kind: 'int', bits: 32, signed: true, name: 'int' },
        { kind: 'struct', tag: 'inode', size: 0, align: 1, fields: [], complete: false },
        { kind: 'pointer', to: 1 },
        { kind: 'int', bits: 64, signed: false, name: 'unsigned long' },
        { kind: 'function', returns: 0, params: [2, 3], variadic: false },
      ],
      typeNames: {},
      functions: {
        [name]: {
          name,
          file: FILE,
          line: 10,
          endLine: 32,
          type: 4,
          inline: false,
          params: ['inode', 'index'],
          returnsThrough: false,
          registers: 2,
          locals: [],
          variables: [],
          constants: [],
          code: [{ op: 'return', a: null }],
          lines: [12],
          statements: [0],
        },
      },
      globals: {},
      prototypes: {},
      constants: {},
      problems: [],
    },
  };
}
