/** `load`, `store`, their bit-field forms, `copy`, `zero`, `symbol` and the locals. The fast paths are here; see memory.ts. */
import { copyBytes, forgetBytes, loadSlow, locate, storeSlow, zeroBytes } from './access';
import { PAGE_SIZE } from './address-space';
import type { Family, InstrOf, Site } from './compiling';
import type { Closure, Cpu } from './cpu';
import { findSlot, hit } from './memory';
import { highOf, wordOf } from './word';

export const memoryAccess: Family = (instr, site) => {
  switch (instr.op) {
    case 'load':
      return instr.size === 8 ? load8(instr, site) : instr.size === 4 ? load4(instr, site) : loadNarrow(instr, site);
    case 'store':
      return instr.size === 8 ? store8(instr, site) : instr.size === 4 ? store4(instr, site) : storeNarrow(instr, site);
    case 'load-bits':
      return loadBits(instr, site);
    case 'store-bits':
      return storeBits(instr, site);
    case 'copy': {
      const { next } = site;
      const { size } = instr;
      const [to, from] = [reader(site, instr.to), reader(site, instr.from)];
      return (cpu) => {
        copyBytes(cpu, to(cpu), from(cpu), size);
        return next;
      };
    }
    case 'zero': {
      const { next } = site;
      const { size } = instr;
      const to = reader(site, instr.to);
      return (cpu) => {
        zeroBytes(cpu, to(cpu), size);
        return next;
      };
    }
    case 'local':
    case 'enter-local':
      return local(instr, site);
    default:
      return null;
  }
};

/** The value of an operand as a number. */
function reader(site: Site, operand: number): (cpu: Cpu) => number {
  const [mask, place] = [site.maskOf(operand), site.placeOf(operand)];
  return ({ stack, fp }) => wordOf(stack[(fp & mask) + place]!, stack[(fp & mask) + place + 1]!);
}

/*
 * Address plus offset, in halves: the low half wraps, and the high half takes the carry. A carry out of an addition of a number below 2^31 is
 * there when bit 31 was set and is not any more; a borrow when it was not and is.
 */
const down = (offset: number): number => (offset < 0 ? -1 : 0);

function load8(instr: InstrOf<'load'>, site: Site): Closure {
  const { next } = site;
  const { offset } = instr;
  const [dst, am, a, less] = [site.placeOfRegister(instr.dst), site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.readTlb, low, high, 8);
    // -1 is not aligned either.
    if ((place & 7) === 0 && cpu.shadow[place >> 3] === 255) {
      const word = place >> 2;
      stack[fp + dst] = cpu.i32[word]!;
      stack[fp + dst + 1] = cpu.i32[word + 1]!;
    } else {
      loadSlow(cpu, low, high, 8, offset);
      stack[fp + dst] = cpu.out[0]!;
      stack[fp + dst + 1] = cpu.out[1]!;
    }
    return next;
  };
}

function load4(instr: InstrOf<'load'>, site: Site): Closure {
  const { next } = site;
  const { offset } = instr;
  const sign = instr.signed ? -1 : 0;
  const [dst, am, a, less] = [site.placeOfRegister(instr.dst), site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.readTlb, low, high, 4);
    let value: number;
    if ((place & 3) === 0 && ((cpu.shadow[place >> 3]! >> (place & 7)) & 15) === 15) value = cpu.i32[place >> 2]!;
    else {
      loadSlow(cpu, low, high, 4, offset);
      value = cpu.out[0]!;
    }
    stack[fp + dst] = value;
    stack[fp + dst + 1] = (value >> 31) & sign;
    return next;
  };
}

/** One and two bytes. */
function loadNarrow(instr: InstrOf<'load'>, site: Site): Closure {
  const { next } = site;
  const { offset, size, signed } = instr;
  const unused = 32 - size * 8;
  const bits = size === 1 ? 1 : 3;
  const [dst, am, a, less] = [site.placeOfRegister(instr.dst), site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.readTlb, low, high, size);
    let value: number;
    if (place >= 0 && (place & (size - 1)) === 0 && ((cpu.shadow[place >> 3]! >> (place & 7)) & bits) === bits) {
      value = size === 1 ? cpu.u8[place]! : cpu.u16[place >> 1]!;
    } else {
      loadSlow(cpu, low, high, size, offset);
      value = cpu.out[0]!;
    }
    if (signed) value = (value << unused) >> unused;
    stack[fp + dst] = value;
    stack[fp + dst + 1] = value >> 31;
    return next;
  };
}

function store8(instr: InstrOf<'store'>, site: Site): Closure {
  const { next } = site;
  const { offset } = instr;
  const [am, a, less] = [site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  const [vm, v] = [site.maskOf(instr.value), site.placeOf(instr.value)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const y = (fp & vm) + v;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.writeTlb, low, high, 8);
    if ((place & 7) === 0) {
      const word = place >> 2;
      cpu.i32[word] = stack[y]!;
      cpu.i32[word + 1] = stack[y + 1]!;
      cpu.shadow[place >> 3] = 255;
    } else storeSlow(cpu, low, high, 8, stack[y]!, stack[y + 1]!, offset);
    return next;
  };
}

function store4(instr: InstrOf<'store'>, site: Site): Closure {
  const { next } = site;
  const { offset } = instr;
  const [am, a, less] = [site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  const [vm, v] = [site.maskOf(instr.value), site.placeOf(instr.value)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const value = stack[(fp & vm) + v]!;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.writeTlb, low, high, 4);
    if ((place & 3) === 0) {
      cpu.i32[place >> 2] = value;
      cpu.shadow[place >> 3]! |= 15 << (place & 7);
    } else storeSlow(cpu, low, high, 4, value, 0, offset);
    return next;
  };
}

