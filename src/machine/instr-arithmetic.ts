/** `add` to `shr`, `neg`, `not`, `extend`, `bool` and `move`: integer arithmetic at 32 and 64 bits. Source: C11 6.3, 6.5.3 to 6.5.12. */
import type { BinaryOp, Instr } from '../kernel-c/program';
import type { Family, InstrOf, Site } from './compiling';
import type { Closure } from './cpu';
import { Fault } from './faults';
import { divide64, mulHigh } from './word';

type Binary = InstrOf<BinaryOp>;

export const arithmetic: Family = (instr, site) => {
  switch (instr.op) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'and':
    case 'or':
    case 'xor':
      return instr.bits === 32 ? simple32(instr, site) : simple64(instr, site);
    case 'div':
    case 'mod':
      return division(instr, site);
    case 'shl':
    case 'shr':
      return instr.bits === 32 ? shift32(instr, site) : shift64(instr, site);
    default:
      return unary(instr, site);
  }
};

/** All ones when the result is sign-extended. */
const signMask = (signed: boolean): number => (signed ? -1 : 0);

function simple32(instr: Binary, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const sign = signMask(instr.signed);
  const am = site.maskOf(instr.a);
  const a = site.placeOf(instr.a);
  const bm = site.maskOf(instr.b);
  const b = site.placeOf(instr.b);
  switch (instr.op) {
    case 'add':
      return ({ stack, fp }) => {
        const low = (stack[(fp & am) + a]! + stack[(fp & bm) + b]!) | 0;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
    case 'sub':
      return ({ stack, fp }) => {
        const low = (stack[(fp & am) + a]! - stack[(fp & bm) + b]!) | 0;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
    case 'mul':
      return ({ stack, fp }) => {
        const low = Math.imul(stack[(fp & am) + a]!, stack[(fp & bm) + b]!);
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
    case 'and':
      return ({ stack, fp }) => {
        const low = stack[(fp & am) + a]! & stack[(fp & bm) + b]!;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
    case 'or':
      return ({ stack, fp }) => {
        const low = stack[(fp & am) + a]! | stack[(fp & bm) + b]!;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
    default:
      return ({ stack, fp }) => {
        const low = stack[(fp & am) + a]! ^ stack[(fp & bm) + b]!;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = (low >> 31) & sign;
        return next;
      };
  }
}

function simple64(instr: Binary, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const am = site.maskOf(instr.a);
  const a = site.placeOf(instr.a);
  const bm = site.maskOf(instr.b);
  const b = site.placeOf(instr.b);
  switch (instr.op) {
    case 'add':
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const first = stack[x]!;
        const low = (first + stack[y]!) | 0;
        const carry = low >>> 0 < first >>> 0 ? 1 : 0;
        const high = (stack[x + 1]! + stack[y + 1]! + carry) | 0;
        stack[fp + dst] = low;
        stack[fp + dst + 1] = high;
        return next;
      };
    case 'sub':
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const first = stack[x]!;
        const second = stack[y]!;
        const borrow = first >>> 0 < second >>> 0 ? 1 : 0;
        const high = (stack[x + 1]! - stack[y + 1]! - borrow) | 0;
        stack[fp + dst] = (first - second) | 0;
        stack[fp + dst + 1] = high;
        return next;
      };
    case 'mul':
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const first = stack[x]!;
        const second = stack[y]!;
        const high = mulHigh(first, stack[x + 1]!, second, stack[y + 1]!);
        stack[fp + dst] = Math.imul(first, second);
        stack[fp + dst + 1] = high;
        return next;
      };
    case 'and':
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const high = stack[x + 1]! & stack[y + 1]!;
        stack[fp + dst] = stack[x]! & stack[y]!;
        stack[fp + dst + 1] = high;
        return next;
      };
    case 'or':
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const high = stack[x + 1]! | stack[y + 1]!;
        stack[fp + dst] = stack[x]! | stack[y]!;
        stack[fp + dst + 1] = high;
        return next;
      };
    default:
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        const y = (fp & bm) + b;
        const high = stack[x + 1]! ^ stack[y + 1]!;
        stack[fp + dst] = stack[x]! ^ stack[y]!;
        stack[fp + dst + 1] = high;
        return next;
      };
  }
}

function division(instr: Binary, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const { signed } = instr;
  const what = instr.op === 'div' ? 'quotient' : 'remainder';
  const am = site.maskOf(instr.a);
  const a = site.placeOf(instr.a);
  const bm = site.maskOf(instr.b);
  const b = site.placeOf(instr.b);
  if (instr.bits === 32) {
    const sign = signMask(signed);
    return ({ stack, fp }) => {
      const x = stack[(fp & am) + a]!;
      const y = stack[(fp & bm) + b]!;
      if (y === 0) throw divideByZero(what);
      const result = signed ? (what === 'quotient' ? x / y : x % y) : what === 'quotient' ? (x >>> 0) / (y >>> 0) : (x >>> 0) % (y >>> 0);
      const low = Math.trunc(result) | 0;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = (low >> 31) & sign;
      return next;
    };
  }
  return ({ stack, fp, out }) => {
    const x = (fp & am) + a;
    const y = (fp & bm) + b;
    if (stack[y] === 0 && stack[y + 1] === 0) throw divideByZero(what);
    divide64(out, what, signed, stack[x]!, stack[x + 1]!, stack[y]!, stack[y + 1]!);
    stack[fp + dst] = out[0]!;
    stack[fp + dst + 1] = out[1]!;
    return next;
  };
}

