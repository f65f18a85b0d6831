/** A kernel of flat pages without checks, for testing the model's data structures without a reader or a machine. */
import type { Address, Control, FieldRef, FindingKind, Kernel, Layout, LockWait, Word } from '../../../src/model/primitive';
import { MissingLayout } from '../../../src/model/primitive';

const PAGE = 4096;

/** Offsets by hand: `type.path` → field; sizes by type. */
export function toyLayout(
  fields: Readonly<Record<string, FieldRef>>,
  sizes: Readonly<Record<string, number>>,
  constants: Readonly<Record<string, number>> = {},
): Layout {
  const field = (type: string, path: string): FieldRef => {
    const found = fields[`${type}.${path}`];
    if (found === undefined) throw new MissingLayout(`${type}.${path}`);
    return found;
  };
  return {
    has: (type, path) => (path === undefined ? sizes[type] !== undefined : fields[`${type}.${path}`] !== undefined),
    sizeof: (type) => {
      const size = sizes[type];
      if (size === undefined) throw new MissingLayout(type);
      return size;
    },
    field,
    offsetof: (type, path) => field(type, path).offset,
    constant: (name) => {
      const value = constants[name];
      if (value === undefined) throw new MissingLayout(name);
      return value;
    },
  };
}

export interface ToyKernel extends Kernel {
  args: readonly Word[];
  decision: number;
  task: number;
  readonly reports: { kind: FindingKind; message: string }[];
  readonly live: Map<Address, number>;
  readonly symbols: Map<string, Address>;
}

export function toyKernel(layout: Layout): ToyKernel {
  const pages = new Map<number, DataView>();
  const live = new Map<Address, number>();
  const reports: { kind: FindingKind; message: string }[] = [];
  const symbols = new Map<string, Address>();
  let next = 0x10000;
  const view = (at: number): DataView => {
    const number = Math.floor(at / PAGE);
    let page = pages.get(number);
    if (page === undefined) pages.set(number, (page = new DataView(new ArrayBuffer(PAGE))));
    return page;
  };
  const load = (at: Address, { offset, size, signed }: FieldRef): Word => {
    const where = at + offset;
    const page = view(where);
    const place = ((where % PAGE) + PAGE) % PAGE;
    if (size === 8) return Number(page.getBigInt64(place, true));
    if (size === 4) return signed ? page.getInt32(place, true) : page.getUint32(place, true);
    if (size === 2) return signed ? page.getInt16(place, true) : page.getUint16(place, true);
    return signed ? page.getInt8(place) : page.getUint8(place);
  };
  const store = (at: Address, { offset, size }: FieldRef, value: Word): void => {
    const where = at + offset;
    const page = view(where);
    const place = ((where % PAGE) + PAGE) % PAGE;
    if (size === 8) page.setBigInt64(place, BigInt(value), true);
    else if (size === 4) page.setInt32(place, value | 0, true);
    else if (size === 2) page.setInt16(place, value, true);
    else page.setInt8(place, value);
  };
  const byte: FieldRef = { offset: 0, size: 1, signed: false };
  const kernel: ToyKernel = {
    layout,
    args: [],
    decision: 0,
    task: 0,
    reports,
    live,
    symbols,
    argCount: 0,
    phase: 0,
    saved: [],
    returned: 0,
    arg: (index) => kernel.args[index] ?? 0,
    argBig: (index) => BigInt(kernel.args[index] ?? 0),
    load,
    store,
    loadBig: (at, field) => BigInt(load(at, field)),
    storeBig: (at, field, value) => store(at, field, Number(value)),
    peek: load,
    copy(to, from, size) {
      for (let index = 0; index < size; index++) store(to + index, byte, load(from + index, byte));
    },
    zero(at, size) {
      for (let index = 0; index < size; index++) store(at + index, byte, 0);
    },
    text: () => '',
    allocate(size) {
      const at = next;
      next += Math.ceil(size / 64) * 64 + 64;
      live.set(at, size);
      return at;
    },
    free(at) {
      if (!live.delete(at)) reports.push({ kind: 'bad-free', message: `${at}` });
    },
    mapReadOnly: () => undefined,
    mapOwn: () => undefined,
    objectOf: () => 0,
    symbol: (name) => symbols.get(name) ?? 0,
    symbolAt: () => '',
    event: () => undefined,
    report: (kind, message) => reports.push({ kind, message }),
    block: (wait: LockWait): Control => ({ control: 'block', wait }),
    call: (callee, args, phase, saved = []) => ({ control: 'call', callee, args, phase, saved }),
    tail: (callee, args) => ({ control: 'tail', callee, args }),
    stop: () => ({ control: 'stop' }),
  };
  return kernel;
}

const u8 = (offset: number): FieldRef => ({ offset, size: 1, signed: false });
const i64 = (offset: number): FieldRef => ({ offset, size: 8, signed: true });

/** The fields of 6.12's xarray. */
export const xarrayToyLayout = toyLayout(
  {
    'struct xarray.xa_head': i64(8),
    'struct xa_node.shift': u8(0),
    'struct xa_node.offset': u8(1),
    'struct xa_node.count': u8(2),
    'struct xa_node.nr_values': u8(3),
    'struct xa_node.parent': i64(8),
    'struct xa_node.array': i64(16),
    'struct xa_node.slots': i64(40),
  },
  { 'struct xarray': 16, 'struct xa_node': 576 },
);
