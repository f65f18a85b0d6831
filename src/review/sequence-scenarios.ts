/** Sequences that a search has found, as scenarios in text: each is run on the C at 2M before it counts as reproduced. */
import { done, type Outcome } from '../base/outcome';
import type { Progress } from '../base/progress';
import type { Program } from '../kernel-c/program';
import { ORDERS, type AllocationKind, type Operation } from '../model/host/operation';
import { kindOfAllocation } from './c-scenario-calls';
import type { SequenceFindingView, SequenceOperationView, SequenceReport } from '../protocol/exploration';
import type { RunFinding, Scenario } from '../protocol/simulation';
import { printGmem } from '../scenario/gmem/print-gmem';
import { readGmem } from '../scenario/gmem/read-gmem';
import type { Expectation, GmemScenario, OperationStep, TextSpan } from '../scenario/gmem/scenario';
import { runScenarioOnC } from './c-scenario';
import { modelNames } from './c-scenario-invariants';
import type { CScenarioRun } from './c-scenario-report';
import { createStepSession } from './run-steps';

export interface SavedSequence {
  /** Place of the finding in the report. */
  readonly finding: number;
  /** Without a folder: `01-null-deref-kvm_gmem_fault.gmem`. */
  readonly file: string;
  readonly text: string;
  readonly isReproduced: boolean;
  /** Why it is not reproduced; '' where it is. */
  readonly why: string;
}

const PAGE = 4096;
const ORDER = ORDERS['2M'];
const NOWHERE: TextSpan = { line: 0, column: 0, endLine: 0, endColumn: 0 };
const FILE = 'gmem0';
const [VM, PROCESS, DEVICE] = ['td', 'vmm', 'nic'];

/**
 * @param program what the search ran on
 *
 * *Fails* as `runScenarioOnC`.
 */
export function sequenceScenarios(program: Program, report: SequenceReport, progress: Progress): Outcome<readonly SavedSequence[]> {
  const saved: SavedSequence[] = [];
  for (const [number, finding] of report.findings.entries()) {
    const start = report.searches.find(({ state }) => state === finding.state)?.scenario;
    if (start === undefined) continue;
    progress.report(`Running what was found on the C: ${number + 1} of ${report.findings.length}`);
    const one = savedSequence(program, { number, finding, start }, progress);
    if (one.kind !== 'done') return one;
    saved.push(one.value);
  }
  return done(saved);
}

interface Found {
  readonly number: number;
  readonly finding: SequenceFindingView;
  /** The state in which the sequence begins. */
  readonly start: Scenario;
}

function savedSequence(program: Program, found: Found, progress: Progress): Outcome<SavedSequence> {
  const { number, finding } = found;
  const file = `${String(number + 1).padStart(2, '0')}-${finding.kind}-${finding.function.replace(/\W+/g, '-')}.gmem`;
  let saved: SavedSequence | null = null;
  for (const failing of failuresOf(program, found)) {
    const steps = stepsOf(found, failing);
    const first = runOf(program, textOf(found, steps, []), progress);
    if (first.kind !== 'done') return first;
    const text = textOf(found, steps, expectationsOf(first.value, finding));
    const again = runOf(program, text, progress);
    if (again.kind !== 'done') return again;
    const why = whyNot(again.value, finding);
    saved ??= { finding: number, file, text, isReproduced: why === '', why };
    if (why === '') return done({ ...saved, text, isReproduced: true, why });
  }
  return done(saved ?? { finding: number, file, text: '', isReproduced: false, why: 'the sequence cannot be run again' });
}

function runOf(program: Program, text: string, progress: Progress): Outcome<CScenarioRun | null> {
  const { scenarios, problems } = readGmem(text);
  const [scenario] = scenarios;
  return scenario === undefined || problems.some(({ severity }) => severity === 'error')
    ? done(null)
    : runScenarioOnC(program, scenario, progress);
}

