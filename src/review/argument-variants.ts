/** The scenarios in which one whole-number parameter of a function has another value: its ends, where mistakes are made. */
import type { CType } from '../kernel-c/types';
import type { SimulationSetup } from '../protocol/simulation';

/** Beyond so many parameters nobody passes numbers alone. */
const MOST_PARAMETERS = 8;

/**
 * Shape: for each whole-number parameter that the scenario leaves open, a setup with 0, with 1 and with all bits set (the largest unsigned,
 * -1 signed); for a truth value false and true.
 */
export function argumentVariants(setup: SimulationSetup): SimulationSetup[] {
  const { program, scenario } = setup;
  const code = program.functions[setup.function];
  const type = code === undefined ? undefined : program.types[code.type];
  if (code === undefined || type?.kind !== 'function') return [];
  return code.params.slice(0, MOST_PARAMETERS).flatMap((name, index) => {
    const param = program.types[type.params[index] ?? -1];
    if (param === undefined || scenario.arguments[name] !== undefined) return [];
    return endsOf(param).map((value): SimulationSetup => ({
      ...setup,
      scenario: { ...scenario, arguments: { ...scenario.arguments, [name]: value } },
    }));
  });
}

function endsOf(type: CType): readonly string[] {
  if (type.kind === 'bool') return ['0', '1'];
  if (type.kind !== 'int') return [];
  return ['0', '1', type.signed ? '-1' : allBits(type.bits)];
}

const allBits = (bits: number): string => `0x${'f'.repeat(bits / 4)}`;
