/** The form of the scenario: how memory looks before the function is entered, its arguments, and which allocation fails. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import { refusalText } from '../../src/base/outcome';
import type { Scenario, SimulationSetup } from '../../src/protocol/simulation';
import { namedStates, stateAt } from '../../src/scenario/named-states';
import { readState, stateText } from '../../src/scenario/state-text';
import { parametersOf, type Parameter } from '../c-types';
import { el, setText } from '../dom';

import { icon } from '../icons';
import { withScenario } from '../remembered';
import { scenarioText, sizeOfPages } from '../words';
import { toggle, type Actions, type Folding, type Part } from './part';

const ORDERS = [18, 9, 6, 4, 3, 2, 1];
const ID = 'scenario';
/** A number, a state that the model knows by a word (`removed-locked`), or nothing. */
const ARGUMENT = /^(-?(\d{1,20}|0[xX][0-9a-fA-F]{1,16})|[a-z]+(-[a-z]+)*)?$/;

interface Field {
  readonly element: HTMLElement;
  read(): string;
  write(value: string): void;
}

export function scenarioForm(actions: Actions, folding: Folding): Part {
  const state = choiceField('State', [['', 'as below'], ...namedStates.map(({ name }) => [name, name] as const)]);
  const order = choiceField(
    'Order',
    ORDERS.map((one) => [String(one), orderText(one)]),
  );
  const blocks = choiceField('Blocks', [['1', '1'], ['2', '2']]); // prettier-ignore
  const folios = choiceField('Folios', [['whole', 'whole'], ['split', 'split'], ['absent', 'absent']]); // prettier-ignore
  const faultable = choiceField('Faultable', [['none', 'none'], ['first', 'first page'], ['all', 'all']]); // prettier-ignore
  const hvo = el('vscode-checkbox', { label: 'HVO: struct pages of whole huge pages are optimised away' });
  hvo.label = 'HVO';
  const fail = textField('Fail allocation', 'none', 'The k-th allocation of the run fails, counted from 1');
  const params = el('div', { class: 'form-row', role: 'group', label: 'Arguments' });
  let fields: readonly (readonly [Parameter, Field])[] = [];
  let setup: SimulationSetup | null = null;
  /** What the fields do not show: held locks, references, a second block that differs. */
  let base: Scenario | null = null;
  const what = el('p', { class: 'form-what' });
  const text = el('textarea', { class: 'state-text', attributes: { spellcheck: 'false', rows: '12' }, label: 'The state as text' });
  const asText = toggle('As text', 'Show the state as text, to be edited', (on) => {
    textRow.hidden = !on;
    if (on) writeText();
  });
  const textRow = el('div', { class: 'form-text', hidden: true }, text);

  const apply = el('vscode-button', {}, 'Restart with this');
  const revert = el('vscode-button', { attributes: { secondary: '' } }, 'Revert');
  const note = el('span', { class: 'form-note', role: 'status' });
  const form = el(
    'div',
    { class: 'form', role: 'form', label: 'Scenario' },
    el('div', { class: 'form-row' }, state.element, asText.button),
    what,
    el('div', { class: 'form-row' }, order.element, blocks.element, folios.element, faultable.element, fail.element, hvo),
    params,
    textRow,
    el('div', { class: 'form-row' }, apply, revert, note),
  );
  const summary = el('span', { class: 'scenario-summary' });
  const title = el('button', { class: 'pane-title', attributes: { type: 'button' } }, icon('fold'), el('span', {}, 'Scenario'));
  const element = el(
    'section',
    { class: 'pane scenario', label: 'Scenario' },
    el('div', { class: 'pane-header' }, el('h2', {}, title), summary),
    form,
  );

  const show = (folded: boolean): void => {
    element.classList.toggle('folded', folded);
    title.setAttribute('aria-expanded', String(!folded));
    form.hidden = folded;
  };
  title.addEventListener('click', () => {
    folding.fold(ID, !form.hidden);
    show(!form.hidden);
  });

  const scenario = (): Scenario => ({
    ...base,
    order: Number(order.read()),
    blocks: Number(blocks.read()),
    folios: folios.read() as Scenario['folios'],
    faultable: faultable.read() as Scenario['faultable'],
    hvo: hvo.checked,
    arguments: {
      ...base?.arguments,
      ...Object.fromEntries(fields.map(([param, field]) => [param.name, field.read().trim()] as const)),
    },
  });
  const failing = (): number => (/^\d+$/.test(fail.read().trim()) ? Number(fail.read().trim()) : 0);
  /** The scenario without the arguments that are left open. */
  const given = (): Scenario => {
    const whole = scenario();
    return { ...whole, arguments: Object.fromEntries(Object.entries(whole.arguments).filter(([, value]) => value !== '')) };
  };
  const oddArgument = (): string => fields.find(([, field]) => !ARGUMENT.test(field.read().trim()))?.[0].name ?? '';
  const changed = (): boolean => setup !== null && (!sameState(given(), setup.scenario) || failing() !== (setup.fail ?? 0));
  const writeText = (): void => {
    // What is being typed is not put right under the user's hands.
    if (!textRow.hidden && document.activeElement !== text) text.value = stateText(given());
  };

  const look = (): void => {
    const odd = oddArgument();
    if (odd !== '')
      setText(
        note,
        `The argument “${odd}” is no value. Write a number in decimal or with 0x, for a folio a state such as locked, or nothing.`,
      );
    else if (!/^\d{0,6}$/.test(fail.read().trim())) setText(note, 'The failing allocation is a number from 1, or empty for none.');
    else setText(note, changed() ? 'Changed: not what is running.' : '');
    form.classList.toggle('changed', changed());
    const known = namedStates.find((one) => sameState({ ...stateAt(one, Number(order.read())), arguments: given().arguments }, given()));
    state.write(known?.name ?? '');
    setText(what, known?.what ?? '');
    writeText();
  };
  const start = (): void => {
    if (setup && oddArgument() === '') actions.restart(withScenario(setup, given(), failing(), []));
    look();
  };
  const writeFields = (shown: Scenario): void => {
    base = shown;
    order.write(String(shown.order));
    blocks.write(String(shown.blocks));
    folios.write(shown.folios);
    faultable.write(shown.faultable);
    hvo.checked = shown.hvo;
    for (const [param, field] of fields) field.write(shown.arguments[param.name] ?? '');
  };
  const write = (): void => {
    if (!setup) return;
    writeFields(setup.scenario);
    fail.write(setup.fail ? String(setup.fail) : '');
    look();
  };
  const takeState = (): void => {
    const chosen = namedStates.find((one) => one.name === state.read());
    if (chosen) writeFields({ ...stateAt(chosen, Number(order.read())), arguments: given().arguments });
    look();
  };
  const takeText = (): void => {
    const { scenario: read, problems } = readState(text.value);
    const [first] = problems;
    if (!first) writeFields(read);
    look();
    text.setAttribute('aria-invalid', String(first !== undefined));
    if (first) setText(note, refusalText(first));
  };
  // Before the form hears of it: it would show the state that the fields still have.
  for (const [element, taken] of [
    [state.element, takeState],
    [text, takeText],
  ] as const) {
    for (const kind of ['input', 'change'] as const) {
      element.addEventListener(kind, (event) => {
        event.stopPropagation();
        taken();
      });
    }
  }
  apply.addEventListener('click', start);
  revert.addEventListener('click', write);
  form.addEventListener('input', look);
  form.addEventListener('change', look);
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.localName === 'vscode-textfield') start();
  });
  show(folding.isFolded(ID));

  return {
    element,
    update(session) {
      if (session.setup === setup) return;
      const other = session.setup.program !== setup?.program;
      setup = session.setup;
      if (other) {
        fields = parametersOf(setup.program, setup.function).map((param) => [param, argumentField(param)] as const);
        params.replaceChildren(...fields.map(([, field]) => field.element));
        params.hidden = fields.length === 0;
      }
      setText(summary, scenarioText(setup.scenario, setup.fail ?? 0));
      write();
    },
  };
}