function storeNarrow(instr: InstrOf<'store'>, site: Site): Closure {
  const { next } = site;
  const { offset, size } = instr;
  const bits = size === 1 ? 1 : 3;
  const [am, a, less] = [site.maskOf(instr.addr), site.placeOf(instr.addr), down(offset)];
  const [vm, v] = [site.maskOf(instr.value), site.placeOf(instr.value)];
  return (cpu) => {
    const { stack, fp } = cpu;
    const x = (fp & am) + a;
    const value = stack[(fp & vm) + v]!;
    const base = stack[x]!;
    const low = (base + offset) | 0;
    const high = (stack[x + 1]! + (((base & ~low) >>> 31) & ~less) - (((~base & low) >>> 31) & -less)) | 0;
    const place = hit(cpu.writeTlb, low, high, size);
    if (place >= 0 && (place & (size - 1)) === 0) {
      if (size === 1) cpu.u8[place] = value;
      else cpu.u16[place >> 1] = value;
      cpu.shadow[place >> 3]! |= bits << (place & 7);
    } else storeSlow(cpu, low, high, size, value, 0, offset);
    return next;
  };
}

/** The bytes that a bit-field touches: `count` from the `first` of its unit, and how far up it starts in them. */
const bytesOf = (at: number, width: number): { readonly first: number; readonly count: number; readonly shift: number } => {
  const first = at >> 3;
  return { first, count: ((at + width + 7) >> 3) - first, shift: at & 7 };
};

/** Ones in the `width` lowest bits of a pair. */
const lowMask = (width: number): number => (width >= 32 ? -1 : (1 << width) - 1);
const highMask = (width: number): number => (width <= 32 ? 0 : width === 64 ? -1 : (1 << (width - 32)) - 1);

function loadBits(instr: InstrOf<'load-bits'>, site: Site): Closure {
  const { next } = site;
  const { width, signed } = instr;
  const { first, count, shift } = bytesOf(instr.at, width);
  const offset = instr.offset + first;
  const address = reader(site, instr.addr);
  const dst = site.placeOfRegister(instr.dst);
  const [keepLow, keepHigh] = [lowMask(width), highMask(width)];
  return (cpu) => {
    const at = address(cpu) + offset;
    loadSlow(cpu, at | 0, highOf(at), count, offset);
    const [unitLow, unitHigh] = [cpu.out[0]!, cpu.out[1]!];
    let low = ((unitLow >>> shift) | ((unitHigh << 1) << (31 - shift))) & keepLow;
    let high = (unitHigh >>> shift) & keepHigh;
    if (signed) {
      const negative = width <= 32 ? (low >>> (width - 1)) & 1 : (high >>> (width - 33)) & 1;
      if (negative === 1) {
        low |= ~keepLow;
        high |= ~keepHigh;
      }
    }
    cpu.stack[cpu.fp + dst] = low;
    cpu.stack[cpu.fp + dst + 1] = high;
    return next;
  };
}

function storeBits(instr: InstrOf<'store-bits'>, site: Site): Closure {
  const { next } = site;
  const { first, count, shift } = bytesOf(instr.at, instr.width);
  const offset = instr.offset + first;
  const address = reader(site, instr.addr);
  const [vm, v] = [site.maskOf(instr.value), site.placeOf(instr.value)];
  const [keepLow, keepHigh] = [lowMask(instr.width), highMask(instr.width)];
  const maskLow = keepLow << shift;
  const maskHigh = (keepHigh << shift) | ((keepLow >>> 1) >>> (31 - shift));
  return (cpu) => {
    const { stack, fp } = cpu;
    const y = (fp & vm) + v;
    const valueLow = stack[y]! & keepLow;
    const low = valueLow << shift;
    const high = ((stack[y + 1]! & keepHigh) << shift) | ((valueLow >>> 1) >>> (31 - shift));
    const at = address(cpu) + offset;
    for (let index = 0; index < count; index++) {
      const byte = at + index;
      const place = locate(cpu, byte | 0, highOf(byte), 1, true, offset + index, count);
      const up = (index & 3) * 8;
      const mask = ((index < 4 ? maskLow : maskHigh) >> up) & 255;
      // What else is in the byte stays, written or not: to keep it is no use of it.
      cpu.u8[place] = (cpu.u8[place]! & ~mask) | (((index < 4 ? low : high) >> up) & mask);
      cpu.shadow[place >> 3]! |= 1 << (place & 7);
    }
    return next;
  };
}

function local(instr: InstrOf<'local' | 'enter-local'>, site: Site): Closure {
  const { next } = site;
  const base = site.placeOfRegister(site.code.registers);
  const offset = site.unit.localOffsets[instr.local]!;
  if (instr.op === 'local') {
    const dst = site.placeOfRegister(instr.dst);
    return ({ stack, fp }) => {
      const from = stack[fp + base]!;
      const low = (from + offset) | 0;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = stack[fp + base + 1]! + ((from & ~low) >>> 31);
      return next;
    };
  }
  const { size } = site.code.locals[instr.local]!;
  return (cpu) => {
    const at = wordOf(cpu.stack[cpu.fp + base]!, cpu.stack[cpu.fp + base + 1]!) + offset;
    // A page that is not there yet will come uninitialised.
    for (let done = 0; done < size; done += PAGE_SIZE) {
      const page = at + done;
      if (findSlot(cpu, page | 0, highOf(page)) >= 0) forgetBytes(cpu, page, Math.min(PAGE_SIZE, size - done));
    }
    return next;
  };
}
