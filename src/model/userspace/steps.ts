/** All steps, and how a program gets them: as functions that a task can enter. */
import type { FunctionCode, Program, Prototype } from '../../kernel-c/program';
import type { CType } from '../../kernel-c/types';
import type { Needs } from '../../kernel-c/read-request';
import type { BoundPrimitive, Callable } from '../primitive';
import { fileParts, fileSteps } from './file-steps';
import { guestParts, guestSteps, postPopulate } from './guest-steps';
import { hostParts, hostSteps } from './host-steps';
import { hugetlbfsSteps } from './hugetlbfs';
import { poolSteps } from './pool-steps';
import { numbered, placeOf, USERS, usersOf } from './record';
import type { Step, StepPart } from './step';
import { workSteps } from './work';

export const steps: readonly Step[] = [...hostSteps, ...guestSteps, ...fileSteps, ...hugetlbfsSteps, ...poolSteps, ...workSteps];

/** What steps enter by name; the rest is found through the tables of operations in memory. */
export const stepRoots: readonly string[] = [
  'kvm_gmem_create',
  'kvm_gmem_get_pfn',
  'kvm_gmem_populate',
  'kvm_gmem_bind',
  'kvm_gmem_unbind',
  'kvm_vm_set_mem_attributes',
];

/** What steps on the pool and of users of hugetlbfs enter besides; a tree that lacks one of them has no such steps. */
export const poolRoots: readonly string[] = ['__nr_hugepages_store_common', 'hugetlb_reserve_pages', 'alloc_hugetlb_folio'];

export const POOL_NEEDS: Partial<Needs> = {
  types: ['struct hugetlbfs_sb_info', 'struct mempolicy', 'struct work_struct'],
  constants: ['MPOL_BIND'],
  globals: ['hugetlb_vm_ops'],
};

export const STEP_NEEDS: Needs = {
  types: [
    'struct vm_operations_struct',
    'struct file_operations',
    'struct address_space_operations',
    'struct super_block',
    'struct super_operations',
    'struct kvm',
    'struct kvm_gfn_range',
    'struct kvm_memory_slot',
    'struct vm_fault',
    'struct vm_area_struct',
    'struct mm_struct',
  ],
  constants: ['KVM_X86_SW_PROTECTED_VM', 'KVM_MEMORY_ATTRIBUTE_PRIVATE', 'PG_hwpoison', 'PG_dirty'],
  functions: [],
  globals: ['kvm_gmem_super_operations'],
};

/** The function by which a task enters a step. */
export const stepFunction = (name: string): string => `step.${name}`;

const parts: readonly StepPart[] = [...hostParts, ...guestParts, ...fileParts];

/** What a machine needs beside the primitives. */
export const stepCallables: readonly Callable[] = [
  ...steps.map(({ name, bind }): Callable => ({ name, bind: (layout) => ({ run: noting(bind(layout)) }) })),
  ...parts.map(({ name, bind }): Callable => ({ name, visible: true, bind: (layout) => ({ run: bind(layout) }) })),
  { name: postPopulate.name, bind: (layout) => ({ run: postPopulate.bind(layout) }) },
];

/** Leaves the value of a step for whoever has several tasks run steps at one time. */
const noting =
  (run: BoundPrimitive['run']): BoundPrimitive['run'] =>
  (kernel) => {
    const result = run(kernel);
    const users = usersOf(kernel);
    if (typeof result === 'number' && users !== 0) kernel.store(users, numbered(USERS.results, placeOf(kernel)), result);
    return result;
  };

/** Parameters of what the kernel calls back. */
const POPULATE_PARAMS = ['kvm', 'gfn', 'pfn', 'src', 'order', 'opaque'];

/** The program with a function for each step, whose body is the one call of the step. */
export function withSteps(program: Program): Program {
  if (program.functions[stepFunction(steps[0]?.name ?? '')] !== undefined) return program;
  const types: CType[] = [...program.types];
  const long = types.push({ kind: 'int', bits: 64, signed: true, name: 'long' }) - 1;
  const functions: Record<string, FunctionCode> = { ...program.functions };
  const prototypes: Record<string, Prototype> = { ...program.prototypes };
  for (const { name, params } of [...steps, { name: postPopulate.name, params: POPULATE_PARAMS }]) {
    const type = types.push({ kind: 'function', returns: long, params: params.map(() => long), variadic: false }) - 1;
    functions[stepFunction(name)] = functionOf(name, params, type);
    prototypes[name] = { name, type, mode: 'modelled', file: '', line: 0 };
  }
  return { ...program, types, functions, prototypes };
}

const functionOf = (name: string, params: readonly string[], type: number): FunctionCode => ({
  name: stepFunction(name),
  file: '',
  line: 0,
  endLine: 0,
  type,
  inline: false,
  params,
  returnsThrough: false,
  registers: params.length + 1,
  locals: [],
  variables: [],
  constants: [],
  code: [
    { op: 'call', dst: params.length, callee: name, args: params.map((_, index) => index), type },
    { op: 'return', a: params.length },
  ],
  lines: [0, 0],
  statements: [0],
});
