/** The steps of a scenario, the blocks that hold them, and what is expected of them. */
import { checkExpectations } from './contradictions';
import type { DesignId, Operation } from '../../model/host/operation';
import { wrongOperation } from './impossible-steps';
import { DEEPEST, type LineNode } from './line-tree';
import { shown, spanOfLine } from './problem';
import { designsOf } from './read-declarations';
import type { LinesReader, ReadLine } from './read-line';
import type { ExpectLine, OperationStep, Step, TextSpan, Written } from './scenario';
import { Arguments } from './statement';

/** More operations than this are not run. */
export const MOST_OPERATIONS = 2_000_000;

/** What a step costs grows with the files that there are. */
const MOST_FILES = 10_000;

/** Each is held against all others of its step. */
const MOST_EXPECTATIONS = 1_000;

/** What the expectations below a line go to: a step, one that could not be read, or nothing yet. */
interface Above {
  readonly step: Step | null;
  readonly expects: ExpectLine[];
}

interface Made {
  readonly operation: Operation;
  readonly designs: readonly DesignId[];
  readonly moving: number | undefined;
}

export class StepReader {
  /** How often the lines being read are run. */
  private times = 1;

  constructor(private readonly lines: LinesReader) {}

  read(nodes: readonly LineNode[]): Step[] {
    const steps: Step[] = [];
    let above: Above | null = null;
    for (const node of nodes) above = this.readNode(node, steps, above);
    return steps;
  }

  /** @returns what the expectations of the next line go to */
  private readNode(node: LineNode, steps: Step[], above: Above | null): Above | null {
    if (node.isTooDeep === true) {
      this.misplaced(node, `The line is indented ${DEEPEST} levels and more.`, 'Take some of the blocks around it away.');
      return above;
    }
    const statement = this.lines.statementOf(node.line);
    switch (statement?.place) {
      case 'expectation':
        this.expectation(node, above);
        return above;
      case 'step':
        return this.operation(node, steps);
      case 'block':
        return this.block(node, steps);
      case undefined:
        this.lines.read(node.line);
        break;
      case 'branch':
        this.misplaced(node, 'A branch stands outside of "parallel".', 'Indent it below a line "parallel".');
        break;
      case 'declaration':
        this.misplaced(node, `"${statement.word}" stands behind the first step.`, 'Write it above the steps.');
        break;
      case 'attached':
        this.misplaced(node, 'No fault stands above "meanwhile".', 'Indent it below a guest-fault or host-fault.');
        break;
      case 'file':
        this.misplaced(node, 'A scenario stands in another one.', 'Begin it at the left margin.');
        break;
    }
    let inner: Above | null = { step: null, expects: [] };
    for (const child of node.children) inner = this.readNode(child, steps, inner);
    return inner;
  }

  private misplaced(node: LineNode, met: string, todo: string): void {
    this.lines.refuse(spanOfLine(node.line), met, 'The line is left out of the scenario.', todo);
  }

  private operation(node: LineNode, steps: Step[]): Above {
    const line = this.lines.read(node.line);
    const expects: ExpectLine[] = [];
    const attached = node.children.find((child) => this.lines.statementOf(child.line)?.place === 'attached');
    const step = line === null ? null : this.stepOf(line, attached, expects);
    if (step !== null) steps.push(step);
    let above: Above | null = { step, expects };
    for (const child of node.children) {
      if (child === attached) continue;
      if (this.lines.statementOf(child.line)?.place !== 'expectation') {
        this.lines.refuse(
          spanOfLine(child.line),
          'The line is indented below a step.',
          'Steps hold expectations only; it is read as a step behind it.',
          'Indent it as the line above.',
        );
      }
      above = this.readNode(child, steps, above);
    }
    return above ?? { step, expects };
  }

  private stepOf(line: ReadLine, attached: LineNode | undefined, expects: ExpectLine[]): OperationStep | null {
    const made = this.operationOf(line);
    if (made === null) return null;
    const { operation, designs, moving } = made;
    const step: OperationStep = {
      kind: 'operation',
      operation,
      designs,
      expects,
      ...(moving === undefined ? {} : { moving }),
      ...writtenOf(line),
      span: line.span,
    };
    return attached === undefined ? step : this.withMeanwhile(step, attached);
  }

