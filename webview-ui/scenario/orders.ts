/** The order in which a `parallel` is played: which there are, which of them go wrong and in which design, and the choice of another one. */
import type { OrderVerdict, PlayedParallel } from '../../src/protocol/scenario-page';
import { el, setText } from '../dom';
import { tool } from '../parts/part';
import { count } from './page-now';

export interface OrderActions {
  /** @param toTrouble goes on to what goes wrong in the block */
  play(block: number, order: number, toTrouble: boolean): void;
}

export interface OrderChoice {
  readonly element: HTMLElement;
  /** @param isNew of another text: what is known of its orders is not known of these */
  show(parallels: readonly PlayedParallel[], isNew: boolean): void;
  /** What the orders bring; `all`: nothing more will come. */
  tell(verdicts: readonly OrderVerdict[], all: boolean): void;
  /** To the next order that is played or goes wrong, from the keyboard and the command palette. */
  go(by: 'next' | 'previous' | 'bad'): void;
  /** `order 2 of 3`, of each block; empty where there is none. */
  text(): string;
}

/** Orders in the list; the buttons reach the others. */
const MOST_LISTED = 200;
/** Steps of an order that are spelt out. */
const MOST_SPELT = 12;

export function orderChoice(actions: OrderActions): OrderChoice {
  let parallels: readonly PlayedParallel[] = [];
  let verdicts: readonly OrderVerdict[] | null = null;
  let isWhole = false;
  let shown = 0;
  const blocks = el('select', { label: 'Parallel block' });
  const orders = el('select', { class: 'order-list', label: 'Order of the branches' });
  const summary = el('span', { class: 'order-summary', role: 'status' });
  const blockLabel = el('span', { class: 'choice-label' });
  const bad = tool('Next that goes wrong', 'Next that goes wrong: play the next order in which something goes wrong (Alt+F9)', () =>
    go('bad'),
  );
  const element = el(
    'div',
    { class: 'top-row orders', role: 'group', label: 'Order of parallel branches', hidden: true },
    blockLabel,
    blocks,
    tool('‹', 'Previous order (Shift+F9)', () => go('previous')),
    orders,
    tool('›', 'Next order (F9)', () => go('next')),
    bad,
    summary,
  );
  blocks.addEventListener('change', () => {
    shown = Number(blocks.value);
    draw();
  });
  orders.addEventListener('change', () => actions.play(shown, Number(orders.value), false));

  const troublesOf = (block: number, order: number): readonly OrderVerdict[] =>
    (verdicts ?? []).filter((one) => one.block === block && one.order === order && one.troubles.length > 0);
  const badOrders = (block: number): readonly number[] => badOrdersOf(verdicts ?? [], block);
  const go = (by: 'next' | 'previous' | 'bad'): void => {
    const block = parallels[shown];
    if (block === undefined) return;
    const { chosen, orders: all } = block;
    if (by !== 'bad') return actions.play(shown, (chosen + (by === 'next' ? 1 : all.length - 1)) % all.length, false);
    const found = badOrders(shown);
    const next = found.find((order) => order > chosen) ?? found[0];
    if (next !== undefined) actions.play(shown, next, true);
  };

  const draw = (): void => {
    const block = parallels[shown];
    element.hidden = block === undefined;
    if (block === undefined) return;
    blocks.hidden = parallels.length < 2;
    blocks.replaceChildren(...parallels.map(({ line }, at) => el('option', { attributes: { value: String(at) } }, `line ${line}`)));
    blocks.value = String(shown);
    setText(blockLabel, parallels.length < 2 ? `Parallel in line ${block.line}, order:` : 'Parallel in');
    const total = count(block.orders.length);
    const from = Math.max(0, Math.min(block.chosen - MOST_LISTED / 2, block.orders.length - MOST_LISTED));
    orders.replaceChildren(
      ...block.orders.slice(from, from + MOST_LISTED).map((order, index) => {
        const at = from + index;
        const wrong = troublesOf(shown, at);
        const mark = wrong.length === 0 ? '' : `  ✗ ${wrong.map(({ design }) => design).join(' ')}`;
        return el('option', { attributes: { value: String(at) } }, `${count(at + 1)} of ${total}: ${orderText(order)}${mark}`);
      }),
    );
    orders.value = String(block.chosen);
    const here = troublesOf(shown, block.chosen);
    orders.classList.toggle('order-bad', here.length > 0);
    orders.title = here.map(({ design, troubles }) => `${design}: ${troubles.join(', ')}`).join('\n');
    const found = badOrders(shown);
    bad.setAttribute('aria-disabled', String(found.length === 0));
    setText(summary, summaryText(block, found.length, here));
  };
  const summaryText = (block: PlayedParallel, wrong: number, here: readonly OrderVerdict[]): string => {
    const tried = block.orders.length;
    const more =
      block.all > tried ? `, the first of ${block.all >= Number.MAX_SAFE_INTEGER ? 'more than can be counted' : count(block.all)}` : '';
    if (verdicts === null) return 'trying all orders…';
    const bound = isWhole ? '' : ' as far as they were tried';
    const orderWord = tried === 1 ? 'order' : 'orders';
    const told =
      wrong === 0
        ? `nothing goes wrong in ${count(tried)} ${orderWord}${more}`
        : `${count(wrong)} of ${count(tried)} ${orderWord} ${wrong === 1 ? 'goes' : 'go'} wrong${more}`;
    const own = here.map(({ design, troubles }) => `${design} ${troubles.join(', ')}`).join('; ');
    return `${told}${bound}${own === '' ? '' : `. This one: ${own}`}`;
  };

  return {
    element,
    show(next, isNew) {
      parallels = next;
      if (isNew) [shown, verdicts] = [0, null];
      draw();
    },
    tell(told, all) {
      verdicts = told;
      isWhole = all;
      draw();
    },
    go,
    text: () => parallels.map(({ chosen, orders: all }) => `order ${count(chosen + 1)} of ${count(all.length)}`).join(', '),
  };
}

/** Orders in which something goes wrong in a design, by number. */
export const badOrdersOf = (verdicts: readonly OrderVerdict[], block: number): readonly number[] =>
  [...new Set(verdicts.filter((one) => one.block === block && one.troubles.length > 0).map(({ order }) => order))].sort(
    (left, right) => left - right,
  );

/** The branches in the order in which their steps come, from 1, with how often where one comes several times in a row. */
export function orderText(order: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < order.length;) {
    let times = 1;
    while (order[at + times] === order[at]) times += 1;
    parts.push(`${(order[at] ?? 0) + 1}${times > 1 ? `×${times}` : ''}`);
    at += times;
  }
  return parts.length > MOST_SPELT ? `${parts.slice(0, MOST_SPELT).join(' ')} …` : parts.join(' ');
}
