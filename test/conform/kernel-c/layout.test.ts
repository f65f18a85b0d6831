import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Program } from '../../../src/kernel-c/program';
import type { CField, CType } from '../../../src/kernel-c/types';
import { hasGcc, printedBy } from './gcc';
import { programOf } from './read-source';

const STRUCTS = 300;
const SEED = 20260;

/** Types of members, with their widest bit-field. */
const scalars = [
  ['char', 8],
  ['signed char', 8],
  ['unsigned char', 8],
  ['short', 16],
  ['unsigned short', 16],
  ['int', 32],
  ['unsigned int', 32],
  ['long', 64],
  ['unsigned long', 64],
  ['unsigned long long', 64],
  ['_Bool', 1],
  ['enum e', 32],
] as const;

interface Member {
  readonly text: (name: string) => string;
  /** The names below it that are compared: `name` itself, or members of an anonymous aggregate. */
  readonly names: (name: string) => { name: string; bits: boolean }[];
}

const plain = (text: (name: string) => string): Member => ({ text, names: (name) => [{ name, bits: false }] });
const scalar = fc.constantFrom(...scalars);
const attribute = fc.constantFrom(
  '',
  '',
  '',
  '',
  ' __attribute__((packed))',
  ' __attribute__((aligned(2)))',
  ' __attribute__((aligned(16)))',
);

const leaf: fc.Arbitrary<Member> = fc.oneof(
  fc.tuple(scalar, attribute).map(([[type], given]) => plain((name) => `${type} ${name}${given};`)),
  fc.tuple(scalar, fc.integer({ min: 1, max: 5 })).map(([[type], length]) => plain((name) => `${type} ${name}[${length}];`)),
  scalar.map(([type]) => plain((name) => `${type} *${name};`)),
  scalar.map(([type]) => plain((name) => `${type} (*${name})(int, ${type});`)),
  fc.tuple(scalar, fc.integer({ min: 1, max: 64 })).map(([[type, widest], width]) => ({
    text: (name: string) => `${type} ${name} : ${((width - 1) % widest) + 1};`,
    names: (name: string) => [{ name, bits: true }],
  })),
  fc.tuple(scalar, fc.integer({ min: 0, max: 64 })).map(([[type, widest], width]) => ({
    text: () => `${type} : ${width % (widest + 1)};`,
    names: () => [],
  })),
);

const group = (members: readonly Member[], keyword: string, given: string, anonymous: boolean): Member => ({
  text: (name) => `${keyword} { ${members.map((one, i) => one.text(`${name}_${i}`)).join(' ')} }${given}${anonymous ? '' : ` ${name}`};`,
  names: (name) =>
    anonymous
      ? members.flatMap((one, i) => one.names(`${name}_${i}`))
      : [
          { name, bits: false },
          ...members.flatMap((one, i) => one.names(`${name}_${i}`)).map((one) => ({ ...one, name: `${name}.${one.name}` })),
        ],
});

const member: fc.Arbitrary<Member> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.array(leaf, { minLength: 1, maxLength: 4 }), fc.constantFrom('struct', 'union'), attribute, fc.boolean())
      .map(([members, keyword, given, anonymous]) => group(members, keyword, given, anonymous)),
  },
);

interface Generated {
  readonly keyword: string;
  readonly source: string;
  readonly names: readonly { name: string; bits: boolean }[];
}

const generated = fc
  .tuple(fc.array(member, { minLength: 1, maxLength: 8 }), fc.constantFrom('struct', 'struct', 'struct', 'union'), attribute, fc.boolean())
  .map(([members, keyword, given, flexible]) => ({ members, keyword, given, flexible }));

function structsOf(): Generated[] {
  return fc.sample(generated, { numRuns: STRUCTS, seed: SEED }).map(({ members, keyword, given, flexible }, index) => {
    const tag = `s${index}`;
    const tail = flexible && keyword === 'struct' ? ' int first; unsigned short tail[];' : '';
    return {
      keyword,
      source: `${keyword} ${tag} { ${members.map((one, i) => one.text(`m${i}`)).join(' ')}${tail} }${given};`,
      names: members.flatMap((one, i) => one.names(`m${i}`)),
    };
  });
}

