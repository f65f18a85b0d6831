/** A short name for the whole state of a run, step count and logs aside: equal states have equal ones. */
import { type Cpu, FRAME_NUMBERS } from './cpu';
import { topOf } from './marks';
import { saveTask } from './scheduling';

/** 53 bits, as a hexadecimal number. Cost: linear in the memory that is there. */
export function stateHash(cpu: Cpu): string {
  saveTask(cpu);
  const sum = { a: 0x811c9dc5 | 0, b: 0x9e3779b9 | 0 };
  pages(cpu, sum);
  for (const task of cpu.tasks) {
    const { depth, pc, done, calls, retry, mayGo, waitedAt } = task;
    const top = topOf(cpu, task);
    mix(sum, cpu.stack.subarray(task.from, top));
    mix(sum, cpu.poisoned.subarray(task.from >> 1, top >> 1));
    mix(sum, task.records.subarray(0, depth * FRAME_NUMBERS));
    mix(sum, [depth, pc, done ? 1 : 0, mayGo ? 1 : 0, task.wait === null ? -1 : waitedAt]);
    for (const call of [...calls, ...(retry === null ? [] : [retry])])
      mix(sum, [call.callee.index, call.pc, call.phase, call.decision, ...call.args]);
  }
  const { objects } = cpu;
  mix(sum, [cpu.task, cpu.progress, objects.heap.length, objects.nextHeap / 4096, cpu.nextLocals / 4096, objects.regions.length]);
  mix(
    sum,
    objects.heap.map((object) => (object.freed === null ? 1 : 0)),
  );
  return ((sum.a >>> 0) * 0x200000 + ((sum.b >>> 0) & 0x1fffff)).toString(16);
}

interface Sum {
  a: number;
  b: number;
}

function mix(sum: Sum, values: ArrayLike<number>): void {
  let { a, b } = sum;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]! | 0;
    a = Math.imul(a ^ value, 0x01000193);
    b = (Math.imul(b, 31) + value + (a >>> 15)) | 0;
  }
  sum.a = a;
  sum.b = b;
}

/** In order of address; a frame that many pages show is read once. */
function pages(cpu: Cpu, sum: Sum): void {
  const { table } = cpu;
  const slots = [...table.frame.keys()].filter((slot) => table.frame[slot] !== -1);
  slots.sort((one, other) => table.high[one]! - table.high[other]! || (table.low[one]! >>> 0) - (table.low[other]! >>> 0));
  const known = new Map<number, Sum>();
  for (const slot of slots) {
    const frame = table.frame[slot]!;
    let content = known.get(frame);
    if (content === undefined) {
      content = { a: 1, b: 2 };
      mix(content, cpu.i32.subarray(frame * 1024, frame * 1024 + 1024));
      mix(content, cpu.shadow.subarray(frame * 512, frame * 512 + 512));
      known.set(frame, content);
    }
    mix(sum, [table.low[slot]!, table.high[slot]!, table.meta[slot]!, content.a, content.b]);
  }
}
