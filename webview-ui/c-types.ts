/** Parameters of a function with their types as C spells them. */
import type { SimulationSetup } from '../src/protocol/simulation';

type Program = SimulationSetup['program'];

export interface Parameter {
  readonly name: string;
  /** `struct inode *`. */
  readonly type: string;
}

/** The parameters of the function, in order; none where the program does not have it. */
export function parametersOf(program: Program, name: string): readonly Parameter[] {
  const code = program.functions[name];
  const type = code && program.types[code.type];
  if (!code || type?.kind !== 'function') return [];
  return code.params.map((param, at) => ({ name: param, type: typeText(program, type.params[at] ?? -1) }));
}

/** Pointers to pointers to … are followed this far. */
const DEEPEST = 8;

function typeText(program: Program, id: number, depth = 0): string {
  const type = program.types[id];
  if (!type || depth > DEEPEST) return '?';
  switch (type.kind) {
    case 'void':
      return 'void';
    case 'bool':
      return 'bool';
    case 'int':
      return type.name;
    case 'float':
      return type.bits === 32 ? 'float' : type.bits === 64 ? 'double' : 'long double';
    case 'enum':
    case 'struct':
    case 'union':
      return `${type.kind} ${type.tag}`;
    case 'pointer': {
      const to = typeText(program, type.to, depth + 1);
      return to.endsWith('*') ? `${to}*` : `${to} *`;
    }
    case 'array':
      return `${typeText(program, type.of, depth + 1)}[${type.length ?? ''}]`;
    case 'function':
      return 'function';
  }
}