/** Two scenarios that make the same memory; the order of their members does not count. */
const sameState = (a: Scenario, b: Scenario): boolean => stateText(a) === stateText(b);

const orderText = (order: number): string => `${order} (${sizeOfPages(2 ** order)})`;

const argumentField = (param: Parameter): Field =>
  textField(param.name, 'made', `${param.type} ${param.name}: a number or, for a folio, a state such as locked; empty: made from its type`);

function choiceField(name: string, options: readonly (readonly [string, string])[]): Field {
  const select = el('select', {}, ...options.map(([value, text]) => el('option', { attributes: { value } }, text)));
  return {
    element: el('label', { class: 'field' }, el('span', {}, name), select),
    read: () => select.value,
    write(value) {
      // A scenario from a script may have an order that is not in the list.
      if (![...select.options].some((one) => one.value === value))
        select.append(el('option', { attributes: { value } }, orderText(Number(value))));
      select.value = value;
    },
  };
}

function textField(name: string, placeholder: string, label: string): Field {
  const input = el('vscode-textfield', { title: label });
  input.label = `${name}. ${label}`;
  input.placeholder = placeholder;
  return {
    element: el('div', { class: 'field' }, el('span', { attributes: { 'aria-hidden': 'true' } }, name), input),
    read: () => input.value,
    write: (value) => {
      input.value = value;
    },
  };
}
