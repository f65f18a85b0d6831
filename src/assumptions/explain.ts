/** The words of a rule: for a diagnostic, for a hover, and for the reference page. */
import type { Rule } from './rule';
import { SYMBOLS } from './rules';
import type { Site, SiteClass } from './site';

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

/** Each class with a sentence: those of tests, then those of operations. */
const CLASSES: readonly (readonly [SiteClass, string])[] = [
  ['asserts', 'It stands only in assertions, also where their value is looked at.'],
  [
    'assumes-hugetlb-vma',
    'Of a folio: where it is true, this function, or one that it calls there with the VMA, does what needs a hugetlb VMA, and nothing has tested the VMA.',
  ],
  ['excludes', 'What is hugetlb is rejected or skipped.'],
  ['predicate', 'It is what its function gives back.'],
  ['folio-only', 'Of a folio: hugetlb folios are handled apart, or are the only ones let through, and no VMA is needed for that.'],
  ['guards', 'Of a VMA or a file: what is done where it is true is for hugetlb.'],
  ['sets', 'The flag is set: a VMA is made a hugetlb VMA.'],
  ['guarded', 'A test of what it works on comes before it on every path.'],
  ['contract', 'Every caller in the tree passes what is hugetlb, by a test or by contract.'],
  ['from-folio', 'Nothing says that the VMA is hugetlb but that the folio is.'],
  ['unproven', 'Nothing was found that says so.'],
];

/** A table of Markdown with its columns made even. */
function table(head: string, rows: readonly (readonly [string, string])[]): string {
  const all = [[head, 'what it says'] as const, ...rows.map(([name, says]) => [`\`${name}\``, says] as const)];
  const [first, second] = [0, 1].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map(([a, b]) => `| ${a.padEnd(first ?? 0)} | ${b.padEnd(second ?? 0)} |`);
  lines.splice(1, 0, `| ${'-'.repeat(first ?? 0)} | ${'-'.repeat(second ?? 0)} |`);
  return lines.join('\n');
}

const INTRODUCTION = `# Assumption rules

Places in the kernel's C where a folio or a VMA is tested for being hugetlb, or taken to be. Each rule looks for names, and for helpers of
one line that are the same test by another name; a use of one is a _site_. Definitions, prototypes, comments, strings, the names in
\`#define\`, \`#ifdef\` and \`EXPORT_SYMBOL\`, and members of structures are none. Both branches of conditional code count, and so do the
bodies of macros. A site is a place to look at, not a mistake.

\`folioscope scan DIR --json\` lists sites, each with its class and the way to it. Sources are those of Linux 6.12.

This page is generated from \`src/assumptions/rules\` by \`scripts/generate-docs.mjs\`.

## Classes

A class is found by control flow, not by text: what runs only on one side of a test, what is known at a place on every path to it, and what
all callers in the tree pass. Of two that fit, the first in the table counts.

${table('class of a test', CLASSES.slice(0, 7))}

${table('class of an operation', CLASSES.slice(7))}

\`named\` is a name outside of code, in a mask or a table; \`unread\` is a site in code that could not be followed, which is listed with the
reason.

What is taken to follow: \`BUG_ON(!test)\` holds behind itself, other assertions do not; a variable that is only ever given one condition stands
for it; an entry found in the tables of a hugetlb VMA, a VMA in the tree of mappings of a hugetlb file, and the copy of a hugetlb VMA are
hugetlb; a table of functions that is only put into hugetlb VMAs, or stands beside file operations with \`FOP_HUGE_PAGES\`, is only called for
such. \`NULL\` is no wrong VMA. Where the tree is a sparse one, callers in what is left out are not known.

## In the editor

[Pictures](assumptions-in-pictures.md) of all of this.

- **Marks.** The code of a mark is the class of its site. \`assumes-hugetlb-vma\`, \`from-folio\` and \`unproven\` are warnings, others information or
  hints; \`folioscope.assumptions.severity\` says otherwise for each class. What is edited counts at once, for the other open files too. A part of a
  file that could not be followed is marked \`unread\`.
- **Hover.** The class, the way to it with a link a step, the patch that brought or changed the site, and whether a folio of guest_memfd comes
  there and why.
- **Hints and counts.** Behind each folio test its class in a few words (\`folioscope.assumptions.inlayHints\`), over each function how many tests
  and operations it has (\`folioscope.assumptions.codeLens\`). \`folioscope.assumptions.decorations\` puts colours behind sites.
- **View.** "Assumptions" lists sites by patch, class or file, all or only those that guest_memfd can reach. Below a site are the way to its class, the
  way by which a folio comes there, and the calls to and from its function. What could not be read, and what guest_memfd is said to keep to
  and since which patch it does or does not, have nodes of their own. The number on the icon counts sites that are warnings and not reviewed.
- **Reviewing.** A quick fix or the view marks a site as reviewed: it is dimmed then, until that is taken back. The list is
  \`.folioscope/reviewed.json\` in the worktree, an entry a line with function, name and what the line says, so that it fits the next version of a
  series and can be shared; the file goes with the last entry. Another quick fix begins a remark on the site, in the reply to the patch or, where no
  patch touches the file, to the cover letter.
- **Kept.** What the files of a tree say is kept in \`cache\` of the data directory (\`$FOLIOSCOPE_DATA\`, else \`~/.local/share/folioscope\`), for the
  editor and the command line alike, so that a tree that was read once has its marks soon after the next start. It may be deleted at any time; what is
  damaged is read again, and the log says so.
- **Without clangd.** Definitions, references, outlines, symbols and the call hierarchy of C come from Folioscope while no clangd answers: where
  its extension is absent, disabled or switched off, or its server does not run. As soon as it runs it gives them alone, without a reload, and
  nothing is shown twice; marks, hovers, hints and counts stay. \`folioscope.assumptions.navigation\` turns them off.`;

function section(rule: Rule): string {
  const rows = rule.symbols.map((symbol) => `- \`${symbol.name}\` (\`${symbol.source}\`): ${symbol.does}`);
  const example = rule.examples.fires[0].replace(/[«»]/g, '').replace(/\t/g, '        ').trimEnd();
  return [
    `## ${rule.id}`,
    `${rule.title}. Kind \`${rule.kind}\`.`,
    rows.join('\n'),
    `**Assumes:** ${rule.assumes}`,
    `**Ask:** ${rule.ask}`,
    `\`\`\`c\n${example}\n\`\`\``,
  ].join('\n\n');
}

const uncapital = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
