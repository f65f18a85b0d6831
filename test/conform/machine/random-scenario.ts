/** Scenarios of random steps on one file of a few huge pages of 2M: the same for the same seed. */
import { usualHost } from '../../../src/model/host/host-spec';
import type { Operation, PageRange } from '../../../src/model/host/operation';
import type { GmemScenario, OperationStep } from '../../../src/scenario/gmem/scenario';

const PAGE = 4096;
const HUGE = 512;
const BLOCKS = 3;
const FILE = 'gmem0';
const [VM, PROCESS, DEVICE] = ['td', 'vmm', 'nic'];
const NOWHERE = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** Numbers from 0 to below 1. */
function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function randomScenario(seed: number, steps: number): GmemScenario {
  const next = numbersFrom(seed * 2654435761);
  const below = (count: number): number => Math.floor(next() * count);
  const pages = [0, 1, 7, HUGE - 1, HUGE, HUGE + 3, 2 * HUGE + 1];
  const page = (): number => pages[below(pages.length)] ?? 0;
  const one = (): PageRange => {
    const from = page();
    return { from, to: from + 1 };
  };
  const block = (): PageRange => {
    const first = below(BLOCKS);
    const last = first + 1 + below(BLOCKS - first);
    return { from: first * HUGE, to: last * HUGE };
  };
  const any = (): PageRange => {
    const kind = below(3);
    if (kind === 0) return one();
    if (kind === 1) return block();
    const [left, right] = [page(), page() + 1];
    return { from: Math.min(left, right - 1), to: Math.max(left + 1, right) };
  };
  const held: { kind: 'unpin' | 'release'; holder: string; range: PageRange }[] = [];
  const operation = (): Operation => {
    switch (below(11)) {
      case 0:
      case 1:
        return { kind: 'guest-fault', vm: VM, file: FILE, range: one(), access: below(2) === 0 ? 'read' : 'write', each: 'page' };
      case 2:
      case 3:
        return { kind: 'host-fault', process: PROCESS, file: FILE, range: one(), access: below(2) === 0 ? 'read' : 'write' };
      case 4:
        return { kind: 'dontneed', process: PROCESS, file: FILE, range: below(2) === 0 ? { from: 0, to: BLOCKS * HUGE } : any() };
      case 5:
      case 6:
      case 7:
        return { kind: 'convert', vm: VM, file: FILE, range: any(), to: below(2) === 0 ? 'shared' : 'private' };
      case 8: {
        const { from, to } = any();
        return { kind: below(3) === 0 ? 'allocate' : 'punch', file: FILE, offset: from * PAGE, size: (to - from) * PAGE };
      }
      case 9: {
        const range = one();
        const isPin = below(2) === 0;
        held.push({ kind: isPin ? 'unpin' : 'release', holder: DEVICE, range });
        return { kind: isPin ? 'pin' : 'reference', holder: DEVICE, file: FILE, range };
      }
      default: {
        const [drop] = held.splice(below(Math.max(held.length, 1)), 1);
        return drop === undefined
          ? { kind: 'guest-fault', vm: VM, file: FILE, range: block(), access: 'write', each: 'block' }
          : { kind: drop.kind, holder: drop.holder, file: FILE, range: drop.range };
      }
    }
  };
  const size = BLOCKS * HUGE * PAGE;
  const all: Operation[] = [
    { kind: 'create', file: FILE, vm: VM, size, pageSize: '2M' },
    { kind: 'bind', vm: VM, file: FILE, gpa: 0, offset: 0, size },
    { kind: 'mmap', process: PROCESS, file: FILE, range: { from: 0, to: BLOCKS * HUGE } },
    ...Array.from({ length: steps }, operation),
  ];
  return {
    name: `random steps, seed ${seed}`,
    about: [],
    labels: [],
    host: { ...usualHost, nodes: [{ node: 0, memory: 2 ** 36, pages1G: 0, pages2M: BLOCKS + 1 }] },
    designs: ['A'],
    switches: [],
    vms: [{ name: VM, type: 'snp' }],
    processes: [PROCESS],
    devices: [DEVICE],
    parameters: [],
    sweeps: [],
    steps: all.map((each): OperationStep => ({ kind: 'operation', operation: each, designs: [], expects: [], span: NOWHERE })),
    written: {},
    span: NOWHERE,
    lastLine: 1,
  };
}
