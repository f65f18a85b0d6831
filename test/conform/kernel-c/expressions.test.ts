import { describe, expect, it } from 'vitest';
import { evaluation } from './evaluate';
import { hasGcc, printedBy } from './gcc';
import { argumentSets, expressionFunctions, statementFunctions, surroundings } from './generate-c';
import { programOf } from './read-source';

const EXPRESSIONS = 600;
const STATEMENTS = 300;
const SEED = 4242;

const literal = (value: bigint): string => (value === -9223372036854775808n ? '(-9223372036854775807l - 1)' : `${value}l`);

function gccResults(functions: readonly string[]): string[] {
  const calls = functions.flatMap((_, index) =>
    argumentSets.map((args) => `\treset(); printf("%lu\\n", f${index}(${args.map(literal).join(', ')}));`),
  );
  const source = `int printf(const char *, ...);\n${surroundings}\n${functions.join('\n')}\nint main(void)\n{\n${calls.join('\n')}\n\treturn 0;\n}\n`;
  return printedBy(source).trim().split('\n');
}

function ourResults(functions: readonly string[]): string[] {
  const source = `${surroundings}\n${functions.join('\n')}\n`;
  const program = programOf(source, ['reset', ...functions.map((_, index) => `f${index}`)]);
  return functions.flatMap((_, index) =>
    argumentSets.map((args) => {
      try {
        const run = evaluation(program, {}, 1 << 17);
        run.call('reset', []);
        return BigInt.asUintN(64, run.call(`f${index}`, args)).toString();
      } catch (error) {
        return `${error instanceof Error ? error.message : String(error)} ${program.problems
          .map((one) => one.message)
          .slice(0, 2)
          .join('; ')}`;
      }
    }),
  );
}

function differences(functions: readonly string[]): string[] {
  const theirs = gccResults(functions);
  const ours = ourResults(functions);
  expect(ours.length).toBe(theirs.length);
  const sets = argumentSets.length;
  return ours.flatMap((one, i) =>
    one === theirs[i] ? [] : [`${functions[Math.floor(i / sets)]}\n  arguments ${i % sets}: gcc ${theirs[i]}, we ${one}`],
  );
}

describe.skipIf(!hasGcc)('generated C gives what gcc gives', () => {
  it(`${EXPRESSIONS} expressions (seed ${SEED})`, () => {
    const found = differences(expressionFunctions(EXPRESSIONS, SEED));
    expect(found.slice(0, 3)).toEqual([]);
  });

  it(`${STATEMENTS} functions of statements (seed ${SEED})`, () => {
    const found = differences(statementFunctions(STATEMENTS, SEED));
    expect(found.slice(0, 3)).toEqual([]);
  });
});
