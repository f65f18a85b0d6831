/** What the commands of the editor do on the page. */
import type { ScenarioCommand } from '../../src/protocol/scenario-page';
import type { MapView } from './map-view';
import type { OrderChoice } from './orders';
import type { PageActions } from './page-now';

export const commandsOf = (actions: PageActions, map: MapView, orders: OrderChoice): Readonly<Record<ScenarioCommand, () => void>> => ({
  play: actions.play,
  pause: actions.pause,
  step: actions.step,
  'step-back': actions.stepBack,
  'to-start': () => actions.goTo(0),
  'to-end': () => actions.seek('end'),
  'next-violation': () => actions.seek('violation'),
  'next-order': () => orders.go('next'),
  'previous-order': () => orders.go('previous'),
  'bad-order': () => orders.go('bad'),
  'zoom-in': () => map.zoom(1),
  'zoom-out': () => map.zoom(-1),
  'zoom-page': () => map.toPage(),
  'zoom-fit': () => map.fit(),
});
