/** Functions that a caller passes by pointer: nothing is known of them but their type, so each call of one is a choice. */
import type { Program, Prototype } from '../kernel-c/program';
import type { CType, TypeId } from '../kernel-c/types';

/** No function of C has a name like it. */
export const callbackName = (functionName: string, parameter: string): string => `${functionName}.${parameter}`;

/** The program with a function that has no body for each parameter of these functions that points at one. */
export function withCallbacks(program: Program, functions: readonly string[]): Program {
  const added: Record<string, Prototype> = {};
  for (const name of functions) {
    const code = program.functions[name];
    const type = code === undefined ? undefined : program.types[code.type];
    if (code === undefined || type?.kind !== 'function') continue;
    code.params.forEach((parameter, index) => {
      const to = calledType(program, type.params[index]);
      if (to === null) return;
      const callback = callbackName(name, parameter);
      added[callback] = { name: callback, type: to, mode: 'unknown', file: code.file, line: code.line };
    });
  }
  const isNew = Object.keys(added).some((name) => program.prototypes[name] === undefined);
  return isNew ? { ...program, prototypes: { ...program.prototypes, ...added } } : program;
}

function calledType(program: Program, id: TypeId | undefined): TypeId | null {
  const pointer: CType | undefined = id === undefined ? undefined : program.types[id];
  if (pointer?.kind !== 'pointer') return null;
  return program.types[pointer.to]?.kind === 'function' ? pointer.to : null;
}