  /** The step with what another thread does during it. */
  private withMeanwhile(step: OperationStep, { line, children }: LineNode): OperationStep | null {
    for (const child of children) this.misplaced(child, 'The line is indented below "meanwhile".', 'Indent it as the line above.');
    const { operation } = step;
    const inner = { ...line, tokens: line.tokens.slice(1) };
    const span = spanOfLine(line);
    if (operation.kind !== 'guest-fault' && operation.kind !== 'host-fault') {
      this.lines.refuse(
        span,
        `Nothing can happen during "${operation.kind}".`,
        'The line is left out of the scenario.',
        'Only faults leave a window.',
      );
      return step;
    }
    if (inner.tokens.length === 0 || this.lines.statementOf(inner)?.place !== 'step') {
      this.lines.refuse(span, '"meanwhile" names no step.', 'The line is left out of the scenario.', 'Write a step behind it.');
      return step;
    }
    const read = this.lines.read(inner);
    const made = read === null ? null : this.operationOf(read);
    if (read === null || made === null) return null;
    if (made.designs.length > 0 || made.moving !== undefined) {
      this.lines.refuse(span, 'The step behind "meanwhile" has "for" or "moving".', 'Both are left out.', 'Write them behind the fault.');
    }
    const written = Object.entries(read.written).map(([name, text]) => [`meanwhile.${name}`, text] as const);
    const all = { ...step.written, ...Object.fromEntries(written) };
    return { ...step, operation: { ...operation, meanwhile: made.operation }, ...(Object.keys(all).length === 0 ? {} : { written: all }) };
  }

  private operationOf(line: ReadLine): Made | null {
    if (line.statement.place !== 'step') return null;
    const { files, designs: all } = this.lines.scope;
    const values = new Arguments(line.values, (file) => files.get(file)?.vm);
    const operation = line.statement.operation.make(values);
    const designs = designsOf(values);
    const moving = values.maybeNumber('moving');
    const wrong = wrongOperation(operation, values, designs.length === 0 ? all : designs, moving);
    if (wrong !== null) {
      this.lines.refuse(line.span, wrong.met, 'The line is left out of the scenario.', wrong.todo);
      return null;
    }
    if (operation.kind === 'create') {
      const { file, vm, size, pageSize } = operation;
      if (files.get(file)?.closed === false) {
        this.lines.refuse(
          line.span,
          `There is a file "${shown(file)}" already.`,
          'The line is left out of the scenario.',
          'Close it first, or take another name.',
        );
        return null;
      }
      if (files.size >= MOST_FILES) {
        this.lines.refuse(
          line.span,
          `The scenario has ${files.size} files.`,
          'More are not run; the line is left out.',
          'Make fewer files, larger ones.',
        );
        return null;
      }
      files.set(file, { size, vm, pageSize, closed: false });
    }
    if (operation.kind === 'close') {
      const file = files.get(operation.file);
      if (file !== undefined) files.set(operation.file, { ...file, closed: true });
    }
    return { operation, designs, moving };
  }

  private block(node: LineNode, steps: Step[]): Above {
    const line = this.lines.read(node.line);
    const expects: ExpectLine[] = [];
    const values = new Arguments(line?.values ?? {}, () => undefined);
    const span = spanOfLine(node.line);
    const word = this.lines.statementOf(node.line)?.word;
    const times = word === 'parallel' ? 1 : values.number('times');
    const outer = this.times;
    this.times *= Math.max(times, 1);
    let step: Step | null = null;
    if (word === 'parallel') step = { kind: 'parallel', branches: this.branches(node), expects, span };
    else {
      const inner = this.read(node.children);
      const operations = outer * times * (word === 'random' ? most(inner.map(operationsOf)) : sum(inner.map(operationsOf)));
      if (operations > MOST_OPERATIONS) this.tooMany(span, operations);
      else if (word === 'random') step = { kind: 'random', times, seed: values.number('seed'), steps: inner, expects, span };
      else step = { kind: 'repeat', times, steps: inner, expects, span };
    }
    this.times = outer;
    if (line === null || step === null) return { step: null, expects };
    steps.push({ ...step, ...writtenOf(line) });
    return { step, expects };
  }

