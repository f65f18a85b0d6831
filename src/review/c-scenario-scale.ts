/**
 * A scenario with smaller huge pages: block b stays block b, and a page inside a block stays what it is among those that the scenario names.
 *
 * Places inside a block that the smaller block has at the same fraction go there (a half stays a half), and so do those beyond its end; the
 * others stay as they are. Where that changes the order of the places that are named, the scenario cannot be told at that size.
 */
import { ORDERS, type Operation } from '../model/host/operation';
import type { Expectation, ExpectLine, GmemScenario, Step } from '../scenario/gmem/scenario';
import { pageSizeOf } from './c-scenario-reasons';

const PAGE = 4096;
const STRUCT_PAGE = 64;

export interface Scaled {
  /** Null where it cannot be. */
  readonly scenario: GmemScenario | null;
  readonly why: string;
}

/** What does not go into huge pages of the order. */
class CannotScale extends Error {}

/** @param order of a huge page */
export function scaledScenario(scenario: GmemScenario, order: number): Scaled {
  const size = pageSizeOf(scenario);
  if (size === null || ORDERS[size] < order) return { scenario: null, why: `huge pages of order ${order} are no smaller than its own` };
  try {
    const scale = new Scale(2 ** ORDERS[size], 2 ** order);
    const steps = scale.steps(scenario.steps, 1);
    scale.check();
    return { scenario: { ...scenario, steps }, why: '' };
  } catch (error) {
    if (error instanceof CannotScale) return { scenario: null, why: error.message };
    throw error;
  }
}

/** Pages of vmemmap: as many splits as there was memory for, and what is left for the next as a part of it. */
export function scaledPages(pages: number, from: number, to: number): number {
  const [all, small] = [from, to].map((order) => (2 ** order * STRUCT_PAGE) / PAGE - 1);
  return from === to || all === undefined || small === undefined ? pages : Math.floor((pages * Math.max(small, 0)) / all);
}

class Scale {
  /** Places inside a block that were named, and where they went. */
  private readonly places = new Map<number, number>();

  constructor(
    private readonly from: number,
    private readonly to: number,
  ) {}

  /** @throws CannotScale where two places have changed their order */
  check(): void {
    const places = [...this.places].sort(([left], [right]) => left - right);
    places.forEach(([place, scaled], at) => {
      const next = places[at + 1];
      if (next !== undefined && next[1] <= scaled)
        throw new CannotScale(`pages ${place} and ${next[0]} of a block would be ${scaled} and ${next[1]} of ${this.to}`);
    });
  }

  /** @param turns of the blocks around these steps that repeat */
  steps(steps: readonly Step[], turns: number): Step[] {
    return steps.map((step): Step => {
      const expects = step.expects.map((each) => this.expectLine(each));
      switch (step.kind) {
        case 'operation': {
          const { moving, operation } = step;
          const scaled = { ...step, expects, operation: this.operation(operation) };
          return moving === undefined ? scaled : { ...scaled, moving: this.moving(operation, moving, turns) };
        }
        case 'parallel':
          return { ...step, expects, branches: step.branches.map((branch) => this.steps(branch, turns)) };
        case 'repeat':
        case 'random':
          return { ...step, expects, steps: this.steps(step.steps, step.times) };
      }
    });
  }

  /** A step that moves on by whole blocks, or by pages that all stay where they are. */
  private moving(operation: Operation, bytes: number, turns: number): number {
    const pages = bytes / PAGE;
    if (pages % this.from === 0) return (pages / this.from) * this.to * PAGE;
    const first = 'range' in operation ? operation.range.from : 0;
    const count = 'range' in operation ? operation.range.to - operation.range.from : 1;
    for (let turn = 0; turn < turns; turn++) {
      for (const each of [first + turn * pages, first + turn * pages + count]) {
        if (this.page(each) !== each) throw new CannotScale(`page ${each} of a step that moves on would be page ${this.page(each)}`);
      }
    }
    return bytes;
  }

  private page(page: number): number {
    const inside = page % this.from;
    const scaled = (inside * this.to) / this.from;
    const place = Number.isInteger(scaled) || inside >= this.to ? Math.floor(scaled) : inside;
    this.places.set(inside, place);
    return Math.floor(page / this.from) * this.to + place;
  }

  /** A place in bytes; those inside a page stay inside it. */
  private bytes(bytes: number): number {
    return this.page(Math.floor(bytes / PAGE)) * PAGE + (bytes % PAGE);
  }

  private range<Range extends { readonly from: number; readonly to: number }>(range: Range): Range {
    return { ...range, from: this.page(range.from), to: this.page(range.to) };
  }

  private operation(operation: Operation): Operation {
    const scaled = this.ownOperation(operation);
    return 'meanwhile' in scaled && scaled.meanwhile !== undefined ? { ...scaled, meanwhile: this.operation(scaled.meanwhile) } : scaled;
  }

  private ownOperation(operation: Operation): Operation {
    switch (operation.kind) {
      case 'create':
        return { ...operation, size: this.bytes(operation.size) };
      case 'bind':
      case 'punch':
      case 'allocate': {
        const [offset, end] = [this.bytes(operation.offset), this.bytes(operation.offset + operation.size)];
        const moved = { ...operation, offset, size: end - offset };
        return moved.kind === 'bind' ? { ...moved, gpa: this.bytes(moved.gpa) } : moved;
      }
      case 'unbind':
        return { ...operation, gpa: this.bytes(operation.gpa) };
      case 'poison':
        return { ...operation, page: this.page(operation.page) };
      case 'take-memory':
      case 'give-memory': {
        const [all, small] = [this.from, this.to].map(Math.log2);
        return { ...operation, pages: scaledPages(operation.pages, all ?? 0, small ?? 0) };
      }
      default:
        return 'range' in operation ? { ...operation, range: this.range(operation.range) } : operation;
    }
  }

  private expectLine(line: ExpectLine): ExpectLine {
    return { ...line, expectation: this.expectation(line.expectation) };
  }

  private expectation(expectation: Expectation): Expectation {
    if (expectation.kind === 'error') {
      return expectation.at === undefined ? expectation : { ...expectation, at: this.bytes(expectation.at) };
    }
    if (expectation.kind !== 'state') return expectation;
    const scaled = this.range(expectation);
    const isOrder = scaled.property === 'folio-order' || scaled.property === 'stage2';
    return isOrder && Number(scaled.value) === Math.log2(this.from) ? { ...scaled, value: String(Math.log2(this.to)) } : scaled;
  }
}
