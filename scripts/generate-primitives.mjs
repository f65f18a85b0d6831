// Writes docs/primitives.md from the table of primitives.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundled = await build({
  stdin: {
    contents:
      "import { primitives } from './src/model/primitives/all'; import { primitivesDocument } from './src/model/primitives/document'; export default primitivesDocument(primitives);",
    resolveDir: root,
    loader: 'ts',
  },
  bundle: true,
  format: 'esm',
  write: false,
});
const { default: text } = await import(`data:text/javascript;base64,${Buffer.from(bundled.outputFiles[0].contents).toString('base64')}`);
writeFileSync(new URL('../docs/primitives.md', import.meta.url), text);
