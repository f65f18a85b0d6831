/** How fast the memory model runs: operations a second at 16 GiB, the conversion storm in every design, and a host of 2 TiB with 300 VMs. */
import { designs } from '../src/model/allocators/all';
import { createHostModel } from '../src/model/host/create-host-model';
import type { HostModel } from '../src/model/host/host-model';
import { usualHost, type ModelSpec } from '../src/model/host/host-spec';
import type { DesignId, Operation } from '../src/model/host/operation';

/** What the project promises. */
const OPERATIONS_A_SECOND = 1_000_000;
/** Of the worst there is, also where other work takes the caches away. */
const SCATTERED_A_SECOND = 400_000;
const STORM_MS = 2000;
const LARGE_MS = 30_000;
const LARGE_BYTES = 2 ** 30;

const GIB = 2 ** 30;
const GIGA = 2 ** 18;
const MIXED = 1_000_000;

/** Time on one core, so that other work on the machine does not count. */
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Numbers from 0 to below `most`, the same in every run. */
function dice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * most);
  };
}

function modelOf(spec: ModelSpec): HostModel {
  const made = createHostModel(spec);
  if (made.kind !== 'done') throw new Error(JSON.stringify(made));
  return made.value;
}

function apply(model: HostModel, operation: Operation): boolean {
  const outcome = model.apply(operation);
  if (outcome.kind !== 'done') throw new Error(JSON.stringify([operation, outcome]));
  return outcome.value.error === null;
}

/** 64 MiB of bounce buffers: 16,384 pages in the second GiB. */
const WINDOW = { from: GIGA, pages: 16_384 };

/** One step of a VM at work: it touches pages anywhere; in its window of shared memory it converts, and the host maps and drops. */
function atWork(roll: (most: number) => number, vm: string, file: string, pages: number): Operation {
  const dice = roll(20);
  const page = dice < 10 ? roll(pages) : WINDOW.from + roll(WINDOW.pages);
  const range = { from: page, to: page + 1 };
  if (dice < 12) return { kind: 'guest-fault', vm, file, range, access: dice % 2 === 0 ? 'read' : 'write', each: 'page' };
  if (dice < 16) return { kind: 'host-fault', process: vm, file, range, access: 'write' };
  if (dice === 16) return { kind: 'dontneed', process: vm, file, range };
  return { kind: 'convert', vm, file, range, to: dice === 17 ? 'private' : 'shared' };
}

/** One step of the worst there is: everything anywhere, so that all is cut to pieces. */
function scattered(roll: (most: number) => number, vm: string, file: string, pages: number): Operation {
  const page = roll(pages);
  const range = { from: page, to: page + 1 };
  switch (roll(8)) {
    case 0:
    case 1:
    case 2:
      return { kind: 'guest-fault', vm, file, range, access: 'write', each: 'page' };
    case 3:
      return { kind: 'guest-fault', vm, file, range, access: 'read', each: 'page' };
    case 4:
      return { kind: 'host-fault', process: vm, file, range, access: 'write' };
    case 5:
      return { kind: 'dontneed', process: vm, file, range: { from: page, to: Math.min(page + 512, pages) } };
    case 6:
      return { kind: 'convert', vm, file, range, to: 'shared' };
    default:
      return { kind: 'convert', vm, file, range: { from: page, to: Math.min(page + 64, pages) }, to: 'private' };
  }
}

/** A file of the VM, bound, touched and mapped. */
function start(model: HostModel, vm: string, file: string, gib: number, maps: boolean): void {
  apply(model, { kind: 'create', file, vm, size: gib * GIB, pageSize: '1G' });
  apply(model, { kind: 'bind', vm, file, gpa: 0, offset: 0, size: gib * GIB });
  apply(model, { kind: 'guest-fault', vm, file, range: { from: 0, to: gib * GIGA }, access: 'write', each: 'page' });
  if (maps) apply(model, { kind: 'mmap', process: vm, file, range: { from: 0, to: gib * GIGA } });
}

