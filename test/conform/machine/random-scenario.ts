/** Scenarios of random steps on files of a few huge pages of 2M, of one VM or two: the same for the same seed. */
import { usualHost } from '../../../src/model/host/host-spec';
import type { Operation, PageRange } from '../../../src/model/host/operation';
import type { GmemScenario, OperationStep } from '../../../src/scenario/gmem/scenario';

const PAGE = 4096;
const HUGE = 512;
const NOWHERE = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const [DEVICE, APP] = ['nic', 'app'];
/** Pages of a file that steps begin and end at: the places where blocks and the pages inside them begin and end. */
const PLACES = [0, 1, 7, HUGE - 1, HUGE, HUGE + 3, 2 * HUGE + 1];

/** What random steps may do. */
export interface RandomBounds {
  readonly steps: number;
  /** Files at one time, at most. */
  readonly files: number;
  /** NUMA nodes of the host. */
  readonly nodes: number;
  /** Memory fails, too. */
  readonly poison?: boolean;
}

/** A file as the steps so far have left it. */
interface OpenFile {
  readonly name: string;
  readonly vm: string;
  readonly blocks: number;
  isBound: boolean;
  isMapped: boolean;
  isPopulated: boolean;
  readonly isPrivate: boolean;
}

interface Held {
  readonly kind: 'unpin' | 'release';
  readonly file: string;
  readonly range: PageRange;
}

export function randomScenario(seed: number, { steps, files, nodes, poison = false }: RandomBounds): GmemScenario {
  const walk = new Walk(seed, files, poison);
  const all = walk.operations(steps);
  return {
    name: `random steps, seed ${seed}`,
    about: [],
    labels: [],
    host: {
      ...usualHost,
      nodes: Array.from({ length: nodes }, (_, node) => ({
        node,
        memory: 2 ** 34,
        pages1G: 0,
        pages2M: Math.ceil((3 * files + 3) / nodes),
      })),
    },
    designs: ['A'],
    switches: [],
    vms: Array.from({ length: files }, (_, number) => ({ name: `vm${number}`, type: 'snp' })),
    processes: [...Array.from({ length: files }, (_, number) => `vmm${number}`), APP],
    devices: [DEVICE],
    parameters: [],
    sweeps: [],
    steps: all.map((each): OperationStep => ({ kind: 'operation', operation: each, designs: [], expects: [], span: NOWHERE })),
    written: {},
    span: NOWHERE,
    lastLine: 1,
  };
}

class Walk {
  private state: number;
  private made = 0;
  private readonly open: OpenFile[] = [];
  private readonly held: Held[] = [];
  private usersOfHugetlb = 0;
  private pool: number;

  constructor(
    seed: number,
    private readonly mostFiles: number,
    private readonly hasPoison: boolean,
  ) {
    this.state = (seed * 2654435761) >>> 0;
    this.pool = 3 * mostFiles + 3;
  }

  operations(count: number): Operation[] {
    const all: Operation[] = [];
    while (all.length < count) {
      const operation = this.open.length === 0 ? this.create() : this.next();
      if (operation === null) continue;
      all.push(operation);
      // The next split has no memory, and only that.
      const [file] = this.open;
      if (operation.kind !== 'fail' || file === undefined) continue;
      all.push({ kind: 'convert', vm: file.vm, file: file.name, range: this.one(file), to: 'shared' });
      all.push({ ...operation, count: 0 });
    }
    return all;
  }

  private number(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }

  private below(count: number): number {
    return Math.floor(this.number() * count);
  }

  private create(): Operation {
    const number = this.made++;
    const who = number % this.mostFiles;
    const isPrivate = this.below(4) > 0;
    const file: OpenFile = {
      name: `gmem${number}`,
      vm: `vm${who}`,
      blocks: 1 + this.below(3),
      isBound: false,
      isMapped: false,
      isPopulated: false,
      isPrivate,
    };
    this.open.push(file);
    const initially = isPrivate ? {} : ({ initially: 'shared' } as const);
    return { kind: 'create', file: file.name, vm: file.vm, size: file.blocks * HUGE * PAGE, pageSize: '2M', ...initially };
  }

  private next(): Operation | null {
    const file = this.open[this.below(this.open.length)];
    if (file === undefined) return null;
    if (!file.isBound) return this.bind(file);
    // Before the guest runs; what populating does later the model does not know.
    if (!file.isPopulated) {
      file.isPopulated = true;
      if (file.isPrivate && this.below(4) === 0) return this.populate(file);
    }
    // A file without a mapping is of little interest.
    if (!file.isMapped && this.below(3) > 0) return this.mmap(file);
    const kind = this.below(19);
    if (kind < 13) return this.touch(file, kind);
    return this.hostSide(file, kind);
  }

