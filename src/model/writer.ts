/** Writes the memory of a scenario: fields by name, at addresses of our choice. */
import { fieldIfAny, I32, I64 } from './fields';
import type { Address, Kernel, Layout, Word } from './primitive';

/** What the machine gives beside a `Kernel`, to lay memory at an address of our choice. */
export interface Ground {
  readonly kernel: Kernel;
  readonly layout: Layout;
  /** Makes [at, at + size) zeroed, writable kernel memory. */
  map(at: Address, size: number): void;
}

/** Writes fields by name, where the tree has them. */
export class Writer {
  constructor(
    readonly kernel: Kernel,
    readonly layout: Layout,
  ) {}

  /** A new zeroed object of the type; 0 when the tree has no such type. */
  make(type: string, name: string): Address {
    if (!this.layout.has(type)) return 0;
    const size = this.layout.sizeof(type);
    return size === 0 ? 0 : this.kernel.allocate(size, { name, zeroed: true, kind: 'model' });
  }

  set(at: Address, type: string, path: string, value: Word): void {
    if (at === 0) return;
    const field = fieldIfAny(this.layout, type, path);
    if (field !== null) this.kernel.store(at, field, value);
  }

  /** Address of an embedded member, 0 where there is none. */
  inside(at: Address, type: string, path: string): Address {
    return at !== 0 && this.layout.has(type, path) ? at + this.layout.offsetof(type, path) : 0;
  }

  list(at: Address): void {
    if (at === 0) return;
    this.kernel.store(at, I64, at);
    this.kernel.store(at, { ...I64, offset: 8 }, at);
  }

  global(name: string, value: Word, size: 4 | 8): void {
    const at = this.kernel.symbol(name);
    if (at !== 0) this.kernel.store(at, size === 4 ? I32 : I64, value);
  }
}