function whyNot(run: CScenarioRun | null, finding: SequenceFindingView): string {
  if (run === null) return 'its text cannot be read';
  if (run.status === 'not-runnable') return run.reasons.map(({ what, why }) => `${what}: ${why}`).join('; ');
  if (!run.findings.some((each) => isSame(each.finding, finding))) return 'at 2M the same sequence does not meet it';
  const wrong = run.run?.expectations.find(({ status }) => status === 'failed');
  return wrong === undefined ? '' : `line ${wrong.span.line}: expected ${wrong.expected}, and it was ${wrong.actual}`;
}

/** The same check at the same place; of an invariant, the same one and in the same words but for numbers. */
function isSame(met: RunFinding, finding: RunFinding): boolean {
  if (met.kind !== finding.kind) return false;
  if (finding.kind === 'invariant') return beginning(met.message) === beginning(finding.message);
  return met.function === finding.function && met.line === finding.line;
}

/** `content: Data loss`: the invariant, and what of it. */
const beginning = (message: string): string => message.split(':').slice(0, 2).join(':').replace(/\d.*/, '');

/** An allocation of an operation: one of a kind, after so many of that kind that go well. */
interface Failure {
  readonly kind: AllocationKind;
  readonly after: number;
}

/** A larger huge page has more nodes in the page cache: so many more of the allocations are tried. */
const MORE = 8;

/** *Shape* what to let fail, likeliest first: the allocation that failed in the search, then others of its kind; null where nothing fails. */
function failuresOf(program: Program, { finding, start }: Found): readonly (Failure | null)[] {
  if (finding.sequence.every(({ failing }) => failing === 0)) return [null];
  const session = createStepSession({ program, scenario: start });
  if (session.kind !== 'done') return [];
  const { machine, run } = session.value;
  for (const { step, arguments: args, failing } of finding.sequence) {
    const before = machine.choices().length;
    run({ step, arguments: args, failing });
    if (failing === 0) continue;
    const made = machine.choices().slice(before);
    const kinds = made.flatMap(({ choice }) => (choice.kind === 'allocation' ? [kindOfAllocation(choice.what)] : []));
    const kind = kinds[failing - 1] ?? null;
    if (kind === null) return [{ kind: 'any', after: failing - 1 }];
    const first = kinds.slice(0, failing - 1).filter((each) => each === kind).length;
    const others = Array.from({ length: first + MORE }, (_, after) => after).filter((after) => after !== first);
    return [first, ...others].map((after) => ({ kind, after }));
  }
  return [];
}

function stepsOf({ finding, start }: Found, failing: Failure | null): Operation[] {
  const size = start.blocks * 2 ** ORDER * PAGE;
  const all = { from: 0, to: start.blocks * 2 ** ORDER };
  const begin: Operation[] = [
    { kind: 'create', file: FILE, vm: VM, size, pageSize: '2M', ...(start.faultable === 'all' ? { initially: 'shared' as const } : {}) },
    { kind: 'bind', vm: VM, file: FILE, gpa: 0, offset: 0, size },
    { kind: 'mmap', process: PROCESS, file: FILE, range: all },
  ];
  const then = finding.sequence.flatMap((each) => {
    const operations = operationsOfStep(each, start.order, all.to);
    const fails: Operation[] =
      each.failing > 0 && failing !== null
        ? [{ kind: 'fail', allocation: failing.kind, count: 1, ...(failing.after === 0 ? {} : { after: failing.after }) }]
        : [];
    return [...fails, ...operations];
  });
  return [...begin, ...then];
}

/** Page k of block b is page k of block b. */
const pageAt = (page: number, order: number): number => Math.floor(page / 2 ** order) * 2 ** ORDER + (page % 2 ** order);

