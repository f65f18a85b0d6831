/** As much of JSON Schema (draft 2020-12) as the schemas in `docs/schemas` use, to hold the CLI's output against them. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

type Schema = Readonly<Record<string, unknown>>;
interface Spot {
  readonly schema: Schema;
  /** The document that `#/…` refers to. */
  readonly document: Schema;
}

const SCHEMAS = join(dirname(fileURLToPath(import.meta.url)), '../../../docs/schemas');
const KNOWN = new Set(
  '$schema $id $defs $ref title description type enum const pattern minimum items properties required additionalProperties anyOf'.split(
    ' ',
  ),
);

/** What of the value the schema of that name does not allow; empty where it is valid. */
export function violations(name: string, value: unknown): readonly string[] {
  const document = loaded(`${name}.schema.json`);
  return check({ schema: document, document }, value, '$');
}

/** The same for one definition of a schema: `series`, `#/$defs/patch`. */
export function violationsOf(name: string, pointer: string, value: unknown): readonly string[] {
  const document = loaded(`${name}.schema.json`);
  return check(resolved(pointer, document), value, '$');
}

function check(spot: Spot, value: unknown, at: string): readonly string[] {
  const { schema, document } = spot;
  const unknown = Object.keys(schema).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`${at}: the checker does not know ${unknown.join(', ')}`);
  const found: string[] = [];
  const inner = (one: unknown, into: unknown, where: string): readonly string[] => check({ schema: one as Schema, document }, into, where);
  if (typeof schema['$ref'] === 'string') found.push(...check(resolved(schema['$ref'], document), value, at));
  if (Array.isArray(schema['anyOf'])) {
    const tries = schema['anyOf'].map((one) => inner(one, value, at));
    if (tries.every((one) => one.length > 0))
      found.push(`${at}: none of ${tries.length} alternatives: ${tries.map((one) => one[0]).join(' | ')}`);
  }
  if (schema['type'] !== undefined && ![schema['type']].flat().some((type) => hasType(value, type))) {
    return [...found, `${at}: is no ${String(schema['type'])}`];
  }
  if (Array.isArray(schema['enum']) && !schema['enum'].includes(value))
    found.push(`${at}: ${JSON.stringify(value)} is none of ${JSON.stringify(schema['enum'])}`);
  if ('const' in schema && schema['const'] !== value) found.push(`${at}: is not ${JSON.stringify(schema['const'])}`);
  if (typeof schema['pattern'] === 'string' && typeof value === 'string' && !new RegExp(schema['pattern'], 'u').test(value))
    found.push(`${at}: does not match ${schema['pattern']}`);
  if (typeof schema['minimum'] === 'number' && typeof value === 'number' && value < schema['minimum'])
    found.push(`${at}: ${value} is under ${schema['minimum']}`);
  if (Array.isArray(value) && schema['items'] !== undefined)
    value.forEach((one, index) => found.push(...inner(schema['items'], one, `${at}[${index}]`)));
  if (isObject(value)) {
    const properties = (schema['properties'] ?? {}) as Schema;
    for (const key of (schema['required'] ?? []) as string[]) if (!(key in value)) found.push(`${at}: lacks ${key}`);
    for (const [key, one] of Object.entries(value)) {
      if (key in properties) found.push(...inner(properties[key], one, `${at}.${key}`));
      else if (schema['additionalProperties'] === false) found.push(`${at}: has ${key} too`);
      else if (isObject(schema['additionalProperties'])) found.push(...inner(schema['additionalProperties'], one, `${at}.${key}`));
    }
  }
  return found;
}

function resolved(ref: string, document: Schema): Spot {
  const [file = '', pointer = ''] = ref.split('#');
  const target = file === '' ? document : loaded(file);
  let schema: unknown = target;
  for (const part of pointer.split('/').filter((one) => one !== '')) schema = (schema as Schema)[part];
  if (!isObject(schema)) throw new Error(`${ref} leads nowhere`);
  return { schema, document: target };
}

const loaded = (file: string): Schema => JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8')) as Schema;
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function hasType(value: unknown, type: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