const divideByZero = (what: string): Fault => new Fault('divide-by-zero', `The divisor of a ${what} is 0.`);

function shift32(instr: Binary, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const sign = signMask(instr.signed);
  const am = site.maskOf(instr.a);
  const a = site.placeOf(instr.a);
  const bm = site.maskOf(instr.b);
  const b = site.placeOf(instr.b);
  // JavaScript masks a count to five bits, as x86 does.
  if (instr.op === 'shl') {
    return ({ stack, fp }) => {
      const low = stack[(fp & am) + a]! << stack[(fp & bm) + b]!;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = (low >> 31) & sign;
      return next;
    };
  }
  if (instr.signed) {
    return ({ stack, fp }) => {
      const low = stack[(fp & am) + a]! >> stack[(fp & bm) + b]!;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = low >> 31;
      return next;
    };
  }
  return ({ stack, fp }) => {
    stack[fp + dst] = stack[(fp & am) + a]! >>> stack[(fp & bm) + b]!;
    stack[fp + dst + 1] = 0;
    return next;
  };
}

function shift64(instr: Binary, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const am = site.maskOf(instr.a);
  const a = site.placeOf(instr.a);
  const bm = site.maskOf(instr.b);
  const b = site.placeOf(instr.b);
  if (instr.op === 'shl') {
    return ({ stack, fp }) => {
      const x = (fp & am) + a;
      const low = stack[x]!;
      const high = stack[x + 1]!;
      const count = stack[(fp & bm) + b]! & 63;
      // A count of 32 - n is wrong for n = 0, hence the two shifts.
      stack[fp + dst] = count < 32 ? low << count : 0;
      stack[fp + dst + 1] = count < 32 ? (high << count) | ((low >>> 1) >>> (31 - count)) : low << (count - 32);
      return next;
    };
  }
  const fill = signMask(instr.signed);
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    const low = stack[x]!;
    const high = stack[x + 1]!;
    const count = stack[(fp & bm) + b]! & 63;
    const sign = (high >> 31) & fill;
    if (count < 32) {
      stack[fp + dst] = (low >>> count) | ((high << 1) << (31 - count));
      stack[fp + dst + 1] = (high >>> count) | ((sign << 1) << (31 - count));
    } else {
      stack[fp + dst] = (high >>> (count - 32)) | ((sign << 1) << (63 - count));
      stack[fp + dst + 1] = sign;
    }
    return next;
  };
}

function unary(instr: Instr, site: Site): Closure | null {
  const { next } = site;
  switch (instr.op) {
    case 'move': {
      const [dst, am, a] = [site.placeOfRegister(instr.dst), site.maskOf(instr.a), site.placeOf(instr.a)];
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        stack[fp + dst] = stack[x]!;
        stack[fp + dst + 1] = stack[x + 1]!;
        return next;
      };
    }
    case 'neg':
    case 'not':
      return negation(instr, site);
    case 'extend':
      return extension(instr, site);
    case 'bool': {
      const [dst, am, a] = [site.placeOfRegister(instr.dst), site.maskOf(instr.a), site.placeOf(instr.a)];
      return ({ stack, fp }) => {
        const x = (fp & am) + a;
        stack[fp + dst] = (stack[x]! | stack[x + 1]!) === 0 ? 0 : 1;
        stack[fp + dst + 1] = 0;
        return next;
      };
    }
    default:
      return null;
  }
}

function negation(instr: InstrOf<'neg' | 'not'>, site: Site): Closure {
  const { next } = site;
  const [dst, am, a] = [site.placeOfRegister(instr.dst), site.maskOf(instr.a), site.placeOf(instr.a)];
  const negates = instr.op === 'neg';
  if (instr.bits === 32) {
    const sign = signMask(instr.signed);
    return ({ stack, fp }) => {
      const value = stack[(fp & am) + a]!;
      const low = negates ? -value | 0 : ~value;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = (low >> 31) & sign;
      return next;
    };
  }
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    const low = stack[x]!;
    const high = ~stack[x + 1]!;
    stack[fp + dst] = negates ? -low | 0 : ~low;
    stack[fp + dst + 1] = negates && low === 0 ? (high + 1) | 0 : high;
    return next;
  };
}

function extension(instr: InstrOf<'extend'>, site: Site): Closure {
  const { next } = site;
  const [dst, am, a] = [site.placeOfRegister(instr.dst), site.maskOf(instr.a), site.placeOf(instr.a)];
  const unused = 32 - instr.bits;
  if (instr.signed) {
    return ({ stack, fp }) => {
      const low = (stack[(fp & am) + a]! << unused) >> unused;
      stack[fp + dst] = low;
      stack[fp + dst + 1] = low >> 31;
      return next;
    };
  }
  return ({ stack, fp }) => {
    stack[fp + dst] = (stack[(fp & am) + a]! << unused) >>> unused;
    stack[fp + dst + 1] = 0;
    return next;
  };
}
