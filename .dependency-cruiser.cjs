// The architecture test: which folder may import which. One table; everything not in it is forbidden.

/** Folder → what it may import besides itself. */
const allowed = {
  base: [],
  mail: ['base'],
  series: ['base', 'mail', 'protocol'],
  'kernel-c': ['base'],
  assumptions: ['base'],
  model: ['base', 'kernel-c', 'protocol'],
  machine: ['base', 'kernel-c', 'model', 'protocol'],
  scenario: ['base', 'kernel-c', 'model', 'protocol'],
  explore: ['base', 'kernel-c', 'model', 'machine', 'protocol'],
  // Shapes only: plain data of the folders below, and decoders.
  protocol: ['base', 'kernel-c', 'model', 'assumptions'],
  review: ['base', 'mail', 'series', 'kernel-c', 'assumptions', 'model', 'machine', 'scenario', 'explore', 'protocol'],
  worktree: ['base', 'mail', 'series', 'kernel-c', 'assumptions', 'review', 'protocol'],
  server: ['base', 'mail', 'series', 'kernel-c', 'assumptions', 'review', 'worktree', 'protocol', 'scenario'],
  cli: ['base', 'mail', 'series', 'kernel-c', 'assumptions', 'review', 'worktree', 'protocol', 'scenario'],
  worker: ['base', 'kernel-c', 'model', 'machine', 'scenario', 'explore', 'review', 'worktree', 'protocol'],
  // The named states and their text: what the user picks and writes.
  extension: ['base', 'protocol', 'scenario'],
};

/** Folders that decide things: no Node, no editor, no DOM. */
const pure = 'base|mail|series|kernel-c|assumptions|model|machine|scenario|explore|review|protocol';
const nodeShells = 'worktree|server|cli|worker|extension';

const folderRules = Object.entries(allowed).map(([folder, others]) => ({
  name: `imports-of-${folder}`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^(src|webview-ui|test|scripts)/', pathNot: `^src/(${[folder, ...others].join('|')})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...folderRules,
    {
      name: 'imports-of-the-page',
      severity: 'error',
      from: { path: '^webview-ui/' },
      to: { path: '^src/', pathNot: '^src/(base|protocol|review|machine|model|kernel-c|scenario)/' },
    },
    { name: 'pure-folders-know-no-process', severity: 'error', from: { path: `^src/(${pure})/` }, to: { dependencyTypes: ['core'] } },
    {
      name: 'pure-folders-know-no-editor',
      severity: 'error',
      from: { path: `^src/(${pure})/` },
      to: { path: '(vscode|simple-git|commander)', pathNot: '^src/' },
    },
    { name: 'editor-only-in-its-shell', severity: 'error', from: { path: `^src/`, pathNot: '^src/extension/' }, to: { path: '^vscode$' } },
    { name: 'git-only-in-worktree', severity: 'error', from: { path: '^src/', pathNot: '^src/worktree/' }, to: { path: 'simple-git' } },
    {
      name: 'no-processes-outside-shells',
      severity: 'error',
      from: { path: '^(src|webview-ui)/', pathNot: `^src/(${nodeShells})/` },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    builtInModules: { add: ['vscode'] },
  },
};
