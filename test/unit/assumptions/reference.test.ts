import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rulesPage, siteMarkdown } from '../../../src/assumptions/explain';
import { RULES } from '../../../src/assumptions/rules';

describe('the reference page', () => {
  it('is as the rules make it (node scripts/generate-docs.mjs)', () => {
    expect(readFileSync(join(__dirname, '../../../docs/assumptions.md'), 'utf8')).toBe(rulesPage(RULES));
  });

  it('has an anchor for each rule, to which a hover leads', () => {
    for (const rule of RULES) {
      expect(rulesPage(RULES)).toContain(`\n## ${rule.id}\n`);
      const site = {
        file: 'a.c',
        line: 1,
        column: 1,
        length: 1,
        symbol: rule.symbols[0].name,
        function: '',
        kind: rule.kind,
        rule: rule.id,
      };
      expect(siteMarkdown(site, 'page.md')).toContain(`(page.md#${rule.id})`);
    }
  });
});
