/** Every invariant holds in its examples of one side, and is seen to be broken in those of the other. */
import { describe, expect, test } from 'vitest';
import { designs } from '../../../../src/model/allocators/all';
import { bootHost } from '../../../../src/model/host/boot';
import { perform } from '../../../../src/model/host/perform';
import { ownBlock, type Host } from '../../../../src/model/host/host';
import { invariants } from '../../../../src/model/invariants/all';
import { checked, noViolations } from '../../../../src/model/invariants/check';
import type { Example } from '../../../../src/model/invariants/invariant';

/** Names of the invariants that were violated on the way. */
function violatedBy({ spec, operations, damage }: Example): readonly string[] {
  const design = designs.find(({ id }) => id === spec.design)!;
  const booted = bootHost(spec, design);
  if (booted.kind !== 'done') throw new Error(JSON.stringify(booted));
  const host = booted.value;
  let violations = noViolations;
  for (const operation of operations) {
    clear(host);
    const outcome = perform(host, design, operation);
    if (outcome.kind !== 'done') throw new Error(JSON.stringify([operation, outcome]));
    violations = checked(host, violations);
    host.step += 1;
  }
  if (damage !== undefined) {
    clear(host);
    for (const file of host.files) file.blocks.forEach((block, index) => block && ownBlock(host, file, index, 0, file.blockPages));
    damage(host);
    violations = checked(host, violations);
  }
  return violations.list.map(({ invariant }) => invariant);
}

function clear(host: Host): void {
  host.touched.length = 0;
  host.facts.length = 0;
}

describe.each(invariants.map((each) => [each.name, each] as const))('%s', (name, { held, violated }) => {
  test.each(held.map((example) => [example.what, example] as const))('holds: %s', (_what, example) => {
    expect(violatedBy(example)).not.toContain(name);
  });
  test.each(violated.map((example) => [example.what, example] as const))('is broken: %s', (_what, example) => {
    expect(violatedBy(example)).toContain(name);
  });
  const damaged = violated.filter(({ damage }) => damage !== undefined);
  test.each(damaged.map((example) => [example.what, example] as const))('holds without the damage: %s', (_what, example) => {
    expect(violatedBy({ ...example, damage: () => undefined })).not.toContain(name);
  });
});

test('names are unique, and all of the specification are there', () => {
  expect(new Set(invariants.map(({ name }) => name)).size).toBe(29);
});