function operationsOfStep({ step, arguments: args }: SequenceOperationView, order: number, end: number): Operation[] {
  const page = (name: string): number => pageAt(args[name] ?? 0, order);
  const one = (name: string): { from: number; to: number } => ({ from: page(name), to: page(name) + 1 });
  const range = (first: number, count: number): { from: number; to: number } => ({
    from: pageAt(first, order),
    to: pageAt(first + count, order),
  });
  switch (step) {
    case 'host-fault':
      return (['read', 'write'] as const).map((access) => ({
        kind: 'host-fault',
        process: PROCESS,
        file: FILE,
        range: one('index'),
        access,
      }));
    case 'guest-fault':
      return (['read', 'write'] as const).map((access) => ({
        kind: 'guest-fault',
        vm: VM,
        file: FILE,
        range: one('gfn'),
        access,
        each: 'page',
      }));
    case 'pin':
    case 'unpin':
      return [{ kind: step, holder: DEVICE, file: FILE, range: one('index') }];
    case 'pipe-get':
      return [{ kind: 'reference', holder: PROCESS, file: FILE, range: one('index') }];
    case 'pipe-put':
      return [{ kind: 'release', holder: PROCESS, file: FILE, range: one('index') }];
    case 'host-unmap':
      return [{ kind: 'dontneed', process: PROCESS, file: FILE, range: { from: 0, to: end } }];
    case 'convert': {
      const to = args['private'] === 1 ? 'private' : 'shared';
      return [{ kind: 'convert', vm: VM, file: FILE, range: range(args['first'] ?? 0, args['count'] ?? 0), to }];
    }
    case 'punch':
    case 'allocate': {
      const { from, to } = range((args['offset'] ?? 0) / PAGE, (args['length'] ?? 0) / PAGE);
      return [{ kind: step, file: FILE, offset: from * PAGE, size: (to - from) * PAGE }];
    }
    case 'close':
      return [
        { kind: 'munmap', process: PROCESS, file: FILE, range: { from: 0, to: end } },
        { kind: 'close', file: FILE },
      ];
    default:
      throw new Error(`a sequence has a step ${step} that a scenario has no words for`);
  }
}

/** What the last operation gave on the C, and which invariant it broke. */
function expectationsOf(run: CScenarioRun | null, finding: SequenceFindingView): Expectation[] {
  const last = run?.run?.steps.at(-1)?.last ?? null;
  const names = finding.kind === 'invariant' ? modelNames(finding.message) : [];
  return [
    ...(last === null ? [] : [{ kind: 'error' as const, error: last.error }]),
    ...names.slice(0, 1).map((name): Expectation => ({ kind: 'invariant', name, held: false })),
  ];
}

function textOf({ finding, start }: Found, operations: readonly Operation[], expected: readonly Expectation[]): string {
  const steps = operations.map((operation, at): OperationStep => {
    const isLast = at === operations.length - 1;
    const expects = isLast ? expected.map((expectation) => ({ expectation, designs: [], span: NOWHERE })) : [];
    return { kind: 'operation', operation, designs: [], expects, span: NOWHERE };
  });
  const where = finding.file === '' ? '' : ` at ${finding.file}:${finding.line} in ${finding.function}()`;
  const scenario: GmemScenario = {
    name: `${finding.kind} in ${finding.function === '' ? 'a sequence' : finding.function}`,
    about: [plain(`${finding.kind}${where}: ${finding.message}`), `Found from ${finding.state} by trying all sequences.`],
    labels: ['derived'],
    host: {
      nodes: [{ node: 0, memory: 2 ** 36, pages1G: 0, pages2M: start.blocks + 1 }],
      hvo: start.hvo,
      overcommit1G: 0,
      overcommit2M: 0,
      hugetlbCma: false,
    },
    designs: ['A'],
    switches: [],
    vms: [{ name: VM, type: start.faultable === 'all' ? 'sw-protected' : 'tdx' }],
    processes: [PROCESS],
    devices: [DEVICE],
    parameters: [],
    sweeps: [],
    steps,
    written: {},
    span: NOWHERE,
    lastLine: 0,
  };
  return printGmem([scenario]);
}

/** As a sentence in quotation marks can hold it. */
const plain = (text: string): string => text.replaceAll('"', "'").replace(/\s+/g, ' ');
