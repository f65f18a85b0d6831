/** A value that a function has returned, as a reviewer would say it. */
import type { Program } from '../kernel-c/program';
import { errnoName } from '../machine/errno';
import { layoutOf } from '../machine/layout';
import { inMemmap, pfnOf } from '../model/memmap';

/** @param value signed decimal, '' for void, as a status has it */
export function returnedText(program: Program, name: string, value: string): string {
  if (value === '') return 'returns';
  const number = Number(value);
  if (number < 0 && number >= -4095) return `returns ${errnoName(-number)}`;
  const type = program.types[program.functions[name]?.type ?? -1];
  const returns = type?.kind === 'function' ? program.types[type.returns] : undefined;
  if (returns?.kind !== 'pointer') return `returns ${value}`;
  if (number === 0) return 'returns NULL';
  const layout = layoutOf(program);
  const page = inMemmap(number) && layout.has('struct page') ? pfnOf(number, layout.sizeof('struct page')) : null;
  return page === null ? 'returns an object' : `returns the page of pfn 0x${page.toString(16)}`;
}
