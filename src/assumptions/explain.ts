/** The words of a rule: for a diagnostic, for a hover, and for the reference page. */
import type { Rule } from './rule';
import { SYMBOLS } from './rules';
import type { Site } from './site';

/** One line for the list of problems. */
export function siteMessage(site: Site): string {
  const known = SYMBOLS.get(site.symbol);
  return known === undefined ? site.symbol : `${site.symbol}: ${uncapital(known.rule.title)}`;
}

/**
 * What the site assumes, as Markdown.
 *
 * @param reference address of the reference page, without an anchor
 */
export function siteMarkdown(site: Site, reference: string): string {
  const known = SYMBOLS.get(site.symbol);
  if (known === undefined) return '';
  const { rule, symbol } = known;
  return [
    `**${rule.title}** · \`${rule.id}\``,
    `\`${symbol.name}\` (\`${symbol.source}\`): ${symbol.does}`,
    `*Assumes:* ${rule.assumes}`,
    `*Ask:* ${rule.ask}`,
    `[All rules](${reference}#${rule.id})`,
  ].join('\n\n');
}

/** The reference page: a section a rule, in order, with its id as anchor. */
export function rulesPage(rules: readonly Rule[]): string {
  return `${[INTRODUCTION, ...rules.map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Assumption rules

Places in the kernel's C where a folio or a VMA is tested for being hugetlb, or taken to be. Each rule looks for names; a use of one is a
_site_. Definitions, prototypes, comments, strings, the names in \`#define\`, \`#ifdef\` and \`EXPORT_SYMBOL\`, and members of structures
are none. Both branches of conditional code count, and so do the bodies of macros. A site is a place to look at, not a mistake: whether
what it assumes holds there is for its reader to say.

The editor marks sites in the C files of a worktree; \`folioscope scan DIR --json\` lists them. The diagnostic code of a site is the id of
its rule. Sources are those of Linux 6.12.

This page is generated from \`src/assumptions/rules\` by \`scripts/generate-docs.mjs\`.`;

function section(rule: Rule): string {
  const rows = rule.symbols.map((symbol) => `- \`${symbol.name}\` (\`${symbol.source}\`): ${symbol.does}`);
  const example = rule.examples.fires[0].replace(/[«»]/g, '').replace(/\t/g, '        ').trimEnd();
  return [
    `## ${rule.id}`,
    `${rule.title}. Kind \`${rule.kind}\`, shown as ${rule.severity}.`,
    rows.join('\n'),
    `**Assumes:** ${rule.assumes}`,
    `**Ask:** ${rule.ask}`,
    `\`\`\`c\n${example}\n\`\`\``,
  ].join('\n\n');
}

const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
