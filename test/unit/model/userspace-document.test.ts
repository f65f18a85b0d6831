/** The page on users names every step and every invariant as the code has them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { userInvariants } from '../../../src/model/userspace/invariants/all';
import { steps } from '../../../src/model/userspace/steps';

const page = readFileSync(new URL('../../../docs/users.md', import.meta.url), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| '));

describe('docs/users.md', () => {
  it.each(steps)('has the step $name with its arguments', ({ name, params }) => {
    const row = rows.find((line) => line.split('|')[1]?.includes(`\`${name}\``) === true);
    expect(row).toBeDefined();
    for (const param of params) expect(row).toContain(`\`${param}\``);
  });

  it.each(userInvariants)('has the invariant $id in its own words', ({ id, statement }) => {
    const row = rows.find((line) => line.includes(`\`${id}\``));
    expect(row).toContain(statement);
  });
});
