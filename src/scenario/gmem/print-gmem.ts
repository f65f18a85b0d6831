/** Scenarios → text, by the table of statements: what `readGmem` makes of it is the same data. */
import { usualHost } from '../../model/host/host-spec';
import { DESIGNS, type Operation } from '../../model/host/operation';
import { lineText } from './pattern';
import type { Expectation, ExpectLine, GmemScenario, OperationStep, Step, SweepLine, Written } from './scenario';
import type { Values } from './statement';
import { OPERATION_ROWS, STATEMENTS } from './statements';
import { EXPECTATIONS } from './expectations';

const STEP = '  ';
const NOTHING: Written = {};

/** The text of scenarios, without comments; each ends with a newline. */
export function printGmem(scenarios: readonly GmemScenario[]): string {
  return scenarios.map(printScenario).join('\n');
}

function printScenario(scenario: GmemScenario): string {
  const lines = [line('scenario', { name: scenario.name }), ...declarations(scenario).map((each) => STEP + each)];
  const vms = new Map<string, string>();
  if (scenario.steps.length > 0) lines.push('');
  for (const step of scenario.steps) lines.push(...stepLines(step, vms).map((each) => STEP + each));
  return `${lines.join('\n')}\n`;
}

function line(word: string, values: Values, written: Written = NOTHING): string {
  const statement = STATEMENTS.find((each) => each.word === word);
  return statement === undefined ? '' : lineText(statement.compiled, values, written);
}

function declarations(scenario: GmemScenario): string[] {
  const { about, labels, host, designs, switches, vms, processes, devices, parameters, sweeps } = scenario;
  const written = (key: string): Written => scenario.written[key] ?? NOTHING;
  const isUsual = host.nodes === usualHost.nodes;
  return [
    ...about.map((text) => line('about', { text })),
    ...(labels.length === 0 ? [] : [line('label', { labels })]),
    ...parameters.map(({ name, value }) => line('let', { name, value })),
    ...sweeps.map((each) => line('sweep', sweepValues(each))),
    ...hostLine(scenario),
    ...(isUsual ? [] : host.nodes.map((each) => line('node', nodeValues(each), written(`node ${each.node}`)))),
    ...(designs.join() === DESIGNS.join() ? [] : [line('designs', { designs }, written('designs'))]),
    ...switches.map((each, index) => line('switch', { ...each }, written(`switch ${index}`))),
    ...vms.map((each) => line('vm', { ...each }, written(`vm ${each.name}`))),
    ...(processes.length === 0 ? [] : [line('process', { names: processes })]),
    ...(devices.length === 0 ? [] : [line('device', { names: devices })]),
  ];
}

function hostLine({ host, written }: GmemScenario): string[] {
  const { hvo, hugetlbCma, overcommit1G, overcommit2M, pool, cma } = host;
  const values = {
    hvo: hvo ? undefined : 'off',
    hugetlbCma: hugetlbCma ? 'on' : undefined,
    overcommit1G: positive(overcommit1G),
    overcommit2M: positive(overcommit2M),
    pool,
    cma,
  };
  const ofHost = written['host'] ?? NOTHING;
  const needed = Object.values(values).some((each) => each !== undefined) || Object.keys(ofHost).length > 0;
  return needed ? [line('host', values, ofHost)] : [];
}

const positive = (count: number): number | undefined => (count === 0 ? undefined : count);

function nodeValues({ node, memory, pages1G, pages2M, buddy }: GmemScenario['host']['nodes'][number]): Values {
  return { node, memory, pages1G: positive(pages1G), pages2M: positive(pages2M), buddy };
}

/** `from … to … by …` where that says the same. */
function sweepValues({ name, values }: SweepLine): Values {
  const numbers = values.filter((each): each is number => typeof each === 'number');
  const [first = 0, second = 0] = numbers;
  const by = second - first;
  const last = numbers.at(-1) ?? 0;
  const even =
    numbers.length === values.length && numbers.length > 2 && by > 0 && numbers.every((each, index) => each === first + index * by);
  return even && Math.floor((last - first) / by) + 1 === numbers.length
    ? { name, from: first, to: last, by }
    : { name, values: values.map(String) };
}

function stepLines(step: Step, vms: Map<string, string>): string[] {
  const written = step.written ?? NOTHING;
  const expected = step.expects.map(expectLine);
  const indented = (steps: readonly Step[]): string[] => steps.flatMap((each) => stepLines(each, vms)).map((each) => STEP + each);
  switch (step.kind) {
    case 'operation':
      return [operationLine(step, vms), ...[...meanwhileLine(step, vms), ...expected].map((each) => STEP + each)];
    case 'repeat':
      return [line('repeat', { times: step.times }, written), ...indented(step.steps), ...expected];
    case 'random':
      return [line('random', { times: step.times, seed: step.seed }, written), ...indented(step.steps), ...expected];
    case 'parallel':
      return [
        line('parallel', {}),
        ...step.branches.flatMap((each) => ['branch', ...indented(each)]).map((each) => STEP + each),
        ...expected,
      ];
  }
}

function operationLine({ operation, designs, moving, written = NOTHING }: OperationStep, vms: Map<string, string>): string {
  if (operation.kind === 'create') vms.set(operation.file, operation.vm);
  return textOfOperation(operation, { designs, moving }, written, vms);
}

function meanwhileLine({ operation, written = NOTHING }: OperationStep, vms: ReadonlyMap<string, string>): string[] {
  if (!('meanwhile' in operation) || operation.meanwhile === undefined) return [];
  const own = Object.entries(written).flatMap(([name, text]) =>
    name.startsWith(INNER) ? [[name.slice(INNER.length), text] as const] : [],
  );
  return [`meanwhile ${textOfOperation(operation.meanwhile, {}, Object.fromEntries(own), vms)}`];
}

const INNER = 'meanwhile.';

function textOfOperation(operation: Operation, more: Values, written: Written, vms: ReadonlyMap<string, string>): string {
  const row = OPERATION_ROWS.find((each) => each.operation.kinds.includes(operation.kind));
  return row === undefined ? '' : lineText(row.compiled, { ...row.operation.values(operation, (file) => vms.get(file)), ...more }, written);
}

/** An operation as its line in a scenario says it, where each file is converted by its own VM. */
export const operationText = (operation: Operation): string =>
  textOfOperation(operation, {}, NOTHING, 'vm' in operation && 'file' in operation ? new Map([[operation.file, operation.vm]]) : new Map());

/** The line of a step as its author wrote it: parameters by their names. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'operation':
      return operationLine(
        step,
        'vm' in step.operation && 'file' in step.operation ? new Map([[step.operation.file, step.operation.vm]]) : new Map(),
      );
    case 'parallel':
      return line('parallel', {});
    case 'repeat':
      return line('repeat', { times: step.times }, step.written);
    case 'random':
      return line('random', { times: step.times, seed: step.seed }, step.written);
  }
}

function expectLine({ expectation, designs, holds, written = NOTHING }: ExpectLine): string {
  return textOfExpectation(expectation, { when: holds === undefined ? undefined : Number(holds), designs }, written);
}

function textOfExpectation(expectation: Expectation, more: Values, written: Written): string {
  for (const row of EXPECTATIONS) {
    const values = row.expectation.values(expectation);
    if (values !== null) return lineText(row.compiled, { ...values, ...more }, written);
  }
  return '';
}

/** What is expected, as its line says it, without `expect` and without the designs. */
export const expectationText = (expectation: Expectation): string => textOfExpectation(expectation, {}, NOTHING).replace(/^expect /, '');
