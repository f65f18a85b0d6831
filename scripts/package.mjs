// `npm run package`: a production build packed as a VSIX. `--out FILE` says where (folioscope.vsix in the root otherwise).
import { join, resolve } from 'node:path';
import { installPackages, must, root } from './setup.mjs';

installPackages();
const at = process.argv.indexOf('--out');
const out = at < 0 ? join(root, 'folioscope.vsix') : resolve(process.argv[at + 1]);
must('node', ['scripts/build.mjs', '--production']);
// Everything needed is bundled, so no node_modules go in; the repository field is absent on purpose.
must(
  'npx',
  ['vsce', 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--skip-license', '--out', out],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
console.log(out);
