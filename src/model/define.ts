/** The short way to write a row of the primitives' table: what is usual is left out. */
import type { BoundPrimitive, Layout, Primitive, PrimitiveExample } from './primitive';

type Row = Omit<Primitive, 'form' | 'leavesOut' | 'examples' | 'bind'> &
  Partial<Pick<Primitive, 'form' | 'leavesOut'>> & {
    readonly examples: Primitive['examples'];
    readonly bind: (layout: Layout) => BoundPrimitive | BoundPrimitive['run'];
  };

/** A primitive; `form` is a function and nothing is left out unless the row says so, and `bind` may give just the `run`. */
export function primitive(row: Row): Primitive {
  const bind = (layout: Layout): BoundPrimitive => {
    const bound = row.bind(layout);
    return typeof bound === 'function' ? { run: bound } : bound;
  };
  return { ...row, form: row.form ?? 'function', leavesOut: row.leavesOut ?? '', bind };
}

/** An example that returns a value. */
export const returns = (c: string, value: number, name = 'gives'): PrimitiveExample => ({ name, c, gives: { value } });

/** An example that the checks find something in. */
export const finds = (c: string, finding: Extract<PrimitiveExample['gives'], { finding: unknown }>['finding']): PrimitiveExample => ({
  name: finding,
  c,
  gives: { finding },
});