  private tooMany(span: TextSpan, operations: number): void {
    this.lines.refuse(
      span,
      `The block asks for ${operations} operations.`,
      `More than ${MOST_OPERATIONS} are not run; it is left out of the scenario.`,
      'Repeat it less often.',
    );
  }

  private branches(node: LineNode): (readonly Step[])[] {
    const branches: (readonly Step[])[] = [];
    for (const child of node.children) {
      if (this.lines.statementOf(child.line)?.place === 'branch') {
        if (this.lines.read(child.line) !== null) branches.push(this.read(child.children));
      } else {
        this.misplaced(child, 'A line of "parallel" belongs to no branch.', 'Put it below a line "branch".');
      }
    }
    return branches;
  }

  private expectation(node: LineNode, above: Above | null): void {
    const line = this.lines.read(node.line);
    for (const child of node.children) this.misplaced(child, 'The line is indented below an expectation.', 'Indent it as the line above.');
    if (line?.statement.place !== 'expectation') return;
    if (above === null) {
      this.lines.refuse(
        line.span,
        'No step stands above the expectation.',
        'There is nothing yet that it could speak of.',
        'Put it behind a step.',
      );
      return;
    }
    const { files, designs } = this.lines.scope;
    const values = new Arguments(line.values, (file) => files.get(file)?.vm);
    const expectation = line.statement.expectation.make(values);
    if (expectation.kind === 'error' && above.step !== null && above.step.kind !== 'operation') {
      this.lines.refuse(
        line.span,
        'The lines above are a block.',
        'Only a single step goes well or fails.',
        'Put the expectation below a step of the block.',
      );
      return;
    }
    const passing = passedOver(above.step, designsOf(values));
    if (passing !== null) {
      this.lines.refuse(
        line.span,
        `The step above is not done in design ${passing}.`,
        'The expectation would never be checked there; it is left out.',
        'Put it below a step of that design, or take the design away.',
      );
      return;
    }
    if (above.expects.length >= MOST_EXPECTATIONS) {
      this.lines.refuse(
        line.span,
        `More than ${MOST_EXPECTATIONS} things are expected of one step.`,
        'The rest is left out.',
        'Leave some out.',
      );
      return;
    }
    const when = values.maybeNumber('when');
    const holds = when === undefined ? {} : { holds: when !== 0 };
    const expected: ExpectLine = { expectation, designs: designsOf(values), ...holds, ...writtenOf(line), span: line.span };
    const against = checkExpectations(above.expects, expected, designs);
    if (against === null) above.expects.push(expected);
    else {
      this.lines.refuse(
        line.span,
        `The expectation contradicts the one in line ${against.line} for design ${against.design}.`,
        'No run can meet both; this one is left out.',
        'Correct one of them, or keep each to its designs with "for".',
      );
    }
  }
}

/** The first of the designs for which the step is none of theirs. */
const passedOver = (step: Step | null, designs: readonly DesignId[]): DesignId | null =>
  step?.kind === 'operation' && step.designs.length > 0 ? (designs.find((each) => !step.designs.includes(each)) ?? null) : null;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const most = (numbers: readonly number[]): number => numbers.reduce((largest, each) => Math.max(largest, each), 0);

function operationsOf(step: Step): number {
  switch (step.kind) {
    case 'operation':
      return 1;
    case 'repeat':
      return step.times * sum(step.steps.map(operationsOf));
    case 'random':
      return step.times * most(step.steps.map(operationsOf));
    case 'parallel':
      return sum(step.branches.flat().map(operationsOf));
  }
}

function writtenOf({ written }: ReadLine): { readonly written?: Written } {
  return Object.keys(written).length === 0 ? {} : { written };
}