  private bind(file: OpenFile): Operation {
    file.isBound = true;
    // Frames of two files of one VM are far from one another, and begin where a huge page does.
    const gpa = Number(file.name.slice(4)) * 16 * HUGE * PAGE;
    return { kind: 'bind', vm: file.vm, file: file.name, gpa, offset: 0, size: file.blocks * HUGE * PAGE };
  }

  private populate(file: OpenFile): Operation {
    return { kind: 'populate', vm: file.vm, file: file.name, range: { from: 0, to: 1 + this.below(HUGE - 1) } };
  }

  private mmap(file: OpenFile): Operation {
    file.isMapped = true;
    return { kind: 'mmap', process: this.processOf(file), file: file.name, range: { from: 0, to: file.blocks * HUGE } };
  }

  private processOf({ vm }: OpenFile): string {
    return `vmm${vm.slice(2)}`;
  }

  private page({ blocks }: OpenFile): number {
    const places = PLACES.filter((place) => place < blocks * HUGE);
    return places[this.below(places.length)] ?? 0;
  }

  private one(file: OpenFile): PageRange {
    const from = this.page(file);
    return { from, to: from + 1 };
  }

  private block({ blocks }: OpenFile): PageRange {
    const first = this.below(blocks);
    return { from: first * HUGE, to: (first + 1 + this.below(blocks - first)) * HUGE };
  }

  private any(file: OpenFile): PageRange {
    const kind = this.below(3);
    if (kind === 0) return this.one(file);
    if (kind === 1) return this.block(file);
    const [left, right] = [this.page(file), this.page(file) + 1];
    return { from: Math.min(left, right - 1), to: Math.max(left + 1, right) };
  }

  private access(): 'read' | 'write' {
    return this.below(2) === 0 ? 'read' : 'write';
  }

  /** What the guest and the process do with pages. */
  private touch(file: OpenFile, kind: number): Operation {
    const [name, vm, process] = [file.name, file.vm, this.processOf(file)];
    switch (kind) {
      case 0:
      case 1:
        return { kind: 'guest-fault', vm, file: name, range: this.one(file), access: this.access(), each: 'page' };
      case 2:
      case 3:
      case 4:
        return { kind: 'host-fault', process, file: name, range: this.one(file), access: this.access() };
      case 5:
        return { kind: 'guest-fault', vm, file: name, range: this.block(file), access: 'write', each: 'block' };
      case 6:
        return { kind: 'dontneed', process, file: name, range: this.below(2) === 0 ? { from: 0, to: file.blocks * HUGE } : this.any(file) };
      case 7:
      case 8:
      case 9:
        return { kind: 'convert', vm, file: name, range: this.any(file), to: this.below(2) === 0 ? 'shared' : 'private' };
      case 10: {
        const { from, to } = this.any(file);
        return { kind: this.below(3) === 0 ? 'allocate' : 'punch', file: name, offset: from * PAGE, size: (to - from) * PAGE };
      }
      case 11: {
        const range = this.one(file);
        const isPin = this.below(2) === 0;
        this.held.push({ kind: isPin ? 'unpin' : 'release', file: name, range });
        return { kind: isPin ? 'pin' : 'reference', holder: DEVICE, file: name, range };
      }
      default:
        return this.letGo() ?? { kind: 'guest-fault', vm, file: name, range: this.block(file), access: 'write', each: 'block' };
    }
  }

  private letGo(): Operation | null {
    const [drop] = this.held.splice(this.below(Math.max(this.held.length, 1)), 1);
    return drop === undefined ? null : { kind: drop.kind, holder: DEVICE, file: drop.file, range: drop.range };
  }

  /** What is done to files as a whole, to the pool, and to memory. */
  private hostSide(file: OpenFile, kind: number): Operation | null {
    switch (kind) {
      case 13:
        return this.open.length < this.mostFiles ? this.create() : this.close(file);
      case 14: {
        file.isMapped = false;
        return { kind: 'munmap', process: this.processOf(file), file: file.name, range: { from: 0, to: file.blocks * HUGE } };
      }
      case 15: {
        const isMap = this.usersOfHugetlb === 0 || this.below(2) === 0;
        this.usersOfHugetlb += isMap ? 1 : -1;
        return { kind: 'hugetlbfs', owner: APP, pageSize: '2M', pages: 1, action: isMap ? 'map' : 'unmap' };
      }
      case 16:
        this.pool = Math.max(this.pool + this.below(5) - 2, 1);
        return { kind: 'resize', pageSize: '2M', count: this.pool };
      case 17:
        return { kind: 'fail', allocation: 'vmemmap', count: 1 };
      default:
        return this.hasPoison ? { kind: 'poison', file: file.name, page: this.page(file) } : null;
    }
  }

  private close(file: OpenFile): Operation {
    this.open.splice(this.open.indexOf(file), 1);
    return { kind: 'close', file: file.name };
  }
}
