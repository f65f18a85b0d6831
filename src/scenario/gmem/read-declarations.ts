/** The lines before the first step: host, designs, switches, and the names of those who act. */
import { type HostSpec, type NodeSpec, usualHost, type VmSpec } from '../../model/host/host-spec';
import { DESIGNS, type DesignId, type VmType } from '../../model/host/operation';
import type { LineNode } from './line-tree';
import { spanOfLine } from './problem';
import type { LinesReader, ReadLine } from './read-line';
import type { GmemScenario, Parameter, SweepLine, Written } from './scenario';
import { Arguments } from './statement';
import type { Line } from './tokens';
import { hostProblems } from './host-problems';
import { SWITCHES } from './vocabulary';

export const VM_TYPES = ['plain', 'sw-protected', 'tdx', 'snp', 'pkvm', 'gunyah'] as const satisfies readonly VmType[];
/** Runs of one sweep line, and of all of a scenario's together. */
const MOST_VALUES = 1_000;
const MOST_RUNS = 10_000;

type Head = Omit<GmemScenario, 'name' | 'steps' | 'span' | 'lastLine'>;

export class DeclarationReader {
  private readonly about: string[] = [];
  private readonly labels: string[] = [];
  private readonly nodes: NodeSpec[] = [];
  private host: Omit<HostSpec, 'nodes'> = usualHost;
  private designs: readonly DesignId[] | null = null;
  private readonly switches: GmemScenario['switches'][number][] = [];
  private readonly vms: VmSpec[] = [];
  private readonly sweeps: SweepLine[] = [];
  private readonly parameters: Parameter[] = [];
  private readonly written: Record<string, Written> = {};
  private readonly used = new Set<string>();

  constructor(
    private readonly lines: LinesReader,
    private readonly overrides: Readonly<Record<string, string>>,
  ) {}

  read(node: LineNode): void {
    const line = this.lines.read(node.line);
    for (const child of node.children) {
      this.lines.refuse(
        spanOfLine(child.line),
        'The line is indented below a declaration.',
        'Declarations hold no lines; it is left out.',
        'Indent it as the line above.',
      );
    }
    if (line === null) return;
    const values = new Arguments(line.values, () => undefined);
    this.declare(line, values);
  }

  /** What has been declared. @param line that opens the scenario */
  finish(line: Line): Head {
    const { scope } = this.lines;
    const host = { ...this.host, nodes: this.nodes.length === 0 ? usualHost.nodes : this.nodes };
    const span = spanOfLine(line);
    for (const { met, todo } of hostProblems(host)) this.lines.refuse(span, met, 'There can be no such host.', todo);
    return {
      about: this.about,
      labels: this.labels,
      host,
      designs: this.designs ?? DESIGNS,
      switches: this.switches,
      vms: this.vms,
      processes: [...scope.processes],
      devices: [...scope.devices],
      parameters: this.parameters,
      sweeps: this.sweeps,
      written: this.written,
    };
  }

  private declare(line: ReadLine, values: Arguments): void {
    const { scope } = this.lines;
    switch (line.statement.word) {
      case 'about':
        this.about.push(values.text('text'));
        break;
      case 'label':
        this.labels.push(...values.list('labels').filter((each) => !this.labels.includes(each)));
        break;
      case 'let':
        this.parameter(line, values);
        break;
      case 'sweep':
        this.sweep(line, values);
        break;
      case 'host':
        if (this.once(line, 'host')) this.host = { ...this.host, ...hostOf(values) };
        break;
      case 'node':
        this.node(line, values);
        break;
      case 'designs':
        if (!this.once(line, 'designs')) break;
        this.designs = designsOf(values);
        scope.designs = this.designs;
        break;
      case 'switch':
        this.switch(line, values);
        break;
      case 'vm':
        this.vm(line, values);
        break;
      case 'process':
        for (const name of values.list('names')) this.name(line, name, scope.processes);
        break;
      case 'device':
        for (const name of values.list('names')) this.name(line, name, scope.devices);
        break;
    }
  }

  /** Keeps what the line says by parameters, under the declaration's key. */
  private keep(key: string, { written }: ReadLine): void {
    if (Object.keys(written).length > 0) this.written[key] = written;
  }

  /** False, and a problem, where the declaration was there already. */
  private once(line: ReadLine, key: string, isKept = true): boolean {
    if (this.used.has(key)) {
      this.lines.refuse(
        line.span,
        `There is a line "${key}" above.`,
        'Two would contradict each other; this one is left out.',
        'Make one of the two.',
      );
      return false;
    }
    this.used.add(key);
    if (isKept) this.keep(key, line);
    return true;
  }

