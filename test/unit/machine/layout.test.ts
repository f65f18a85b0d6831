import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../../src/machine/layout';
import { MissingLayout } from '../../../src/model/primitive';
import { programOfC } from './c';

const text = `
struct inner { short s; union { int i; void *p; }; };
struct outer {
	unsigned char first;
	struct inner in;
	struct inner many[3];
	struct { long hidden; };
	unsigned int x : 3, y : 5;
	enum kind { ONE, TWO } kind;
	_Bool flag;
	int counts[4];
};
struct only_declared;
typedef struct { long counter; } atomic_long_t;
#define WIDE (1ul << 63)
enum { MINUS = -3 };
long f(struct outer *o, atomic_long_t *a) { return o->first + a->counter; }
`;
const types = ['struct outer', 'struct inner', 'atomic_long_t', 'struct only_declared'];
const layout = layoutOf(
  programOfC(text, ['f'], { needs: { types, constants: ['WIDE', 'MINUS', 'NOT_THERE'], functions: [], globals: [] } }),
);

describe('layout', () => {
  it('finds members through structs, arrays and anonymous members', () => {
    expect(layout.sizeof('struct inner')).toBe(16);
    expect(layout.field('struct outer', 'first')).toEqual({ offset: 0, size: 1, signed: false });
    expect(layout.field('struct outer', 'in.s')).toEqual({ offset: 8, size: 2, signed: true });
    expect(layout.field('struct outer', 'in.p')).toEqual({ offset: 16, size: 8, signed: true });
    expect(layout.field('struct outer', 'many[2].i')).toEqual({ offset: 24 + 32 + 8, size: 4, signed: true });
    expect(layout.field('struct outer', 'hidden')).toEqual({ offset: 72, size: 8, signed: true });
    expect(layout.field('struct outer', 'flag')).toMatchObject({ size: 1, signed: false });
    expect(layout.field('struct outer', 'counts[1]').offset - layout.offsetof('struct outer', 'counts')).toBe(4);
    expect(layout.field('atomic_long_t', 'counter')).toEqual({ offset: 0, size: 8, signed: true });
  });

  it('gives constants as signed 64-bit values', () => {
    expect(layout.constant('MINUS')).toBe(-3);
    expect(layout.constant('WIDE')).toBe(-(2 ** 63));
  });

  it('says what the tree does not have', () => {
    for (const ask of [
      () => layout.sizeof('struct nowhere'),
      () => layout.sizeof('struct only_declared'),
      () => layout.field('struct outer', 'nothing'),
      () => layout.field('struct outer', 'in'),
      () => layout.field('struct outer', 'x'),
      () => layout.field('struct outer', 'first[0]'),
      () => layout.constant('NOT_THERE'),
    ]) {
      expect(ask).toThrow(MissingLayout);
    }
    expect([
      layout.has('struct outer'),
      layout.has('struct outer', 'in'),
      layout.has('struct outer', 'in.q'),
      layout.has('struct nowhere'),
    ]).toEqual([true, true, false, false]);
  });
});
