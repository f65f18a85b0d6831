/** `eq`, `ne`, `lt`, `le`: comparisons of 64-bit values, which need no width because narrower ones are kept extended. */
import type { Family, InstrOf, Site } from './compiling';
import type { Closure } from './cpu';

export const comparison: Family = (instr, site) => {
  switch (instr.op) {
    case 'eq':
    case 'ne':
      return equality(instr, site);
    case 'lt':
    case 'le':
      return order(instr, site);
    default:
      return null;
  }
};

function equality(instr: InstrOf<'eq' | 'ne'>, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  const [am, a, bm, b] = [site.maskOf(instr.a), site.placeOf(instr.a), site.maskOf(instr.b), site.placeOf(instr.b)];
  const same = instr.op === 'eq' ? 1 : 0;
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    const y = (fp & bm) + b;
    stack[fp + dst] = stack[x] === stack[y] && stack[x + 1] === stack[y + 1] ? same : 1 - same;
    stack[fp + dst + 1] = 0;
    return next;
  };
}

function order(instr: InstrOf<'lt' | 'le'>, site: Site): Closure {
  const { next } = site;
  const dst = site.placeOfRegister(instr.dst);
  // a <= b is not (b < a).
  const turned = instr.op === 'le';
  const [first, second] = turned ? [instr.b, instr.a] : [instr.a, instr.b];
  const [am, a, bm, b] = [site.maskOf(first), site.placeOf(first), site.maskOf(second), site.placeOf(second)];
  const yes = turned ? 0 : 1;
  // Adding 2^31 to a high half makes the unsigned order the signed one.
  const flip = instr.signed ? 0 : -0x80000000;
  return ({ stack, fp }) => {
    const x = (fp & am) + a;
    const y = (fp & bm) + b;
    const p = stack[x + 1]! ^ flip;
    const q = stack[y + 1]! ^ flip;
    const below = p === q ? stack[x]! >>> 0 < stack[y]! >>> 0 : p < q;
    stack[fp + dst] = below ? yes : 1 - yes;
    stack[fp + dst + 1] = 0;
    return next;
  };
}
