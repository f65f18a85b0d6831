/** The first rows of the page: which scenario, which designs, how fast, what is exported. */
import { DESIGNS, type DesignId } from '../../src/model/host/operation';
import type { ExportFormat } from '../../src/protocol/scenario-page';
import { el, fill } from '../dom';
import type { Loaded } from './page-now';

/** Steps a second that are offered; 0: as fast as it goes. */
const SPEEDS: readonly (readonly [number, string])[] = [
  [1, '1 a second'],
  [5, '5 a second'],
  [20, '20 a second'],
  [100, '100 a second'],
  [1_000, '1,000 a second'],
  [0, 'as fast as it goes'],
];
const EXPORTS: readonly (readonly [format: ExportFormat, text: string, label: string])[] = [
  ['png', 'PNG', 'Export the map as PNG'],
  ['svg', 'SVG', 'Export the map as SVG'],
  ['csv', 'CSV', 'Export the metrics as CSV'],
  ['json', 'JSON', 'Export the run as JSON'],
  ['text', 'Mail', 'Mail: export the run as text of at most 75 columns'],
];
const MOST_DESIGNS = 5;

interface TopActions {
  scenario(name: string): void;
  designs(chosen: readonly DesignId[]): void;
  speed(rate: number): void;
  follow(follows: boolean): void;
  export(format: ExportFormat): void;
}

export interface ScenarioTop {
  /** Scenario, designs, exports. */
  readonly choices: HTMLElement;
  /** Speed and whether the editor is followed. */
  readonly playing: readonly HTMLElement[];
  show(loaded: Loaded, scenario: string): void;
  setSpeed(rate: number): void;
}

export function scenarioTop(actions: TopActions, rate: number, follows: boolean): ScenarioTop {
  const scenarios = el('select', { label: 'Scenario' });
  const designs = el('div', { class: 'designs', role: 'group', label: 'Designs side by side' });
  const speed = el('select', { label: 'Speed of playing' });
  for (const [value, name] of SPEEDS) speed.append(el('option', { attributes: { value: String(value) } }, name));
  speed.value = String(rate);
  const follow = el('input', { label: 'Follow the cursor in the editor', attributes: { type: 'checkbox' } });
  follow.checked = follows;
  const exports = EXPORTS.map(([format, text, label]) =>
    el('button', { class: 'tool', label, title: label, attributes: { type: 'button' }, click: () => actions.export(format) }, text),
  );
  scenarios.addEventListener('change', () => actions.scenario(scenarios.value));
  speed.addEventListener('change', () => actions.speed(Number(speed.value)));
  follow.addEventListener('change', () => actions.follow(follow.checked));

  const choose = (design: DesignId, shown: readonly DesignId[]): void => {
    const next = shown.includes(design) ? shown.filter((one) => one !== design) : [...shown, design].slice(-MOST_DESIGNS);
    if (next.length > 0) actions.designs(DESIGNS.filter((one) => next.includes(one)));
  };
  return {
    choices: el(
      'div',
      { class: 'top-row' },
      el('h1', { class: 'unseen' }, 'Memory model'),
      scenarios,
      el('span', { class: 'choice-label' }, 'Designs:'),
      designs,
      el('div', { class: 'exports', role: 'group', label: 'Export' }, el('span', { class: 'choice-label' }, 'Export:'), ...exports),
    ),
    playing: [
      el('label', { class: 'choice-label' }, 'Speed: ', speed),
      el('label', { class: 'choice-label', title: 'Follow the cursor in the editor' }, follow, ' follow'),
    ],
    setSpeed: (value) => void (speed.value = String(value)),
    show(loaded, scenario) {
      fill(scenarios, loaded.scenarios, ({ name, line }) => `${line} ${name}`, ({ name }) => el('option', { attributes: { value: name } }, name)); // prettier-ignore
      scenarios.value = scenario;
      const shown = loaded.designs.map(({ design }) => design);
      const problemOf = (design: DesignId): string => loaded.designs.find((one) => one.design === design)?.problem ?? '';
      fill(
        designs,
        DESIGNS,
        (design) => `${design} ${shown.join()} ${problemOf(design)}`,
        (design) => {
          const why = problemOf(design);
          return el(
            'button',
            {
              class: `tool design${why === '' ? '' : ' design-failed'}`,
              label: `Design ${design}${why === '' ? '' : `: ${why}`}`,
              title: `${design}: ${loaded.titles[design]}${why === '' ? '' : `\n${why}`}`,
              attributes: { type: 'button', 'aria-pressed': String(shown.includes(design)) },
              click: () => choose(design, shown),
            },
            design,
          );
        },
      );
    },
  };
}