/** Prints for each struct its size and alignment, then each member's offset, or the bytes that a bit-field of all ones sets. */
function oracleOf(structs: readonly Generated[]): string {
  const body = structs.map(({ keyword, names }, index) => {
    const type = `${keyword} s${index}`;
    const lines = names.map(({ name, bits }) =>
      bits
        ? `{ static ${type} v; unsigned char *p = (void *)&v; v.${name} = -1; printf("${name}"); for (unsigned i = 0; i < sizeof v; i++) if (p[i]) printf(" %u:%u", i, p[i]); printf("\\n"); }`
        : `printf("${name} %lu\\n", __builtin_offsetof(${type}, ${name}));`,
    );
    return `printf("s${index} %lu %lu\\n", sizeof(${type}), _Alignof(${type}));\n${lines.join('\n')}`;
  });
  return `#include <stdio.h>\nenum e { A, B };\n${structs.map((one) => one.source).join('\n')}\nint main(void)\n{\n${body.join('\n')}\nreturn 0; }\n`;
}

/** The member with a dotted path, through anonymous ones, with its offset from the start. */
function memberOf(program: Program, type: CType | undefined, path: string): CField {
  const [head, ...rest] = path.split('.');
  const find = (within: CType | undefined): CField | null => {
    if (within?.kind !== 'struct' && within?.kind !== 'union') return null;
    for (const field of within.fields) {
      if (field.name === head) return field;
      const inner = field.name === '' ? find(program.types[field.type]) : null;
      if (inner !== null) return { ...inner, offset: inner.offset + field.offset };
    }
    return null;
  };
  const found = find(type);
  if (found === null) throw new Error(`no member ${path}`);
  if (rest.length === 0) return found;
  const inner = memberOf(program, program.types[found.type], rest.join('.'));
  return { ...inner, offset: inner.offset + found.offset };
}

function layoutOf(program: Program, structs: readonly Generated[]): string {
  const lines: string[] = [];
  structs.forEach(({ keyword, names }, index) => {
    const type = program.types[program.typeNames[`${keyword} s${index}`] ?? -1];
    if (type?.kind !== 'struct' && type?.kind !== 'union') throw new Error(`s${index} is not laid out`);
    lines.push(`s${index} ${type.size} ${type.align}`);
    for (const { name, bits } of names) {
      const field = memberOf(program, type, name);
      if (!bits) lines.push(`${name} ${field.offset}`);
      else {
        const { at, width } = field.bits!;
        const set = ((1n << BigInt(width)) - 1n) << BigInt(field.offset * 8 + at);
        const bytes: string[] = [];
        for (let i = 0n, left = set; left !== 0n; i += 1n, left >>= 8n) if ((left & 0xffn) !== 0n) bytes.push(` ${i}:${left & 0xffn}`);
        lines.push(`${name}${bytes.join('')}`);
      }
    }
  });
  return `${lines.join('\n')}\n`;
}

describe.skipIf(!hasGcc)('layout of structs and unions', () => {
  it(`agrees with gcc on ${STRUCTS} generated types (seed ${SEED})`, () => {
    const structs = structsOf();
    const types = structs.map(({ keyword }, index) => `${keyword} s${index}`);
    const source = `enum e { A, B };\n${structs.map((one) => one.source).join('\n')}\n`;
    const program = programOf(source, [], { needs: { types, constants: [], functions: [], globals: [] } });
    const ours = layoutOf(program, structs).split('\n');
    const theirs = printedBy(oracleOf(structs)).split('\n');
    let struct = '';
    const differences: string[] = [];
    theirs.forEach((line, i) => {
      if (/^s\d/.test(line)) struct = line;
      if (line !== ours[i]) differences.push(`${structs[Number(/\d+/.exec(struct)![0])]!.source}\n  gcc ${line}\n  we  ${ours[i] ?? ''}`);
    });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(ours.length).toBe(theirs.length);
  });
});
