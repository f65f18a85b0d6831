/** Fields and constants of the tree by the first of several spellings that it has. */
import { MissingLayout, type FieldRef, type Layout, type Word } from './primitive';

export const U8: FieldRef = { offset: 0, size: 1, signed: false };
export const I32: FieldRef = { offset: 0, size: 4, signed: true };
export const U32: FieldRef = { offset: 0, size: 4, signed: false };
export const I64: FieldRef = { offset: 0, size: 8, signed: true };

export const PAGE_SIZE = 4096;
export const ENOENT = 2;
export const ENOMEM = 12;
export const EEXIST = 17;

/**
 * The field under the first of the paths that the type has.
 * @throws MissingLayout when it has none
 */
export function fieldOf(layout: Layout, type: string, ...paths: readonly string[]): FieldRef {
  const path = paths.find((each) => layout.has(type, each));
  if (path === undefined) throw new MissingLayout(`${type} has no ${paths.join(' or ')}`);
  return layout.field(type, path);
}

/** The same, or null. */
export function fieldIfAny(layout: Layout, type: string, ...paths: readonly string[]): FieldRef | null {
  const path = paths.find((each) => layout.has(type, each));
  return path === undefined ? null : layout.field(type, path);
}

/** What was looked up and not found: views ask after every step, and an exception costs more than the rest of the question. */
const missing = new WeakMap<Layout, Set<string>>();

/** The constant, or null where the tree has none of that name. */
export function constantIfAny(layout: Layout, name: string): Word | null {
  if (missing.get(layout)?.has(name) === true) return null;
  try {
    return layout.constant(name);
  } catch (problem) {
    if (!(problem instanceof MissingLayout)) throw problem;
    const names = missing.get(layout);
    if (names === undefined) missing.set(layout, new Set([name]));
    else names.add(name);
    return null;
  }
}

/** An error number, or a pointer that holds one. Source: include/linux/err.h, MAX_ERRNO. */
export const isErrno = (value: Word): boolean => value < 0 && value >= -4095;

/** A field moved by some bytes: a member of an embedded struct. */
export const moved = (field: FieldRef, by: number): FieldRef => ({ ...field, offset: field.offset + by });
