/** Asks how memory stands before a function is entered: one of the states that have a name, all of them, or one written as text. */
import * as vscode from 'vscode';
import type { Scenario } from '../protocol/simulation';
import { namedStates, stateAt } from '../scenario/named-states';

/** An initial state with the name that reports call it by. */
export interface StateGiven {
  readonly name: string;
  readonly scenario: Scenario;
}

export type StateAnswer =
  { readonly kind: 'states'; readonly states: readonly StateGiven[] } | { readonly kind: 'text'; readonly scenario: Scenario };

interface Item extends vscode.QuickPickItem {
  readonly answer?: StateAnswer;
}

/** All named states at an order: what an exploration visits by default. */
export const allStates = (order: number): readonly StateGiven[] =>
  namedStates.map((state) => ({ name: state.name, scenario: stateAt(state, order) }));

/** The state by name; undefined where there is none. */
export const stateNamed = (name: string, order: number): StateGiven | undefined => allStates(order).find((state) => state.name === name);

/**
 * @param last the state that the function was simulated in before; an exploration has none
 * @returns undefined where the user went away
 */
export async function chooseState(
  purpose: 'simulate' | 'explore',
  name: string,
  order: number,
  last?: Scenario,
): Promise<StateAnswer | undefined> {
  const states = allStates(order);
  const first: Item[] =
    purpose === 'explore'
      ? [
          {
            label: vscode.l10n.t('$(checklist) All of them'),
            description: vscode.l10n.t('{0} states, huge pages of order {1}', states.length, order),
            answer: { kind: 'states', states },
          },
        ]
      : last
        ? [
            {
              label: vscode.l10n.t('$(history) As last time'),
              description: vscode.l10n.t('order {0}, folios {1}, faultable {2}', last.order, last.folios, last.faultable),
              answer: { kind: 'states', states: [{ name: 'last', scenario: last }] },
            },
          ]
        : [];
  const items: Item[] = [
    ...first,
    ...(purpose === 'simulate' && !last ? [] : [{ label: '', kind: vscode.QuickPickItemKind.Separator }]),
    ...namedStates.map((state): Item => ({
      label: state.name,
      detail: state.what,
      answer: { kind: 'states', states: states.filter((one) => one.name === state.name) },
    })),
    { label: '', kind: vscode.QuickPickItemKind.Separator },
    {
      label: vscode.l10n.t('$(edit) Edit as text…'),
      description: vscode.l10n.t('in an editor, with a command to run it'),
      answer: { kind: 'text', scenario: last ?? states.find((one) => one.name === USUAL)?.scenario ?? states[0]!.scenario },
    },
  ];
  const title = purpose === 'explore' ? vscode.l10n.t('Explore failures of {0}()', `${name}`) : vscode.l10n.t('Simulate {0}()', `${name}`);
  const placeHolder = vscode.l10n.t('How does memory stand before the function is entered?');
  return (await vscode.window.showQuickPick(items, { title, placeHolder, matchOnDetail: true }))?.answer;
}

/** What most functions of the series are about. */
const USUAL = 'whole';
