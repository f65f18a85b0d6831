// Writes the pages of docs/ that are made from tables of the source; `--check` only says whether they are as committed.
import { build } from 'esbuild';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const scenarios = join(root, 'demo/scenarios');
const scenarioFiles = readdirSync(scenarios)
  .filter((name) => name.endsWith('.gmem'))
  .sort()
  .map((name) => ({ name, text: readFileSync(join(scenarios, name), 'utf8') }));

/** One row a page: where it goes, and the module and expression that make it. */
const pages = [
  {
    path: 'docs/assumptions.md',
    source:
      "import { rulesPage } from './src/assumptions/explain'; import { RULES } from './src/assumptions/rules'; export default rulesPage(RULES);",
  },
  {
    path: 'docs/scenarios.md',
    source: "import { referencePage } from './src/scenario/gmem/reference'; export default referencePage();",
  },
  {
    path: 'docs/comparison.md',
    source:
      "import { comparisonPage } from './src/review/comparison'; import { unwatched } from './src/base/progress';" +
      `const page = comparisonPage(${JSON.stringify(scenarioFiles)}, unwatched);` +
      "if (page.kind !== 'done') throw new Error(JSON.stringify(page)); export default page.value;",
  },
  {
    path: 'docs/differences-a.md',
    source: `import { differencesPage } from './test/conform/machine/differences'; export default differencesPage(${JSON.stringify(scenarioFiles)});`,
  },
  {
    path: 'syntaxes/gmem.tmLanguage.json',
    source: "import { gmemGrammar } from './src/scenario/gmem/grammar'; export default gmemGrammar();",
  },
];

let stale = 0;
for (const { path, source } of pages) {
  const made = await build({
    stdin: { contents: source, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  const code = made.outputFiles[0].text;
  const { default: text } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
  const file = join(root, path);
  const same = safeRead(file) === text;
  if (same) continue;
  stale += 1;
  if (process.argv.includes('--check')) console.log(`${path} is not as its source makes it: run node scripts/generate-docs.mjs`);
  else {
    writeFileSync(file, text);
    console.log(`${path} written`);
  }
}
process.exitCode = process.argv.includes('--check') && stale > 0 ? 1 : 0;

function safeRead(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