  private parameter(line: ReadLine, values: Arguments): void {
    const { parameters } = this.lines.scope;
    const name = values.text('name');
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
      this.lines.refuse(line.span, `"${name}" has marks in it.`, '$ and the name must make one word.', 'Use letters, digits, - and _.');
    } else if (this.once(line, `let ${name}`, false)) {
      const value = this.overrides[name] ?? values.text('value');
      parameters.set(name, value);
      this.parameters.push({ name, value: this.overrides[name] ?? line.written['value'] ?? value });
    }
  }

  private sweep(line: ReadLine, values: Arguments): void {
    const name = values.text('name');
    const found = valuesOfSweep(values);
    const runs = this.sweeps.reduce((product, each) => product * each.values.length, found.length);
    if (found.length === 0) {
      this.lines.refuse(line.span, 'The sweep has no value.', 'Nothing would be run.', 'Write over 1 2 4, or from 0 to 10 by 1.');
    } else if (found.length > MOST_VALUES || runs > MOST_RUNS) {
      this.lines.refuse(
        line.span,
        `The sweep asks for ${Math.max(found.length, runs)} runs.`,
        `More than ${MOST_VALUES} values of one parameter, or ${MOST_RUNS} runs in all, are not run.`,
        'Take a larger step.',
      );
    } else if (this.once(line, `sweep ${name}`)) this.sweeps.push({ name, values: found, span: line.span });
  }

  private node(line: ReadLine, values: Arguments): void {
    const node = values.number('node');
    if (!this.once(line, `node ${node}`)) return;
    const buddy = values.maybeNumber('buddy');
    this.lines.scope.nodes = [...this.nodes.map((each) => each.node), node];
    this.nodes.push({
      node,
      memory: values.number('memory'),
      pages1G: values.number('pages1G'),
      pages2M: values.number('pages2M'),
      ...(buddy === undefined ? {} : { buddy }),
    });
  }

  private switch(line: ReadLine, values: Arguments): void {
    const name = values.text('name');
    const value = values.text('value');
    const known = SWITCHES[name];
    const designs = designsOf(values);
    const wrong = designs.find((each) => known !== undefined && !known.designs.includes(each));
    if (known !== undefined && !known.values.includes(value)) {
      const words = known.values.join(', ');
      this.lines.refuse(line.span, `"${value}" is no value of ${name}.`, 'The line is left out of the scenario.', `Write one of ${words}.`);
    } else if (wrong !== undefined) {
      this.lines.refuse(
        line.span,
        `Design ${wrong} has no switch ${name}.`,
        'The line is left out of the scenario.',
        `Write it for ${known?.designs.join(' ') ?? ''}.`,
      );
    } else {
      this.switches.push({ name, value, designs });
      this.keep(`switch ${this.switches.length - 1}`, line);
    }
  }

  private vm(line: ReadLine, values: Arguments): void {
    const name = values.text('name');
    if (!this.name(line, name, this.lines.scope.vms)) return;
    const memcgLimit = values.maybeNumber('memcgLimit');
    this.keep(`vm ${name}`, line);
    this.vms.push({ name, type: values.word('type', VM_TYPES, 'plain'), ...(memcgLimit === undefined ? {} : { memcgLimit }) });
  }

  private name(line: ReadLine, name: string, names: Set<string>): boolean {
    const { vms, processes, devices } = this.lines.scope;
    if ([vms, processes, devices].some((each) => each.has(name))) {
      this.lines.refuse(line.span, `"${name}" is declared above.`, 'One name cannot mean two; this one is left out.', 'Take another name.');
      return false;
    }
    names.add(name);
    return true;
  }
}

/** Those of the line's `for` or `designs`, in its order. */
export const designsOf = (values: Arguments): readonly DesignId[] =>
  values.list('designs').flatMap((name) => DESIGNS.filter((each) => each === name));

function hostOf(values: Arguments): Partial<Omit<HostSpec, 'nodes'>> {
  const hvo = values.maybeText('hvo');
  const cma = values.maybeText('hugetlbCma');
  const pool = values.maybeNumber('pool');
  const area = values.maybeNumber('cma');
  return {
    ...(hvo === undefined ? {} : { hvo: hvo === 'on' }),
    ...(cma === undefined ? {} : { hugetlbCma: cma === 'on' }),
    overcommit1G: values.number('overcommit1G'),
    overcommit2M: values.number('overcommit2M'),
    ...(pool === undefined ? {} : { pool }),
    ...(area === undefined ? {} : { cma: area }),
  };
}

/** Plain numbers as numbers, others as written. */
function valuesOfSweep(values: Arguments): (number | string)[] {
  const from = values.maybeNumber('from');
  const over = values.list('values').map((each) => (/^-?\d+(?:\.\d+)?$/.test(each) ? Number(each) : each));
  if (from === undefined) return over;
  const to = values.number('to');
  const by = values.number('by');
  if (!(by > 0) || to < from) return over;
  const count = Math.min(Math.floor((to - from) / by) + 1, MOST_VALUES + 1);
  return [...over, ...Array.from({ length: count }, (_, index) => from + index * by)];
}
