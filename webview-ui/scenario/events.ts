/** The last events of a design: what happened, by which rule, and how sure that rule is. */
import type { DesignId } from '../../src/model/host/operation';
import type { ModelEvent } from '../../src/model/host/host-model';
import type { EventWindow } from '../../src/protocol/scenario-page';
import { el, fill } from '../dom';
import { pane, type Folding } from '../parts/part';
import { count, designsOf, type PageActions, type PageNow, type ScenarioPart } from './page-now';
import { badge, lineLink } from './tables';

export const MOST_EVENTS = 200;

interface PlacedEvent {
  readonly event: ModelEvent;
  readonly at: EventWindow['places'][number];
}

const NOWHERE: PlacedEvent['at'] = { line: 0, branch: 0, tick: 0 };

export interface EventPart extends ScenarioPart {
  /** Of which design; null where it is folded. */
  design(): DesignId | null;
}

export function scenarioEvents(actions: PageActions, folding: Folding): EventPart {
  const choice = el('select', { label: 'Events of design' });
  const list = el('ol', { class: 'scenario-events', tabIndex: 0, label: 'Events, the newest first; arrows go through them' });
  list.addEventListener('keydown', (event) => {
    const to = linkAfter(list, event.key);
    if (to === null) return;
    to.focus();
    event.preventDefault();
  });
  const empty = el('p', { class: 'empty' }, 'Nothing has happened yet.');
  const around = pane(folding, 'events', 'Events', [choice], el('div', {}, list, empty));
  let offered = '';
  choice.addEventListener('change', () => actions.eventsOf(choice.value as DesignId));
  const row = ({ event, at: { line, tick, branch } }: PlacedEvent): HTMLElement =>
    el(
      'li',
      { class: 'scenario-event' },
      el(
        'button',
        {
          class: 'link event-step',
          tabIndex: -1,
          title: `Go to step ${count(tick)}`,
          label: `Step ${count(tick)}: go there`,
          attributes: { type: 'button' },
          click: () => actions.goTo(tick),
        },
        count(tick),
      ),
      el('span', { class: 'event-kind' }, event.kind),
      el('span', { class: 'event-what' }, event.text, event.times > 1 ? ` ×${count(event.times)}` : ''),
      badge(event.label),
      el(
        'span',
        { class: 'event-source' },
        event.source,
        ' · ',
        line > 0 ? lineLink(line, actions, -1) : null,
        branch > 0 ? ` branch ${branch}` : null,
      ),
      event.file === undefined ? el('span') : place(event.file, event.page),
    );
  const place = (file: string, page: number | undefined): HTMLElement => {
    const text = `${file}${page === undefined ? '' : ` 0x${page.toString(16)}`}`;
    const label = `${text}: show on the map`;
    return el(
      'button',
      { class: 'link event-place', tabIndex: -1, label, attributes: { type: 'button' }, click: () => actions.show(file, page ?? 0) },
      text,
    );
  };
  return {
    element: around.element,
    design: () => (around.element.classList.contains('folded') || choice.value === '' ? null : (choice.value as DesignId)),
    update(now: PageNow) {
      const designs = designsOf(now);
      if (offered !== designs.join()) {
        offered = designs.join();
        const before = choice.value;
        choice.replaceChildren(...designs.map((design) => el('option', { attributes: { value: design } }, `design ${design}`)));
        if (designs.some((design) => design === before)) choice.value = before;
        actions.eventsOf(choice.value as DesignId);
      }
      const { events = [], places = [], total = 0, design = '' } = now.events ?? {};
      empty.hidden = events.length > 0;
      const howMany = total > events.length ? `last ${count(events.length)}` : count(events.length);
      around.note(now.orders === '' ? howMany : `${howMany}, ${now.orders}`);
      const from = total - events.length;
      const placed = events.map((event, at) => ({ event, at: places[at] ?? NOWHERE, number: from + at })).reverse();
      fill(
        list,
        placed,
        ({ event, at, number }) => `${number} ${event.step} ${event.text} ${event.times} ${design} ${at.line} ${at.branch}`,
        row,
      );
    },
  };
}

/** Hundreds of events are one stop of the Tab key: up and down go by events, left and right by the links of one. */
function linkAfter(list: HTMLElement, key: string): HTMLElement | null {
  const rows = [...list.children];
  const here = document.activeElement;
  const at = rows.findIndex((row) => row.contains(here));
  const linksOf = (row: Element | undefined): readonly HTMLElement[] => [...(row?.querySelectorAll<HTMLElement>('.link') ?? [])];
  const link = at < 0 ? -1 : linksOf(rows[at]).indexOf(here as HTMLElement);
  const to: Readonly<Record<string, readonly [row: number, link: number]>> = {
    ArrowDown: [Math.min(rows.length - 1, at + 1), link],
    ArrowUp: [Math.max(0, at - 1), link],
    ArrowRight: [at, link + 1],
    ArrowLeft: [at, link - 1],
    Home: [0, 0],
    End: [rows.length - 1, 0],
  };
  const target = to[key];
  if (target === undefined) return null;
  const links = linksOf(rows[target[0]]);
  return links[Math.max(0, Math.min(links.length - 1, target[1]))] ?? null;
}
