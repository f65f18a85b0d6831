/** What the manifest declares against what the code registers, and the texts against their tables: they drift apart silently. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(__dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Manifest {
  readonly icon: string;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string }[]>>;
    readonly keybindings: readonly { readonly command: string; readonly when: string }[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly media: { readonly svg: string };
        readonly description: string;
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
  };
}

const manifestText = read('package.json');
const manifest = JSON.parse(manifestText) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const bundle = JSON.parse(read('l10n/bundle.l10n.json')) as Readonly<Record<string, string>>;
const sources = readdirSync(join(root, 'src/extension')).map((name) => read(`src/extension/${name}`));
const source = sources.join('\n');
const declared = manifest.contributes.commands.map((one) => one.command);

/** The names in the tables of commands: `openSeries: (…` and `'simulator.step': () => …`. */
const namesIn = (file: string, prefix: string): readonly string[] =>
  [...read(file).matchAll(/^ {4}'?([\w.]+)'?: (?:async )?\(/gm)].map((match) => `${prefix}${match[1]}`);
const registered = [
  ...namesIn('src/extension/commands.ts', 'folioscope.'),
  ...namesIn('src/extension/scenario-commands.ts', 'folioscope.scenario.'),
];

describe('the manifest', () => {
  it('declares the commands that the code registers, no more and no fewer', () => {
    expect(registered.length).toBeGreaterThan(20);
    expect([...declared].sort()).toEqual([...registered].sort());
  });

  it('gives every command its category', () => {
    expect(manifest.contributes.commands.filter((one) => one.category !== 'Folioscope')).toEqual([]);
  });

  it('uses only declared commands in menus, keys and the walkthrough', () => {
    const used = [
      ...Object.values(manifest.contributes.menus)
        .flat()
        .map((one) => one.command),
      ...manifest.contributes.keybindings.map((one) => one.command),
      ...[
        ...Object.values(texts)
          .join('\n')
          .matchAll(/\(command:(folioscope\.[\w.]+)\)/g),
      ].map((match) => match[1]!),
      ...[...manifestText.matchAll(/onCommand:(folioscope\.[\w.]+)/g)].map((match) => match[1]!),
    ].filter((command) => !command.endsWith('.focus'));
    expect(used.length).toBeGreaterThan(30);
    expect([...new Set(used)].filter((command) => !declared.includes(command))).toEqual([]);
  });

  it('binds keys only where one of the pages has the focus, or a scenario is played beside its text', () => {
    for (const { when } of manifest.contributes.keybindings) expect(when).toMatch(/'folioscope\.(simulator|scenario)'/);
  });

  it('has each text that it refers to, and no other', () => {
    const wanted = [...manifestText.matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]!);
    expect([...new Set(wanted)].sort()).toEqual(Object.keys(texts).sort());
  });

  it('points at pictures that are there', () => {
    const pictures = [
      manifest.icon,
      ...manifest.contributes.viewsContainers.activitybar.map((one) => one.icon),
      ...manifest.contributes.walkthroughs.flatMap((one) => one.steps.map((step) => step.media.svg)),
    ];
    expect(pictures.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it('declares the settings that the code reads, no more and no fewer', () => {
    // Those of assumptions are asked for by the server.
    const asked = [...read('src/server/assumption-settings.ts').matchAll(/given\['(\w+)'\]/g)].map(
      (match) => `folioscope.assumptions.${match[1]}`,
    );
    const settings = [...source.matchAll(/\bget(?:<\w+>)?\('((?!folioscope\.)[\w.]+)', /g)].map((match) => `folioscope.${match[1]}`);
    expect([...new Set([...settings, ...asked])].sort()).toEqual(Object.keys(manifest.contributes.configuration.properties).sort());
  });

  it('has four steps in the walkthrough, each of which can be completed', () => {
    const steps = manifest.contributes.walkthroughs.flatMap((one) => one.steps);
    expect(steps.map((step) => step.completionEvents.length > 0)).toEqual([true, true, true, true]);
  });
});

describe('the texts of the extension', () => {
  const used = [...source.matchAll(/l10n\.t\(\s*'((?:[^'\\]|\\.)*)'/g)].map((match) => match[1]!.replace(/\\'/g, "'"));

  it('are all in the bundle for translators, and no others', () => {
    expect(used.length).toBeGreaterThan(60);
    expect(Object.keys(bundle).sort()).toEqual([...new Set(used)].sort());
  });

  it('are literal: what is not cannot be translated', () => {
    const calls = [...source.matchAll(/l10n\.t\(\s*(.)/g)].map((match) => match[1]);
    expect(calls.filter((first) => first !== "'")).toEqual([]);
  });
});
