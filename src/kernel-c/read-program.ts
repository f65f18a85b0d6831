/** From a tree and some function names to a program that the machine can run: only what they need is read. */
import type { Problem } from '../base/place';
import { builtinCalls } from './builtins';
import { lowerFunction } from './lower-function';
import { objectBytes } from './lower-object';
import { createPreprocessor } from './preprocessor';
import type { FunctionCode, GlobalObject, Program, Prototype } from './program';
import type { ReadRequest } from './read-request';
import type { SourceTree } from './source-tree';
import { createReading, type Reading } from './tree-names';
import type { Found, TreeIndex } from './tree-index';
import type { TypeId } from './types';

/** A program of more functions than this is cut: what is beyond counts as unknown. */
const mostFunctions = 4000;

/** Never fails: what is missing or could not be read is in `problems`, and at its place as an `unsupported` instruction. */
export function readProgram(tree: SourceTree, index: TreeIndex, request: ReadRequest): Program {
  const pre = createPreprocessor(tree, index, request.config, request.modelled);
  const reading = createReading(index, pre);
  const { types, problems } = reading;
  const functions: Record<string, FunctionCode> = {};
  const globals: Record<string, GlobalObject> = {};
  const prototypes: Record<string, Prototype> = {};
  const scope = new Set(request.scope);
  const also = new Set(request.alsoInterpret ?? []);
  const queue: { name: string; from: string; type: TypeId | null }[] = [];
  const asked = new Set<string>();
  let functionCount = 0;
  const home = request.scope[0] ?? tree.paths[0] ?? '';

  const ask = (name: string, from: string, type: TypeId | null): void => {
    if (asked.has(name)) return;
    asked.add(name);
    queue.push({ name, from, type });
  };

  const interpreted = (found: Found, name: string): boolean => {
    if (request.modelled.has(name)) return false;
    return scope.has(found.file.path) || also.has(name) || found.file.path.endsWith('.h') || request.roots.includes(name);
  };

  const asPrototype = (name: string, from: string, type: TypeId | null): void => {
    const modelled = request.modelled.has(name) || name in builtinCalls;
    const found = reading.functionNamed(name, from);
    const object = type === null ? reading.namesIn(from).object(name) : null;
    prototypes[name] = {
      name,
      type: type ?? object?.type ?? types.func(types.int('int'), [], true),
      mode: modelled ? 'modelled' : 'unknown',
      file: found?.file.path ?? '',
      line: found?.definition.line ?? 0,
    };
  };

  const readFunction = (name: string, found: Found): boolean => {
    const parsed = reading.parse(found, true)?.functions.find((one) => one.name === name);
    if (!parsed) return false;
    const lowered = lowerFunction(parsed, found.file.path, types);
    functions[name] = lowered.code;
    functionCount++;
    for (const { what, line } of lowered.unsupported) {
      problems.push({
        code: 'kernel-c/unsupported',
        message: `${name}() has ${what}, which is not run.`,
        place: { file: found.file.path, line },
      });
    }
    for (const [callee, type] of lowered.calls) ask(callee, found.file.path, type);
    for (const other of lowered.refers) ask(other, found.file.path, null);
    return true;
  };

  const readObject = (name: string, from: string): boolean => {
    const local = reading.statics.get(name);
    if (local) {
      const made = local.init ? objectBytes(local.init, local.type, types) : { bytes: local.bytes ?? [], relocations: [], unread: [] };
      globals[name] = global(reading, name, local.type, local.file, local.line, made, true, local.constant);
      for (const one of made.relocations) ask(one.symbol, local.file, null);
      return true;
    }
    const found = reading.objectNamed(name, from);
    const parsed = found ? reading.parse(found, true)?.objects.find((one) => one.name === name) : undefined;
    if (found && parsed) {
      const made = parsed.init ? objectBytes(parsed.init, parsed.type, types) : { bytes: [], relocations: [], unread: [] };
      globals[name] = global(reading, name, parsed.type, found.file.path, parsed.line, made, true, parsed.constant);
      if (made.unread.length > 0) {
        const message = `The initialiser of ${name} has ${made.unread.length} values that are no constants; they are taken as zero.`;
        problems.push({ code: 'kernel-c/initialiser', message, place: { file: found.file.path, line: parsed.line } });
      }
      for (const one of made.relocations) ask(one.symbol, found.file.path, null);
      return true;
    }
    const declared = reading.namesIn(from).object(name);
    if (declared && types.of(declared.type).kind !== 'function') {
      globals[name] = global(reading, name, declared.type, from, 0, { bytes: [], relocations: [] }, false, false);
      return true;
    }
    return false;
  };

  const wanted = new Set([...request.needs.functions, ...request.needs.globals]);
  for (const name of [...request.roots, ...request.needs.functions]) ask(name, home, null);
  for (const name of request.needs.globals) ask(name, home, null);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { name, from, type } = next;
    if (request.modelled.has(name) || name in builtinCalls) {
      asPrototype(name, from, type);
      continue;
    }
    const isFunction = type !== null && types.of(type).kind === 'function';
    const found = reading.statics.has(name) ? null : reading.functionNamed(name, from);
    if (found && interpreted(found, name) && functionCount < mostFunctions && readFunction(name, found)) continue;
    // A macro that is invoked may make a variable: `static LLIST_HEAD(name);`.
    const isVariable = !isFunction && (found === null || found.definition.kind === 'invocation');
    if (isVariable && readObject(name, from)) continue;
    // What only the model would use and the tree does not have is simply not there.
    if (type === null && wanted.has(name) && !request.roots.includes(name)) continue;
    if (request.roots.includes(name) && !found) problems.push(missing(name, from));
    asPrototype(name, from, type);
  }

  const typeNames: Record<string, TypeId> = {};
  for (const name of request.needs.types) {
    const id = reading.typeNamed(name, home);
    if (id !== null) typeNames[name] = id;
    else problems.push({ code: 'kernel-c/no-type', message: `The tree has no complete ${name}.`, place: { file: home, line: 1 } });
  }
  const constants: Record<string, string> = {};
  for (const name of request.needs.constants) {
    const value = reading.constant(name, home);
    if (value !== null) constants[name] = String(BigInt.asIntN(64, value));
    else problems.push({ code: 'kernel-c/no-constant', message: `The tree has no constant ${name}.`, place: { file: home, line: 1 } });
  }
  // Members' sizes may be asked for by whoever shows or runs the program: what can be completed is.
  for (let id = 0; id < types.types.length; id++) if (reachableByValue(types.types[id]?.kind)) types.size(id);
  types.types.forEach((type, id) => {
    if ((type.kind === 'struct' || type.kind === 'union') && type.complete && !type.tag.startsWith('<'))
      typeNames[`${type.kind} ${type.tag}`] ??= id;
  });
  return { types: types.types, typeNames, functions, globals, prototypes, constants, problems };
}

/** Completing every struct that is only pointed to would read half the tree; arrays and records in use are complete already. */
const reachableByValue = (kind: string | undefined): boolean => kind === 'array';

const missing = (name: string, from: string): Problem => ({
  code: 'kernel-c/no-function',
  message: `No definition of ${name}() was found in the tree.`,
  place: { file: from, line: 1 },
});

function global(
  { types }: Reading,
  name: string,
  type: TypeId,
  file: string,
  line: number,
  made: Pick<GlobalObject, 'bytes' | 'relocations'>,
  defined: boolean,
  readOnly: boolean,
): GlobalObject {
  return {
    name,
    file,
    line,
    type,
    size: types.size(type),
    align: types.align(type),
    bytes: made.bytes,
    relocations: made.relocations,
    defined,
    readOnly,
  };
}
