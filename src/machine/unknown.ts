/** What a call of a function may give that has neither source nor a primitive: a choice over what its type allows. */
import type { FunctionCode, Program } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';
import type { BoundPrimitive, Choice, Kernel, Word } from '../model/primitive';
import type { Cpu } from './cpu';
import { Undecided } from './faults';
import { addEvent, noteUnknown } from './log';
import { returnType, sizeOfType } from './value-shape';

const EINVAL = -22;
const ENOMEM = -12;
/** Room for an object whose type has no size here. */
const UNSIZED = 4096;

interface Value {
  readonly label: string;
  readonly make: (kernel: Kernel) => Word;
}

/**
 * The values in their order, and which is usual:
 * signed integers 0, -EINVAL, -ENOMEM; unsigned 0, 1; bool false, true; pointers NULL or, where the caller tests for error pointers,
 * ERR_PTR(-ENOMEM), and before that an object (usual). A caller that tests for both gets all three.
 */
function valuesOf(program: Program, name: string, type: CType, caller: FunctionCode | null): Value[] {
  const constant = (label: string, value: Word): Value => ({ label, make: () => value });
  switch (type.kind) {
    case 'bool':
      return [constant('false', 0), constant('true', 1)];
    case 'int':
    case 'enum':
      return type.signed
        ? [constant('0', 0), constant('-EINVAL', EINVAL), constant('-ENOMEM', ENOMEM)]
        : [constant('0', 0), constant('1', 1)];
    case 'pointer': {
      const to = program.types[type.to];
      const size = to === undefined ? 0 : sizeOfType(program.types, to);
      const object: Value = {
        label: 'object',
        make: (kernel) => kernel.allocate(size > 0 ? size : UNSIZED, { name: `${name}()`, zeroed: true, kind: 'model' }),
      };
      const tests = errorTests(caller);
      return [
        object,
        ...(tests.error && !tests.both ? [] : [constant('NULL', 0)]),
        ...(tests.error || tests.both ? [constant('ERR_PTR(-ENOMEM)', ENOMEM)] : []),
      ];
    }
    default:
      return [];
  }
}

/** Which tests for error pointers the caller calls at all. */
function errorTests(caller: FunctionCode | null): { readonly error: boolean; readonly both: boolean } {
  const names = new Set(caller?.code.flatMap((instr) => (instr.op === 'call' ? [instr.callee] : [])) ?? []);
  return { error: ['IS_ERR', 'PTR_ERR', 'PTR_ERR_OR_ZERO', 'ERR_CAST'].some((name) => names.has(name)), both: names.has('IS_ERR_OR_NULL') };
}

export function bindUnknown(cpu: () => Cpu, name: string, type: TypeId, caller: FunctionCode | null): BoundPrimitive {
  const { program } = cpu();
  const returns = returnType(program.types, type);
  const note = (): void => {
    noteUnknown(cpu(), name);
    addEvent(cpu(), 'unknown', `${name}() is not known; memory that its arguments reach is taken as unchanged`);
  };
  if (returns?.kind === 'void') return { run: note };
  const values = returns === undefined ? [] : valuesOf(program, name, returns, caller);
  if (values.length === 0) {
    return {
      run: () => {
        note();
        throw new Undecided(`${name}() is not known, and its result is no number and no pointer that could be chosen.`);
      },
    };
  }
  const choice: Choice = { kind: 'unknown', what: `result of ${name}()`, options: values.map((value) => value.label), usual: 0 };
  return {
    choice: () => choice,
    run: (kernel) => {
      note();
      return values[kernel.decision]?.make(kernel) ?? 0;
    },
  };
}