function rate(design: DesignId, step: typeof atWork, count: number): number {
  const model = modelOf({ host: usualHost, design, vms: [{ name: 'vm', type: 'snp' }], switches: [], seed: 1 });
  start(model, 'vm', 'g', 16, true);
  const roll = dice(7);
  // Code that has not run is compiled first.
  for (let at = 0; at < count / 4; at++) apply(model, step(roll, 'vm', 'g', 16 * GIGA));
  let well = 0;
  const began = cpuMs();
  for (let at = 0; at < count; at++) well += apply(model, step(roll, 'vm', 'g', 16 * GIGA)) ? 1 : 0;
  const perSecond = (count / (cpuMs() - began)) * 1000;
  const percent = Math.round((100 * well) / count);
  console.log(
    `16 GiB, ${step.name === 'atWork' ? 'a VM at work' : 'all scattered'}, design ${design.padEnd(2)}: ${Math.round(perSecond).toLocaleString('en')} operations a second, ${percent} % without an error`,
  );
  return perSecond;
}

function storm(design: DesignId): number {
  const began = cpuMs();
  const model = modelOf({ host: usualHost, design, vms: [{ name: 'vm', type: 'snp' }], switches: [], seed: 1 });
  start(model, 'vm', 'g', 16, false);
  for (let time = 0; time < 1000; time++) {
    apply(model, { kind: 'convert', vm: 'vm', file: 'g', range: { from: 7, to: 8 }, to: 'shared' });
    apply(model, { kind: 'convert', vm: 'vm', file: 'g', range: { from: 7, to: 8 }, to: 'private' });
  }
  return cpuMs() - began;
}

/** Shape: milliseconds and resident bytes at the most. */
function large(design: DesignId): { readonly ms: number; readonly bytes: number } {
  const began = cpuMs();
  const vms = Array.from({ length: 300 }, (_, at) => ({ name: `vm${at}`, type: 'snp' as const }));
  const model = modelOf({
    host: { ...usualHost, nodes: [0, 1].map((node) => ({ node, memory: 1100 * GIB, pages1G: 1024, pages2M: 0 })) },
    design,
    vms,
    switches: [],
    seed: 1,
  });
  for (const { name } of vms) start(model, name, `f-${name}`, 6, true);
  const roll = dice(11);
  let bytes = 0;
  for (let step = 0; step < MIXED; step++) {
    const name = vms[roll(vms.length)]!.name;
    apply(model, scattered(roll, name, `f-${name}`, 6 * GIGA));
    if (step % 50_000 === 0) bytes = Math.max(bytes, process.memoryUsage().rss);
  }
  return { ms: cpuMs() - began, bytes: Math.max(bytes, process.memoryUsage().rss) };
}

const rates = designs.map(({ id }) => rate(id, atWork, 1_000_000));
const worst = designs.map(({ id }) => rate(id, scattered, 1_000_000));
const storms = designs.map(({ id }) => [id, storm(id)] as const);
console.log(`SC-04, N = 1000: ${storms.map(([id, ms]) => `${id} ${ms.toFixed(0)} ms`).join(', ')}`);
const host = large('B');
console.log(
  `2 TiB, 300 VMs, ${MIXED.toLocaleString('en')} mixed operations: ${(host.ms / 1000).toFixed(1)} s, ${Math.round(host.bytes / 2 ** 20)} MiB resident`,
);
const kept =
  Math.min(...rates) >= OPERATIONS_A_SECOND &&
  Math.min(...worst) >= SCATTERED_A_SECOND &&
  storms.reduce((sum, [, ms]) => sum + ms, 0) < STORM_MS &&
  host.ms < LARGE_MS &&
  host.bytes < LARGE_BYTES;
console.log(kept ? 'within the bounds' : 'OUT OF BOUNDS');
process.exitCode = kept ? 0 : 1;
